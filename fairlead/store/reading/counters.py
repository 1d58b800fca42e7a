"""What was counted: of each queue and channel, and of each agent."""

from collections.abc import Iterable

from fairlead.domain.measures import added
from fairlead.store.procedure import Source, Steps, ask_each, ask_one, procedure, side_by_side

MOST_OPEN_MINUTES = 60
"""How many minutes that no sweep has added to the totals yet are read; more are open only when nobody sweeps."""

_FIELDS_A_LOOK = 2_000
"""Counters that one command reads: a large instance has hundreds of thousands, and no command may block Redis."""

Counters = dict[str, dict[str, int]]
"""Subject (`queue:channel` or an agent) -> counter -> value."""

Row = dict[bytes, bytes]
"""`subject counter` -> value, as the store keeps it."""

_OF_ALL, _OF_QUEUES = "*", "*:*"


@procedure
def totals(source: Source) -> Steps[Counters]:
    """The counters of each subject since the instance was made."""
    closed, first_open, last = yield from _read_closed(source, _OF_ALL)
    return by_subject([closed, *(yield from _open_minutes(source, first_open, last, _OF_ALL))])


def queue_totals(source: Source) -> Steps[tuple[Counters, bool]]:
    """The counters of each queue and channel since the instance was made, and whether these are all that there are.

    Not so when nobody has swept for an hour. What stands in the totals is kept: it changes with a minute's end, or when
    the clock has been set back over one.
    """
    first_open, last = yield from _open(source)
    size = yield from ask_one("HLEN", source.keys.totals)
    counted: Counters | None = source.kept.get("totals", (first_open, size))
    if counted is None:
        closed, first_open, last = yield from _read_closed(source, _OF_QUEUES)
        counted = by_subject([closed])
        source.kept.put("totals", (first_open, size), counted)
    later = by_subject((yield from _open_minutes(source, first_open, last, _OF_QUEUES)))
    merged = {subject: added([counted.get(subject, {}), counters]) for subject, counters in later.items()}
    return counted | merged, last - (first_open or last) <= MOST_OPEN_MINUTES


def _open(source: Source) -> Steps[tuple[int, int]]:
    """The first minute that the totals lack, 0 before there is one, and the last one in which anything was counted."""
    first, last = yield from ask_one("HMGET", source.keys.instance, "closed_minute", "minute")
    return int(first or 0), int(last or 0)


def _open_minutes(source: Source, first_open: int, last: int, pattern: str) -> Steps[list[Row]]:
    rows: list[Row] = []
    for minute in range(max(first_open or last, last - MOST_OPEN_MINUTES), last + 1):
        row = yield from _fields(source.keys.minute(minute), pattern)
        rows.append(row)
    return rows


def _read_closed(source: Source, pattern: str) -> Steps[tuple[Row, int, int]]:
    """The totals, the first minute that they lack and the last one there is, all of one time.

    Not in MULTI, of which Redis refuses whatever it is when its memory is full.
    """
    while True:
        before, _ = yield from _open(source)
        closed = yield from _fields(source.keys.totals, pattern)
        first_open, last = yield from _open(source)
        if before == first_open:
            return closed, first_open, last


def _fields(key: str, pattern: str) -> Steps[Row]:
    """The counters of a hash whose names are of the pattern."""
    found, cursor = Row(), 0
    while True:
        cursor, some = yield from ask_one("HSCAN", key, cursor, "MATCH", pattern, "COUNT", _FIELDS_A_LOOK)
        found |= some
        if not cursor:
            return found


@procedure
def minutes(source: Source, first: int, last: int, subject: str = "") -> Steps[list[Counters]]:
    """The counters of each subject in each Unix minute from `first` to `last`, both included; or of one subject."""
    keys = [source.keys.minute(minute) for minute in range(first, last + 1)]
    rows: list[Row]
    if subject:  # of all agents there may be thousands
        rows = yield from side_by_side(*(_fields(key, f"{subject} *") for key in keys))
    else:
        rows = yield from ask_each(("HGETALL", key) for key in keys)
    return [by_subject([row]) for row in rows]


def by_subject(rows: Iterable[Row]) -> Counters:
    """`subject counter` -> value, added up, as subject -> counter -> value."""
    found: dict[bytes, dict[bytes, int]] = {}
    for row in rows:
        for name, value in row.items():
            subject, _, counter = name.partition(b" ")
            counters = found.get(subject)
            if counters is None:
                counters = found[subject] = {}
            counters[counter] = counters.get(counter, 0) + int(value)
    spelled = {counter: counter.decode() for counter in {one for counters in found.values() for one in counters}}
    return {
        subject.decode(): {spelled[counter]: value for counter, value in counters.items()}
        for subject, counters in found.items()
    }
