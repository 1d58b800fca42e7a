"""The stream of events."""

from collections.abc import Mapping
from dataclasses import dataclass

from fairlead.store.client import Store
from fairlead.store.reading.plain import texts


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the event stream. `actor`: who did it, `agent:NAME` for a session's request; empty: nobody said."""

    event_id: str
    name: str
    at_us: int
    fields: Mapping[str, str]
    actor: str = ""


def read_events(store: Store, after: str = "-", count: int = 1_000, block_ms: int | None = None) -> list[Event]:
    """Events after an id ("-": from the beginning, "$": only new ones), at most `count`; may block for new ones."""
    key = store.keys.events
    if block_ms is None:
        entries = store.client.xrange(key, "-" if after == "-" else f"({after}", "+", count)
    else:
        found = store.client.xread({key: "0" if after == "-" else after}, count=count, block=block_ms)
        entries = found[0][1] if found else []
    return [_event(event_id.decode(), texts(row)) for event_id, row in entries]


def last_events(store: Store, count: int) -> list[Event]:
    """The newest events, oldest first."""
    entries = store.client.xrevrange(store.keys.events, "+", "-", count)
    return [_event(event_id.decode(), texts(row)) for event_id, row in reversed(entries)]


def _event(event_id: str, row: dict[str, str]) -> Event:
    return Event(event_id, row.pop("event"), int(row.pop("at_us")), fields=row, actor=row.pop("actor", ""))
