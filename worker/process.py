"""A worker process: desks for its agents, and the few loops that they share."""

import asyncio
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

import structlog
from redis.exceptions import RedisError

from fairlead.errors import FairleadError
from fairlead.store.client import AsyncStore
from fairlead.store.connection import BLOCK_S, connect_async
from fairlead.store.session import LEASE_MS, Session, renew
from fairlead.store.transitions.sweeping import SWEEP_EVERY_S, Sweeper
from worker.desk import RETRY_AFTER_S, Desk
from worker.handlers import Handler
from worker.identity import holder

log = structlog.get_logger()

DRAIN_LIMIT_S = 30.0
RENEWALS_PER_LEASE = 3
"""One renewal may be lost, and a second be late, before the lease ends."""

MOST_THREADS = 64


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """What a worker was started with. `capacity`: the most contacts held by one agent, 0 as its profile says."""

    url: str
    instance: str
    name: str
    agents: Sequence[str]
    handler: Handler
    profile: str = ""
    take_over: bool = False
    capacity: int = 0
    lease_ms: int = LEASE_MS
    drain_limit_s: float = DRAIN_LIMIT_S


class WorkerProcess:
    """Represents its agents until it is told to stop."""

    def __init__(self, options: WorkerOptions) -> None:
        self._options = options
        self._store = self._new_store()
        self._threads = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="handler")
        self._desks = {agent: self._new_desk(agent) for agent in options.agents}
        self._hurry = asyncio.Event()

    def _new_store(self) -> AsyncStore:
        return AsyncStore(connect_async(self._options.url), self._options.instance)

    def _new_desk(self, agent: str) -> Desk:
        options = self._options
        session = Session(
            self._store.keys,
            agent,
            options.name,
            holder(),
            lease_ms=options.lease_ms,
            auto_accept=True,
            capacity=options.capacity,
        )
        return Desk(
            self._store, session, options.handler, self._threads, profile=options.profile, take_over=options.take_over
        )

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT, then drain. Raises the FairleadError that keeps an agent from working."""
        self._listen_to_signals()
        background = [asyncio.create_task(loop) for loop in (self._wake(), self._renew(), self._sweep())]
        desks = [asyncio.create_task(desk.run()) for desk in self._desks.values()]
        hurry = asyncio.create_task(self._hurry.wait())
        try:
            await self._until_done(desks, hurry)
        finally:
            for desk in desks:
                desk.cancel()
            await asyncio.gather(*(desk.sign_out() for desk in self._desks.values() if desk.session.epoch))
            for task in (*background, hurry):
                task.cancel()
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def _until_done(self, desks: list[asyncio.Task[None]], hurry: asyncio.Task[bool]) -> None:
        pending: set[asyncio.Task[object]] = {*desks, hurry}
        while not hurry.done() and not all(desk.done() for desk in desks):
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        self._signals = 0

    def _stop(self) -> None:
        """The first signal drains; the second one, or the end of the limit, hands back what is held at once."""
        self._signals += 1
        if self._signals > 1:
            self._hurry.set()
            return
        log.info("draining", worker=self._options.name, limit_s=self._options.drain_limit_s)
        asyncio.get_running_loop().call_later(self._options.drain_limit_s, self._hurry.set)
        for desk in self._desks.values():
            desk.drain()

    async def _wake(self) -> None:
        """Wait for hints on a connection of its own; after a broken connection every desk asks."""
        store = self._new_store()
        inbox = store.keys.inbox(self._options.name)
        while True:
            try:
                hint = await store.client.blpop([inbox], timeout=BLOCK_S)
            except RedisError:
                await asyncio.sleep(RETRY_AFTER_S)
                for desk in self._desks.values():
                    desk.poke()
                continue
            woken = self._desks.get(hint[1].decode()) if hint else None
            if woken:
                woken.poke()

    async def _renew(self) -> None:
        store = self._new_store()
        while True:
            await asyncio.sleep(self._options.lease_ms / 1_000 / RENEWALS_PER_LEASE)
            sessions = [desk.session for desk in self._desks.values() if desk.session.epoch]
            with suppress(FairleadError):
                for agent in await store.run(renew(store.keys, sessions)):
                    self._desks[agent].lose()

    async def _sweep(self) -> None:
        store = self._new_store()
        sweeper = Sweeper(store.keys)
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            with suppress(FairleadError):
                while (await store.run(sweeper.sweep())).more:
                    pass
