"""A state machine that makes each transition twice: with the store, and with a Centre that has the pure rules alone."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from store.consistency import check
from store.drawing import (
    AGENTS,
    ASK_TO_ACCEPT,
    CAPACITY,
    CHOICES,
    HOLDERS,
    OWN,
    QUEUES,
    STEP_US,
    USED_CHANNELS,
    S,
    criteria,
    offer_to,
    proficiencies,
    profiles,
)
from store.numbered import NumberedStore
from store.pushing import Pushing

from fairlead import errors
from fairlead.domain.agent import AVAILABLE, OFFLINE, Agent
from fairlead.domain.centre import Assignment, Centre, Contact, Slot, SlotKind
from fairlead.domain.configuration import Configuration
from fairlead.domain.criteria import Step, parse_step
from fairlead.domain.names import agent_queue
from fairlead.store import reading
from fairlead.store.offers import Offer
from fairlead.store.transitions import configuring, producing, supervising
from fairlead.store.transitions.sweeping import Sweeper
from fairlead.store.transitions.working import Session


def _only(name: str) -> Step:
    return parse_step(f"agents [{name}]")


class RoutingMachine(Pushing):
    """Random transitions, each made with the store and with the Centre."""

    @initialize(data=st.data())
    def prepare(self, data: st.DataObject) -> None:
        self.client.flushall()
        self.store = NumberedStore(self.client, clock=lambda: self.now_us)
        self.sweeper = Sweeper(self.store.keys)
        self.now_us = self.swept_us = 1_800_000_000 * S
        self.sessions: dict[str, Session] = {}
        self.last, self.rings, self.counted, self.last_event = {}, {}, Counter(), "-"
        self.made = 0
        self.profiles = {name: data.draw(profiles(name)) for name in ("P", "Q")}
        self.queues = {
            name: replace(queue, **data.draw(st.sampled_from(CHOICES[name])), offer_to=data.draw(offer_to))
            for name, queue in QUEUES.items()
        }
        self.asked = data.draw(st.sampled_from(ASK_TO_ACCEPT))
        self.skills = {name: data.draw(proficiencies) for name in AGENTS}
        self.centre = self.store.centre = Centre(self._configuration())
        self._apply(version=0)
        for name in AGENTS:
            self.sign_in(name, HOLDERS[0])

    def _configuration(self) -> Configuration:
        return Configuration(
            self.queues,
            self.profiles,
            {
                name: Agent(name, profile, proficiencies=self.skills[name], **OWN.get(name, {}))
                for name, profile in AGENTS.items()
            },
            {status.name: status for status in (AVAILABLE, OFFLINE)},
        )

    def _apply(self, version: int) -> None:
        target = self._configuration()
        self.store.run(configuring.apply_configuration(self.store.keys, target, version))

    def _agree(self, given: list[Assignment]) -> None:
        """What the Centre has given, the store has given as the same attempt."""
        for name in {one.agent for one in given}:
            offers = self._offers(name)
            slots = {slot.contact.contact_id: slot for slot in self.centre.state.agents[name].slots.values()}
            for contact_id in (one.contact_id for one in given if one.agent == name):
                assert offers[contact_id].attempt == slots[contact_id].contact.attempts + 1

    def _a_moment_passes(self) -> None:
        """What has come due by then is swept: between two sweeps a script may see it already, the rules do not."""
        self.now_us += STEP_US
        if any(due_us <= self.now_us for due_us, _, _ in self.centre.state.due()):
            self.time_passes(0)

    def _offers(self, name: str) -> dict[str, Offer]:
        session = self.sessions[name]
        replay = replace(session, _op=session._op, _last_token=0)
        offers = self.store.run(replay.take()).offers
        session._op = replay._op
        return {offer.contact_id: offer for offer in offers}

    def _some(self, data: st.DataObject, *kinds: SlotKind) -> tuple[str, int, Slot]:
        """One of the slots of some kinds, and time passes a little."""
        self._a_moment_passes()
        slots = sorted(self.centre.state.slots(*kinds))
        assume(slots)
        name, token = data.draw(st.sampled_from(slots))
        return name, token, self.centre.state.agents[name].slots[token]

    def _some_waiting(self, data: st.DataObject) -> Contact:
        """One of the contacts that wait, and time passes a little."""
        self._a_moment_passes()
        waiting = sorted(self.centre.state.waiting)
        assume(waiting)
        return self.centre.state.waiting[data.draw(st.sampled_from(waiting))]

    def teardown(self) -> None:
        check(self.store)

    # The transitions

    @rule(seconds=st.sampled_from([0.6, 1, 4, 5, 29]))
    def time_passes(self, seconds: float) -> None:
        self.now_us += round(seconds * S)
        self.swept_us = self.now_us
        self.store.run(self.sweeper.sweep())
        self._agree(self.centre.sweep(self.now_us))

    @rule(data=st.data(), many=st.integers(1, 4), together=st.booleans())
    def push(self, data: st.DataObject, many: int, together: bool) -> None:
        served = [(one.queue, one.channel) for profile in self.profiles.values() for one in profile.entries]
        own = [(agent_queue(name), channel) for name in ("ana", "cem") for channel in USED_CHANNELS]
        pairs = data.draw(st.lists(st.sampled_from(served * 3 + own), min_size=many, max_size=many))
        ages_s = st.sampled_from([0, 0, 0, 3, 60, -20])
        new = [(*pair, data.draw(st.integers(1, 3)), data.draw(ages_s), data.draw(criteria)) for pair in pairs]
        self._push(*new, together=together)

    @rule(data=st.data(), many=st.integers(3, 5), together=st.booleans())
    def push_into_one_line(self, data: st.DataObject, many: int, together: bool) -> None:
        """More than agents have slots for, so that some wait in the order of their arrival."""
        served = [one for profile in self.profiles.values() for one in profile.entries if not one.manual_only]
        entry = data.draw(st.sampled_from(served or self.profiles["P"].entries))
        self._push(*[(entry.queue, entry.channel, 2, 0, ())] * many, together=together)

    @rule(data=st.data(), name=st.sampled_from(sorted(AGENTS)))
    def push_what_one_agent_may_take_later(self, data: st.DataObject, name: str) -> None:
        """Nobody may take it before the first step has ended, and then not whoever has been available longest."""
        entries = self.profiles[AGENTS[name]].entries
        entry = data.draw(st.sampled_from([one for one in entries if one.delay_s <= 5] or entries))
        self._push((entry.queue, entry.channel, 1, 0, (parse_step("agents [nobody] for 5s"), _only(name))))
        self.time_passes(5)

    @precondition(lambda self: len(self.sessions) < len(AGENTS))
    @rule(name=st.sampled_from(sorted(AGENTS)), holder=st.sampled_from(HOLDERS))
    def sign_in(self, name: str, holder: str) -> None:
        if name in self.sessions:
            return
        self._a_moment_passes()
        session = self._session(name, holder)
        self.store.run(session.sign_in())
        self._has_signed_in(session)

    def _session(self, name: str, holder: str) -> Session:
        accepts, capacity = name not in self.asked, CAPACITY[name]
        worker = holder.replace("/", "-")
        return Session(
            self.store.keys, name, worker, holder, 10**9, accepts, capacity, worker,
        )  # fmt: skip

    def _has_signed_in(self, session: Session) -> None:
        name = self.sessions.setdefault(session.agent, session).agent
        accepts = name not in self.asked
        self._agree(self.centre.sign_in(name, self.now_us, accepts_all=accepts, capacity=CAPACITY[name]))

    @precondition(lambda self: self.sessions)
    @rule(data=st.data())
    def sign_out(self, data: st.DataObject) -> None:
        self._a_moment_passes()
        name = data.draw(st.sampled_from(sorted(self.sessions)))
        self.store.run(self.sessions.pop(name).sign_out())
        self._agree(self.centre.end_sessions([name], "signed_out", self.now_us))

    @precondition(lambda self: self.sessions)
    @rule(data=st.data(), is_dead=st.booleans())
    def take_over(self, data: st.DataObject, is_dead: bool) -> None:
        self._a_moment_passes()
        name = data.draw(st.sampled_from(sorted(self.sessions)))
        before = self.sessions[name]
        neighbours = [one for one, session in self.sessions.items() if session.holder == before.holder]
        session = self._session(name, next(one for one in HOLDERS if one != before.holder))
        self.store.run(session.sign_in(replaces=before.epoch, is_dead=is_dead))
        ended = neighbours if is_dead else [name]
        self.sessions = {one: kept for one, kept in self.sessions.items() if one not in ended}
        given = self.centre.end_sessions(ended, "lost" if is_dead else "replaced", self.now_us)
        self._has_signed_in(session)
        self._agree([one for one in given if one.agent != name])

    @precondition(lambda self: self.centre.state.waiting)
    @rule(data=st.data())
    def abandon(self, data: st.DataObject) -> None:
        self._abandon(self._some_waiting(data).contact_id)

    @precondition(lambda self: self.centre.state.slots("offered"))
    @rule(data=st.data())
    def abandon_while_it_rings(self, data: st.DataObject) -> None:
        _, _, slot = self._some(data, "offered")
        self._abandon(slot.contact.contact_id)

    def _abandon(self, contact_id: str) -> None:
        self.store.run(producing.abandon(self.store.keys, contact_id))
        self._agree(self.centre.abandon(contact_id, self.now_us))

    @precondition(lambda self: self.centre.state.slots("offered"))
    @rule(data=st.data())
    def answer_in_vain(self, data: st.DataObject) -> None:
        """Whoever accepts what another agent has answered is refused, and changes nothing."""
        name, token, slot = self._some(data, "offered")
        offers = {other: self._offers(other) for other in self.sessions}
        contact_id = slot.contact.contact_id
        others = [other for other, _ in self.centre.state.rings(contact_id) if other != name]
        self.store.run(self.sessions[name].accept(offers[name][contact_id]))
        self._agree(self.centre.accept(name, token, self.now_us))
        for other in others:
            self._a_moment_passes()
            with pytest.raises(errors.StaleToken):
                self.store.run(self.sessions[other].accept(offers[other][contact_id]))

    @precondition(lambda self: self.sessions)
    @rule(data=st.data(), routable=st.booleans())
    def set_status(self, data: st.DataObject, routable: bool) -> None:
        self._a_moment_passes()
        self._set_status(data.draw(st.sampled_from(sorted(self.sessions))), routable)

    def _set_status(self, name: str, routable: bool) -> None:
        status = AVAILABLE.name if routable else OFFLINE.name
        self.store.run(self.sessions[name].set_status(status))
        self._agree(self.centre.set_status(name, self.now_us, is_routable=routable))

    @rule(data=st.data(), name=st.sampled_from(["P", "Q", *sorted(AGENTS)]))
    def change_the_configuration(self, data: st.DataObject, name: str) -> None:
        self._a_moment_passes()
        if name in AGENTS:
            self.skills = {**self.skills, name: data.draw(proficiencies)}
        else:
            self.profiles = {**self.profiles, name: data.draw(profiles(name))}
        self._apply(int(self.client.hget(self.store.keys.instance, "version")))
        self._agree(self.centre.apply_configuration(self._configuration(), self.now_us))

    @precondition(lambda self: self.centre.state.waiting)
    @rule(data=st.data(), priority=st.sampled_from([None, 1, 4]), age_s=st.sampled_from([-10, 0, 40]))
    def update(self, data: st.DataObject, priority: int | None, age_s: int) -> None:
        contact = self._some_waiting(data)
        change = {"age_adjustment_s": age_s} if priority is None else {"priority": priority}
        self.store.run(producing.update(self.store.keys, contact.contact_id, **change))
        self._agree(self.centre.update(contact.contact_id, self.now_us, **change))

    @precondition(lambda self: self.centre.state.waiting)
    @rule(data=st.data(), queue=st.sampled_from(["Sales", "Billing"]), rank=st.sampled_from(["keep", "back", "front"]))
    def move(self, data: st.DataObject, queue: str, rank: str) -> None:
        contact, steps = self._some_waiting(data), data.draw(st.none() | criteria)
        try:
            self.store.run(supervising.move(self.store.keys, contact.contact_id, queue, rank, criteria=steps))
        except (errors.QueueUnstaffed, errors.ChainTooLong):
            return
        self._agree(self.centre.move(contact.contact_id, queue, rank, self.now_us, steps))

    @precondition(lambda self: self.centre.state.slots("connected", "on_hold"))
    @rule(data=st.data())
    def complete(self, data: st.DataObject) -> None:
        name, token, _ = self._some(data, "connected", "on_hold")
        self._complete(name, token)

    def _complete(self, name: str, token: int) -> None:
        offer = self._offers(name)[self.centre.state.agents[name].slots[token].contact.contact_id]
        self.store.run(self.sessions[name].complete([offer]))
        self._agree(self.centre.complete(name, token, self.now_us))

    @precondition(lambda self: self.centre.state.slots("acw", "missed"))
    @rule(data=st.data(), by_supervisor=st.booleans())
    def clear(self, data: st.DataObject, by_supervisor: bool) -> None:
        name, token, slot = self._some(data, "acw", "missed")
        held = [one.contact.contact_id for one in self.centre.state.agents[name].slots.values()]
        if by_supervisor and held.count(slot.contact.contact_id) == 1:
            assert self.store.run(supervising.clear_slots(self.store.keys, name, slot.contact.contact_id)) == 1
            self._agree(self.centre.clear(name, token, self.now_us))
            return
        self._clear(name, token)

    def _clear(self, name: str, token: int) -> None:
        stored = [slot.token for slot in self.store.run(reading.agent_states([name]))[0].slots]
        place = sorted(self.centre.state.agents[name].slots).index(token)
        self.store.run(self.sessions[name].clear(sorted(stored)[place]))
        self._agree(self.centre.clear(name, token, self.now_us))

    @precondition(lambda self: self.centre.state.slots("offered"))
    @rule(data=st.data())
    def accept(self, data: st.DataObject) -> None:
        name, token, slot = self._some(data, "offered")
        offer = self._offers(name)[slot.contact.contact_id]
        self.store.run(self.sessions[name].accept(offer))
        self._agree(self.centre.accept(name, token, self.now_us))

    @precondition(lambda self: self.centre.state.slots("offered"))
    @rule(data=st.data())
    def reject(self, data: st.DataObject) -> None:
        name, token, slot = self._some(data, "offered")
        offer = self._offers(name)[slot.contact.contact_id]
        self.store.run(self.sessions[name].reject(offer))
        self._agree(self.centre.reject(name, token, self.now_us))

    @precondition(lambda self: self.centre.state.slots("connected", "paused", "on_hold"))
    @rule(data=st.data(), by_supervisor=st.booleans())
    def pause_or_resume_or_hold(self, data: st.DataObject, by_supervisor: bool) -> None:
        name, token, slot = self._some(data, "connected", "paused", "on_hold")
        what = "resume" if slot.kind != "connected" else "pause" if slot.contact.channel == "task" else "hold"
        if by_supervisor:
            self.store.run(getattr(supervising, what)(self.store.keys, slot.contact.contact_id))
        else:
            offer, session = self._offers(name)[slot.contact.contact_id], self.sessions[name]
            self.store.run(getattr(session, what)(offer))
        self._agree(getattr(self.centre, what)(name, token, self.now_us))

    @precondition(lambda self: self.centre.state.slots("connected", "paused", "on_hold"))
    @rule(data=st.data(), is_failure=st.booleans())
    def give_back(self, data: st.DataObject, is_failure: bool) -> None:
        name, token, _ = self._some(data, "connected", "paused", "on_hold")
        held = self.centre.state.slots("connected", "paused", "on_hold")
        others = sorted(one for owner, one in held if owner == name and one != token)
        tokens = [token, *data.draw(st.lists(st.sampled_from(others), unique=True) if others else st.just([]))]
        slots, known = self.centre.state.agents[name].slots, self._offers(name)
        offers = [known[slots[one].contact.contact_id] for one in tokens]
        if is_failure:
            answer = self.store.run(self.sessions[name].fail([(offer, "ValueError at shop.py:1") for offer in offers]))
            given = self.centre.fail(name, tokens, self.now_us)
        else:
            answer = self.store.run(self.sessions[name].release(offers))
            given = self.centre.release(name, tokens, self.now_us)
        assert set(answer.parked) == {offer.contact_id for offer in offers} & self.centre.state.parked.keys()
        self._agree(given)

    @precondition(lambda self: self.centre.state.parked)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        self._a_moment_passes()
        contact_id = data.draw(st.sampled_from(sorted(self.centre.state.parked)))
        self.store.run(supervising.retry(self.store.keys, contact_id))
        self._agree(self.centre.retry(contact_id, self.now_us))

    @precondition(lambda self: self.centre.state.waiting and self.sessions)
    @rule(data=st.data())
    def assign(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.sessions)))
        contact = self._some_waiting(data)
        self.store.run(supervising.assign(self.store.keys, contact.contact_id, name))
        self._agree(self.centre.assign(contact.contact_id, name, self.now_us))

    @precondition(lambda self: self.centre.state.slots("connected"))
    @rule(data=st.data(), queue=st.sampled_from([*sorted(QUEUES), agent_queue("ana")]), by_supervisor=st.booleans())
    def transfer(self, data: st.DataObject, queue: str, by_supervisor: bool) -> None:
        name, token, slot = self._some(data, "connected")
        contact_id, steps = slot.contact.contact_id, data.draw(criteria)
        if by_supervisor and queue == slot.contact.queue:
            return
        try:
            if by_supervisor:
                assert self.store.run(supervising.transfer(self.store.keys, contact_id, queue, criteria=steps)) == queue
            else:
                self.store.run(self.sessions[name].transfer(self._offers(name)[contact_id], queue, criteria=steps))
        except (errors.QueueFull, errors.QueueUnstaffed, errors.ChainTooLong):
            return
        self._agree(self.centre.transfer(name, token, queue, self.now_us, steps))
