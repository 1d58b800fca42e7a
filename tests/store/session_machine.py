"""The machine goes on with sessions and requests: resumed, repeated, misnumbered; and changes contacts anywhere."""

import re
from dataclasses import replace

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    precondition,
    rule,
)
from store.drawing import AGENTS, CAPACITY, HOLDERS, USED_CHANNELS, criteria
from store.machine import RoutingMachine
from store.numbered import NumberedStore

from fairlead import errors
from fairlead.domain.agent import OFFLINE
from fairlead.domain.centre import Contact, SlotKind
from fairlead.domain.channel import Channel
from fairlead.domain.eligible import Circumstances, why_not
from fairlead.domain.profile import Entry
from fairlead.domain.slots import why_at_limit, why_no_slot
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact
from fairlead.store.transitions import producing

OPEN: tuple[SlotKind, ...] = ("offered", "connected", "on_hold", "paused", "acw")


class SessionMachine(RoutingMachine):
    """Random transitions of sessions, beside those of the RoutingMachine."""

    store: NumberedStore

    @precondition(lambda self: self.sessions)
    @rule(data=st.data(), is_dead=st.booleans())
    def resume(self, data: st.DataObject, is_dead: bool) -> None:
        self._a_moment_passes()
        name = data.draw(st.sampled_from(sorted(self.sessions)))
        before = self.sessions[name]
        beside = [one for one, other in self.sessions.items() if other.holder == before.holder and one != name]
        session = self._session(name, data.draw(st.sampled_from(HOLDERS)))
        offers = self.store.run(session.resume_session(before.epoch, is_dead=is_dead))
        lost = beside if is_dead and session.holder != before.holder else []  # who asks is not dead
        self.sessions = {one: kept for one, kept in self.sessions.items() if one not in lost} | {name: session}
        accepts, capacity = name not in self.asked, CAPACITY[name]
        self._agree(self.centre.resume_session(name, self.now_us, accepts_all=accepts, capacity=capacity, lost=lost))
        held = self.centre.state.agents[name].slots.values()
        with_it = {slot.contact.contact_id for slot in held if slot.kind not in ("acw", "missed")}
        assert {offer.contact_id for offer in offers} == with_it
        with pytest.raises(errors.SessionEnded):
            Store.run(self.store, before.take())

    def _repeatable(self) -> list[str]:
        return sorted(
            name
            for name, request in self.store.last.items()
            if name in self.sessions and request.args["epoch"] == self.sessions[name].epoch
        )

    @precondition(lambda self: self._repeatable())
    @rule(data=st.data(), knows_all=st.booleans())
    def repeat(self, data: st.DataObject, knows_all: bool) -> None:
        self._a_moment_passes()
        name = data.draw(st.sampled_from(self._repeatable()))
        request = self.store.last[name]
        known = {"last_token": self.sessions[name].last_token if knows_all else 0}
        try:
            self.store.run(replace(request, args={**request.args, **known}))
        except (errors.NotFound, errors.Conflict):
            return
        self._agree(self.centre.take(name, self.now_us))

    @precondition(lambda self: self._repeatable())
    @rule(data=st.data(), earlier=st.integers(0, 1))
    def number_another_request_as_the_last(self, data: st.DataObject, earlier: int) -> None:
        self._a_moment_passes()
        name = data.draw(st.sampled_from(self._repeatable()))
        other = replace(self.sessions[name], _op=int(self.store.last[name].args["op"]) - 1 - earlier)
        with pytest.raises((errors.OperationReused, errors.StaleOperation)):
            self.store.run(other.set_status("another-one"))

    @precondition(lambda self: self.sessions)
    @rule(data=st.data(), channel=st.sampled_from(USED_CHANNELS), queue=st.sampled_from(["Sales", "Billing"]))
    def begin_outbound(self, data: st.DataObject, channel: Channel, queue: str) -> None:
        self._a_moment_passes()
        name = data.draw(st.sampled_from(sorted(self.sessions)))
        agent, contact_id = self.centre.state.free_agent(name), f"o{self.centre.state.counts['begun']:04}"
        new = NewContact(queue, channel, b"1", contact_id=contact_id, direction="outbound")
        no_slot = why_no_slot(
            name, agent.profile, agent.used, channel, agent.capacity, agent.paused, agent.kept
        ) or why_at_limit(name, agent.profile, agent.held, queue, channel)
        begin = self.sessions[name].begin(new, queue=queue)
        if no_slot:
            with pytest.raises(errors.NoSlot, match=re.escape(f"{no_slot}; ")):
                self.store.run(begin)
            return
        self.store.run(begin)
        self._agree(self.centre.begin(name, Contact(contact_id, queue, channel, 5, 0, 0), self.now_us))

    def _refused_by_the_filter_that_stops(self, name: str, contact: Contact, told: str) -> None:
        agent, routed = self.centre.state.free_agent(name), Entry(contact.queue, contact.channel)
        agent = agent if agent.routable else replace(agent, status=OFFLINE.name)  # a Centre knows no other's name
        reason = why_not(agent, contact.waiting(), routed, Circumstances(self.now_us))
        assert told.startswith(f"{reason}; ")

    @precondition(lambda self: self.centre.state.waiting and self.sessions)
    @rule(data=st.data())
    def pick(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.sessions)))
        contact = self._some_waiting(data)
        by_hand = {(one.queue, one.channel) for one in self.profiles[AGENTS[name]].entries if one.manual_only}
        pick = self.sessions[name].pick(contact.contact_id)
        if (contact.queue, contact.channel) not in by_hand:
            with pytest.raises(errors.NotServed):
                self.store.run(pick)
            return
        try:
            self.store.run(pick)
        except errors.NoSlot as refused:
            self._refused_by_the_filter_that_stops(name, contact, str(refused))
            return
        self._agree(self.centre.pick(name, contact.contact_id, self.now_us))

    def _contacts(self) -> dict[str, Contact]:
        """Every contact that has not ended."""
        slots = [self.centre.state.agents[name].slots[token] for name, token in self.centre.state.slots(*OPEN)]
        held = {slot.contact.contact_id: slot.contact for slot in slots}
        return {**self.centre.state.waiting, **self.centre.state.parked, **held}

    @precondition(lambda self: self._contacts())
    @rule(
        data=st.data(),
        changes=st.dictionaries(st.sampled_from("abc"), st.sampled_from([None, "", "x", "two\nlines"]), min_size=1),
    )
    def annotate(self, data: st.DataObject, changes: dict[str, str | None]) -> None:
        self._a_moment_passes()
        contact_id = data.draw(st.sampled_from(sorted(self._contacts())))
        before = self.store.run(reading.contact(contact_id)).attributes
        assert before == self._contacts()[contact_id].attributes
        self.store.run(producing.update(self.store.keys, contact_id, attributes=changes))
        self.centre.annotate(contact_id, changes)
        assert self.store.run(reading.contact(contact_id)).attributes == self._contacts()[contact_id].attributes

    @precondition(lambda self: self.centre.state.waiting)
    @rule(data=st.data())
    def ask_for_others(self, data: st.DataObject) -> None:
        contact, steps = self._some_waiting(data), data.draw(criteria)
        self.store.run(producing.update(self.store.keys, contact.contact_id, criteria=steps))
        self._agree(self.centre.update(contact.contact_id, self.now_us, criteria=steps))

    def _waits(self) -> list[str]:
        rings = [self.centre.state.agents[name].slots[token] for name, token in self.centre.state.slots("offered")]
        return sorted({*self.centre.state.waiting, *(slot.contact.contact_id for slot in rings)})

    @precondition(lambda self: self.sessions)
    @rule(data=st.data(), many=st.integers(1, 3), seconds=st.sampled_from([0, 0, 4, 5, 29, 30]))
    def all_are_free(self, data: st.DataObject, many: int, seconds: int) -> None:
        """Whoever is signed in is available and holds nothing, so that what comes next has the choice among many.

        Delays have then passed, of several contacts at once, or have one more second to go.
        """
        self._a_moment_passes()
        while waits := self._waits():
            self._abandon(waits[0])
            self._a_moment_passes()
        while held := self.centre.state.slots("connected", "on_hold", "paused"):
            self._complete(*held[0])
            self._a_moment_passes()
        while left := self.centre.state.slots("acw", "missed"):
            self._clear(*left[0])
            self._a_moment_passes()
        for name in sorted(self.sessions):
            self._set_status(name, routable=True)
            self._a_moment_passes()
        served = [one for profile in self.profiles.values() for one in profile.entries if not one.manual_only]
        ring = [one for one in served if self.queues[one.queue].offer_to > 1]
        entry = data.draw(st.sampled_from(served + ring * 3 or self.profiles["P"].entries))
        for _ in range(many):
            self._push((entry.queue, entry.channel, 2, 0, ()))
        self.time_passes(seconds)
