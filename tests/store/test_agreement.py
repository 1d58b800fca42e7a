"""The scripts decide as the pure rules do, whatever is configured and whatever waits.

On every kind of server a state machine pushes, signs in, completes, gives back and changes profiles at random, and
after each step compares the store with a model that only uses the pure rules, and checks the invariants.
"""

from dataclasses import dataclass, field, replace
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

from fairlead.domain.agent import AVAILABLE, OFFLINE, Agent
from fairlead.domain.channel import Channel
from fairlead.domain.choose import FreeAgent, choose_contact
from fairlead.domain.configuration import Configuration
from fairlead.domain.contact import Waiting
from fairlead.domain.names import agent_queue
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import MAX_ATTEMPTS, Queue
from fairlead.store.client import Store
from fairlead.store.reading import list_contacts, read_agent_states
from fairlead.store.session import Offer, Session
from fairlead.store.transitions import administering, producing
from fairlead.store.transitions.sweeping import Sweeper

S = 1_000_000
QUEUES = ("Sales", "Support", "Billing")
USED_CHANNELS: tuple[Channel, ...] = ("voice", "chat", "task")
AGENTS = ("ana", "bo", "cem")
PROFILES = ("P", "Q")

concurrencies = st.fixed_dictionaries(
    {"voice": st.builds(Concurrency, st.just(1), st.booleans())},
    optional={
        "chat": st.builds(Concurrency, st.integers(1, 3), st.booleans()),
        "task": st.builds(Concurrency, st.integers(1, 2), st.booleans()),
    },
)


@st.composite
def profiles(draw: st.DrawFn, name: str) -> RoutingProfile:
    channels = draw(concurrencies)
    pairs = st.tuples(st.sampled_from(QUEUES), st.sampled_from(sorted(channels)))
    entries = draw(
        st.lists(
            st.tuples(pairs, st.integers(1, 3), st.sampled_from([0, 0, 5, 30])), max_size=6, unique_by=lambda e: e[0]
        )
    )
    rows = sorted(
        (Entry(queue, channel, priority, delay) for (queue, channel), priority, delay in entries),
        key=lambda e: e.priority,
    )
    return RoutingProfile(name, channels, tuple(rows))


@dataclass
class Member:
    """A signed-in agent of the model."""

    session: Session
    profile: str
    available_us: int
    routable: bool = True
    held: dict[str, Offer] = field(default_factory=dict)


class RoutingMachine(RuleBasedStateMachine):
    """Random transitions; the model decides with `choose_contact` alone."""

    client: ClassVar[redis.Redis]

    @initialize(data=st.data())
    def prepare(self, data: st.DataObject) -> None:
        self.client.flushall()
        self.store = Store(self.client)
        self.sweeper = Sweeper(self.store.keys)
        self.now_us = 1_800_000_000 * S
        self.waiting: dict[str, Waiting] = {}
        self.agents: dict[str, Member] = {}
        self.count = 0
        self.parked = 0
        self.abandoned = 0
        self.profiles = {name: data.draw(profiles(name)) for name in PROFILES}
        self._apply(version=0)

    def _apply(self, version: int) -> None:
        wanted = Configuration(
            {name: Queue(name, max_attempts=1_000) for name in QUEUES},
            self.profiles,
            {name: Agent(name, PROFILES[place % 2]) for place, name in enumerate(AGENTS)},
            {status.name: status for status in (AVAILABLE, OFFLINE)},
        )
        self.store.run(administering.apply_configuration(self.store.keys, wanted, version, now_us=self.now_us))

    def _free(self, name: str, member: Member) -> FreeAgent:
        used: dict[Channel, int] = {}
        for offer in member.held.values():
            used[offer.channel] = used.get(offer.channel, 0) + 1
        return FreeAgent(name, self.profiles[member.profile], member.available_us, member.routable, used)

    def _give(self, name: str, chosen: Waiting) -> None:
        """The model gives a contact; the store must have given the same."""
        member = self.agents[name]
        del self.waiting[chosen.contact_id]
        member.held[chosen.contact_id] = self._offers(name)[chosen.contact_id]
        member.available_us = member.held[chosen.contact_id].token

    def _offers(self, name: str) -> dict[str, Offer]:
        session = self.agents[name].session
        replay = replace(session, _op=session._op, _seen=0)
        offers = self.store.run(replay.take(now_us=self.now_us)).offers
        session._op = replay._op
        return {offer.contact_id: offer for offer in offers}

    def _fill(self, name: str) -> None:
        while chosen := choose_contact(self._free(name, self.agents[name]), self.waiting.values(), self.now_us):
            self._give(name, chosen)

    def _walk(self) -> None:
        """From the agent available longest, each takes its best, one at a time, until nobody can take anything."""
        while True:
            able = [
                (member.available_us, name, chosen)
                for name, member in self.agents.items()
                if (chosen := choose_contact(self._free(name, member), self.waiting.values(), self.now_us))
            ]
            if not able:
                return
            _, name, chosen = min(able, key=lambda row: row[:2])
            self._give(name, chosen)

    @rule(seconds=st.sampled_from([0.001, 1, 4, 5, 29]))
    def time_passes(self, seconds: float) -> None:
        self.now_us += round(seconds * S)
        self.store.run(self.sweeper.sweep(now_us=self.now_us))
        if seconds >= 1:
            self._walk()
        else:
            self.now_us += S
            self.store.run(self.sweeper.sweep(now_us=self.now_us))
            self._walk()

    @rule(
        queue=st.sampled_from([*QUEUES, agent_queue("ana")]),
        channel=st.sampled_from(USED_CHANNELS),
        priority=st.integers(1, 3),
        adjustment_s=st.sampled_from([0, 0, 0, 3, 60]),
    )
    def push(self, queue: str, channel: Channel, priority: int, adjustment_s: int) -> None:
        self.count += 1
        self.now_us += 100
        contact = producing.NewContact(queue, channel, b"1", priority, adjustment_s, f"c{self.count:04}")
        self.store.run(producing.push(self.store.keys, contact, now_us=self.now_us))
        stamp_us = self._stamp_of(contact.contact_id)
        self.waiting[contact.contact_id] = Waiting(
            contact.contact_id, queue, channel, priority, stamp_us, adjustment_s * S
        )
        self._walk()

    def _stamp_of(self, contact_id: str) -> int:
        queued_us, rank = self.client.hmget(self.store.keys.contact(contact_id), "queued_us", "rank")
        return int(queued_us or rank)

    @rule(name=st.sampled_from(AGENTS))
    def sign_in(self, name: str) -> None:
        if name in self.agents:
            return
        self.now_us += 100
        session = Session(self.store.keys, name, "w", "here", lease_ms=10**9)
        self.store.run(session.sign_in(now_us=self.now_us))
        self.agents[name] = Member(session, PROFILES[AGENTS.index(name) % 2], session.epoch)
        self._fill(name)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def abandon(self, data: st.DataObject) -> None:
        contact_id = data.draw(st.sampled_from(sorted(self.waiting)))
        self.store.run(producing.abandon(self.store.keys, contact_id, now_us=self.now_us))
        del self.waiting[contact_id]
        self.abandoned += 1

    @precondition(lambda self: self.agents)
    @rule(data=st.data(), routable=st.booleans())
    def set_status(self, data: st.DataObject, routable: bool) -> None:
        self.now_us += 100
        name = data.draw(st.sampled_from(sorted(self.agents)))
        member = self.agents[name]
        status = AVAILABLE.name if routable else OFFLINE.name
        self.store.run(member.session.set_status(status, now_us=self.now_us))
        if routable and not member.routable:
            member.available_us = int(self.client.hget(self.store.keys.agent(name), "status_us"))
        member.routable = routable
        self._fill(name)

    @rule(data=st.data(), name=st.sampled_from(PROFILES))
    def change_a_profile(self, data: st.DataObject, name: str) -> None:
        self.now_us += 100
        self.profiles = {**self.profiles, name: data.draw(profiles(name))}
        self._apply(int(self.client.hget(self.store.keys.instance, "version")))
        self._walk()

    @precondition(lambda self: any(member.held for member in self.agents.values()))
    @rule(data=st.data())
    def complete(self, data: st.DataObject) -> None:
        name, offers = self._some_held(data)
        self.store.run(self.agents[name].session.complete(offers, now_us=self.now_us))
        self._fill(name)

    @precondition(lambda self: any(member.held for member in self.agents.values()))
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        name, offers = self._some_held(data)
        self.store.run(self.agents[name].session.release(offers[:1], now_us=self.now_us))
        self.agents[name].held.update({offer.contact_id: offer for offer in offers[1:]})
        back = offers[0]
        if back.queue.startswith("@") and back.attempt >= MAX_ATTEMPTS:
            self.parked += 1
            self._walk()
            return
        adjusted = int(self.client.hget(self.store.keys.contact(back.contact_id), "rank"))
        self.waiting[back.contact_id] = Waiting(
            back.contact_id, back.queue, back.channel, back.priority, back.queued_us, back.queued_us - adjusted
        )
        self._walk()

    def _some_held(self, data: st.DataObject) -> tuple[str, list[Offer]]:
        self.now_us += 100
        name = data.draw(st.sampled_from(sorted(name for name, member in self.agents.items() if member.held)))
        held = self.agents[name].held
        chosen = data.draw(st.lists(st.sampled_from(sorted(held)), min_size=1, unique=True))
        return name, [held.pop(contact_id) for contact_id in chosen]

    @invariant()
    def the_store_holds_what_the_rules_decided(self) -> None:
        states = {state.name: state for state in read_agent_states(self.store)}
        for name, member in self.agents.items():
            slots = {slot.contact_id: slot.token for slot in states[name].slots}
            assert slots == {offer.contact_id: offer.token for offer in member.held.values()}
        assert {one.contact_id for one in list_contacts(self.store, "queued", 10_000)} == self.waiting.keys()

    @invariant()
    def every_contact_is_in_one_place(self) -> None:
        totals = [self.client.hgetall(key) for key in self.client.scan_iter(self.store.keys.prefix + "totals:*")]
        queued = sum(int(row.get(b"queued", 0)) for row in totals)
        completed = sum(int(row.get(b"completed", 0)) for row in totals)
        held = sum(len(member.held) for member in self.agents.values())
        assert queued == completed + held + len(self.waiting) + self.parked + self.abandoned


def test_the_scripts_and_the_rules_agree(any_client: redis.Redis) -> None:
    is_fake = isinstance(any_client, fakeredis.FakeRedis)
    machine = type("Machine", (RoutingMachine,), {"client": any_client})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25 if is_fake else 60,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
