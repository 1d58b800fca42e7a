"""`fairlead queues`."""

from dataclasses import asdict, replace
from typing import Annotated

import typer
from rich.text import Text

from fairlead.cli.completing import QueueArgument, one_of
from fairlead.cli.context import InstanceOption, JsonOption, RedisOption
from fairlead.cli.grid import Output, OutputOption, print_lines, width_of
from fairlead.cli.output import print_json, stdout
from fairlead.cli.shown import print_rows, settings_rows
from fairlead.cli.tables import queue_lines
from fairlead.cli.times import duration
from fairlead.domain.channel import CHANNELS, checked_channel
from fairlead.domain.contact import DEFAULT_PRIORITY
from fairlead.domain.profile import Entry
from fairlead.errors import UnknownQueue
from fairlead.service.administrator import Administrator
from fairlead.service.supervisor import Supervisor

app = typer.Typer(help="List queues, see what waits in them, enable and disable them.", no_args_is_help=True)


@app.command("list")
def list_(
    output: OutputOption = Output.FIT,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """List the queues, with measures of those that have or had contacts."""
    snapshot = Supervisor.connect(redis, instance).snapshot("none")
    if as_json:
        print_json([asdict(queue) for queue in snapshot.configuration.queues.values()])
        return
    names = [Text(f"{one.name}  {one.display_name}".rstrip()) for one in snapshot.configuration.queues.values()]
    print_lines(names)
    print_lines(queue_lines(snapshot.queue_measures(), width_of(output)))


@app.command()
def show(
    queue: QueueArgument,
    output: OutputOption = Output.FIT,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Show one queue: settings, measures and the profiles that serve it."""
    snapshot = Supervisor.connect(redis, instance).snapshot("none")
    settings = snapshot.configuration.queues.get(queue)
    if settings is None:
        known = ", ".join(snapshot.configuration.queues)
        raise UnknownQueue(f"queue {queue!r} does not exist: there are {known}")
    only = replace(snapshot, queues=tuple(state for state in snapshot.queues if state.queue == queue))
    served_by = {
        f"{profile.name} ({entry.channel}{', by hand' * entry.manual_only})": _rank_of(entry)
        for profile in snapshot.configuration.profiles.values()
        for entry in profile.entries
        if entry.queue == queue
    }
    if as_json:
        measures = [asdict(queue) for queue in only.queue_measures()]
        print_json({"settings": asdict(settings), "measures": measures, "served_by": served_by})
        return
    print_rows([*settings_rows(asdict(settings)), *served_by.items()])
    print_lines(queue_lines(only.queue_measures(), width_of(output)))


def _rank_of(entry: Entry) -> str:
    rank = "worklist" if entry.manual_only else f"priority {entry.priority}, delay {entry.delay_s} s"
    return rank if entry.max_contacts is None else f"{rank}, at most {entry.max_contacts}"


@app.command()
def estimate(
    queue: QueueArgument,
    channel: Annotated[
        str, typer.Option(help="voice, chat, task or email.", autocompletion=one_of(*CHANNELS))
    ] = "voice",
    priority: Annotated[int, typer.Option(help="Contact priority; 1 is the highest.")] = DEFAULT_PRIORITY,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Estimate how long a contact would wait that enters a queue now."""
    found = Supervisor.connect(redis, instance).estimate_queue(queue, checked_channel(channel), priority)
    if as_json:
        print_json(asdict(found))
    else:
        wait = "unknown" if found.wait_s is None else duration(found.wait_s)
        how = f"{found.method}, confidence {found.confidence}"
        print_rows([("position", str(found.position)), ("estimated wait", f"{wait} ({how})")])


@app.command()
def enable(queue: QueueArgument, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """Enable a queue: contacts may enter it again."""
    _tell(queue, "enabled", Administrator.connect(redis, instance).set_queue_enabled(queue, True))


@app.command()
def disable(queue: QueueArgument, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """Disable a queue: no new contact enters it. Contacts in the queue are still routed."""
    _tell(queue, "disabled", Administrator.connect(redis, instance).set_queue_enabled(queue, False))


def _tell(queue: str, what: str, version: int) -> None:
    stdout.print(f"{queue} is {what}, at version {version}")
