"""What must hold of the events that each transition writes: they are whole, and tell what is so."""

from collections import Counter

from hypothesis.stateful import invariant
from store.checks import Checks
from store.drawing import AGENTS, QUEUES

from fairlead.domain.channel import CHANNELS
from fairlead.domain.names import agent_queue
from fairlead.store import reading
from fairlead.store.events import MEANING, emitted
from fairlead.store.reading import Event

WORDS = {
    "agent": {"", *AGENTS},
    "channel": set(CHANNELS),
    "change": {"added", "changed", "removed"},
    "queue": {*QUEUES, *map(agent_queue, AGENTS)},
}
WAITS = {"queued", "requeued", "missed", "rejected", "transferred", "overflowed", "step_expired"}
HELD = {
    "offered": {"offered"},
    "connected": {"connected", "accepted", "resumed"},
    "on_hold": {"held"},
    "paused": {"paused"},
    "acw": {"acw_started"},
}
"""Kind of slot -> the last word about its contact."""
OF_A_QUEUE = {"offered": "offers"} | {
    word: word for word in ("missed", "rejected", "requeued", "rescinded", "transferred", "overflowed", "parked")
}
OF_AN_AGENT = {"offered": "offers", "missed": "missed", "rejected": "rejected", "rescinded": "rescinded"}
"""Last word of an event -> the counter that counts it."""


class EventChecks(Checks):
    """`last`: the last event about each contact; `rings`: at whom each rings; `counted`: how many counted things they
    tell of, by (queue:channel or agent, counter).
    """

    last: dict[str, Event]
    rings: dict[str, set[str]]
    counted: Counter[tuple[str, str]]
    last_event: str

    @invariant()
    def events_are_whole_and_are_counted(self) -> None:
        declared = emitted()
        for event in self.store.run(reading.events_after(self.last_event, 10_000)):
            assert tuple(event.fields) in {way.fields for way in declared[event.name]}, event
            for field, value in event.fields.items():
                assert value in WORDS.get(field, {value}), event
                assert MEANING[field][0] != "int" or value in ("", "by_hand") or int(value) >= 0, event
            self.last_event = event.event_id
            if event.name.startswith("contact."):
                self._count(event)
        subjects = self.store.run(reading.totals()).items()
        asked = {*OF_A_QUEUE.values(), *OF_AN_AGENT.values()}
        assert {
            (one, name): many for one, row in subjects for name, many in row.items() if name in asked
        } == self.counted

    def _count(self, event: Event) -> None:
        fields, word = event.fields, event.name.removeprefix("contact.")
        rings = self.rings.setdefault(fields["contact"], set())
        if word == "offered":
            rings.add(fields["agent"])
        elif word == "rescinded" or "rings" in fields:
            rings.remove(fields["agent"])
            assert int(fields.get("rings", 0)) in (0, len(rings)), event
        elif word not in ("updated", "step_expired"):
            rings.clear()
        if word not in ("updated", "rescinded") and "rings" not in fields:  # a contact may be changed wherever it is
            self.last[fields["contact"]] = event
        if word == "rescinded" and fields["reason"] != "answered":
            return
        if word in OF_A_QUEUE:
            self.counted[f"{fields['queue']}:{fields['channel']}", OF_A_QUEUE[word]] += 1
        if word in OF_AN_AGENT:
            self.counted[fields["agent"], OF_AN_AGENT[word]] += 1

    @invariant()
    def the_last_event_of_a_contact_tells_where_it_is(self) -> None:
        for contact in self.centre.state.waiting.values():
            event = self.last[contact.contact_id]
            assert event.name.removeprefix("contact.") in WAITS, event
            assert (event.fields["queue"], event.fields["channel"]) == (contact.queue, contact.channel), event
        for kind, words in HELD.items():
            for name, token in self.centre.state.slots(kind):
                slot = self.centre.state.agents[name].slots[token]
                if slot.has_moved:
                    continue
                event = self.last[slot.contact.contact_id]
                assert event.name.removeprefix("contact.") in words, event
                assert event.fields["agent"] == name or name in self.rings[slot.contact.contact_id], event
        for contact_id in self.centre.state.parked:
            assert self.last[contact_id].name == "contact.parked"
