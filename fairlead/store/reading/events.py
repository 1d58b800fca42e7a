"""The stream of events."""

from collections.abc import Mapping
from dataclasses import dataclass

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


@procedure
def newest_events(source: Source, count: int, contact: str | None = None, name: str = "") -> Steps[list[Event]]:
    """The newest events, at most `count`, oldest first; only those of a contact, or whose name begins with `name`.

    The whole stream is searched for them, page by page, until there are enough.
    """
    found: list[Event] = []
    page, before, is_more = (PAGE if contact or name else count), "+", True
    while is_more and len(found) < count:
        entries = yield from ask_one("XREVRANGE", source.keys.events, before, "-", "COUNT", page)
        read = [_event(event_id.decode(), texts(row)) for event_id, row in entries]
        found += [event for event in read if is_about(event, contact, name)]
        is_more = len(read) == page
        before = f"({read[-1].event_id}" if read else "+"
    return found[:count][::-1]


def is_about(event: Event, contact: str | None, name: str) -> bool:
    """Whether an event is of that contact, if one is named, and has a name that begins so."""
    return (contact is None or event.fields.get("contact") == contact) and event.name.startswith(name)


def _event(event_id: str, row: dict[str, str]) -> Event:
    return Event(event_id, row.pop("event"), int(row.pop("at_us")), fields=row, actor=row.pop("actor", ""))
