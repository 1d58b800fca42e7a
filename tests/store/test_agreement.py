"""The scripts decide as the pure rules do, whatever is configured and whatever waits.

On every kind of server a state machine makes random transitions, and after each step compares the store with a model
that decides with the pure rules alone, and checks the invariants.
"""

from collections import Counter
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

from fairlead import errors
from fairlead.domain.agent import AVAILABLE, OFFLINE, Agent
from fairlead.domain.channel import Channel
from fairlead.domain.choose import choose_agent, choose_contact, preference, share_of
from fairlead.domain.configuration import Configuration
from fairlead.domain.contact import Waiting, counts_as_attempt, pause_s, rank_of
from fairlead.domain.criteria import Expression, Preferred, Step, parse_step
from fairlead.domain.eligible import AGENT_QUEUE_PRIORITY, Circumstances, FreeAgent, entries_of
from fairlead.domain.measures import total
from fairlead.domain.names import agent_queue
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.store.client import Store
from fairlead.store.keys import PAUSE_LANE
from fairlead.store.reading import (
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
BILLING_ACW_S = 10
QUEUES = {
    "Sales": Queue("Sales", retry_delay_s=0, exclude_rejecting=True),
    "Support": Queue("Support", max_attempts=3, agent_choice="least_loaded", max_contacts=4),
    "Billing": Queue(
        "Billing", max_attempts=2, retry_delay_s=4, acw_s={"voice": BILLING_ACW_S}, agent_choice="most_skilled"
    ),
}
USED_CHANNELS: tuple[Channel, ...] = ("voice", "chat", "task")
AGENTS = {"ana": "P", "bo": "Q", "cem": "P", "dora": "Q"}
ASKS_TO_ACCEPT = {"cem", "dora"}
CAPACITY = {"ana": 0, "bo": 3, "cem": 0, "dora": 0}
WINDOW_S = {"voice": 20, "chat": 20, "task": 30, "email": 30}

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


@dataclass
class Contact:
    """A contact of the model, wherever it is."""

    contact_id: str
    queue: str
    channel: Channel
    priority: int
    queued_us: int
    rank_us: int
    steps: tuple[Step, ...]
    step: int = 0
    step_us: int = 0
    refused: tuple[str, ...] = ()
    attempts: int = 0
    answered: bool = False
    again_us: int = 0
    age_us: int = 0

    def advance(self, now_us: int) -> None:
        """End the steps whose time is over."""
        while self.step < len(self.steps):
            expiry_s = self.steps[self.step].expiry_s
            if expiry_s is None or self.step_us + expiry_s * S > now_us:
                return
            self.step, self.step_us = self.step + 1, self.step_us + expiry_s * S

    def step_ends_us(self) -> int | None:
        if self.step >= len(self.steps) or self.steps[self.step].expiry_s is None:
            return None
        return self.step_us + self.steps[self.step].expiry_s * S  # type: ignore[operator]

    def waiting(self) -> Waiting:
        """The contact as the rules see it."""
        expression = Expression()
        if not self.queue.startswith("@"):
            if self.step < len(self.steps):
                expression = self.steps[self.step].expression
            if self.refused:
                without = Preferred(self.refused, negated=True)
                expression = Expression(tuple((*both, without) for both in expression.ands or ((),)))
        return Waiting(
            self.contact_id, self.queue, self.channel, self.priority, self.queued_us, self.rank_us, expression,
            again_us=self.again_us,
        )  # fmt: skip


@dataclass
class Slot:
    """What an agent of the model holds; `kind` as in the store, `ends_us` when an offer or after-contact work ends."""

    kind: str
    contact: Contact
    offer: Offer
    ends_us: int | None = None


@dataclass
class Member:
    """A signed-in agent of the model; `slots` by token."""

    session: Session
    profile: str
    available_us: int
    routable: bool = True
    slots: dict[int, Slot] = field(default_factory=dict)


class RoutingMachine(RuleBasedStateMachine):
    """Random transitions; the model decides with the pure rules alone."""

    client: ClassVar[redis.Redis]

    @initialize(data=st.data())
    def prepare(self, data: st.DataObject) -> None:
        self.client.flushall()
        self.store = Store(self.client)
        self.sweeper = Sweeper(self.store.keys)
        self.now_us = self.swept_us = 1_800_000_000 * S
        self.waiting: dict[str, Contact] = {}
        self.parked: dict[str, Contact] = {}
        self.agents: dict[str, Member] = {}
        self.passes: dict[str, dict[object, int]] = {"P": {}, "Q": {}}
        self.counts: Counter[str] = Counter()
        self.profiles = {name: data.draw(profiles(name)) for name in ("P", "Q")}
        self.skills = {name: data.draw(proficiencies) for name in AGENTS}
        self._apply(version=0)
        for name in AGENTS:
            self.sign_in(name)

    def _apply(self, version: int) -> None:
        wanted = Configuration(
            QUEUES,
            self.profiles,
            {name: Agent(name, profile, proficiencies=self.skills[name]) for name, profile in AGENTS.items()},
            {status.name: status for status in (AVAILABLE, OFFLINE)},
        )
        self.store.run(configuring.apply_configuration(self.store.keys, wanted, version, now_us=self.now_us))

    # The model's view of the world, for the rules

    def _given(self, profile: str) -> Circumstances:
        return Circumstances(self.now_us, passes=self.passes[profile])  # type: ignore[arg-type]

    def _free(self, name: str) -> FreeAgent:
        member = self.agents[name]
        used = Counter(slot.contact.channel for slot in member.slots.values() if slot.kind != "paused")
        paused = sum(slot.kind == "paused" for slot in member.slots.values())
        return FreeAgent(
            name, self.profiles[member.profile], member.available_us, member.routable, used, CAPACITY[name], paused,
            self.skills[name],
        )  # fmt: skip

    def _best(self, name: str) -> Waiting | None:
        candidates = [contact.waiting() for contact in self.waiting.values()]
        return choose_contact(self._free(name), candidates, self._given(self.agents[name].profile))

    # What the model does when the store should

    def _give(self, name: str, chosen: Waiting, *, by_hand: bool = False) -> None:
        """The model gives a contact; the store must have given the same."""
        member, contact = self.agents[name], self.waiting.pop(chosen.contact_id)
        offer = self._offers(name)[chosen.contact_id]
        assert offer.attempt == contact.attempts + 1
        contact.again_us = 0
        profile = self.profiles[member.profile]
        entry = next(
            (one for one in entries_of(self._free(name)) if (one.queue, one.channel) == (chosen.queue, chosen.channel)),
            None,
        )
        is_shared = profile.sharing == "weighted" and entry and entry.priority != AGENT_QUEUE_PRIORITY
        if entry and is_shared and not by_hand:
            passes = self.passes[member.profile]
            start = max(passes.get((entry.queue, entry.channel), 0), passes.get("last", 0))
            after = share_of(entry, passes, passes.get("last", 0))  # type: ignore[arg-type]
            passes |= {(entry.queue, entry.channel): after, "last": start}
        if name in ASKS_TO_ACCEPT and not by_hand:
            member.slots[offer.token] = Slot("offered", contact, offer, self.now_us + WINDOW_S[contact.channel] * S)
        else:
            self._answered(contact)
            member.slots[offer.token] = Slot("held", contact, offer)
            member.available_us = offer.token

    def _answered(self, contact: Contact) -> None:
        self.counts["answered"] += not contact.answered
        contact.answered = True

    def _offers(self, name: str) -> dict[str, Offer]:
        session = self.agents[name].session
        replay = replace(session, _op=session._op, _seen=0)
        offers = self.store.run(replay.take(now_us=self.now_us)).offers
        session._op = replay._op
        return {offer.contact_id: offer for offer in offers}

    def _fill(self, name: str) -> None:
        while chosen := self._best(name):
            self._give(name, chosen)

    def _preferred(self, name: str, chosen: Waiting) -> str:
        """Whom the queue's choice prefers among those whose best contact this is."""
        choice = "longest_idle" if chosen.queue.startswith("@") else QUEUES[chosen.queue].agent_choice
        others = [other for other in self.agents if (best := self._best(other)) and best == chosen]
        free = {other: self._free(other) for other in {name, *others}}
        return min(free, key=lambda one: (preference(chosen, free[one], choice), free[one].available_us))

    def _arrive(self, contact: Contact) -> None:
        """A contact comes into its line; whoever may take it takes its own best, until the contact is gone."""
        self._stand(contact)
        while contact.contact_id in self.waiting and not contact.again_us:
            if contact.queue.startswith("@"):
                owner = contact.queue[1:]
                if owner in self.agents and self._best(owner):
                    self._fill(owner)
                return
            first = choose_agent(contact.waiting(), map(self._free, self.agents), self._given("P"))
            if first is None:
                return
            chosen = self._best(first.name)
            assert chosen is not None
            self._give(self._preferred(first.name, chosen), chosen)

    def _stand(self, contact: Contact) -> None:
        """A contact comes into its line; its steps and its pause go by the clock."""
        if not contact.queue.startswith("@"):
            contact.advance(self.now_us)
        if contact.again_us <= self.now_us:
            contact.again_us = 0
        self.waiting[contact.contact_id] = contact

    def _walk(self) -> None:
        """From the agent available longest, each takes its best, one at a time, until nobody can take anything."""
        while able := [(self.agents[one].available_us, one) for one in self.agents if self._best(one)]:
            name = min(able)[1]
            chosen = self._best(name)
            assert chosen is not None
            self._give(self._preferred(name, chosen), chosen)

    def _come_due(self) -> None:
        """What has come due by now, in order of time: first all, then one walk."""
        freed: dict[str, float] = {}
        for place, (_, member, token) in enumerate(sorted(one for one in self._due() if one[0] <= self.now_us)):
            kind, _, contact_id = member.partition(":")
            if kind == "step":
                self._stand(self.waiting[contact_id])
            elif kind == "pause":
                for contact in self.waiting.values():
                    if 0 < contact.again_us <= self.now_us:
                        self._stand(contact)
            else:
                name = next(name for name, one in self.agents.items() if token in one.slots)
                slot = self.agents[name].slots[token]
                if kind == "offer":
                    slot.kind, slot.ends_us = "missed", None
                    self._stand(slot.contact)
                else:
                    del self.agents[name].slots[token]
                    self._ended("completed")
                    freed[name] = self.agents[name].available_us = self.now_us - 1 + place / 1000  # type: ignore[assignment]
        self._walk()
        for name, since_us in freed.items():
            if self.agents[name].available_us == since_us:  # what it was given in the walk has not restarted its clock
                self.agents[name].available_us = self._clock_of(name)

    def _due(self) -> list[tuple[int, str, int]]:
        """(when, what, token) of all that the sweep will do."""
        steps = [
            (ends_us, f"step:{one.contact_id}", 0)
            for one in self.waiting.values()
            if not one.queue.startswith("@") and (ends_us := one.step_ends_us()) is not None
        ]
        pauses = [(one.again_us, f"pause:{one.contact_id}", 0) for one in self.waiting.values() if one.again_us]
        slots = [
            (slot.ends_us, f"{'offer' if slot.kind == 'offered' else 'acw'}:{slot.contact.contact_id}", token)
            for member in self.agents.values()
            for token, slot in member.slots.items()
            if slot.ends_us is not None
        ]
        return steps + pauses + slots

    def _clock_of(self, name: str) -> int:
        """The availability clock, from the store; when it restarts is tested elsewhere."""
        return int(self.client.hget(self.store.keys.agent(name), "available_us"))

    def _ended(self, how: str) -> None:
        self.counts[how] += 1

    def _some(self, data: st.DataObject, *kinds: str) -> tuple[str, int, Slot]:
        """One of the slots of some kinds, and time passes a little."""
        self.now_us += 100
        name, token = data.draw(st.sampled_from(sorted(self._slots(*kinds))))
        return name, token, self.agents[name].slots[token]

    def _slots(self, *kinds: str) -> list[tuple[str, int]]:
        return [
            (name, token)
            for name, member in self.agents.items()
            for token, slot in member.slots.items()
            if slot.kind in kinds
        ]

    # The transitions

    @rule(seconds=st.sampled_from([0.6, 1, 4, 5, 29]))
    def time_passes(self, seconds: float) -> None:
        self.now_us += round(seconds * S)
        self.swept_us = self.now_us
        self.store.run(self.sweeper.sweep(now_us=self.now_us))
        self._come_due()

    @rule(data=st.data(), many=st.integers(1, 4))
    def push(self, data: st.DataObject, many: int) -> None:
        served = [(one.queue, one.channel) for profile in self.profiles.values() for one in profile.entries]
        own = [(agent_queue(name), channel) for name in ("ana", "cem") for channel in USED_CHANNELS]
        pairs = data.draw(st.lists(st.sampled_from(served * 3 + own), min_size=many, max_size=many))
        for queue, channel in pairs:
            priority, age_s = data.draw(st.integers(1, 3)), data.draw(st.sampled_from([0, 0, 0, 3, 60, -20]))
            self._push(queue, channel, priority, age_s, data.draw(criteria))

    def _push(self, queue: str, channel: Channel, priority: int, age_s: int, steps: tuple[Step, ...]) -> None:
        self.now_us += 100
        new = producing.NewContact(
            queue, channel, b"1", priority, age_s, f"c{self.counts['pushed']:04}", criteria=steps
        )
        is_full = self._size(queue) >= (QUEUES[queue].max_contacts or 10**9 if queue in QUEUES else 10)
        try:
            self.store.run(producing.push(self.store.keys, new, now_us=self.now_us))
        except errors.QueueFull:
            assert is_full
            return
        assert not is_full
        self.counts["pushed"] += 1
        stamp_us = read_contact(self.store, new.contact_id).queued_us
        rank_us = rank_of(stamp_us, age_s)
        made = Contact(new.contact_id, queue, channel, priority, stamp_us, rank_us, steps, 0, self.now_us)
        made.age_us = age_s * S
        self._arrive(made)

    def _size(self, queue: str) -> int:
        offered = [self.agents[name].slots[token].contact for name, token in self._slots("offered")]
        return sum(contact.queue == queue for contact in (*self.waiting.values(), *offered))

    @precondition(lambda self: len(self.agents) < len(AGENTS))
    @rule(name=st.sampled_from(sorted(AGENTS)))
    def sign_in(self, name: str) -> None:
        if name in self.agents:
            return
        self.now_us += 100
        session = Session(
            self.store.keys,
            name,
            "w",
            "here",
            lease_ms=10**9,
            auto_accept=name not in ASKS_TO_ACCEPT,
            capacity=CAPACITY[name],
        )
        self.store.run(session.sign_in(now_us=self.now_us))
        self.agents[name] = Member(session, AGENTS[name], session.epoch)
        self._fill(name)

    @precondition(lambda self: self.agents)
    @rule(data=st.data())
    def sign_out(self, data: st.DataObject) -> None:
        self.now_us += 100
        name = data.draw(st.sampled_from(sorted(self.agents)))
        member = self.agents.pop(name)
        self.store.run(member.session.sign_out(now_us=self.now_us))
        for slot in member.slots.values():
            if slot.kind == "acw":
                self._ended("completed")
            elif slot.kind != "missed":
                self._back(slot.contact, "signed_out")
        self._walk()

    def _back(self, contact: Contact, reason: str) -> None:
        """A contact comes back from an agent who has held it, or was offered it."""
        queue = QUEUES.get(contact.queue) or Queue(contact.queue)
        contact.attempts += counts_as_attempt(reason)
        if counts_as_attempt(reason) and contact.attempts >= queue.max_attempts:
            self.parked[contact.contact_id] = contact
            return
        if reason == "failed":
            contact.again_us = self.now_us + pause_s(queue.retry_delay_s, contact.attempts) * S
        self._stand(contact)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def abandon(self, data: st.DataObject) -> None:
        contact_id = data.draw(st.sampled_from(sorted(self.waiting)))
        self.store.run(producing.abandon(self.store.keys, contact_id, now_us=self.now_us))
        del self.waiting[contact_id]
        self._ended("abandoned")

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

    @rule(data=st.data(), name=st.sampled_from(["P", "Q", *sorted(AGENTS)]))
    def change_the_configuration(self, data: st.DataObject, name: str) -> None:
        self.now_us += 100
        if name in AGENTS:
            self.skills = {**self.skills, name: data.draw(proficiencies)}
        else:
            changed = data.draw(profiles(name))
            if changed != self.profiles[name]:
                self.passes[name] = {}
            self.profiles = {**self.profiles, name: changed}
        self._reconfigured()

    def _reconfigured(self) -> None:
        self._apply(int(self.client.hget(self.store.keys.instance, "version")))
        self._walk()

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), priority=st.sampled_from([None, 1, 4]), age_s=st.sampled_from([-10, 0, 40]))
    def update(self, data: st.DataObject, priority: int | None, age_s: int) -> None:
        self.now_us += 100
        contact = self.waiting.pop(data.draw(st.sampled_from(sorted(self.waiting))))
        change = {"age_adjustment_s": age_s} if priority is None else {"priority": priority}
        self.store.run(producing.update(self.store.keys, contact.contact_id, **change, now_us=self.now_us))
        if priority is None:
            contact.rank_us = rank_of(contact.rank_us + contact.age_us, age_s)
            contact.age_us = age_s * S
        else:
            contact.priority = priority
        self._arrive(contact)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), queue=st.sampled_from(["Sales", "Billing"]), rank=st.sampled_from(["keep", "back", "front"]))
    def move(self, data: st.DataObject, queue: str, rank: str) -> None:
        self.now_us += 100
        contact_id = data.draw(st.sampled_from(sorted(self.waiting)))
        contact = self.waiting[contact_id]
        try:
            self.store.run(supervising.move(self.store.keys, contact_id, queue, rank, now_us=self.now_us))
        except errors.ChainTooLong:
            return
        if contact.queue == queue:
            return
        del self.waiting[contact_id]
        contact.queued_us = read_contact(self.store, contact_id).queued_us
        contact.rank_us = {"keep": contact.rank_us, "back": contact.queued_us, "front": 0}[rank]
        contact.queue, contact.step, contact.step_us, contact.refused = queue, 0, self.now_us, ()
        contact.answered = False
        contact.age_us = contact.age_us if rank == "keep" else 0
        self._arrive(contact)

    @precondition(lambda self: self._slots("held", "on_hold"))
    @rule(data=st.data())
    def complete(self, data: st.DataObject) -> None:
        name, token, slot = self._some(data, "held", "on_hold")
        member = self.agents[name]
        self.store.run(member.session.complete([slot.offer], now_us=self.now_us))
        if (slot.contact.queue, slot.contact.channel) == ("Billing", "voice"):
            slot.kind, slot.ends_us = "acw", self.now_us + BILLING_ACW_S * S
        else:
            del member.slots[token]
            self._ended("completed")
        self._fill(name)

    @precondition(lambda self: self._slots("acw", "missed"))
    @rule(data=st.data())
    def clear(self, data: st.DataObject) -> None:
        name, token, slot = self._some(data, "acw", "missed")
        member = self.agents[name]
        self.store.run(member.session.clear(token, now_us=self.now_us))
        if slot.kind == "acw":
            self._ended("completed")
            member.available_us = self._clock_of(name)
        del member.slots[token]
        self._fill(name)

    @precondition(lambda self: self._slots("offered"))
    @rule(data=st.data())
    def accept(self, data: st.DataObject) -> None:
        name, _, slot = self._some(data, "offered")
        member = self.agents[name]
        self.store.run(member.session.accept(slot.offer, now_us=self.now_us))
        slot.kind, slot.ends_us = "held", None
        self._answered(slot.contact)
        member.available_us = self._clock_of(name)
        self._fill(name)

    @precondition(lambda self: self._slots("offered"))
    @rule(data=st.data())
    def reject(self, data: st.DataObject) -> None:
        name, token, slot = self._some(data, "offered")
        member = self.agents[name]
        self.store.run(member.session.reject(slot.offer, now_us=self.now_us))
        del member.slots[token]
        if slot.contact.queue == "Sales":
            slot.contact.refused = (*slot.contact.refused, name)
        self._arrive(slot.contact)
        self._fill(name)

    @precondition(lambda self: self._slots("held", "paused"))
    @rule(data=st.data())
    def pause_or_resume_or_hold(self, data: st.DataObject) -> None:
        name, _, slot = self._some(data, "held", "paused", "on_hold")
        session = self.agents[name].session
        if slot.kind != "held":
            self.store.run(session.resume(slot.offer, now_us=self.now_us))
            slot.kind = "held"
        elif slot.contact.channel == "task":
            self.store.run(session.pause(slot.offer, now_us=self.now_us))
            slot.kind = "paused"
        else:
            self.store.run(session.hold(slot.offer, now_us=self.now_us))
            slot.kind = "on_hold"
        self._fill(name)

    @precondition(lambda self: self._slots("held", "paused", "on_hold"))
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        name, token, slot = self._some(data, "held", "paused", "on_hold")
        member = self.agents[name]
        self.store.run(member.session.release([slot.offer], now_us=self.now_us))
        del member.slots[token]
        self._back(slot.contact, "released")
        self._walk()

    @precondition(lambda self: self._slots("held", "paused", "on_hold"))
    @rule(data=st.data())
    def fail(self, data: st.DataObject) -> None:
        name, token, slot = self._some(data, "held", "paused", "on_hold")
        member = self.agents[name]
        self.store.run(member.session.fail([(slot.offer, "ValueError at shop.py:1")], now_us=self.now_us))
        del member.slots[token]
        self._back(slot.contact, "failed")
        self._walk()

    @precondition(lambda self: self.parked)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        self.now_us += 100
        contact = self.parked.pop(data.draw(st.sampled_from(sorted(self.parked))))
        self.store.run(supervising.retry(self.store.keys, contact.contact_id, now_us=self.now_us))
        contact.attempts = 0
        self._arrive(contact)

    @precondition(lambda self: self.waiting and self.agents.keys() - ASKS_TO_ACCEPT)
    @rule(data=st.data())
    def assign(self, data: st.DataObject) -> None:
        self.now_us += 100
        name = data.draw(st.sampled_from(sorted(self.agents.keys() - ASKS_TO_ACCEPT)))
        contact = self.waiting[data.draw(st.sampled_from(sorted(self.waiting)))]
        self.store.run(supervising.assign(self.store.keys, contact.contact_id, name, now_us=self.now_us))
        self._give(name, contact.waiting(), by_hand=True)

    @precondition(lambda self: self._slots("held"))
    @rule(data=st.data(), queue=st.sampled_from([*sorted(QUEUES), agent_queue("ana")]))
    def transfer(self, data: st.DataObject, queue: str) -> None:
        name, token, slot = self._some(data, "held")
        member = self.agents[name]
        try:
            self.store.run(member.session.transfer(slot.offer, queue, now_us=self.now_us))
        except (errors.QueueFull, errors.ChainTooLong):
            return
        del member.slots[token]
        slot.contact.queue, slot.contact.steps, slot.contact.refused = queue, (), ()
        slot.contact.answered = False
        self._arrive(slot.contact)
        self._fill(name)

    @precondition(lambda self: self.waiting and self.agents)
    @rule(data=st.data())
    def pick(self, data: st.DataObject) -> None:
        self.now_us += 100
        name = data.draw(st.sampled_from(sorted(self.agents)))
        contact = self.waiting[data.draw(st.sampled_from(sorted(self.waiting)))]
        session = self.agents[name].session
        by_hand = {(one.queue, one.channel) for one in self.profiles[AGENTS[name]].entries if one.manual_only}
        try:
            self.store.run(session.pick(contact.contact_id, now_us=self.now_us))
        except (errors.NotServed, errors.NoSlot):
            return
        assert (contact.queue, contact.channel) in by_hand
        self._give(name, contact.waiting(), by_hand=True)
        self._fill(name)

    # What must hold after each of them

    @invariant()
    def the_store_holds_what_the_rules_decided(self) -> None:
        states = {state.name: state for state in read_agent_states(self.store)}
        for name, member in self.agents.items():
            slots = {slot.token: (slot.contact_id, slot.kind) for slot in states[name].slots}
            assert slots == {token: (slot.contact.contact_id, slot.kind) for token, slot in member.slots.items()}
        queued = list_contacts(self.store, "queued", 10_000)
        assert {one.contact_id for one in queued} == self.waiting.keys()
        for one in queued:
            model = self.waiting[one.contact_id]
            assert (one.attempts, one.again_us or 0) == (model.attempts, model.again_us)
        assert {one.contact_id for one in list_contacts(self.store, "parked")} == self.parked.keys()

    @invariant()
    def every_contact_is_in_one_place_and_the_counters_say_so(self) -> None:
        totals = read_totals(self.store)
        queued = sum(counts.get("queued", 0) for counts in totals.values())
        completed, answered = (sum(total(counts, kind) for counts in totals.values()) for kind in "ha")
        moved = sum(counts.get(how, 0) for counts in totals.values() for how in ("transferred", "overflowed"))
        queued -= moved
        assert queued == self.counts["pushed"]
        assert completed == self.counts["completed"]
        assert answered == self.counts["answered"]
        held = len(self._slots("offered", "held", "on_hold", "paused", "acw"))
        ended = self.counts["completed"] + self.counts["abandoned"]
        assert queued == ended + held + len(self.waiting) + len(self.parked)

    @invariant()
    def what_a_queue_says_of_itself_is_what_waits_in_it(self) -> None:
        waits = Counter((one.queue, one.channel) for one in self.waiting.values())
        states = {(one.queue, one.channel): one.waiting for one in read_queue_states(self.store)}
        assert {pair: many for pair, many in states.items() if many} == waits

    @invariant()
    def counters_and_sets_equal_what_they_stand_for(self) -> None:
        keys = self.store.keys
        for name in AGENTS:
            own = sum(contact.queue == agent_queue(name) for contact in self.waiting.values())
            assert int(self.client.hget(keys.agent(name), "own") or 0) == own
        online = {name.decode() for key in self.client.keys("*:online:*") for name in self.client.smembers(key)}
        assert online == self.agents.keys()
        for state in read_agent_states(self.store, sorted(self.agents)):
            crews = [key.decode().split(":") for key in self.client.keys(keys.prefix + "available:*")]
            within = {row[3] for row in crews if self.client.zscore(":".join(row), state.name) is not None}
            assert within == set(state.open_channels)
        assert self.client.zcard(keys.due) == len(self._due()) + len(self.agents) + self._expiring()

    def _expiring(self) -> int:
        """What else is due: tasks and chats expire while they wait or are offered, steps end while they are offered."""
        offered = [self.agents[name].slots[token].contact for name, token in self._slots("offered")]
        steps = [one for one in offered if not one.queue.startswith("@") and (one.step_ends_us() or 0) > self.swept_us]
        return sum(contact.channel != "voice" for contact in (*self.waiting.values(), *offered)) + len(steps)

    @invariant()
    def the_first_in_line_is_in_position_one(self) -> None:
        for contact in self.waiting.values():
            line = [
                one for one in self.waiting.values() if (one.queue, one.channel) == (contact.queue, contact.channel)
            ]
            first = min(line, key=lambda one: (one.priority, one.rank_us, one.queued_us))
            if first is contact:
                assert position_of(self.store, read_contact(self.store, contact.contact_id)) == 1

    @invariant()
    def no_lane_outlives_its_contacts(self) -> None:
        lines = [key for key in self.client.keys("*:waiting:*") if key.count(b":") == 4]
        lanes = [key for key in lines if not key.endswith(PAUSE_LANE.encode())]
        known = sum(self.client.hlen(key) for key in self.client.keys("*:lanes:*"))
        assert len(lanes) == known
        assert bool(lanes) == bool((self.client.hget(self.store.keys.instance, "laned") or b"").strip())


def test_the_scripts_and_the_rules_agree(any_client: redis.Redis) -> None:
    is_fake = isinstance(any_client, fakeredis.FakeRedis)
    machine = type("Machine", (RoutingMachine,), {"client": any_client})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=20 if is_fake else 60,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
