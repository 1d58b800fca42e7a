"""A contact centre at size, and a store that counts how often each script asks Redis."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import redis

from fairlead.domain.agent import AVAILABLE, BREAK, OFFLINE, Agent
from fairlead.domain.channel import CHANNELS, MAX_SLOTS
from fairlead.domain.configuration import Configuration
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact
from fairlead.store.request import Request
from fairlead.store.transitions import producing
from fairlead.store.transitions.sweeping import Sweeper
from fairlead.store.transitions.working import Session

S = 1_000_000
CALLERS = {
    "cmdstat_fcall", "cmdstat_function|load", "cmdstat_evalsha", "cmdstat_script|load", "cmdstat_info",
    "cmdstat_config|resetstat",
}  # fmt: skip
"""What is no call of a script."""


class CountingStore(Store):
    """`calls`: the most that one run of a script has made, by the script's name; counted while `counts`."""

    def __init__(self, client: redis.Redis, **options: Any) -> None:
        super().__init__(client, **options)
        self.raw, self.counts = client, False
        self.calls: dict[str, int] = defaultdict(int)

    def run(self, asked: Any) -> Any:
        if not isinstance(asked, Request):
            return super().run(asked)
        [answer] = self.run_many([asked])
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _send(self, requests: Sequence[Request[Any]]) -> list[Any]:
        if not self.counts:
            return super()._send(requests)
        replies = []
        for request in requests:
            self.raw.config_resetstat()
            replies += super()._send([request])
            stats = self.raw.info("commandstats")
            many = sum(one["calls"] for name, one in stats.items() if name not in CALLERS)
            self.calls[request.script] = max(self.calls[request.script], many)
        return replies


class Large:
    """10,000 agents on 100 profiles, of which P0 has 3,000; 1,000 queues, ten for each profile and one for all."""

    def __init__(self, client: redis.Redis, agents: int = 10_000, profiles: int = 100, queues: int = 1_000) -> None:
        client.flushall()
        self.now_us = 1_800_000_000 * S
        self.store = CountingStore(client, clock=lambda: self.now_us)
        self.keys, self.sweeper = self.store.keys, Sweeper(self.store.keys)
        self.queues = {name: Queue(name) for name in ("All", "Late", *(f"Q{place}" for place in range(queues - 2)))}
        self.profiles = {f"P{place}": self._profile(place, queues // profiles) for place in range(profiles)}
        crowd = agents * 3 // 10
        self.agents = {
            f"a{place:05}": Agent(f"a{place:05}", "P0" if place < crowd else f"P{place % profiles}")
            for place in range(agents)
        }
        self.sessions: dict[str, Session] = {}
        self.pushed = 0

    def _profile(self, place: int, many: int) -> RoutingProfile:
        entries = [Entry(f"Q{place * many + one}", "chat") for one in range(many) if place * many + one < 998]
        return self.profile(f"P{place}", [Entry("All", "chat"), *entries])

    @staticmethod
    def profile(name: str, entries: Sequence[Entry], slots: int = 1) -> RoutingProfile:
        channels = {one: Concurrency(min(slots, MAX_SLOTS[one]), allows_others=True) for one in CHANNELS}
        return RoutingProfile(name, channels, tuple(entries))

    def configuration(self, **changes: Any) -> Configuration:
        statuses = {one.name: one for one in (AVAILABLE, OFFLINE, changes.pop("desk", BREAK))}
        kept = {"queues": self.queues, "profiles": self.profiles, "agents": self.agents, "statuses": statuses}
        return Configuration(**{**kept, **changes})

    def all(self, requests: Sequence[Request[Any]]) -> None:
        """Run many requests, not counted."""
        counts, self.store.counts = self.store.counts, False
        for first in range(0, len(requests), 1_000):
            for answer in self.store.run_many(requests[first : first + 1_000]):
                assert not isinstance(answer, Exception), answer
        self.store.counts = counts

    def sign_in_all(self, holder_of: Any = lambda name: "here/1") -> None:
        self.now_us += S
        self.sessions = {name: Session(self.keys, name, "w", holder_of(name), lease_ms=10**9) for name in self.agents}
        self.all([session.sign_in() for session in self.sessions.values()])

    def push(self, many: int, queue: str, **options: Any) -> None:
        """Contacts of the queue, each a microsecond after the other."""
        self.now_us += S
        made = range(self.pushed, self.pushed + many)
        priority = options.pop("priority", lambda place: 5)
        criteria = options.pop("criteria", lambda place: ())
        self.pushed += many
        self.all([
            producing.push(self.keys, NewContact(
                queue, "chat", b"1", priority(place), contact_id=f"c{place}", criteria=criteria(place), **options
            ))
            for place in made
        ])  # fmt: skip

    def quiet(self) -> int:
        """Sweep until nothing is left. Answers how often."""
        sweeps = 1
        while self.store.run(self.sweeper.sweep()).more:
            sweeps += 1
        return sweeps

    def passes(self, seconds: float) -> int:
        self.now_us += round(seconds * S)
        return self.quiet()
