"""The straight way of a push and of a turn in which nothing is out of the ordinary leaves and answers what the general
one does.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest
import redis
from conftest import REAL_SERVERS, RealServer
from hypothesis import given, settings
from hypothesis import strategies as st
from objects import value_of
from raw import raw

from fairlead.domain.agent import AVAILABLE, BREAK, OFFLINE, Agent
from fairlead.domain.configuration import Configuration
from fairlead.domain.criteria import parse_step
from fairlead.domain.hours import Hours
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.errors import FairleadError
from fairlead.store.client import Store, _answer
from fairlead.store.scripts import load
from fairlead.store.transitions import configuring, producing, supervising
from fairlead.store.transitions.sweeping import Sweeper
from fairlead.store.transitions.working import Session

S = 1_000_000
ASKS_FIRST = {
    "complete_contacts": ("local reply = F.plain_turn(", "local reply = (function() end)("),
    "push_contacts": ("local state = F.push_plain(", "local state = (function() end)("),
}
"""What asks for the straight way, and what does not."""
QUEUES = ("Sales", "Support", "Billing")


class GeneralStore(Store):
    """Pushes and completes contacts without the straight way."""

    def run(self, request: Any) -> Any:
        if request.script not in ASKS_FIRST:
            return super().run(request)
        script, (asks, does_not) = load(request.script), ASKS_FIRST[request.script]
        assert asks in script.plain_text
        return self.asked(request, script.plain_text.replace(asks, does_not))

    def asked(self, request: Any, text: str) -> Any:
        now_us = self._dialect.source.clock() if self._dialect.source.clock else None
        client: Any = raw(self)
        return _answer(request, client.eval(text, *load(request.script).arguments(request, now_us, "")))


class CountedStore(GeneralStore):
    """Takes the straight way, and counts how often."""

    def run(self, request: Any) -> Any:
        if request.script not in ASKS_FIRST:
            return Store.run(self, request)
        text = load(request.script).plain_text
        return self.asked(request, re.sub("if (reply|state) then", r"\g<0> redis.call('INCR', 'straight')", text))


class Pair:
    """The same centre twice, in two instances of a server: one takes the straight way where it may."""

    def __init__(self, client: redis.Redis, plain: type[Store] = Store) -> None:
        client.flushdb()
        self.client = client
        self.now_us = 1_800_000_000 * S
        kinds = (("plain", plain), ("general", GeneralStore))
        self.stores = [kind(client, name, lambda: self.now_us) for name, kind in kinds]
        self.sessions: dict[str, list[Session]] = {}
        self.held: dict[str, list[list[Any]]] = {}
        """Contacts of which each session has been told; some may have ended."""
        self.last: dict[str, list[Any]] = {}
        self.sweepers = [Sweeper(store.keys) for store in self.stores]

    def each(self, build: Any) -> list[Any]:
        """What `build(place, store)` asks in both; the answers, which are the same."""
        self.now_us += 7
        answers: list[Any] = []
        for place, store in enumerate(self.stores):
            try:
                answers.append(store.run(build(place, store)))
            except (FairleadError, redis.ResponseError) as refusal:
                answers.append(str(refusal))
        return answers

    def configure(
        self,
        sales: Queue | None = None,
        profile: RoutingProfile | None = None,
        ana: Agent | None = None,
        others: Sequence[RoutingProfile] = (),
        hours: Sequence[Hours] = (),
        version: int = 0,
        **_: Any,
    ) -> None:
        """A plain configuration, but for what is given."""
        profiles = {one.name: one for one in (profile or CHATS, *others)}
        target = Configuration(
            {"Sales": sales or SALES, "Support": replace(SALES, name="Support")}, profiles,
            {"ana": ana or Agent("ana", "P")},
            {one.name: one for one in (AVAILABLE, OFFLINE, BREAK)}, {one.name: one for one in hours},
        )  # fmt: skip
        self.each(lambda place, store: configuring.apply_configuration(store.keys, target, version))

    def sign_in(self, name: str, **options: Any) -> None:
        self.sessions[name] = [
            Session(store.keys, name, "w", f"here/{name}", lease_ms=10**9, **options) for store in self.stores
        ]
        self.held[name] = [[], []]
        self.does(name, lambda session, held: session.sign_in(), is_new=True)

    def does(self, name: str, build: Any, *, is_new: bool = False) -> None:
        """A request of an agent's session, and what it is told by it. `build` gets the session and what it holds."""
        last = [build(session, held) for session, held in zip(self.sessions[name], self.held[name], strict=True)]
        self.last[name] = last
        answers = self.each(lambda place, store: last[place])
        assert answers[0] == answers[1]
        for held, answer in zip(self.held[name], answers, strict=True):
            held += () if isinstance(answer, str) else answer if is_new else answer.offers

    def does_again(self, name: str) -> None:
        """The last request of a session is repeated, as after a lost answer."""
        answers = self.each(lambda place, store: self.last[name][place])
        assert answers[0] == answers[1]

    def keys(self, place: int) -> dict[bytes, Any]:
        prefix = b"{%s}" % (b"plain", b"general")[place]
        found = {}
        for key in self.client.keys(prefix + b"*"):
            kind = self.client.type(key)
            value = self.client.xrange(key) if kind == b"stream" else value_of(self.client, key)
            if kind == b"stream":
                value = [fields for _, fields in value]
            if isinstance(value, dict):
                value = {name: text for name, text in value.items() if name not in (b"mark", b"request", b"asked")}
            found[key.removeprefix(prefix)] = value
        return {key: value for key, value in found.items() if b":answer:" not in key}

    def is_agreed(self) -> None:
        plain, general = self.keys(0), self.keys(1)
        assert plain == general


@pytest.fixture(scope="module", params=REAL_SERVERS)
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[redis.Redis]:
    server = RealServer(request.param, tmp_path_factory.mktemp("redis"))
    yield server.client()
    server.kill()


def drawn_configuration(random: Random) -> Configuration:
    odd = random.random() < 0.3
    queues = {
        name: Queue(
            name, offer_again_after_s=0, retry_delay_s=0,
            **({"acw_s": {"chat": 5}} if odd and random.random() < 0.2 else {}),
            **({"agent_choice": "round_robin"} if odd and random.random() < 0.1 else {}),
        )
        for name in QUEUES
    }  # fmt: skip
    entries = []
    for name in QUEUES:
        for channel in ("voice", "chat", "task"):
            if random.random() < 0.7:
                delay_s, most = (random.choice([0, 0, 3]), random.choice([None, None, 1])) if odd else (0, None)
                entries.append(Entry(name, channel, random.choice([1, 1, 2, 3]), delay_s, max_contacts=most))
    entries = entries or [Entry("Sales", "chat")]
    used = {entry.channel for entry in entries}
    concurrency = {
        channel: Concurrency(1 if channel == "voice" else random.randint(1, 3), random.random() < 0.5)
        for channel in sorted(used)
    }
    timer = "since_last_inbound" if odd and random.random() < 0.2 else "since_last_activity"
    sharing = "weighted" if odd and random.random() < 0.2 else "strict"
    profile = RoutingProfile("P", concurrency, tuple(entries), agent_availability_timer=timer, sharing=sharing)
    agents = {
        name: Agent(name, "P", proficiencies={"L:fr": 3} if odd and random.random() < 0.2 else {},
                    **({"acw_s": {"task": 4}} if odd and random.random() < 0.2 else {}))
        for name in ("ana", "bo")
    }  # fmt: skip
    return Configuration(queues, {"P": profile}, agents, {one.name: one for one in (AVAILABLE, OFFLINE, BREAK)})


def drawn_contact(random: Random, number: int) -> producing.NewContact:
    options: dict[str, Any] = {}
    if random.random() < 0.04:
        options |= random.choice([
            {"attributes": {"a": "b"}}, {"customer": "c1"}, {"criteria": (parse_step("L:fr >= 2 for 4s"),)},
            {"age_adjustment_s": 2}, {"expiry_s": 9},
        ])  # fmt: skip
    return producing.NewContact(
        random.choice(QUEUES), random.choice(["voice", "chat", "task"]), b'"x"', random.choice([1, 1, 2, 5]),
        contact_id=f"c{number}", **options,
    )  # fmt: skip


def step(pair: Pair, random: Random, number: int) -> None:
    what = random.choice(["push", "push", "push", "turn", "turn", "turn", "turn", "again", "status", "other", "time"])
    if what == "push":
        contact = drawn_contact(random, number)
        pair.each(lambda place, store: producing.push(store.keys, contact))
    elif what == "time":
        pair.now_us += random.choice([1, 900_000, 4 * S, 70 * S])
        pair.each(lambda place, store: pair.sweepers[place].sweep())
    elif what == "status":
        name, status = random.choice(sorted(pair.sessions)), random.choice(["Available", "Available", "Break"])
        pair.does(name, lambda session, held: session.set_status(status))
    else:
        name, chance = random.choice(sorted(pair.sessions)), random.random()
        if what == "other":
            pair.does(name, lambda session, held: session.hold(held[0]) if held and chance < 0.5 else session.take())
        elif what == "again":
            pair.does_again(name)
        else:
            many = random.choice([1, 1, 2, 3])
            pair.does(name, lambda session, held: session.complete(held[:many] if chance < 0.9 else held[-1:] * 2))
            if chance < 0.8:
                pair.held[name] = [held[many:] for held in pair.held[name]]


def drawn(pair: Pair, seed: int) -> None:
    random = Random(seed)
    configuration = drawn_configuration(random)
    pair.each(lambda place, store: configuring.apply_configuration(store.keys, configuration, 0))
    for number in range(20):
        contact = drawn_contact(random, 1_000 + number)
        pair.each(lambda place, store, contact=contact: producing.push(store.keys, contact))
    for name in ("ana", "bo"):
        pair.sign_in(name, auto_accept=random.random() < 0.9, capacity=random.choice([0, 1, 1, 2]))
    for number in range(40):
        step(pair, random, number)
        if number % 8 == 7:
            pair.is_agreed()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9))
def test_the_straight_way_leaves_and_answers_what_the_general_one_does(client: redis.Redis, seed: int) -> None:
    drawn(Pair(client), seed)


def test_what_is_drawn_often_goes_the_straight_way(client: redis.Redis) -> None:
    taken = 0
    for seed in range(4):
        drawn(Pair(client, CountedStore), seed)
        taken += int(client.get("straight") or 0)

    assert taken > 4 * 15


CHATS = RoutingProfile("P", {"chat": Concurrency(1)}, (Entry("Sales", "chat"), Entry("Support", "chat")))


def full(pair: Pair, *, capacity: int = 1, **changed: Any) -> None:
    """Ana holds one of six chats, and others wait; `changed` of the configuration, which is plain else."""
    pair.configure(**changed)
    for number in range(6):
        contact = producing.NewContact(QUEUES[number % 2], "chat", b'"x"', contact_id=f"c{number}")
        pair.each(lambda place, store, contact=contact: producing.push(store.keys, contact))
    pair.sign_in("ana", auto_accept=changed.get("auto_accept", True), capacity=capacity)


def completes(pair: Pair) -> int:
    """Ana completes what she holds; how often that went the straight way."""
    pair.client.delete("straight")
    pair.does("ana", lambda session, held: session.complete(held[:1]))
    pair.is_agreed()
    return int(pair.client.get("straight") or 0)


def test_a_plain_turn_goes_the_straight_way(client: redis.Redis) -> None:
    pair = Pair(client, CountedStore)
    full(pair)

    assert completes(pair) == 1


SALES = Queue("Sales", offer_again_after_s=0)
CONFIGURED: dict[str, dict[str, Any]] = {
    "acw of the queue": {"sales": replace(SALES, acw_s={"chat": 9})},
    "acw of the agent": {"ana": Agent("ana", "P", acw_s={"chat": 9})},
    "proficiencies": {"ana": Agent("ana", "P", proficiencies={"L:fr": 2})},
    "a choice of agents": {"sales": replace(SALES, agent_choice="round_robin")},
    "a delay": {"profile": replace(CHATS, entries=(Entry("Sales", "chat", delay_s=900), Entry("Support", "chat", 2)))},
    "weights": {"profile": replace(CHATS, sharing="weighted")},
    "a limit": {"profile": replace(CHATS, entries=(Entry("Sales", "chat", max_contacts=1), Entry("Support", "chat")))},
    "a timer": {"profile": replace(CHATS, agent_availability_timer="since_last_inbound")},
}
"""What of a configuration a turn must go the general way for."""


@pytest.mark.parametrize("what", CONFIGURED)
def test_what_is_configured_otherwise_goes_the_general_way(client: redis.Redis, what: str) -> None:
    pair = Pair(client, CountedStore)
    full(pair, **CONFIGURED[what])

    assert completes(pair) == 0


def is_held(pair: Pair) -> None:
    pair.does("ana", lambda session, held: session.hold(held[0]))


def has_a_next_status(pair: Pair) -> None:
    pair.each(lambda place, store: supervising.set_next_status(store.keys, "ana", "Break"))


def takes_a_break(pair: Pair) -> None:
    pair.does("ana", lambda session, held: session.set_status("Break"))


def is_absent(pair: Pair) -> None:
    pair.now_us += 10**6 * S


def has_a_contact_of_its_own(pair: Pair) -> None:
    contact = producing.NewContact("@ana", "chat", b'"x"', contact_id="own")
    pair.each(lambda place, store: producing.push(store.keys, contact))


def closes_a_queue(pair: Pair) -> None:
    never = Hours("Never", "UTC", {})
    pair.configure(sales=replace(SALES, hours="Never"), hours=[never], version=1)


def has_asked_since(pair: Pair) -> None:
    pair.does("ana", lambda session, held: session.take())
    for session in pair.sessions["ana"]:
        session._op -= 2


def is_signed_in_anew(pair: Pair) -> None:
    for session in pair.sessions["ana"]:
        session.epoch -= 1


def has_a_token_of_later(pair: Pair) -> None:
    for session in pair.sessions["ana"]:
        session._last_token += 3_600 * S


def asks_for_a_skill(pair: Pair) -> None:
    contact = producing.NewContact("Support", "chat", criteria=(parse_step("L:fr >= 2"),), contact_id="c9")
    pair.each(lambda place, store: producing.push(store.keys, contact))


def has_attributes(pair: Pair) -> None:
    """The contact that comes next."""
    contact = producing.NewContact("Sales", "chat", priority=1, attributes={"a": "b"}, contact_id="c9")
    pair.each(lambda place, store: producing.push(store.keys, contact))


@pytest.mark.parametrize(
    "happens",
    [
        is_held, has_a_next_status, takes_a_break, is_absent, has_a_contact_of_its_own, closes_a_queue,
        has_a_token_of_later, has_asked_since, is_signed_in_anew, asks_for_a_skill, has_attributes,
    ],
)  # fmt: skip
def test_what_has_happened_goes_the_general_way(client: redis.Redis, happens: Callable[[Pair], None]) -> None:
    pair = Pair(client, CountedStore)
    full(pair)

    happens(pair)

    assert completes(pair) == 0


def test_an_agent_who_is_asked_goes_the_general_way(client: redis.Redis) -> None:
    pair = Pair(client, CountedStore)
    full(pair, auto_accept=False)
    pair.does("ana", lambda session, held: session.accept(held[-1]))

    assert completes(pair) == 0


def test_a_session_that_was_not_told_of_what_it_holds_is_told_of_it(client: redis.Redis) -> None:
    pair = Pair(client, CountedStore)
    full(pair, capacity=0, profile=replace(CHATS, channels={"chat": Concurrency(2)}))
    for session in pair.sessions["ana"]:
        session._last_token = 0  # the answer with both was lost

    assert completes(pair) == 0
    assert [len(held) for held in pair.held["ana"]] == [4, 4]
