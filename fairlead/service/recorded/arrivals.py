"""Rows as contacts: what each column means, and why a row is rejected."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import orjson

from fairlead.domain.channel import Channel, checked_channel
from fairlead.domain.contact import DEFAULT_PRIORITY, HIGHEST_PRIORITY
from fairlead.domain.names import allowed_name, checked_queue_name
from fairlead.errors import BadInput, FairleadError, InvalidContact, InvalidName
from fairlead.files.rows import LONGEST_SHOWN, Reject, Row, Rows
from fairlead.service.recorded.times import DateOrder, duration_of, number_of, time_of
from fairlead.store.new_contact import NewContact

OTHERS = "*"
"""Stands in a map for every value that is not named."""


@dataclass(frozen=True, slots=True)
class Columns:
    """How rows become contacts. A column of nested JSON is named by its path, as in `Queue.Name`.

    `intake`: chooses the queue of each, by its `attributes` (columns) and all else, in place of the column of a queue.
    `queues` and `priorities`: a column's value -> queue or contact priority, "*" for all others; `time`: columns whose
    sum is the time of arrival in seconds (a date counts from its midnight, a time of day from midnight on); `patience`:
    seconds after which the customer leaves, for the rows in which `leaves` (column, value) holds, empty: stays;
    `handle`: seconds that an agent spends with it; `order`: what 1/2/2026 means; `zone`: of times without an offset.
    """

    queue: str = "queue"
    queues: Mapping[str, str] = field(default_factory=dict)
    intake: str = ""
    attributes: tuple[str, ...] = ()
    channel: str = "channel"
    fixed_channel: str | None = None
    priority: str = "priority"
    priorities: Mapping[str, int] = field(default_factory=dict)
    contact_id: str | None = None
    time: tuple[str, ...] = ()
    patience: str | None = None
    leaves: tuple[str, str] | None = None
    handle: str | None = None
    order: DateOrder = ""
    zone: ZoneInfo | None = None
    has_decimal_comma: bool = False

    def needed(self) -> Iterator[tuple[str, str]]:
        """The columns that a header has to have, each with the option that names it."""
        if not self.intake:
            yield self.queue, "--queue-column"
        yield from ((name, "--attribute-columns") for name in self.attributes)
        if self.contact_id:
            yield self.contact_id, "--id-column"
        yield from ((name, "--time-columns") for name in self.time)
        if self.patience:
            yield self.patience, "--patience-column"
        if self.leaves:
            yield self.leaves[0], "--leaves"
        if self.handle:
            yield self.handle, "--handle-column"
        defaults = Columns()
        if self.priority != defaults.priority:
            yield self.priority, "--priority-column"
        if self.channel != defaults.channel:
            yield self.channel, "--channel-column"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A contact with the time at which it arrived.

    `patience_s`: after how long its customer leaves, None: stays; `handle_s`: how long an agent spends with it, None:
    that is not known; `waited_s`: of a customer who stayed, how long that is known of, None: it is not recorded;
    `line`: of its file, 0: it comes from none; `came_twice`: the clock showed its time twice, and it is the first.
    """

    contact: NewContact
    at_s: float
    patience_s: float | None = None
    handle_s: float | None = None
    waited_s: float | None = None
    line: int = 0
    came_twice: bool = False

    @property
    def asked_for(self) -> tuple[str, Channel]:
        """The queue, or the intake that chooses one, and the channel."""
        return self.contact.queue or self.contact.intake, self.contact.channel


Read: TypeAlias = Arrival | Reject
"""What becomes of a row."""


class OnDuplicate(StrEnum):
    """What happens to rows with the same id, as where a call has a row for each of its legs."""

    FIRST = "first"
    LAST = "last"
    REJECT = "reject"


class MissingColumn(BadInput):
    """A row does not have a column that is asked for."""


def check_header(columns: Columns, header: Sequence[str], name: str, condition: str | None = None) -> None:
    """Refuse a header that lacks a column, or has two of its name; `condition`: that of --where. Raises BadInput."""
    for column, option in (*columns.needed(), *([(condition, "--where")] if condition else [])):
        if column not in header:
            names = {one.casefold(): one for one in header}
            close = get_close_matches(column.casefold(), names, n=1, cutoff=0.8)
            hint = f"did you mean {option} {names[close[0]]!r}?" if close else f"name another by {option}."
            raise BadInput(f"{name}: has no column {column!r}; {hint} It has {', '.join(header[:40])}")
        if any(one.startswith(f"{column} (") for one in header):
            raise BadInput(f"{name}: has two columns {column!r}: rename one of them")


def arrivals(rows: Rows, columns: Columns, identity: str) -> Iterator[Read]:
    """Each row as an arrival or a reject. `identity` makes the ids: a second run doubles nothing."""
    for line, row in rows:
        if isinstance(row, Reject):
            yield row
            continue
        try:
            yield _arrival(row, columns, identity, line)
        except (FairleadError, ValueError, TypeError, OverflowError) as failure:
            yield Reject(line, _shown(row), str(failure))


def _shown(row: Row) -> str:
    try:
        return orjson.dumps(row).decode()[:LONGEST_SHOWN]
    except TypeError:
        return str(row)[:LONGEST_SHOWN]


def cell_of(row: Row, column: str) -> Any:
    """The value of a column, by its name or its path through nested objects. Raises MissingColumn."""
    if column in row:
        return row[column]
    found: Any = row
    for part in column.split("."):
        if not isinstance(found, Mapping) or part not in found:
            raise MissingColumn(f"has no column {column!r}")
        found = found[part]
    return found


def _maybe(row: Row, column: str) -> Any:
    try:
        return cell_of(row, column)
    except MissingColumn:
        return None


def text_of(value: Any) -> str:
    """The value of a column as a text that can be compared."""
    return "" if value is None else str(value).strip()


def _arrival(row: Row, columns: Columns, identity: str, line: int) -> Arrival:
    used = {"" if columns.intake else columns.queue, columns.channel, columns.priority, columns.contact_id, "payload"}
    payload = row["payload"] if "payload" in row else {name: row[name] for name in row if name not in used}
    contact = NewContact(
        queue="" if columns.intake else _queue(row, columns),
        intake=columns.intake,
        attributes=dict(_attributes(row, columns)),
        channel=_channel(row, columns),
        payload=orjson.dumps(payload),
        priority=_priority(row, columns),
        contact_id=_named(row, columns.contact_id) if columns.contact_id else f"{identity}-{line}",
    )
    leaves = columns.leaves is None or text_of(cell_of(row, columns.leaves[0])) == columns.leaves[1]
    recorded_s = _duration(row, columns.patience, columns)
    cells = [cell_of(row, name) for name in columns.time]
    at = time_of(cells, columns.order, has_decimal_comma=columns.has_decimal_comma, zone=columns.zone)
    return Arrival(
        contact,
        at_s=at.at_s,
        patience_s=recorded_s if leaves else None,
        handle_s=_duration(row, columns.handle, columns),
        waited_s=None if leaves else recorded_s,
        line=line,
        came_twice=at.came_twice,
    )


def _named(row: Row, column: str) -> str:
    value = cell_of(row, column)
    if isinstance(value, Mapping | list):
        raise BadInput(f"{column} is nested: name what is in it, as in {column}.Name")
    text = text_of(value)
    if not text:
        raise BadInput(f"{column} is empty")
    return text


def _attributes(row: Row, columns: Columns) -> Iterator[tuple[str, str]]:
    """The attributes that a row has, named by their columns; what is nested by its own name."""
    for column in columns.attributes:
        value = _maybe(row, column)
        if isinstance(value, Mapping | list):
            raise BadInput(f"{column} is nested: name what is in it, as in {column}.tier")
        if text := text_of(value):
            yield column.rpartition(".")[2], text


def _queue(row: Row, columns: Columns) -> str:
    value = _named(row, columns.queue)
    queue = columns.queues.get(value, columns.queues.get(OTHERS, value))
    try:
        return checked_queue_name(queue)
    except InvalidName as failure:
        example = f"{value}={allowed_name(value) or 'Support'}"[:140]
        raise InvalidName(f"{failure}; a map gives it one: --queue-map {example!r}") from None


def _channel(row: Row, columns: Columns) -> Channel:
    return checked_channel((columns.fixed_channel or text_of(_maybe(row, columns.channel)) or "voice").lower())


def _priority(row: Row, columns: Columns) -> int:
    given = _maybe(row, columns.priority)
    text = text_of(given)
    if columns.priorities:
        mapped = columns.priorities.get(text, columns.priorities.get(OTHERS))
        if mapped is None:
            raise InvalidContact(
                f"{columns.priority} {text[:40]!r} is not mapped: --priorities maps {', '.join(columns.priorities)}"
            )
        return mapped
    if not text:
        return DEFAULT_PRIORITY
    try:
        value = number_of(given, has_decimal_comma=columns.has_decimal_comma)
    except ValueError:
        value = 0.5
    if not value.is_integer() or value < HIGHEST_PRIORITY:
        raise InvalidContact(
            f"{columns.priority} {text[:40]!r} is not a whole number from 1 on: --priorities maps it, as in high=1,*=5"
        )
    return int(value)


def _duration(row: Row, column: str | None, columns: Columns) -> float | None:
    if column is None:
        return None
    try:
        return duration_of(cell_of(row, column), has_decimal_comma=columns.has_decimal_comma)
    except ValueError as failure:
        raise BadInput(f"{column}: {failure}") from None


def one_of_each(rows: Iterable[Read], policy: OnDuplicate) -> tuple[list[Read], int]:
    """The rows with one arrival for each id, and how many were left out; rejects stay, or become of the others."""
    found: dict[object, Read] = {}
    left_out = 0
    for place, row in enumerate(rows):
        key = row.contact.contact_id if isinstance(row, Arrival) else place
        earlier = found.get(key)
        if not isinstance(row, Arrival) or not isinstance(earlier, Arrival):
            found[key] = row
            continue
        if policy is OnDuplicate.REJECT:
            reason = (
                f"id {key!r} is that of line {earlier.line}, too: --on-duplicate first, or last, keeps one of them"
            )
            found[place] = Reject(row.line, row.contact.contact_id, reason)
            continue
        left_out += 1
        if policy is OnDuplicate.LAST:
            del found[key]
            found[key] = row
    return list(found.values()), left_out


def identity_of(name: str) -> str:
    """A short name for a file, the same each time."""
    return "r" + blake2b(name.encode(errors="surrogateescape"), digest_size=6).hexdigest()


def parse_priorities(text: str) -> dict[str, int]:
    """`2=1,*=5` as a mapping. Raises BadInput."""
    try:
        return {value: int(priority) for value, priority in (pair.split("=") for pair in text.split(",") if pair)}
    except ValueError:
        raise BadInput(f"priorities {text!r}: write VALUE=PRIORITY,... with * for all others, as in 2=1,*=5") from None


def parse_queue_map(given: str) -> dict[str, str]:
    """`Technical=Support,*=Other`, or a file with one such pair a line, as a mapping. Raises BadInput."""
    if not given:
        return {}
    try:
        pairs = Path(given).read_text(encoding="utf-8-sig").splitlines() if "=" not in given else given.split(",")
    except (OSError, ValueError) as failure:
        raise BadInput(f"--queue-map {given!r}: neither VALUE=QUEUE,... nor a file: {failure}") from None
    found = {}
    for place, pair in enumerate(pairs, 1):
        if not pair.strip() or pair.lstrip().startswith("#"):
            continue
        value, equals, queue = pair.rpartition("=")
        if not equals:
            raise BadInput(f"--queue-map, pair {place} {pair.strip()[:80]!r}: write VALUE=QUEUE, as in Tech=Support")
        found[value.strip()] = checked_queue_name(queue.strip())
    return found
