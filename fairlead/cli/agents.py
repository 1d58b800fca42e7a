"""`fairlead agents`."""

from dataclasses import asdict

import typer

from fairlead.cli.context import InstanceOption, JsonOption, RedisOption, open_store
from fairlead.cli.output import print_json, stdout
from fairlead.errors import UnknownAgent
from fairlead.monitor.snapshot import take_snapshot
from fairlead.monitor.tables import agent_table
from fairlead.store.reading import read_agent_states
from fairlead.store.transitions import administering

app = typer.Typer(help="Agents: see them, change their status, sign them out.", no_args_is_help=True)


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
    """Show one agent and what it holds."""
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
    """Change the status of a signed-in agent; contacts that it holds stay."""
    store = open_store(redis, instance)
    store.run(administering.set_agent_status(store.keys, agent, status))
    stdout.print(f"{agent} is {status}")


@app.command("sign-out")
def sign_out(agent: str, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """End an agent's session; what it holds goes back to its place in line."""
    store = open_store(redis, instance)
    given_back = store.run(administering.sign_out_agent(store.keys, agent))
    stdout.print(f"{agent} is signed out, {len(given_back)} contacts went back")
