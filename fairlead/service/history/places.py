"""Where each contact is and who is signed in, by the events alone: what must hold whatever the configuration."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fairlead.domain.contact import ENDED, HELD, counts_as_attempt
from fairlead.service.history.values import Finding, Kind
from fairlead.store.reading import Event

_QUEUE = frozenset({"queued", "offered"})
_HELD = frozenset(HELD)
_WITH_AGENT = _HELD | {"offered", "acw"}
_OPEN = _QUEUE | _HELD | {"scheduled", "acw", "parked"}

FROM: Mapping[str, frozenset[str]] = {
    "queued": frozenset({"", "scheduled", "parked"}),
    "scheduled": frozenset({"", "scheduled", "queued", "offered", "connected", "on_hold"}),
    "offered": _QUEUE,
    "connected": frozenset({"queued"}),
    "accepted": frozenset({"offered"}),
    "rejected": frozenset({"offered"}),
    "missed": frozenset({"offered"}),
    "rescinded": frozenset({"offered"}),
    "requeued": _HELD | {"offered", "parked"},
    "overflowed": _QUEUE,
    "transferred": _QUEUE | {"connected", "on_hold", "acw"},
    "held": frozenset({"connected"}),
    "paused": frozenset({"connected"}),
    "resumed": frozenset({"on_hold", "paused"}),
    "acw_started": frozenset({"connected", "on_hold"}),
    "completed": _OPEN,
    "abandoned": _QUEUE | {"scheduled"},
    "expired": _QUEUE | {"connected", "on_hold"},
    "parked": _QUEUE | _HELD | {"scheduled"},
    "step_expired": _QUEUE,
    "updated": _OPEN | set(ENDED),
}
"""The last word of an event -> the states from which it leads; empty: the contact has not been there before."""

BY_HAND_FROM = frozenset({"", "queued", "offered"})
"""A supervisor also takes what another agent is being offered, and an agent begins what was in no queue."""

AFTER: Mapping[str, str] = {
    "queued": "queued", "requeued": "queued", "missed": "queued", "rejected": "queued", "transferred": "queued",
    "overflowed": "queued", "accepted": "connected", "resumed": "connected", "held": "on_hold", "acw_started": "acw",
}  # fmt: skip
"""The state to which an event leads, where it is not the event's own word."""

_STAYS = frozenset({"step_expired", "updated"})
_KEEPS_ITS_PLACE = frozenset({"requeued", "missed", "rejected"})
_PLACE = ("queue", "channel", "priority", "rank_us", "queued_us")
_COUNTED = {"offered": "offers", "overflowed": "overflowed", "transferred": "transferred"} | {
    word: word for word in ("missed", "rejected", "requeued", "parked", "queued")
}
"""Events -> the counter of queue and channel that counts them."""


@dataclass(slots=True)
class Hold:
    """An agent has a contact, by a token. `marks`: what became of it, by the events: their last words, and reasons."""

    contact: str
    agent: str
    token: int
    attempt: int
    since_us: int
    until_us: int | None = None
    marks: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Place:
    """Where a contact is. `rings`: at whom else it rings, each with its token; `line`: its place in line, as last told;
    `attempts`: None while the events have not told.
    """

    contact: str
    state: str = ""
    agent: str = ""
    token: int = 0
    rings: dict[str, int] = field(default_factory=dict)
    attempts: int | None = None
    line: dict[str, str] = field(default_factory=dict)
    is_answered: bool = False

    def holders(self) -> dict[str, int]:
        """Who has it, or all at whom it rings, each with its token."""
        return {self.agent: self.token, **self.rings} if self.agent else {}


class Places:
    """Follows the events. `is_whole`: they tell everything from the beginning of the instance; `most_attempts`: after
    how many each queue parks a contact, `most_rings`: at how many agents one rings at once, where that is known.
    """

    def __init__(self, *, is_whole: bool, most_attempts: Mapping[str, int], most_rings: Mapping[str, int]) -> None:
        self.is_whole = is_whole
        self._most_attempts = most_attempts
        self._most_rings = most_rings
        self.contacts: dict[str, Place] = {}
        self.sessions: dict[str, int] = {}
        """Agent -> the epoch of its session."""
        self.holds: dict[tuple[str, int], Hold] = {}
        self.counted: dict[str, Counter[str]] = {}
        """queue:channel or agent -> counter -> how much."""
        self.ended: set[str] = set()
        self._seen: set[str] = set()
        self._last_token = self._last_us = 0
        self._left: set[tuple[str, str, int]] = set()

    def happen(self, event: Event) -> Iterator[Finding]:
        """What the event tells has happened. Yields what could not be."""
        kind, _, word = event.name.partition(".")

        def wrong(what: Kind, found: str) -> Finding:
            return Finding(what, event.event_id, found)

        if event.at_us < self._last_us:
            yield wrong("time", f"{event.name} is {self._last_us - event.at_us:,} us older than the event before it")
        self._last_us = max(self._last_us, event.at_us)
        if kind == "agent":
            for found in self._agent(word, event):
                yield wrong("session", found)
        elif kind == "contact":
            for what, found in self._contact(word, event):
                yield wrong(what, found)

    def settle(self, event_id: str) -> Iterator[Finding]:
        """A script is over: nobody holds anything whose session has ended."""
        for contact_id, agent, token in sorted(self._left):
            place = self.contacts[contact_id]
            if place.holders().get(agent) == token:
                found = f"{contact_id} is still {place.state} with {agent}, whose session is over"
                yield Finding("session", event_id, found)
        self._left.clear()

    # Agents

    def _agent(self, word: str, event: Event) -> Iterator[str]:
        name = event.fields["agent"]
        known = self.sessions.get(name)
        is_sure = self.is_whole or name in self._seen
        if word in ("signed_in", "resumed"):
            epoch = int(event.fields["epoch"])
            if word == "signed_in" and known is not None:
                yield f"{name} signs in, and has session {known}"
            if word == "resumed" and known is None and is_sure:
                yield f"{name} goes on with a session, and has none"
            if known is not None and epoch <= known:
                yield f"session {epoch} of {name} is not later than {known}"
            self.sessions[name] = epoch
            self._seen.add(name)
        elif word in ("signed_out", "lost"):
            if known is None and is_sure:
                yield f"the session of {name} ends, and it has none"
            self.sessions.pop(name, None)
            self._seen.add(name)
            self._left |= {
                (one.contact, name, one.holders()[name]) for one in self.contacts.values() if name in one.holders()
            }
        elif word == "status_changed" and known is None and is_sure:
            yield f"the status of {name} changes, and it has no session"

    # Contacts

    def _contact(self, word: str, event: Event) -> Iterator[tuple[Kind, str]]:
        fields = event.fields
        contact_id = fields["contact"]
        place = self.contacts.get(contact_id)
        is_known = place is not None or self.is_whole
        place = place or self.contacts.setdefault(contact_id, Place(contact_id))
        is_by_hand = fields.get("entry_priority") == "by_hand"
        before = place.state
        if is_known and before not in (BY_HAND_FROM if is_by_hand else FROM[word]):
            yield "transition", f"{contact_id} is {before or 'not there'}: {event.name} cannot follow"
        if before in _WITH_AGENT and word not in ("offered", "connected") and fields.get("token"):
            yield from self._is_its(place, event)
        if is_known and word in _KEEPS_ITS_PLACE:
            yield from self._same_place(place, event)
        if is_known:
            yield from self._attempts(word, place, event)
        if word == "offered" and before == "offered" and not is_by_hand:
            yield from self._rings_too(place, event)
        elif word in ("offered", "connected"):
            yield from self._given(place, event)
        elif word == "rescinded" or "rings" in fields:
            yield from self._rings_on(word, place, event)
        elif word not in _STAYS:
            if place.rings:
                yield "transition", f"{contact_id} still rings at {', '.join(place.rings)}: {event.name} cannot follow"
            self._ends_hold(word, place, event, place.token)
        self._count(word, place, event)
        self._follow(word, place, event)

    def _is_its(self, place: Place, event: Event) -> Iterator[tuple[Kind, str]]:
        by, token = event.fields.get("agent", ""), int(event.fields["token"])
        if place.holders().get(by) != token:
            yield "token", (
                f"{event.name} of {place.contact} by {by} with token {token}, and {place.agent} has it with "
                f"token {place.token}"
            )

    def _same_place(self, place: Place, event: Event) -> Iterator[tuple[Kind, str]]:
        for name in _PLACE:
            was, now = place.line.get(name), event.fields[name]
            if was is not None and was != now:
                yield "place", f"{place.contact} comes back with {name} {now}, and had {was}"

    def _attempts(self, word: str, place: Place, event: Event) -> Iterator[tuple[Kind, str]]:
        told = event.fields.get("attempt" if word in ("offered", "connected") else "attempts")
        if told is None:
            return
        known = place.attempts if place.attempts is not None else 0 if self.is_whole else None
        reason = event.fields.get("reason", "")
        is_one = place.state in _HELD and counts_as_attempt(reason)
        most = self._most_attempts.get(event.fields["queue"])
        if most is not None and word == "requeued" and is_one and int(told) >= most:
            yield "attempts", f"{place.contact} waits again after {told} attempts, and may have {most}"
        if reason == "retried":
            expected: int | None = 0
        elif known is None:
            expected = None
        elif word in ("offered", "connected"):
            expected = known + 1
        else:
            expected = known + is_one
        if expected is not None and int(told) != expected:
            yield "attempts", f"{event.name} of {place.contact} counts {told}, not {expected}"
        place.attempts = int(told) - (word in ("offered", "connected"))

    def _given(self, place: Place, event: Event) -> Iterator[tuple[Kind, str]]:
        yield from self._begins_hold(place, event)
        self._ends_hold("assigned", place, event, place.token)
        place.agent, place.token = event.fields["agent"], int(event.fields["token"])

    def _rings_too(self, place: Place, event: Event) -> Iterator[tuple[Kind, str]]:
        """It rings at a further agent."""
        name, most = event.fields["agent"], self._most_rings.get(event.fields["queue"])
        if name in place.holders():
            yield "transition", f"{place.contact} rings at {name} already"
        yield from self._begins_hold(place, event)
        place.rings[name] = int(event.fields["token"])
        if most is not None and len(place.holders()) > most:
            yield "transition", f"{place.contact} rings at {len(place.holders())}, and may at {most}"

    def _rings_on(self, word: str, place: Place, event: Event) -> Iterator[tuple[Kind, str]]:
        """One of several agents at whom it rings is done with it."""
        name, token = event.fields["agent"], int(event.fields["token"])
        self._ends_hold(word, place, event, token)
        left = {one: its for one, its in place.holders().items() if one != name}
        if not left and self.is_whole:
            yield "transition", f"{place.contact} rings at nobody else: {event.name} cannot follow"
        if "rings" in event.fields and self.is_whole and int(event.fields["rings"]) != len(left):
            yield "transition", f"{place.contact} rings on at {len(left)}, not {event.fields['rings']}"
        place.agent, place.token = next(iter(left.items()), ("", 0))
        place.rings = {one: its for one, its in left.items() if one != place.agent}

    def _begins_hold(self, place: Place, event: Event) -> Iterator[tuple[Kind, str]]:
        fields = event.fields
        name, token = fields["agent"], int(fields["token"])
        if token <= self._last_token:
            yield "token", f"token {token} of {place.contact} is not above {self._last_token}"
        if name not in self.sessions and (self.is_whole or name in self._seen):
            yield "session", f"{place.contact} is given to {name}, who has no session"
        self._last_token = max(token, self._last_token)
        self.holds[place.contact, token] = Hold(place.contact, name, token, int(fields["attempt"]), event.at_us)

    def _ends_hold(self, word: str, place: Place, event: Event, token: int) -> None:
        hold = self.holds.get((place.contact, token))
        if hold is None or hold.until_us is not None:
            return
        reason = event.fields.get("reason", "")
        hold.marks |= {reason} if reason == "stopped" else {word, reason} - {""}
        if AFTER.get(word, word) not in _WITH_AGENT:
            hold.until_us = event.at_us

    def _follow(self, word: str, place: Place, event: Event) -> None:
        if word == "rescinded" or "rings" in event.fields:
            return
        if word not in _STAYS:
            place.state = AFTER.get(word, word)
        if place.state not in _WITH_AGENT and word not in _STAYS:
            place.agent, place.token = "", 0
        if place.state in ENDED:
            self.ended.add(place.contact)
        place.line |= {name: event.fields[name] for name in _PLACE if name in event.fields}

    def _count(self, word: str, place: Place, event: Event) -> None:
        fields = event.fields
        pair = self.counted.setdefault(f"{fields['queue']}:{fields['channel']}", Counter())
        if word in _COUNTED:
            pair[_COUNTED[word]] += 1
        if word == "rescinded" and fields["reason"] == "answered":
            pair["rescinded"] += 1
            self.counted.setdefault(fields["agent"], Counter())["rescinded"] += 1
        if word in ("transferred", "overflowed"):
            pair["queued"] += 1
        if word in ("offered", "missed"):
            self.counted.setdefault(fields["agent"], Counter())["offers" if word == "offered" else word] += 1
        if word in ("queued", "transferred", "overflowed"):
            place.is_answered = False
        elif word in ("connected", "accepted"):
            pair["a"] += not (place.is_answered or place.state == "")
            place.is_answered = True
        elif word == "abandoned" and place.state != "scheduled":
            pair["x"] += 1
