"""Files of recorded contacts, as options name them."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Annotated, TypeAlias
from zoneinfo import ZoneInfo

import typer
from rich.text import Text

from fairlead.cli.grid import Column, Output, print_lines, table, width_of
from fairlead.cli.output import print_json, say
from fairlead.errors import BadInput
from fairlead.files.rows import FileFormat, Reject, Rows, csv_rows, format_of, json_rows
from fairlead.files.text import STANDARD_INPUT, bytes_of
from fairlead.files.text import text_of as decoded
from fairlead.service.recorded.arrivals import (
    Arrival,
    Columns,
    OnDuplicate,
    Read,
    arrivals,
    cell_of,
    check_header,
    identity_of,
    one_of_each,
    parse_priorities,
    parse_queue_map,
    text_of,
)
from fairlead.service.recorded.queue_log import AgentStatus, read_queue_log
from fairlead.service.recorded.times import DAY_S, local, zone_of

MOST_SHOWN = 10
"""How many rows a dry run shows."""

MOST_REASONS = 20
"""How many rejected lines are told on the terminal."""


class DateOrder(StrEnum):
    """What 1/2/2026 means."""

    DMY = "dmy"
    MDY = "mdy"


FileOption: TypeAlias = Annotated[
    Path, typer.Argument(help="CSV, JSON lines or queue_log, also packed by gzip; - for standard input.")
]
FormatOption: TypeAlias = Annotated[
    FileFormat | None,
    typer.Option("--format", help="Default: by the file's name, else its beginning. queue_log is Asterisk's."),
]
EncodingOption: TypeAlias = Annotated[
    str, typer.Option(help="Encoding of the text, as in windows-1252. Default: by the file's mark, else UTF-8.")
]
QueueColumnOption: TypeAlias = Annotated[
    str, typer.Option(help="Column with the queue; a path leads into nested JSON: Queue.Name.")
]
QueueMapOption: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="PAIRS|FILE", help="Queue of each value: 'Technical=Support,*=Other', or a file with a pair a line."
    ),
]
IntakeOption: TypeAlias = Annotated[
    str, typer.Option(help="Intake that chooses the queue of each contact, instead of a column.")
]
AttributeColumnsOption: TypeAlias = Annotated[
    str, typer.Option(help="Columns that become attributes: tier+language, Attributes.tier; an empty cell is none.")
]
ChannelOption: TypeAlias = Annotated[str | None, typer.Option(help="Channel of all rows. Default: by its column.")]
ChannelColumnOption: TypeAlias = Annotated[str, typer.Option(help="Column with the channel; empty: voice.")]
PriorityColumnOption: TypeAlias = Annotated[str, typer.Option(help="Column with the priority.")]
PrioritiesOption: TypeAlias = Annotated[
    str, typer.Option(help="VALUE=PRIORITY,... with * for all others: 2=1,*=5.")
]
IdColumnOption: TypeAlias = Annotated[
    str | None, typer.Option(help="Column with the id. Default: made of file and line.")
]
OnDuplicateOption: TypeAlias = Annotated[
    OnDuplicate, typer.Option(help="Which row counts when several have one id, as a call's legs do.")
]
TimeColumnsOption: TypeAlias = Annotated[
    str, typer.Option(help="Columns whose sum is the arrival time: date+time, day+arrived_s.")
]
DateOrderOption: TypeAlias = Annotated[DateOrder | None, typer.Option(help="What 1/2/2026 means.")]
TimeZoneOption: TypeAlias = Annotated[
    str, typer.Option(help="Time zone of times without an offset, as in Europe/Zurich. Default: UTC.")
]
PatienceColumnOption: TypeAlias = Annotated[
    str | None, typer.Option(help="Column with the seconds until the customer leaves; empty: stays.")
]
LeavesOption: TypeAlias = Annotated[
    str | None, typer.Option(help="COLUMN=VALUE: only customers of these rows leave.")
]
WhereOption: TypeAlias = Annotated[
    str | None, typer.Option(help="COLUMN=VALUE: only these rows, for example one day.")
]


def columns_of(
    queue_column: str, queue_map: str, channel: str | None, channel_column: str, priority_column: str, priorities: str,
    id_column: str | None, time_columns: str, date_order: DateOrder | None, time_zone: str, patience_column: str | None,
    leaves: str | None, handle_column: str | None = None, intake: str = "", attribute_columns: str = "",
) -> Columns:  # fmt: skip
    """What the options say of the columns. Raises BadInput."""
    if intake and queue_map:
        raise BadInput("give --intake or --queue-map, not both: an intake chooses the queues")
    return Columns(
        queue=queue_column, queues=parse_queue_map(queue_map), channel=channel_column, fixed_channel=channel,
        priority=priority_column, priorities=parse_priorities(priorities), contact_id=id_column,
        time=tuple(time_columns.split("+")) if time_columns else (), order=date_order.value if date_order else "",
        zone=zone_of(time_zone) if time_zone else None,
        patience=patience_column, leaves=pair_of_column("--leaves", leaves) if leaves else None, handle=handle_column,
        intake=intake, attributes=tuple(attribute_columns.split("+")) if attribute_columns else (),
    )  # fmt: skip


def pair_of_column(option: str, text: str) -> tuple[str, str]:
    """`COLUMN=VALUE` as a pair. Raises BadInput."""
    column, equals, value = text.partition("=")
    if not equals:
        raise BadInput(f"{option} {text!r}: write COLUMN=VALUE")
    return column, value


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a file has: its rows, how many were left out as duplicates, and what it tells of agents.

    `zone`: by which its times were read.
    """

    rows: list[Read]
    duplicates: int = 0
    statuses: Sequence[AgentStatus] = field(default=())
    zone: ZoneInfo | None = None

    @property
    def rejects(self) -> list[Reject]:
        """The lines that are no contacts."""
        return [row for row in self.rows if isinstance(row, Reject)]


def read_recording(
    file: Path, columns: Columns, file_format: FileFormat | None = None, encoding: str = "", where: str | None = None,
    on_duplicate: OnDuplicate = OnDuplicate.REJECT, limit: int | None = None,
) -> Recorded:  # fmt: skip
    """The rows of a file. `where` (COLUMN=VALUE): only those in which it holds. Raises BadInput."""
    condition = pair_of_column("--where", where) if where else None
    content = bytes_of(file)
    text = decoded(content, str(file), encoding)
    found = file_format or format_of(file, text)
    statuses: Sequence[AgentStatus] = ()
    if found is FileFormat.QUEUE_LOG:
        log = read_queue_log(io.StringIO(text, newline=""))
        statuses, rows = log.statuses, log.numbered()
        columns = _of_queue_log(columns)
    elif found is FileFormat.CSV:
        header, delimiter, rows = csv_rows(text, str(file))
        check_header(columns, header, str(file), condition[0] if condition else None)
        columns = replace(columns, has_decimal_comma=delimiter == ";")
    else:
        rows = json_rows(text)
    if condition:
        rows = _chosen(rows, *condition)
    name = blake2b(content).hexdigest() if file == STANDARD_INPUT else file.name
    read = islice(arrivals(rows, columns, identity_of(name)), limit)
    kept, duplicates = one_of_each(read, on_duplicate)
    if not kept:
        say(f"{file} has no contacts{' for which --where holds' if where else ''}")
    twice = [row.line for row in kept if isinstance(row, Arrival) and row.came_twice]
    if twice:
        say(
            f"{len(twice):,} times, the first in line {twice[0]}, are of an hour that came twice, as the clocks were "
            "put back: they were taken as those of the first"
        )
    return Recorded(kept, duplicates, statuses, columns.zone)


def _of_queue_log(columns: Columns) -> Columns:
    """What the columns of a queue_log are called; its queues and channel may still be mapped."""
    return Columns(
        queues=columns.queues, fixed_channel=columns.fixed_channel or "voice", contact_id="id", time=("at_s",),
        patience="waited_s", leaves=("outcome", "gave_up"), handle="handle_s", zone=columns.zone,
        intake=columns.intake, attributes=columns.attributes,
    )  # fmt: skip


def _chosen(rows: Rows, column: str, value: str) -> Rows:
    for line, row in rows:
        if isinstance(row, Reject):
            yield line, row
            continue
        try:
            if text_of(cell_of(row, column)) == value:
                yield line, row
        except BadInput as failure:
            yield line, Reject(line, str(row)[:200], f"--where: {failure}")


def tell_rejects(rejects: Sequence[Reject], most: int = MOST_REASONS) -> None:
    """Tell the first rejected lines, each with its reason."""
    for one in rejects[:most]:
        say(f"line {one.line}: {one.reason}")
    if len(rejects) > most:
        say(f"and {len(rejects) - most:,} more")


def show_dry(recorded: Recorded, as_json: bool) -> None:
    """The first rows as they were read, and how many there are."""
    found = [row for row in recorded.rows if isinstance(row, Arrival)]
    counts = {
        "contacts": len(found), "rejected": len(recorded.rejects), "duplicates": recorded.duplicates,
        "statuses": len(recorded.statuses),
    }  # fmt: skip
    if as_json:
        first = [_as_read(row, recorded.zone) for row in found[:MOST_SHOWN]]
        told = {"time_zone": _zone_name(recorded.zone), "first": first, "reasons": reasons_of(recorded)}
        print_json({**counts, **told})
        return
    if found:
        heads: list[tuple[str, bool]] = [
            ("line", True), ("contact", False), (_target(found[0])[0], False), ("channel", False), ("priority", True),
            (f"arrives ({_zone_name(recorded.zone)})", False), ("leaves after s", True), ("handled for s", True),
        ]  # fmt: skip
        columns = [Column(name, is_number=is_number) for name, is_number in heads]
        first = [_as_read(row, recorded.zone) for row in found[:MOST_SHOWN]]
        rows = [tuple("-" if cell is None else str(cell) for cell in row.values()) for row in first]
        print_lines(table(columns, rows, width_of(Output.FIT)))
    tell_rejects(recorded.rejects, MOST_SHOWN)
    agents = len({one.agent for one in recorded.statuses})
    more = f", {counts['statuses']:,} statuses of {agents:,} agents" if agents else ""
    left_out = f", {recorded.duplicates:,} duplicates left out" if recorded.duplicates else ""
    print_lines([Text(f"{len(found):,} contacts, {counts['rejected']:,} rejected{left_out}{more}; nothing was sent")])


def reasons_of(recorded: Recorded) -> list[dict[str, object]]:
    """The first rejected lines for a program."""
    return [{"line": one.line, "reason": one.reason} for one in recorded.rejects[:MOST_REASONS]]


def _target(row: Arrival) -> tuple[str, str]:
    return ("intake", row.contact.intake) if row.contact.intake else ("queue", row.contact.queue)


def _zone_name(zone: ZoneInfo | None) -> str:
    return zone.key if zone else "UTC"


def _as_read(row: Arrival, zone: ZoneInfo | None) -> dict[str, object]:
    return {
        "line": row.line, "contact": row.contact.contact_id, **dict([_target(row)]),
        "channel": row.contact.channel, "priority": row.contact.priority, "arrives": _time_text(row.at_s, zone),
        "patience_s": row.patience_s, "handle_s": row.handle_s,
    }  # fmt: skip


def _time_text(at_s: float, zone: ZoneInfo | None) -> str:
    """A date and time, or the time of day of a recording that has no dates."""
    at = local(at_s, zone)
    return f"{at:%H:%M:%S}" if 0 <= at_s < DAY_S else f"{at:%Y-%m-%d %H:%M:%S}"
