"""Rows of a file as contacts: what each column means, and why a row is rejected."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import orjson

from fairlead.domain.channel import checked_channel
from fairlead.domain.contact import DEFAULT_PRIORITY
from fairlead.errors import BadInput, FairleadError, InvalidContact
from fairlead.store.transitions.producing import NewContact

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Columns:
    """How rows become contacts.

    `priorities`: a column's value -> contact priority, "*" for all others; `time`: columns whose sum is the time of
    arrival in seconds (a date counts from its midnight); `patience`: seconds after which the customer leaves, for the
    rows in which `leaves` (column, value) holds; `handle`: seconds that an agent spends with it.
    """

    queue: str = "queue"
    channel: str = "channel"
    fixed_channel: str | None = None
    priority: str = "priority"
    priorities: Mapping[str, int] = field(default_factory=dict)
    contact_id: str | None = None
    time: tuple[str, ...] = ()
    patience: str | None = None
    leaves: tuple[str, str] | None = None
    handle: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A contact with the time at which it arrived.

    `patience_s`: after how long its customer leaves, None: stays; `handle_s`: how long an agent spends with it, None:
    that is not known; `waited_s`: of a customer who stayed, how long that is known of, None: it is not recorded.
    """

    contact: NewContact
    at_s: float
    patience_s: float | None = None
    handle_s: float | None = None
    waited_s: float | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """A line that is no contact, and why."""

    line: int
    text: str
    reason: str


def read_rows(lines: Iterable[str], file_format: str) -> Iterator[tuple[int, Row | Reject]]:
    """The rows of CSV (with a header) or JSONL, each with its line number."""
    if file_format == "csv":
        reader = csv.DictReader(lines)
        for row in reader:
            if None in row or None in row.values():
                values = ",".join(str(value) for value in row.values())
                yield reader.line_num, Reject(reader.line_num, values, "has another number of columns than the header")
            else:
                yield reader.line_num, row
        return
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as failure:
            yield number, Reject(number, line.rstrip("\n"), f"not JSON: {failure}")
            continue
        is_object = isinstance(row, dict)
        yield number, row if is_object else Reject(number, line.rstrip("\n"), "not a JSON object")


def arrivals(rows: Iterable[tuple[int, Row | Reject]], columns: Columns, identity: str) -> Iterator[Arrival | Reject]:
    """Each row as an arrival or a reject. `identity` makes the ids: a second run doubles nothing."""
    for line, row in rows:
        if isinstance(row, Reject):
            yield row
            continue
        try:
            yield _arrival(row, columns, f"{identity}-{line}")
        except (FairleadError, KeyError, ValueError) as failure:
            reason = f"has no column {failure}" if isinstance(failure, KeyError) else str(failure)
            yield Reject(line, orjson.dumps(row).decode(), reason)


def _arrival(row: Row, columns: Columns, fallback_id: str) -> Arrival:
    used = {columns.queue, columns.channel, columns.priority, columns.contact_id, "payload"}
    payload = row["payload"] if "payload" in row else {name: row[name] for name in row if name not in used}
    contact = NewContact(
        queue=str(row[columns.queue]),
        channel=checked_channel(columns.fixed_channel or str(row.get(columns.channel) or "voice")),
        payload=orjson.dumps(payload),
        priority=_priority(row, columns),
        contact_id=str(row[columns.contact_id]) if columns.contact_id else fallback_id,
    )
    leaves = columns.leaves is None or str(row[columns.leaves[0]]) == columns.leaves[1]
    recorded_s = float(row[columns.patience]) if columns.patience else None
    return Arrival(
        contact,
        at_s=sum(_seconds(row[name]) for name in columns.time),
        patience_s=recorded_s if leaves else None,
        handle_s=float(row[columns.handle]) if columns.handle and row[columns.handle] not in ("", None) else None,
        waited_s=None if leaves else recorded_s,
    )


def _priority(row: Row, columns: Columns) -> int:
    given = row.get(columns.priority)
    if columns.priorities:
        mapped = columns.priorities.get(str(given), columns.priorities.get("*"))
        if mapped is None:
            raise InvalidContact(
                f"{columns.priority} {given!r} is not mapped: --priorities maps {', '.join(columns.priorities)}"
            )
        return mapped
    return DEFAULT_PRIORITY if given in (None, "") else int(given)


def _seconds(value: Any) -> float:
    try:
        return float(value)
    except ValueError:
        return datetime.fromisoformat(str(value)).replace(tzinfo=UTC).timestamp()


def identity_of(name: str) -> str:
    """A short name for a file, the same each time."""
    return "r" + blake2b(name.encode(), digest_size=6).hexdigest()


def parse_priorities(text: str) -> dict[str, int]:
    """`2=1,*=5` as a mapping. Raises BadInput."""
    try:
        return {value: int(priority) for value, priority in (pair.split("=") for pair in text.split(",") if pair)}
    except ValueError:
        raise BadInput(f"priorities {text!r}: write VALUE=PRIORITY,... with * for all others, as in 2=1,*=5") from None
