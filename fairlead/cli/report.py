"""`fairlead report`."""

import re
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from fairlead.cli.context import InstanceOption, JsonOption, RedisOption
from fairlead.cli.output import print_json, stdout
from fairlead.errors import BadInput
from fairlead.service.report import AgentRow, QueueRow
from fairlead.service.supervisor import Supervisor

_UNITS = {"m": 1, "h": 60, "d": 1_440}


def report(
    interval: Annotated[str, typer.Option(help="Length of an interval: 1m, 15m, 1h, ...")] = "15m",
    since: Annotated[str, typer.Option(help="Length of the whole report: 30m, 8h, 2d.")] = "8h",
    queue: Annotated[str | None, typer.Option(help="Show only this queue.")] = None,
    agents: Annotated[bool, typer.Option("--agents", help="Show agents instead of queues.")] = False,
    within: Annotated[int | None, typer.Option(min=1, help="Threshold of the service level, in seconds.")] = None,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Show measures in intervals: service level, waits, handle times, occupancy. SL is the service level."""
    supervisor, lengths = Supervisor.connect(redis, instance), (minutes_of(interval), minutes_of(since))
    rows = supervisor.agent_report(*lengths) if agents else supervisor.report(*lengths, queue, within)
    if as_json:
        print_json([asdict(row) for row in rows])
    else:
        stdout.print(_table(rows) if rows else "Nothing was counted in that time.")


def minutes_of(text: str) -> int:
    """`15m`, `8h` or `2d` in minutes. Raises BadInput."""
    found = re.fullmatch(r"(\d+)([mhd])", text)
    if found is None or not int(found[1]):
        raise BadInput(f"{text!r} is not a length of time: write minutes, hours or days, as in 15m, 8h or 2d")
    return int(found[1]) * _UNITS[found[2]]


_HEADINGS = {
    "starts_us": "from",
    "answered": "answ.",
    "abandoned": "aband.",
    "service_level": "SL",
    "answer_speed_s": "ASA",
    "handle_s": "handle",
    "non_response": "missed",
    "contact_s": "on contact",
    "idle_s": "idle",
}

_ONLY_FOR_PROGRAMS = {"callbacks", "completed", "wait_90_s"}
"""They would not fit into eighty columns; --json has them."""


def _table(rows: Sequence[QueueRow | AgentRow]) -> Table:
    table = Table(title="Times are UTC", title_justify="left", box=None, pad_edge=False)
    names = [field.name for field in fields(rows[0]) if field.name not in _ONLY_FOR_PROGRAMS]
    for name in names:
        table.add_column(
            _HEADINGS.get(name, name), justify="left" if name in ("queue", "channel", "agent") else "right"
        )
    for row in rows:
        table.add_row(*(_shown(name, getattr(row, name)) for name in names))
    return table


def _shown(name: str, value: Any) -> str:
    if value is None:
        return "-"
    if name == "starts_us":
        return datetime.fromtimestamp(value / 1e6, UTC).strftime("%m-%d %H:%M")
    if name in ("service_level", "occupancy", "non_response"):
        return f"{value:.1f} %"
    return f"{value:,.1f} s" if name.endswith("_s") else f"{value:,}" if isinstance(value, int) else f"{value}"
