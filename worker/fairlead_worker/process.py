"""A worker process: desks for its agents, and the few loops that they share."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import structlog

from fairlead.errors import FairleadError
from fairlead.server.connection import connect_async
from fairlead.service.identity import holder, inbox_name
from fairlead.store.client import AsyncStore
from fairlead.store.transitions.working import LEASE_MS, Session
from fairlead_worker.background import Background
from fairlead_worker.desk import Desk
from fairlead_worker.handlers import Handler
from fairlead_worker.link import Link
from fairlead_worker.stopping import Stopping
from fairlead_worker.watching import keep_running

log = structlog.get_logger()

DRAIN_LIMIT_S = 30.0

SIGN_OUT_LIMIT_S = 3.0
"""How long the end of a worker waits for Redis; agents that are not signed out by then are lost with their leases."""

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
        self._inbox = inbox_name(options.name)
        self._store = AsyncStore(connect_async(options.url), options.instance)
        self._link = Link()
        self._threads = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="handler")
        self._desks = {agent: self._new_desk(agent) for agent in options.agents}
        self._tasks: dict[asyncio.Task[None], Desk] = {}
        self._stopping = Stopping(options.drain_limit_s, SIGN_OUT_LIMIT_S, self._drain)

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
            inbox=self._inbox,
        )
        return Desk(
            self._store,
            self._link,
            session,
            options.handler,
            self._threads,
            profile=options.profile,
            take_over=options.take_over,
        )

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT, then drain.

        Raises the FairleadError that keeps an agent from beginning, or the last one from going on, and WorkerFailed.
        """
        options = self._options
        background = Background(options.url, options.instance, self._inbox, options.lease_ms, self._link, self._desks)
        self._tasks = {self._watched(f"desk of {name}", desk.run): desk for name, desk in self._desks.items()}
        parts = background.parts() | {"signals": self._stopping.keep_listening}
        loops = {self._watched(name, part) for name, part in parts.items()}
        hurry = asyncio.create_task(self._stopping.hurry.wait())
        with self._stopping.by_signals():
            try:
                await self._until_done({*loops, hurry})
            finally:
                await self._end({*loops, hurry})

    def _watched(self, name: str, part: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        return asyncio.create_task(keep_running(name, part), name=name)

    async def _until_done(self, others: set[asyncio.Task[Any]]) -> None:
        """Until every desk is done, or somebody is in a hurry, or a part of the worker gives up."""
        working = set(self._tasks)
        failure: FairleadError | None = None
        while working:
            done, _ = await asyncio.wait({*working, *others}, return_when=asyncio.FIRST_COMPLETED)
            for task in done & others:
                task.result()
                return
            for task in done & working:
                working.remove(task)
                failure = self._outcome(task, self._tasks[task]) or failure
        if failure and not self._stopping.is_asked:
            raise failure

    def _outcome(self, task: asyncio.Task[None], desk: Desk) -> FairleadError | None:
        """What ended a desk that had begun, or None when it is drained. Raises what kept it from beginning at all."""
        failure = None if task.cancelled() else task.exception()
        if failure is None:
            return None
        if not (isinstance(failure, FairleadError) and desk.has_begun):
            raise failure
        log.error("works no more", agent=desk.agent, error=str(failure))
        return failure

    def _drain(self) -> None:
        for task, desk in self._tasks.items():
            if desk.has_begun:
                desk.drain()
            else:
                task.cancel()

    async def _end(self, others: set[asyncio.Task[Any]]) -> None:
        """Sign out whoever is signed in, as far as Redis answers."""
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        signed_in = [desk for desk in self._desks.values() if desk.session.epoch]
        try:
            async with asyncio.timeout(SIGN_OUT_LIMIT_S):
                await asyncio.gather(*(desk.sign_out() for desk in signed_in))
        except TimeoutError:
            log.warning("not signed out: redis does not serve", lease_s=self._options.lease_ms / 1_000)
        for other in others:
            other.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)
