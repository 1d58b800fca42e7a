"""An engine, its sweepers and a clock that tests set."""

from dataclasses import replace
from time import monotonic_ns
from typing import Any

from raw import raw

from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact
from fairlead.store.transitions import configuring, producing
from fairlead.store.transitions.sweeping import PAUSE_US, Sweeper
from fairlead.store.transitions.working import Session

S = 1_000_000


HOUR_US = 3_600 * S


LEASE_US = 15 * S


JUMPS = [HOUR_US, -HOUR_US, 30 * S, -30 * S]


class World:
    """An instance whose server's clock can be set, while real time passes or does not.

    TIME cannot be moved on every server; instead all that was noted of it is moved the other way, which is the same.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.passed_us = 0
        self.sweepers: list[Sweeper] = []
        store.run(configuring.prepare_instance(store.keys))
        self.begins_us = store.run(reading.now_us()) - self.monotonic_ns() // 1_000

    def monotonic_ns(self) -> int:
        return monotonic_ns() + self.passed_us * 1_000

    def true_us(self) -> int:
        """What the engine's time ought to be, had nobody touched the clock."""
        return self.begins_us + self.monotonic_ns() // 1_000

    def sweeper(self) -> Sweeper:
        self.sweepers.append(Sweeper(self.store.keys, self.monotonic_ns))
        return self.sweepers[-1]

    def sweep(self, sweeper: Sweeper) -> None:
        while self.store.run(sweeper.sweep()).more:
            pass

    def clock_is_set(self, by_us: int) -> None:
        """The server's clock jumps, and no time passes."""
        instance, client = self.store.keys.instance, raw(self.store)
        client.hincrby(instance, "offset_us", by_us)
        if client.hexists(instance, "clock_us"):
            client.hincrby(instance, "clock_us", -by_us)
        if doubt := client.hget(instance, "doubt"):
            raw_us, from_us = map(int, doubt.split())
            client.hset(instance, "doubt", f"{raw_us - by_us} {from_us}")
        for sweeper in self.sweepers:
            sweeper._before, sweeper._last = (
                sight and replace(sight, clock_us=sight.clock_us - by_us) for sight in (sweeper._before, sweeper._last)
            )

    def passes(self, us: int) -> None:
        """Real time passes: both clocks move."""
        self.clock_is_set(us)
        self.passed_us += us

    def sign_in(self, agent: str, **options: Any) -> Session:
        session = Session(self.store.keys, agent, "w", "here", lease_ms=LEASE_US // 1_000, **options)
        self.store.run(session.sign_in(profile="BasicRoutingProfile"))
        return session

    def push(self, contact_id: str, **options: Any) -> int:
        """Answers the time of enqueueing."""
        contact = NewContact("BasicQueue", "voice", contact_id=contact_id, **options)
        self.store.run(producing.push(self.store.keys, contact))
        return self.store.run(reading.contact(contact_id)).queued_us

    def is_signed_in(self, agent: str) -> bool:
        return any(one.name == agent and one.is_signed_in for one in self.store.run(reading.agent_states()))

    def due_us(self, member: str) -> int:
        return int(raw(self.store).zscore(self.store.keys.due, member))

    def is_right(self) -> bool:
        return abs(self.store.run(reading.now_us()) - self.true_us()) < PAUSE_US
