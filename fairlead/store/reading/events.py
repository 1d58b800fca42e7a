"""The stream of events."""

from collections.abc import Mapping
from dataclasses import dataclass

from fairlead.store.procedure import Command, Source, Steps, ask_one, procedure
from fairlead.store.reading.plain import texts


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the event stream."""

    event_id: str
    name: str
    at_us: int
    fields: Mapping[str, str]


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


@procedure
def newest_events(source: Source, count: int) -> Steps[list[Event]]:
    """The newest events, oldest first."""
    entries = yield from ask_one("XREVRANGE", source.keys.events, "+", "-", "COUNT", count)
    return [_event(event_id.decode(), texts(row)) for event_id, row in reversed(entries)]


def _event(event_id: str, row: dict[str, str]) -> Event:
    return Event(event_id, row.pop("event"), int(row.pop("at_us")), row)
