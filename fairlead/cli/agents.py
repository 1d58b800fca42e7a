"""`fairlead agents`."""

from dataclasses import asdict, replace
from typing import Annotated

import typer

from fairlead.cli.contacts import show_contacts
from fairlead.cli.context import InstanceOption, JsonOption, RedisOption, open_store
from fairlead.cli.editing import change_object
from fairlead.cli.output import print_json, stdout
from fairlead.cli.tables import agent_table
from fairlead.domain.agent import Agent
from fairlead.domain.configuration import Configuration
from fairlead.domain.criteria import HIGHEST_LEVEL, checked_proficiency
from fairlead.errors import InvalidCriteria, UnknownAgent, UnknownProfile
from fairlead.service.snapshot import take_snapshot
from fairlead.store.reading import ids_in_line, read_agent_states, read_configuration, read_contact
from fairlead.store.reading.plain import names
from fairlead.store.transitions import supervising

app = typer.Typer(
    help="List agents, change their status, profile and proficiencies, sign them out.", no_args_is_help=True
)


@app.command("list")
def list_(as_json: JsonOption = False, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """List the agents with their status and slots."""
    snapshot = take_snapshot(open_store(redis, instance))
    if as_json:
        print_json([asdict(agent) for agent in snapshot.agents])
    else:
        stdout.print(agent_table(snapshot))


@app.command()
def show(agent: str, as_json: JsonOption = False, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """Show one agent and the contacts that it holds."""
    found = read_agent_states(open_store(redis, instance), [agent])
    if not found:
        raise UnknownAgent(f"agent {agent!r} is not known: see `fairlead agents list`")
    if as_json:
        print_json(asdict(found[0]))
        return
    for name, value in asdict(found[0]).items():
        stdout.print(f"{name:14} {value}", markup=False, soft_wrap=True)


@app.command("set-status")
def set_status(agent: str, status: str, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """Change the status of a signed-in agent. It keeps the contacts that it holds."""
    store = open_store(redis, instance)
    store.run(supervising.set_agent_status(store.keys, agent, status))
    stdout.print(f"{agent} is {status}")


@app.command("next-status")
def next_status(
    agent: str,
    status: Annotated[str, typer.Argument(help='Name of the status; "" removes the next status.')],
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Set the status that an agent gets when its last slot is free. Until then no contact is routed to it."""
    store = open_store(redis, instance)
    now = store.run(supervising.set_next_status(store.keys, agent, status))
    stdout.print(f"{agent} is {now}" + (f", and will be {status}" if status and now != status else ""))


@app.command("set-profile")
def set_profile(agent: str, profile: str, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """Change the routing profile of an agent, with immediate effect. It keeps the contacts that it holds."""

    store = open_store(redis, instance)
    there = names(store, store.keys.profiles)
    if profile not in there:
        raise UnknownProfile(f"routing profile {profile!r} does not exist: there are {', '.join(there)}")
    version = change_object(store, Agent, agent, lambda known: replace(known, profile=profile))
    stdout.print(f"{agent} has profile {profile}: the configuration is at version {version}")


@app.command()
def proficiency(
    agent: str,
    levels: Annotated[list[str], typer.Argument(help="Attribute:Value=LEVEL, 1 to 5; 0 removes it.")],
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Change the proficiencies of an agent, with immediate effect on waiting contacts."""
    wanted = dict(_level(text) for text in levels)

    def change(known: Agent) -> Agent:
        merged = {name: level for name, level in {**known.proficiencies, **wanted}.items() if level}
        return replace(known, proficiencies=merged)

    version = change_object(open_store(redis, instance), Agent, agent, change)
    stdout.print(f"{agent} has changed: the configuration is at version {version}")


def _level(text: str) -> tuple[str, int]:
    name, _, level = text.partition("=")
    if not level.isdigit() or int(level) > HIGHEST_LEVEL:
        raise InvalidCriteria(f"proficiency {text!r}: write Attribute:Value=LEVEL with 0 to {HIGHEST_LEVEL}")
    return checked_proficiency(name), int(level)


def _known(configuration: Configuration, agent: str) -> Agent:
    if agent not in configuration.agents:
        raise UnknownAgent(f"agent {agent!r} is not known: see `fairlead agents list`")
    return configuration.agents[agent]


@app.command()
def worklist(
    agent: str,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Largest number of contacts of each queue.")] = 50,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """List the contacts that an agent may pick by hand: those in manual-only entries of its profile."""
    store = open_store(redis, instance)
    configuration, _ = read_configuration(store)
    entries = configuration.profiles[_known(configuration, agent).profile].entries
    by_hand = [entry for entry in entries if entry.manual_only]
    ids = [one for entry in by_hand for one in ids_in_line(store, entry.queue, entry.channel, limit)]
    show_contacts(store, [read_contact(store, one) for one in ids], as_json)


@app.command("sign-out")
def sign_out(agent: str, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """End the session of an agent. The contacts that it holds go back to their places in line."""
    store = open_store(redis, instance)
    given_back = store.run(supervising.sign_out_agent(store.keys, agent))
    stdout.print(f"{agent} is signed out, {len(given_back)} contacts went back")
