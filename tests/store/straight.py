"""A centre twice: one takes the straight way of pushes and turns where it may, the other never does."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import redis
from objects import value_of
from raw import raw

from fairlead.domain.agent import AVAILABLE, BREAK, OFFLINE, Agent
from fairlead.domain.configuration import Configuration
from fairlead.domain.hours import Hours
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.errors import FairleadError
from fairlead.store import client as running
from fairlead.store.client import Store, _answer
from fairlead.store.transitions import configuring
from fairlead.store.transitions.sweeping import Sweeper
from fairlead.store.transitions.working import Session

S = 1_000_000
ASKS_FIRST = {
    "complete_contacts": ("local reply = F.plain_turn(", "local reply = (function() end)("),
    "push_contacts": ("local state = F.push_plain(", "local state = (function() end)("),
}
"""What asks for the straight way, and what does not."""
COUNTED = {
    "turned": "if reply then",
    "pushed": "if state then",
    "given": "if name and F.give_plain(engine, name, contact) then",
}
QUEUES = ("Sales", "Support", "Billing")
SALES = Queue("Sales", offer_again_after_s=0)
CHATS = RoutingProfile("P", {"chat": Concurrency(1)}, (Entry("Sales", "chat"), Entry("Support", "chat")))


class GeneralStore(Store):
    """Pushes and completes contacts without the straight way."""

    def run(self, request: Any) -> Any:
        if request.script not in ASKS_FIRST:
            return super().run(request)
        script, (asks, does_not) = running.load(request.script), ASKS_FIRST[request.script]
        assert asks in script.plain_text
        return self.asked(request, script.plain_text.replace(asks, does_not))

    def asked(self, request: Any, text: str) -> Any:
        now_us = self._dialect.source.clock() if self._dialect.source.clock else None
        client: Any = raw(self)
        return _answer(request, client.eval(text, *running.load(request.script).arguments(request, now_us, "")))


class CountedStore(GeneralStore):
    """Takes the straight way, and counts how often: `turned`, `pushed`, and of these `given` at once."""

    def run(self, request: Any) -> Any:
        if request.script not in ASKS_FIRST:
            return Store.run(self, request)
        text = running.load(request.script).plain_text
        for counter, condition in COUNTED.items():
            text = text.replace(condition, f"{condition} redis.call('INCR', '{counter}')")
        return self.asked(request, text)


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
        support: Queue | None = None,
        version: int = 0,
        **_: Any,
    ) -> None:
        """A plain configuration, but for what is given."""
        profiles = {one.name: one for one in (profile or CHATS, *others)}
        target = Configuration(
            {"Sales": sales or SALES, "Support": support or replace(SALES, name="Support")}, profiles,
            {"ana": ana or Agent("ana", "P")},
            {one.name: one for one in (AVAILABLE, OFFLINE, BREAK)}, {one.name: one for one in hours},
        )  # fmt: skip
        self.each(lambda place, store: configuring.apply_configuration(store.keys, target, version))

    def sign_in(self, name: str, profile: str = "", **options: Any) -> None:
        self.sessions[name] = [
            Session(store.keys, name, "w", f"here/{name}", lease_ms=10**9, **options) for store in self.stores
        ]
        self.held[name] = [[], []]
        self.does(name, lambda session, held: session.sign_in(profile=profile), is_new=True)

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

    def taken(self, way: str) -> int:
        """How often a CountedStore has gone a way (COUNTED)."""
        return int(self.client.get(way) or 0)

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
