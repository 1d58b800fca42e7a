"""One contact's life, from what the stream of events has of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from fairlead.domain.contact import ENDED, ContactState
from fairlead.domain.intake import Decision, read_decision
from fairlead.store import reading
from fairlead.store.procedure import Source, Steps, procedure
from fairlead.store.reading import Event, EventFilter

_AFTER: Mapping[str, ContactState] = {
    "scheduled": "scheduled", "queued": "queued", "requeued": "queued", "missed": "queued", "rejected": "queued",
    "transferred": "queued", "overflowed": "queued", "offered": "offered", "connected": "connected",
    "accepted": "connected", "resumed": "connected", "held": "on_hold", "paused": "paused", "acw_started": "acw",
    "parked": "parked", "completed": "completed", "abandoned": "abandoned", "expired": "expired",
}  # fmt: skip
"""The last word of an event -> the contact's state after it; what is not named changes none."""

_BEGINNINGS = ("contact.queued", "contact.scheduled")
_MOST_EVENTS = 1_000_000


@dataclass(frozen=True, slots=True)
class Span:
    """A time in one state. `to_us`: of one that goes on, the time of asking; `agent`: who had it, or all at
    whom it rang; empty: nobody.
    """

    state: ContactState
    from_us: int
    to_us: int
    queue: str
    agent: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """A contact's life, oldest first. `state`: the last one that is known; `is_trimmed`: it began before the first of
    the events that the stream still has.
    """

    contact_id: str
    at_us: int
    state: str
    spans: tuple[Span, ...]
    events: tuple[Event, ...]
    is_trimmed: bool

    def times_us(self) -> Mapping[str, int]:
        """How long it was in each state, in the order in which it came into them."""
        times: defaultdict[str, int] = defaultdict(int)
        for span in self.spans:
            times[span.state] += span.to_us - span.from_us
        return dict(times)


@procedure
def read_timeline(source: Source, contact_id: str) -> Steps[Timeline]:
    """A contact's life, also of one that has ended, as far as the stream of events goes back.

    The whole stream is read. Raises UnknownContact when neither it nor the contact's record says anything.
    """
    events = yield from reading.newest_events(_MOST_EVENTS, EventFilter(contact=contact_id)).steps(source)
    now_us = yield from reading.now_us().steps(source)
    if not any(event.name.startswith("contact.") for event in events):
        record = yield from reading.contact(contact_id).steps(source)
        return Timeline(contact_id, now_us, record.state, (), (), is_trimmed=True)
    spans = _spans(events, now_us)
    last = next((one for one in map(_state_after, reversed(events)) if one), "")
    return Timeline(contact_id, now_us, last, tuple(spans), tuple(events), events[0].name not in _BEGINNINGS)


def _state_after(event: Event) -> ContactState | None:
    kind, _, word = event.name.partition(".")
    return _AFTER.get(word) if kind == "contact" and "rings" not in event.fields else None


def _spans(events: Sequence[Event], now_us: int) -> list[Span]:
    changes: list[tuple[Event, ContactState]] = [(one, state) for one in events if (state := _state_after(one))]
    ends_us = [event.at_us for event, _ in changes[1:]] + [now_us]
    spans: list[Span] = []
    for (event, state), to_us in zip(changes, ends_us, strict=True):
        if spans and state == "offered" == spans[-1].state and spans[-1].from_us == event.at_us:  # it rings here, too
            spans[-1] = replace(spans[-1], to_us=to_us, agent=f"{spans[-1].agent}, {event.fields['agent']}")
        elif state not in ENDED:
            spans.append(Span(state, event.at_us, to_us, event.fields.get("queue", ""), _holder(event, state)))
    return spans


def _holder(event: Event, state: ContactState) -> str:
    return "" if state in ("queued", "scheduled", "parked") else event.fields.get("agent", "")


def decision_in(event: Event) -> Decision | None:
    """What an intake had decided, as the event with which a contact begins has it."""
    fields = event.fields
    if "intake" not in fields:
        return None
    return read_decision(f"{fields['intake']} {fields['intake_version']} {fields['rule']}\n{fields.get('read', '')}")


def described_timeline(found: Timeline) -> dict[str, Any]:
    """The timeline for programs; times in microseconds on the engine's clock."""
    return {
        "contact": found.contact_id,
        "at_us": found.at_us,
        "state": found.state,
        "is_trimmed": found.is_trimmed,
        "times_us": found.times_us(),
        "spans": [asdict(span) for span in found.spans],
        "events": [described_event(one) for one in found.events],
    }


def described_event(event: Event) -> dict[str, Any]:
    """The event for programs: its fields stand beside its id, its name, its time and, where known, who did it."""
    by = {"actor": event.actor} if event.actor else {}
    return {"id": event.event_id, "event": event.name, "at_us": event.at_us, **by, **event.fields}
