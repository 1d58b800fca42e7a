"""The straight way of a turn in which nothing is out of the ordinary leaves and answers what the general one does."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
import redis
from conftest import REAL_SERVERS, RealServer
from hypothesis import given, settings
from hypothesis import strategies as st
from objects import value_of

from fairlead.domain.agent import AVAILABLE, BREAK, OFFLINE, Agent
from fairlead.domain.configuration import Configuration
from fairlead.domain.criteria import parse_step
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.errors import FairleadError
from fairlead.store.client import Store, _answer
from fairlead.store.scripts import load
from fairlead.store.transitions import configuring, producing
from fairlead.store.transitions.sweeping import Sweeper
from fairlead.store.transitions.working import Session

S = 1_000_000
ASKS_FIRST = "local reply = F.plain_turn("
QUEUES = ("Sales", "Support", "Billing")


class GeneralStore(Store):
    """Completes contacts without the straight way."""

    def run(self, request: Any) -> Any:
        if request.script != "complete_contacts":
            return super().run(request)
        script = load(request.script)
        assert ASKS_FIRST in script.plain_text
        text = script.plain_text.replace(ASKS_FIRST, "local reply = (function() end)(")
        now_us = self._dialect.source.clock() if self._dialect.source.clock else None
        return _answer(request, self.raw.eval(text, *script.arguments(request, now_us, "")))

    raw: Any


class Pair:
    """The same centre twice, in two instances of a server: one takes the straight way where it may."""

    def __init__(self, client: redis.Redis) -> None:
        self.client = client
        self.now_us = 1_800_000_000 * S
        general = GeneralStore(client, "general", lambda: self.now_us)
        general.raw = client
        self.stores = [Store(client, "plain", lambda: self.now_us), general]
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
            except FairleadError as refusal:
                answers.append(str(refusal))
        return answers

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
    odd = random.random() < 0.5
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
    timer = "since_last_inbound_contact" if odd and random.random() < 0.2 else "since_last_activity"
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
    if random.random() < 0.3:
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


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9))
def test_the_straight_way_leaves_and_answers_what_the_general_one_does(client: redis.Redis, seed: int) -> None:
    random = Random(seed)
    client.flushdb()
    pair = Pair(client)
    configuration = drawn_configuration(random)
    pair.each(lambda place, store: configuring.apply_configuration(store.keys, configuration, 0))
    for name in ("ana", "bo"):
        pair.sign_in(name, auto_accept=random.random() < 0.9, capacity=random.choice([0, 1, 2, 4]))
    for number in range(40):
        step(pair, random, number)
        pair.is_agreed()
