"""The stream of events."""

from collections.abc import Mapping
from dataclasses import dataclass

from fairlead.errors import RedisRefused
from fairlead.store.procedure import Command, Source, Steps, ask_one, procedure
from fairlead.store.reading.plain import texts


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the event stream. `actor`: who did it, `agent:NAME` for a session's request; empty: nobody said."""

    event_id: str
    name: str
    at_us: int
    fields: Mapping[str, str]
    actor: str = ""


@procedure
def events_after(
    source: Source, after: str = "-", count: int = 1_000, block_ms: int | None = None
) -> Steps[list[Event]]:
    """Events after an id ("-": from the beginning, "$": only new ones), at most `count`; may block for new ones."""
    key = source.keys.events
    if block_ms is None:
        entries = yield from ask_one("XRANGE", key, "-" if after == "-" else f"({after}", "+", "COUNT", count)
    else:
        asked: Command = ("XREAD", "BLOCK", block_ms, "COUNT", count, "STREAMS", key, "0" if after == "-" else after)
        found = yield from ask_one(*asked)
        entries = found[0][1] if found else []
    return [_event(event_id.decode(), texts(row)) for event_id, row in entries]


PAGE = 1_000
"""How many entries of the stream are read at a time in search of some of them: a bounded stop for Redis."""


_LOOKS_A_PAGE = 100
"""A page of events is answered after so many looks, however little was found."""


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are to be found; what is empty filters nothing. `name`: how their names begin."""

    contact: str = ""
    queue: str = ""
    agent: str = ""
    name: str = ""

    def takes(self, event: Event) -> bool:
        """Whether the event is meant."""
        asked = {"contact": self.contact, "queue": self.queue, "agent": self.agent}
        return event.name.startswith(self.name) and all(
            not value or event.fields.get(field) == value for field, value in asked.items()
        )


@dataclass(frozen=True, slots=True)
class EventPage:
    """Some events, oldest first, and the id after which to go on; empty when the stream has no more now."""

    events: tuple[Event, ...]
    cursor: str


@procedure
def find_events(
    source: Source, wanted: EventFilter | None = None, after: str = "-", limit: int = 100
) -> Steps[EventPage]:
    """The next events that the filter takes, at most `limit`, after an id ("-": from the beginning).

    A page may hold fewer, or none: go on while it has a cursor.
    """
    takes, found = (wanted or EventFilter()).takes, list[Event]()
    for _ in range(_LOOKS_A_PAGE):
        read = yield from events_after(after, PAGE).steps(source)
        for event in read:
            after = event.event_id
            if takes(event):
                found.append(event)
            if len(found) == limit:
                return EventPage(tuple(found), after)
        if len(read) < PAGE:
            return EventPage(tuple(found), "")
    return EventPage(tuple(found), after)


@procedure
def newest_events(source: Source, count: int, wanted: EventFilter | None = None) -> Steps[list[Event]]:
    """The newest events that the filter takes, at most `count`, oldest first.

    The whole stream is searched for them, page by page, until there are enough.
    """
    found: list[Event] = []
    takes, page, before, is_more = (wanted or EventFilter()).takes, (PAGE if wanted else count), "+", True
    while is_more and len(found) < count:
        entries = yield from ask_one("XREVRANGE", source.keys.events, before, "-", "COUNT", page)
        read = [_event(event_id.decode(), texts(row)) for event_id, row in entries]
        found += [event for event in read if takes(event)]
        is_more = len(read) == page
        before = f"({read[-1].event_id}" if read else "+"
    return found[:count][::-1]


@procedure
def has_all_events(source: Source) -> Steps[bool]:
    """Whether the stream still has every event that there was; False, too, where a server before Redis 7 or the user's
    rights leave it open.
    """
    key = source.keys.events
    if not (yield from ask_one("EXISTS", key)):
        return True
    try:
        told = yield from ask_one("XINFO", "STREAM", key)
    except RedisRefused:
        return False
    known = dict(zip(told[::2], told[1::2], strict=True))
    return bool(known.get(b"entries-added") == known[b"length"])


def _event(event_id: str, row: dict[str, str]) -> Event:
    return Event(event_id, row.pop("event"), int(row.pop("at_us")), fields=row, actor=row.pop("actor", ""))
