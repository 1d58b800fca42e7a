"""The scripts decide as the pure rules do, whatever is configured and whatever waits.

On every kind of server a state machine makes random transitions with the store and with a Centre, which decides with
the pure rules alone, and after each step compares the two and checks the invariants.
"""

from collections import Counter
from dataclasses import replace
from typing import ClassVar

import fakeredis
import redis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from fairlead import errors
from fairlead.domain.agent import AVAILABLE, OFFLINE, Agent
from fairlead.domain.centre import Assignment, Centre, Contact, Slot, SlotKind
from fairlead.domain.channel import Channel
from fairlead.domain.configuration import Configuration
from fairlead.domain.criteria import Step, parse_step
from fairlead.domain.measures import total
from fairlead.domain.names import agent_queue
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.domain.slots import WITH_AGENT
from fairlead.store.client import Store
from fairlead.store.events import emitted
from fairlead.store.keys import PAUSE_TRACK
from fairlead.store.reading import (
    ContactRecord,
    last_events,
    list_contacts,
    position_of,
    read_agent_states,
    read_contact,
    read_queue_states,
    read_totals,
)
from fairlead.store.transitions import configuring, producing, supervising
from fairlead.store.transitions.sweeping import Sweeper
from fairlead.store.transitions.working import Offer, Session

S = 1_000_000
STEP_US = 100
"""What passes with a transition: more than the stamps that it takes."""
QUEUES = {
    "Sales": Queue("Sales", retry_delay_s=0, exclude_rejecting=True),
    "Support": Queue("Support", max_attempts=3, agent_choice="least_loaded", max_contacts=4),
    "Billing": Queue("Billing", max_attempts=2, retry_delay_s=4, acw_s={"voice": 10}, agent_choice="most_skilled"),
}
USED_CHANNELS: tuple[Channel, ...] = ("voice", "chat", "task")
AGENTS = {"ana": "P", "bo": "Q", "cem": "P", "dora": "Q"}
ASKS_TO_ACCEPT = {"cem", "dora"}
HOLDERS = ["here/1", "here/2"]
CAPACITY = {"ana": 0, "bo": 3, "cem": 0, "dora": 0}

concurrencies = st.fixed_dictionaries(
    {"voice": st.builds(Concurrency, st.just(1), st.booleans())},
    optional={
        "chat": st.builds(Concurrency, st.integers(1, 3), st.booleans()),
        "task": st.builds(Concurrency, st.integers(1, 2), st.booleans()),
    },
)
proficiencies = st.dictionaries(st.sampled_from(["L:fr", "L:de", "T:db"]), st.integers(1, 5), max_size=3)
criteria = st.sampled_from(
    [(), (), ()]
    + [
        tuple(parse_step(step) for step in steps)
        for steps in (
            ["L:fr >= 3"],
            ["L:fr >= 4 for 5s", "L:fr >= 2 for 5s"],
            ["L:fr >= 4 and T:db in [2, 3] or agents [bo] for 6s", "not (L:de >= 1)"],
            ["agents [ana, cem] for 4s"],
            ["not (agents [ana]) for 30s"],
        )
    ]
)


@st.composite
def profiles(draw: st.DrawFn, name: str) -> RoutingProfile:
    channels = draw(concurrencies)
    pairs = st.tuples(st.sampled_from(sorted(QUEUES)), st.sampled_from(sorted(channels)))
    entries = draw(
        st.lists(
            st.builds(
                lambda pair, *rest: Entry(*pair, *rest),
                pairs, st.integers(1, 3), st.sampled_from([0, 0, 5, 30]), st.sampled_from([False, False, False, True]),
                st.integers(1, 3),
            ),
            min_size=4,
            max_size=8, unique_by=lambda entry: (entry.queue, entry.channel),
        )
    )  # fmt: skip
    sharing = draw(st.sampled_from(["strict", "strict", "weighted"]))
    rows = tuple(sorted(entries, key=lambda entry: entry.priority))
    return RoutingProfile(name, channels, rows, sharing=sharing)


def _only(name: str) -> Step:
    return parse_step(f"agents [{name}]")


class RoutingMachine(RuleBasedStateMachine):
    """Random transitions, each made with the store and with the Centre."""

    client: ClassVar[redis.Redis]

    @initialize(data=st.data())
    def prepare(self, data: st.DataObject) -> None:
        self.client.flushall()
        self.store = Store(self.client, clock=lambda: self.now_us)
        self.sweeper = Sweeper(self.store.keys)
        self.now_us = self.swept_us = 1_800_000_000 * S
        self.sessions: dict[str, Session] = {}
        self.profiles = {name: data.draw(profiles(name)) for name in ("P", "Q")}
        self.skills = {name: data.draw(proficiencies) for name in AGENTS}
        self.centre = Centre(self._configuration())
        self._apply(version=0)
        for name in AGENTS:
            self.sign_in(name, HOLDERS[0])

    def _configuration(self) -> Configuration:
        return Configuration(
            QUEUES,
            self.profiles,
            {name: Agent(name, profile, proficiencies=self.skills[name]) for name, profile in AGENTS.items()},
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

    def _offers(self, name: str) -> dict[str, Offer]:
        session = self.sessions[name]
        replay = replace(session, _op=session._op, _last_token=0)
        offers = self.store.run(replay.take()).offers
        session._op = replay._op
        return {offer.contact_id: offer for offer in offers}

    def _some(self, data: st.DataObject, *kinds: SlotKind) -> tuple[str, int, Slot]:
        """One of the slots of some kinds, and time passes a little."""
        self.now_us += STEP_US
        name, token = data.draw(st.sampled_from(sorted(self.centre.state.slots(*kinds))))
        return name, token, self.centre.state.agents[name].slots[token]

    def _some_waiting(self, data: st.DataObject) -> Contact:
        """One of the contacts that wait, and time passes a little."""
        self.now_us += STEP_US
        return self.centre.state.waiting[data.draw(st.sampled_from(sorted(self.centre.state.waiting)))]

    # The transitions

    @rule(seconds=st.sampled_from([0.6, 1, 4, 5, 29]))
    def time_passes(self, seconds: float) -> None:
        self.now_us += round(seconds * S)
        self.swept_us = self.now_us
        self.store.run(self.sweeper.sweep())
        self._agree(self.centre.sweep(self.now_us))

    @rule(data=st.data(), many=st.integers(1, 4))
    def push(self, data: st.DataObject, many: int) -> None:
        served = [(one.queue, one.channel) for profile in self.profiles.values() for one in profile.entries]
        own = [(agent_queue(name), channel) for name in ("ana", "cem") for channel in USED_CHANNELS]
        pairs = data.draw(st.lists(st.sampled_from(served * 3 + own), min_size=many, max_size=many))
        for queue, channel in pairs:
            priority, age_s = data.draw(st.integers(1, 3)), data.draw(st.sampled_from([0, 0, 0, 3, 60, -20]))
            self._push(queue, channel, priority, age_s, data.draw(criteria))

    @rule(data=st.data(), name=st.sampled_from(sorted(AGENTS)))
    def push_what_one_agent_may_take_later(self, data: st.DataObject, name: str) -> None:
        """Nobody may take it before the first step has ended, and then not whoever has been available longest."""
        entries = self.profiles[AGENTS[name]].entries
        entry = data.draw(st.sampled_from([one for one in entries if one.delay_s <= 5] or entries))
        self._push(entry.queue, entry.channel, 1, 0, (parse_step("agents [nobody] for 5s"), _only(name)))
        self.time_passes(5)

    def _push(self, queue: str, channel: Channel, priority: int, age_s: int, steps: tuple[Step, ...]) -> None:
        self.now_us += STEP_US
        name = f"c{self.centre.state.counts['pushed']:04}"
        new = producing.NewContact(queue, channel, b"1", priority, age_s, name, criteria=steps)
        has_room = self.centre.state.has_room(queue)
        try:
            self.store.run(producing.push(self.store.keys, new))
        except errors.QueueFull:
            assert not has_room
            return
        assert has_room
        made = Contact(name, queue, channel, priority, self.now_us, self.now_us, steps, age_us=age_s * S)
        self._agree(self.centre.push(made, self.now_us))

    @precondition(lambda self: len(self.sessions) < len(AGENTS))
    @rule(name=st.sampled_from(sorted(AGENTS)), holder=st.sampled_from(HOLDERS))
    def sign_in(self, name: str, holder: str) -> None:
        if name in self.sessions:
            return
        self.now_us += STEP_US
        session = self._session(name, holder)
        self.store.run(session.sign_in())
        self._has_signed_in(session)

    def _session(self, name: str, holder: str) -> Session:
        accepts, capacity = name not in ASKS_TO_ACCEPT, CAPACITY[name]
        worker = holder.replace("/", "-")
        return Session(
            self.store.keys, name, worker, holder, lease_ms=10**9, auto_accept=accepts, capacity=capacity,
        )  # fmt: skip

    def _has_signed_in(self, session: Session) -> None:
        name = self.sessions.setdefault(session.agent, session).agent
        accepts = name not in ASKS_TO_ACCEPT
        self._agree(self.centre.sign_in(name, self.now_us, accepts_all=accepts, capacity=CAPACITY[name]))

    @precondition(lambda self: self.sessions)
    @rule(data=st.data())
    def sign_out(self, data: st.DataObject) -> None:
        self.now_us += STEP_US
        name = data.draw(st.sampled_from(sorted(self.sessions)))
        self.store.run(self.sessions.pop(name).sign_out())
        self._agree(self.centre.end_sessions([name], "signed_out", self.now_us))

    @precondition(lambda self: self.sessions)
    @rule(data=st.data(), is_dead=st.booleans())
    def take_over(self, data: st.DataObject, is_dead: bool) -> None:
        self.now_us += STEP_US
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
        contact = self._some_waiting(data)
        self.store.run(producing.abandon(self.store.keys, contact.contact_id))
        self._agree(self.centre.abandon(contact.contact_id))

    @precondition(lambda self: self.sessions)
    @rule(data=st.data(), routable=st.booleans())
    def set_status(self, data: st.DataObject, routable: bool) -> None:
        self.now_us += STEP_US
        name = data.draw(st.sampled_from(sorted(self.sessions)))
        status = AVAILABLE.name if routable else OFFLINE.name
        self.store.run(self.sessions[name].set_status(status))
        self._agree(self.centre.set_status(name, self.now_us, is_routable=routable))

    @rule(data=st.data(), name=st.sampled_from(["P", "Q", *sorted(AGENTS)]))
    def change_the_configuration(self, data: st.DataObject, name: str) -> None:
        self.now_us += STEP_US
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
        contact = self._some_waiting(data)
        try:
            self.store.run(supervising.move(self.store.keys, contact.contact_id, queue, rank))
        except errors.ChainTooLong:
            return
        self._agree(self.centre.move(contact.contact_id, queue, rank, self.now_us))

    @precondition(lambda self: self.centre.state.slots("connected", "on_hold"))
    @rule(data=st.data())
    def complete(self, data: st.DataObject) -> None:
        name, token, slot = self._some(data, "connected", "on_hold")
        offer = self._offers(name)[slot.contact.contact_id]
        self.store.run(self.sessions[name].complete([offer]))
        self._agree(self.centre.complete(name, token, self.now_us))

    @precondition(lambda self: self.centre.state.slots("acw", "missed"))
    @rule(data=st.data())
    def clear(self, data: st.DataObject) -> None:
        name, token, _ = self._some(data, "acw", "missed")
        stored = [slot.token for slot in read_agent_states(self.store, [name])[0].slots]
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
    @rule(data=st.data())
    def pause_or_resume_or_hold(self, data: st.DataObject) -> None:
        name, token, slot = self._some(data, "connected", "paused", "on_hold")
        offer, session = self._offers(name)[slot.contact.contact_id], self.sessions[name]
        if slot.kind != "connected":
            self.store.run(session.resume(offer))
            self._agree(self.centre.resume(name, token, self.now_us))
        elif slot.contact.channel == "task":
            self.store.run(session.pause(offer))
            self._agree(self.centre.pause(name, token, self.now_us))
        else:
            self.store.run(session.hold(offer))
            self._agree(self.centre.hold(name, token, self.now_us))

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
        self.now_us += STEP_US
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
    @rule(data=st.data(), queue=st.sampled_from([*sorted(QUEUES), agent_queue("ana")]))
    def transfer(self, data: st.DataObject, queue: str) -> None:
        name, token, slot = self._some(data, "connected")
        offer = self._offers(name)[slot.contact.contact_id]
        try:
            self.store.run(self.sessions[name].transfer(offer, queue))
        except (errors.QueueFull, errors.ChainTooLong):
            return
        self._agree(self.centre.transfer(name, token, queue, self.now_us))

    @precondition(lambda self: self.centre.state.waiting and self.sessions)
    @rule(data=st.data())
    def pick(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.sessions)))
        contact = self._some_waiting(data)
        by_hand = {(one.queue, one.channel) for one in self.profiles[AGENTS[name]].entries if one.manual_only}
        try:
            self.store.run(self.sessions[name].pick(contact.contact_id))
        except (errors.NotServed, errors.NoSlot):
            return
        assert (contact.queue, contact.channel) in by_hand
        self._agree(self.centre.pick(name, contact.contact_id, self.now_us))

    # What must hold after each of them

    @invariant()
    def the_store_holds_what_the_rules_decided(self) -> None:
        states = {state.name: state for state in read_agent_states(self.store)}
        for name, agent in self.centre.state.agents.items():
            slots = [(slot.contact_id, slot.kind) for slot in sorted(states[name].slots, key=lambda slot: slot.token)]
            assert slots == [(slot.contact.contact_id, slot.kind) for _, slot in sorted(agent.slots.items())]
        queued = list_contacts(self.store, "queued", 10_000)
        assert {one.contact_id for one in queued} == self.centre.state.waiting.keys()
        for one in queued:
            self._is_as_decided(one, self.centre.state.waiting[one.contact_id])
        for name, token in self.centre.state.slots("offered", "connected", "on_hold", "paused", "acw"):
            slot = self.centre.state.agents[name].slots[token]
            one = read_contact(self.store, slot.contact.contact_id)
            assert (one.state, one.agent, one.attempts) == (slot.kind, name, slot.contact.attempts)
            assert one.token in {slot.token for slot in states[name].slots}
            assert (one.queue, one.channel, one.again_us) == (slot.contact.queue, slot.contact.channel, None)
        assert {one.contact_id for one in list_contacts(self.store, "parked")} == self.centre.state.parked.keys()

    def _is_as_decided(self, one: ContactRecord, model: Contact) -> None:
        assert (one.state, one.queue, one.channel, one.priority) == (
            "queued", model.queue, model.channel, model.priority,
        )  # fmt: skip
        assert (one.attempts, one.again_us or 0, one.agent, one.token) == (model.attempts, model.again_us, "", None)
        assert (one.refused_by, len(one.criteria)) == (model.refused, len(model.steps))
        assert not model.steps or one.step == model.step + 1
        assert abs(one.queued_us - model.queued_us) < STEP_US
        assert abs(one.rank_us - model.rank_us) < STEP_US

    @invariant()
    def who_was_given_something_has_seen_it_or_is_told(self) -> None:
        told = {holder: self._told_to(holder) for holder in HOLDERS}
        for state in read_agent_states(self.store, sorted(self.sessions)):
            session = self.sessions[state.name]
            last = max((slot.token for slot in state.slots if slot.kind in WITH_AGENT), default=0)
            if state.name in told[session.holder]:
                session._last_token = max(session.last_token, last)  # as when it asks what it was given
            assert last <= session.last_token, f"{state.name} was given a contact, and nobody has told its worker"

    def _told_to(self, holder: str) -> set[str]:
        """Who stands in a worker's inbox, which is emptied."""
        inbox = self.store.keys.inbox(holder.replace("/", "-"))
        names = {name.decode() for name in self.client.lrange(inbox, 0, -1)}
        self.client.delete(inbox)
        return names

    @invariant()
    def every_contact_is_in_one_place_and_the_counters_say_so(self) -> None:
        totals = read_totals(self.store)
        queued = sum(counts.get("queued", 0) for counts in totals.values())
        completed, answered = (sum(total(counts, kind) for counts in totals.values()) for kind in "ha")
        moved = sum(counts.get(how, 0) for counts in totals.values() for how in ("transferred", "overflowed"))
        queued -= moved
        assert queued == self.centre.state.counts["pushed"]
        assert completed == self.centre.state.counts["completed"]
        assert answered == self.centre.state.counts["answered"]
        held = len(self.centre.state.slots("offered", "connected", "on_hold", "paused", "acw"))
        ended = self.centre.state.counts["completed"] + self.centre.state.counts["abandoned"]
        assert queued == ended + held + len(self.centre.state.waiting) + len(self.centre.state.parked)

    @invariant()
    def what_a_queue_says_of_itself_is_what_waits_in_it(self) -> None:
        waits = Counter((one.queue, one.channel) for one in self.centre.state.waiting.values())
        states = {(one.queue, one.channel): one.waiting for one in read_queue_states(self.store)}
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
        for state in read_agent_states(self.store, sorted(self.centre.state.agents)):
            pools = [key.decode().split(":") for key in self.client.keys(keys.prefix + "available:*")]
            within = {row[3] for row in pools if self.client.zscore(":".join(row), state.name) is not None}
            assert within == set(state.offerable_channels)
        assert (
            self.client.zcard(keys.due)
            == len(self.centre.state.due()) + len(self.centre.state.agents) + self._expiring()
        )

    def _expiring(self) -> int:
        """What else is due: tasks and chats expire while they wait or are offered, steps end while they are offered."""
        offered = [
            self.centre.state.agents[name].slots[token].contact for name, token in self.centre.state.slots("offered")
        ]
        steps = [one for one in offered if not one.queue.startswith("@") and (one.step_ends_us() or 0) > self.swept_us]
        return sum(contact.channel != "voice" for contact in (*self.centre.state.waiting.values(), *offered)) + len(
            steps
        )

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
                assert position_of(self.store, read_contact(self.store, contact.contact_id)) == 1

    @invariant()
    def every_event_has_the_fields_that_are_declared(self) -> None:
        declared = emitted()
        for event in last_events(self.store, 50):
            assert tuple(event.fields) in {way.fields for way in declared[event.name]}, event

    @invariant()
    def no_track_outlives_its_contacts(self) -> None:
        lines = [key for key in self.client.keys("*:waiting:*") if key.count(b":") == 4]
        tracks = [key for key in lines if not key.endswith(PAUSE_TRACK.encode())]
        known = sum(self.client.hlen(key) for key in self.client.keys("*:tracks:*"))
        assert len(tracks) == known
        assert bool(tracks) == bool((self.client.hget(self.store.keys.instance, "tracked") or b"").strip())


def test_the_scripts_and_the_rules_agree(any_client: redis.Redis) -> None:
    is_fake = isinstance(any_client, fakeredis.FakeRedis)
    machine = type("Machine", (RoutingMachine,), {"client": any_client})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=min(settings.default.max_examples, 20 if is_fake else 60),
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
