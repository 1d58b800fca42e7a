"""`fairlead events`."""

import time
from functools import partial
from typing import Annotated

import typer
from rich.text import Text

from fairlead.cli.completing import completes
from fairlead.cli.context import InstanceOption, JsonOption, RedisOption
from fairlead.cli.outage import Outage
from fairlead.cli.output import print_json, say, stdout
from fairlead.cli.times import moment
from fairlead.service.supervisor import Supervisor
from fairlead.service.timeline import described_event
from fairlead.store.reading import Event, EventFilter

FOLLOW_BLOCK_MS = 2_000
_COLOURS = {"parked": "red", "lost": "red", "missed": "yellow", "requeued": "yellow", "abandoned": "yellow"}


def events(
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Continue with new events until Ctrl-C.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Number of the newest of these events.")] = 50,
    contact: Annotated[
        str, typer.Option(help="Show only events of this contact.", autocompletion=completes("contact"))
    ] = "",
    queue: Annotated[str, typer.Option(help="Show only events in this queue.", autocompletion=completes("queue"))] = "",
    agent: Annotated[str, typer.Option(help="Show only events of this agent.", autocompletion=completes("agent"))] = "",
    name: Annotated[str, typer.Option(help="Show only events whose name begins so: agent.")] = "",
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Show events: one line for each transition, in order. --follow continues after an outage of Redis."""
    supervisor = Supervisor.connect(redis, instance)
    outage = Outage(say)
    wanted = EventFilter(contact, queue, agent, name)
    found = supervisor.newest_events(limit, None if wanted == EventFilter() else wanted)
    after = found[-1].event_id if found else "-"
    try:
        while True:
            for event in found:
                if wanted.takes(event):
                    _show(event, as_json)
            if not follow:
                return
            found = outage.outlast(partial(supervisor.events, after, block_ms=FOLLOW_BLOCK_MS))
            after = found[-1].event_id if found else after
    except KeyboardInterrupt:
        return


def _show(event: Event, as_json: bool) -> None:
    if as_json:
        print_json(described_event(event))
        return
    at = moment(event.at_us, time.time_ns() // 1_000)
    line = Text(f"{at}.{event.at_us // 1_000 % 1_000:03} ", style="dim")
    line.append(f"{event.name:22}", style=_COLOURS.get(event.name.partition(".")[2], "bold"))
    line.append(" ".join(f"{key}={value}" for key, value in event.fields.items() if value), style="default")
    if event.actor:
        line.append(f" by {event.actor}", style="dim")
    stdout.print(line, soft_wrap=True)
