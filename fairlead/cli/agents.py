"""`fairlead agents`."""

from dataclasses import asdict
from typing import Annotated

import typer

from fairlead.cli.completing import AgentArgument, ProfileArgument
from fairlead.cli.contacts import show_contacts
from fairlead.cli.context import InstanceOption, JsonOption, RedisOption
from fairlead.cli.grid import Output, OutputOption, print_lines, width_of
from fairlead.cli.output import print_json, stdout
from fairlead.cli.shown import agent_rows, print_rows
from fairlead.cli.tables import agent_lines
from fairlead.domain.criteria import HIGHEST_LEVEL, checked_proficiency
from fairlead.errors import InvalidCriteria
from fairlead.service.administrator import Administrator
from fairlead.service.supervisor import Supervisor

app = typer.Typer(
    help="List agents, change their status, profile and proficiencies, clear slots, sign out.", no_args_is_help=True
)


@app.command("list")
def list_(
    output: OutputOption = Output.FIT,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """List the agents with their status and slots."""
    supervisor = Supervisor.connect(redis, instance)
    if as_json:
        print_json([asdict(agent) for agent in supervisor.agents()])
    else:
        snapshot = supervisor.snapshot("shown")
        print_lines(agent_lines(snapshot, snapshot.agents, width_of(output)))


@app.command()
def show(
    agent: AgentArgument, as_json: JsonOption = False, redis: RedisOption = None, instance: InstanceOption = None
) -> None:
    """Show one agent and the contacts that it holds; --json has all that is kept."""
    supervisor = Supervisor.connect(redis, instance)
    found = supervisor.agent(agent)
    if as_json:
        print_json(asdict(found))
    else:
        print_rows(agent_rows(found, supervisor.now_us()))


@app.command("set-status")
def set_status(agent: AgentArgument, status: str, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """Change the status of a signed-in agent. It keeps the contacts that it holds."""
    Supervisor.connect(redis, instance).set_agent_status(agent, status)
    stdout.print(f"{agent} is {status}")


@app.command("next-status")
def next_status(
    agent: AgentArgument,
    status: Annotated[str, typer.Argument(help='Name of the status; "" removes the next status.')],
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Set the status that an agent gets when its last slot is free. Until then no contact is routed to it."""
    now = Supervisor.connect(redis, instance).set_next_status(agent, status)
    stdout.print(f"{agent} is {now}" + (f", and will be {status}" if status and now != status else ""))


@app.command("clear-slots")
def clear_slots(
    agent: AgentArgument,
    contact: Annotated[str, typer.Argument(help="Contact that the slot stands for. Default: all such slots.")] = "",
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Clear slots that missed or failed offers have kept, and end after-contact work."""
    many = Supervisor.connect(redis, instance).clear_slots(agent, contact)
    stdout.print(f"{many} slots of {agent} are cleared")


@app.command("set-profile")
def set_profile(
    agent: AgentArgument, profile: ProfileArgument, redis: RedisOption = None, instance: InstanceOption = None
) -> None:
    """Change the routing profile of an agent, with immediate effect. It keeps the contacts that it holds."""
    version = Administrator.connect(redis, instance).set_agent_profile(agent, profile)
    stdout.print(f"{agent} has profile {profile}, at version {version}")


@app.command()
def proficiency(
    agent: AgentArgument,
    levels: Annotated[list[str], typer.Argument(help="Attribute:Value=LEVEL, 1 to 5; 0 removes it.")],
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Change the proficiencies of an agent, with immediate effect on waiting contacts."""
    wanted = dict(_level(text) for text in levels)
    version = Administrator.connect(redis, instance).set_proficiencies(agent, wanted)
    stdout.print(f"{agent} has changed, at version {version}")


def _level(text: str) -> tuple[str, int]:
    name, _, level = text.partition("=")
    if not level.isdigit() or int(level) > HIGHEST_LEVEL:
        raise InvalidCriteria(f"proficiency {text!r}: write Attribute:Value=LEVEL with 0 to {HIGHEST_LEVEL}")
    return checked_proficiency(name), int(level)


@app.command()
def worklist(
    agent: AgentArgument,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Largest number of contacts of each queue.")] = 50,
    output: OutputOption = Output.FIT,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """List the contacts that an agent may pick by hand: those in manual-only entries of its profile."""
    supervisor = Supervisor.connect(redis, instance)
    show_contacts(supervisor, supervisor.worklist(agent, limit), as_json, output)


@app.command("sign-out")
def sign_out(agent: AgentArgument, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """End the session of an agent. The contacts that it holds go back to their places in line."""
    given_back = Supervisor.connect(redis, instance).sign_out_agent(agent)
    stdout.print(f"{agent} is signed out, {len(given_back)} contacts went back")
