"""`fairlead report`."""

import re
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Annotated, Any

import typer
from rich.text import Text

from fairlead.cli.completing import completes
from fairlead.cli.context import InstanceOption, JsonOption, RedisOption
from fairlead.cli.grid import Column, Output, OutputOption, print_lines, table, width_of
from fairlead.cli.output import print_json, stdout
from fairlead.cli.times import duration, local, zone
from fairlead.errors import BadInput
from fairlead.service.report import AgentRow, QueueRow
from fairlead.service.supervisor import Supervisor

_UNITS = {"m": 1, "h": 60, "d": 1_440}


def report(
    interval: Annotated[str, typer.Option(help="Length of an interval: 1m, 15m, 1h, ...")] = "15m",
    since: Annotated[str, typer.Option(help="Length of the whole report: 30m, 8h, 2d.")] = "8h",
    queue: Annotated[str | None, typer.Option(help="Show only this queue.", autocompletion=completes("queue"))] = None,
    agents: Annotated[bool, typer.Option("--agents", help="Show agents instead of queues.")] = False,
    within: Annotated[int | None, typer.Option(min=1, help="Threshold of the service level, in seconds.")] = None,
    output: OutputOption = Output.FIT,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Show measures in intervals: service level, waits, handle times, occupancy, in local time.

    SL is the service level, ASA the average speed of answer; handled: parts of contacts that
    the agent has handled.
    """
    supervisor, lengths = Supervisor.connect(redis, instance), (minutes_of(interval), minutes_of(since))
    rows = supervisor.agent_report(*lengths) if agents else supervisor.report(*lengths, queue, within)
    if as_json:
        print_json([asdict(row) for row in rows])
    elif rows:
        print_lines(_lines(rows, width_of(output)))
    else:
        stdout.print("Nothing was counted in that time.")


def minutes_of(text: str) -> int:
    """`15m`, `8h` or `2d` in minutes. Raises BadInput."""
    found = re.fullmatch(r"(\d+)([mhd])", text)
    if found is None or not int(found[1]):
        raise BadInput(f"{text!r} is not a length of time: write minutes, hours or days, as in 15m, 8h or 2d")
    return int(found[1]) * _UNITS[found[2]]


_NUMBERS = {
    "queued": "queued", "answered": "answered", "abandoned": "abandoned", "service_level": "SL",
    "answer_speed_s": "ASA", "handled": "handled", "handle_s": "handle", "occupancy": "occupancy",
    "non_response": "non-resp.", "contact_s": "on contact", "idle_s": "idle", "offers": "offers", "missed": "missed",
    "rejected": "rejected", "failed": "failed", "left_ringing": "left ringing", "abandon_rate": "abandoned %",
    "completed": "completed", "callbacks": "callbacks", "wait_90_s": "90 % within", "answered_elsewhere": "elsewhere",
}  # fmt: skip
"""Measures and their headings, the most important first: the last ones are left out where a terminal is narrow."""


def _lines(rows: Sequence[QueueRow | AgentRow], width: int | None) -> list[Text]:
    names = [field.name for field in fields(rows[0])]
    measures = [name for name in _NUMBERS if name in names]
    columns = [Column(_NUMBERS[name], rank, is_number=True) for rank, name in enumerate(measures)]
    subjects = [name for name in ("queue", "channel", "agent") if name in names]
    cells = [
        [f"{local(row.starts_us):%m-%d %H:%M}", *(getattr(row, name) for name in subjects)]
        + [_shown(name, getattr(row, name)) for name in measures]
        for row in rows
    ]
    title = f"Times are local: {zone(rows[0].starts_us)}"
    return table([Column("from"), *map(Column, subjects), *columns], cells, width, title)


def _shown(name: str, value: Any) -> str:
    if value is None:
        return "-"
    if name in ("service_level", "abandon_rate", "occupancy", "non_response"):
        return f"{value:.1f} %"
    return duration(value) if name.endswith("_s") else f"{value:,}"
