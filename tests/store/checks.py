"""What must hold after each transition of the machine: the store and the rules agree, and the store with itself."""

from collections import Counter
from typing import ClassVar

import redis
from hypothesis.stateful import RuleBasedStateMachine, invariant
from store.drawing import AGENTS, HOLDERS, STEP_US

from fairlead.domain.centre import Centre, Contact
from fairlead.domain.contact import FOR_GOOD
from fairlead.domain.measures import total
from fairlead.domain.names import agent_queue
from fairlead.domain.slots import WITH_AGENT
from fairlead.service.snapshot import take_snapshot
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.hints import Hint, read_hint
from fairlead.store.keys import PAUSE_TRACK
from fairlead.store.members import due_member, read_special
from fairlead.store.reading import ContactRecord
from fairlead.store.transitions.working import Session


def _without_times(refused: tuple[tuple[str, int], ...]) -> set[tuple[str, bool]]:
    """Who has refused, and whether for good; those whose offers end at the same moment do so in any order."""
    return {(name, until_us == FOR_GOOD) for name, until_us in refused}


class Checks(RuleBasedStateMachine):
    """What the checks look at; the machine fills it."""

    client: ClassVar[redis.Redis]
    store: Store
    centre: Centre
    sessions: dict[str, Session]
    swept_us: int

    @invariant()
    def the_store_holds_what_the_rules_decided(self) -> None:
        states = {state.name: state for state in self.store.run(reading.agent_states())}
        for name, agent in self.centre.state.agents.items():
            slots = [(slot.contact_id, slot.kind) for slot in sorted(states[name].slots, key=lambda slot: slot.token)]
            assert slots == [(slot.contact.contact_id, slot.kind) for _, slot in sorted(agent.slots.items())]
        queued = self.store.run(reading.contacts_in("queued", 10_000))
        assert {one.contact_id for one in queued} == self.centre.state.waiting.keys()
        for one in queued:
            self._is_as_decided(one, self.centre.state.waiting[one.contact_id])
        for name, token in self.centre.state.slots("offered", "connected", "on_hold", "paused", "acw"):
            slot = self.centre.state.agents[name].slots[token]
            if slot.has_moved:
                continue
            one = self.store.run(reading.contact(slot.contact.contact_id))
            tokens = dict([(one.agent, one.token), *one.rings])
            assert (one.state, one.attempts) == (slot.kind, slot.contact.attempts)
            assert tokens[name] in {slot.token for slot in states[name].slots}
            assert len(tokens) == max(1, len(self.centre.state.rings(one.contact_id)))
            assert (one.queue, one.channel, one.again_us) == (slot.contact.queue, slot.contact.channel, None)
        assert {
            one.contact_id for one in self.store.run(reading.contacts_in("parked"))
        } == self.centre.state.parked.keys()

    def _is_as_decided(self, one: ContactRecord, model: Contact) -> None:
        assert (one.state, one.queue, one.channel, one.priority) == (
            "queued", model.queue, model.channel, model.priority,
        )  # fmt: skip
        assert (one.attempts, one.again_us or 0, one.agent, one.token) == (model.attempts, model.again_us, "", None)
        assert (_without_times(one.refused), len(one.criteria)) == (_without_times(model.refused), len(model.steps))
        assert not model.steps or one.step == model.step + 1
        assert abs(one.queued_us - model.queued_us) < STEP_US
        assert abs(one.rank_us - model.rank_us) < STEP_US

    @invariant()
    def who_was_given_something_has_seen_it_or_is_told(self) -> None:
        told = {holder: self._told_to(holder) for holder in HOLDERS}
        for state in self.store.run(reading.agent_states(sorted(self.sessions))):
            session = self.sessions[state.name]
            held = [slot.token for slot in state.slots if slot.kind in WITH_AGENT]
            unseen = {token for token in held if token > session.last_token}
            hints = [hint for hint in told[session.holder] if hint.agent == state.name]
            heard = [session.told(hint) for hint in hints]
            if None in heard:
                session._last_token = max([session.last_token, *held])  # as when it asks what it was given
            else:
                brought = {offer.token for offer in heard if offer}
                assert unseen <= brought, f"{state.name} was given a contact, and nobody has told its worker"

    def _told_to(self, holder: str) -> list[Hint]:
        """What stands in a worker's inbox, which is emptied."""
        inbox = self.store.keys.inbox(holder.replace("/", "-"))
        hints = [read_hint(text) for text in self.client.lrange(inbox, 0, -1)]
        self.client.delete(inbox)
        return hints

    @invariant()
    def every_contact_is_in_one_place_and_the_counters_say_so(self) -> None:
        totals = self.store.run(reading.totals())
        queued = sum(counts.get("queued", 0) for counts in totals.values())
        completed, answered = (sum(total(counts, kind) for counts in totals.values()) for kind in "ha")
        moved = sum(counts.get(how, 0) for counts in totals.values() for how in ("transferred", "overflowed"))
        queued -= moved
        assert queued == self.centre.state.counts["pushed"]
        assert completed == self.centre.state.counts["handled"]
        unfinished = sum(counts.get("unfinished", 0) for counts in totals.values())
        assert completed - unfinished == self.centre.state.counts["completed"]
        assert answered == self.centre.state.counts["answered"]
        places = self.centre.state.slots("offered", "connected", "on_hold", "paused", "acw")
        slots = [self.centre.state.agents[name].slots[token] for name, token in places]
        held = len({slot.contact.contact_id for slot in slots if not slot.has_moved})
        ended = self.centre.state.counts["completed"] + self.centre.state.counts["abandoned"]
        begun = self.centre.state.counts["begun"]
        assert queued + begun == ended + held + len(self.centre.state.waiting) + len(self.centre.state.parked)

    @invariant()
    def what_a_queue_says_of_itself_is_what_waits_in_it(self) -> None:
        waits = Counter((one.queue, one.channel) for one in self.centre.state.waiting.values())
        states = {(one.queue, one.channel): one.waiting for one in self.store.run(reading.queue_states())}
        assert {pair: many for pair, many in states.items() if many} == waits

    @invariant()
    def counters_and_sets_equal_what_they_stand_for(self) -> None:
        keys = self.store.keys
        for name in AGENTS:
            own = sum(contact.queue == agent_queue(name) for contact in self.centre.state.waiting.values())
            assert int(self.client.hget(keys.agent(name), "own") or 0) == own
        online = {name.decode() for key in self.client.keys("*:online:*") for name in self.client.smembers(key)}
        assert online == self.centre.state.agents.keys()
        held_by = {
            (key.decode().partition(":holder:")[2], name.decode())
            for key in self.client.keys("*:holder:*")
            for name in self.client.smembers(key)
        }
        assert held_by == {(session.holder, name) for name, session in self.sessions.items()}
        for state in self.store.run(reading.agent_states(sorted(self.centre.state.agents))):
            pools = [key.decode().split(":") for key in self.client.keys(keys.prefix + "available:*")]
            within = {":".join(row[3:]) for row in pools if self.client.zscore(":".join(row), state.name) is not None}
            assert within == {*state.offerable_channels, *state.offerable_limited}
        due = [member.decode().partition(":")[0] for member in self.client.zrange(keys.due, 0, -1)]
        others = sum(kind not in ("expiry", "line") for kind in due)
        assert others == len(self.centre.state.due()) + len(self.centre.state.agents) + self._steps_while_offered()

    def _steps_while_offered(self) -> int:
        offered = [contact for contact in self._in_queue() if contact.contact_id not in self.centre.state.waiting]
        return sum(not one.queue.startswith("@") and (one.step_ends_us() or 0) > self.swept_us for one in offered)

    def _in_queue(self) -> list[Contact]:
        """Who waits or is being offered."""
        places = self.centre.state.slots("offered")
        offered = [self.centre.state.agents[name].slots[token].contact for name, token in places]
        return [*self.centre.state.waiting.values(), *{one.contact_id: one for one in offered}.values()]

    @invariant()
    def whoever_expires_is_looked_at_in_time(self) -> None:
        rows = self.client.zrange(self.store.keys.due, 0, -1, withscores=True)
        due = {member.decode(): int(us) for member, us in rows}
        ids = [contact.contact_id for contact in self._in_queue()]
        own = set()
        for one in self.store.run(reading.contacts_by_id(ids)):
            if one.expires_us is None:
                continue
            if one.expires_by_itself:
                own.add(due_member("expiry", one.contact_id))
                assert due[due_member("expiry", one.contact_id)] == one.expires_us
            else:
                line = f"{one.queue}:{one.channel}"
                track = f":{one.track}" if one.track and one.state == "queued" else ""
                assert due[due_member("line", line + track)] <= one.expires_us
        assert own == {member for member in due if member.startswith("expiry:")}

    @invariant()
    def the_first_in_line_is_in_position_one(self) -> None:
        for contact in self.centre.state.waiting.values():
            line = [
                one
                for one in self.centre.state.waiting.values()
                if (one.queue, one.channel) == (contact.queue, contact.channel)
            ]
            first = min(line, key=lambda one: (one.priority, one.rank_us, one.queued_us))
            if first is contact:
                assert self.store.run(reading.position_of(self.store.run(reading.contact(contact.contact_id)))) == 1

    @invariant()
    def a_look_after_another_sees_the_agents_as_they_are(self) -> None:
        afresh = Store(self.client, self.store.keys.instance_name, self.store.clock)
        shown = self.store.run(take_snapshot("shown")).agents
        assert shown == afresh.run(take_snapshot("shown")).agents
        assert self.store.run(take_snapshot("signed_in")).agents == tuple(one for one in shown if one.is_signed_in)

    @invariant()
    def no_track_outlives_its_contacts(self) -> None:
        lines = [key for key in self.client.keys("*:waiting:*") if key.count(b":") == 4]
        tracks = [key for key in lines if not key.endswith(PAUSE_TRACK.encode())]
        known = sum(self.client.hlen(key) for key in self.client.keys("*:tracks:*"))
        assert len(tracks) == known
        assert bool(tracks) == bool(read_special(self.client.hget(self.store.keys.instance, "special")).tracked)
