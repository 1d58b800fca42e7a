"""A shift of a worker: its desks from sign-in to sign-out, and the few loops that they share."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from fairlead.errors import FairleadError, RedisError
from fairlead.server.finding import Server
from fairlead.server.wire import Wire
from fairlead.service.identity import holder, inbox_name
from fairlead.service.tracing import watcher
from fairlead.store.client import AsyncStore
from fairlead.store.hints import forget_inbox
from fairlead.store.transitions.working import Session
from fairlead_worker.background import Background
from fairlead_worker.desk import Desk
from fairlead_worker.fence import Fence
from fairlead_worker.handlers import Handler
from fairlead_worker.limits import Limits
from fairlead_worker.link import Link
from fairlead_worker.logs import get_logger
from fairlead_worker.threads import Threads
from fairlead_worker.traced import TracedDesk
from fairlead_worker.watching import end_tasks, keep_running

Parts = Mapping[str, Callable[[], Awaitable[None]]]
"""What runs as long as the shift, by name."""

log = get_logger()

SIGN_OUT_LIMIT_S = 3.0
"""How long the end of a worker waits for Redis; agents that are not signed out by then are lost with their leases."""

SIGN_IN_LIMIT_S = 1.0
"""How long a worker that is stopped waits for the answer to a sign-in, which may have brought contacts already."""

HANDLERS_END_WITHIN_S = 2.0
"""How long the end of a worker waits for handlers that it has cancelled."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a worker was made with, checked. `capacity`: the most contacts held by one agent, 0 as its profile says.

    `quick`: a plain handler runs on the event loop.
    """

    name: str
    agents: Sequence[str]
    handler: Handler
    quick: bool
    profile: str
    take_over: bool
    capacity: int
    lease_ms: int
    drain_limit_s: float
    limits: Limits
    keeps_error_text: bool


class Shift:
    """Represents its agents until it is told to stop. `begun` is set once all of them are signed in."""

    def __init__(self, options: Options, server: Server, link: Link, threads: Threads, begun: asyncio.Event) -> None:
        self._options = options
        self._store = AsyncStore(Wire(server.url, server.instance), server.instance)
        self._link = link
        self._fence = Fence(
            options.handler,
            threads,
            quick=options.quick,
            keeps_text=options.keeps_error_text,
            limits=options.limits,
        )
        self._begun = begun
        self._inbox = inbox_name(options.name)
        self._desks = {agent: self._new_desk(agent) for agent in options.agents}
        self._background = Background(server, self._store, self._inbox, options.lease_ms, link, self._desks)
        self._working: dict[asyncio.Task[None], Desk] = {}
        self._hurry = asyncio.Event()
        self._is_stopping = False

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
        kind = partial(TracedDesk, watching) if (watching := watcher()) else Desk
        return kind(
            self._store,
            self._link,
            session,
            self._fence,
            profile=options.profile,
            take_over=options.take_over,
        )

    async def work(self, parts: Parts) -> None:
        """Work until stopped and drained, with `parts` beside the loops of one's own.

        Raises the FairleadError that keeps an agent from beginning, or the last one from going on, and WorkerFailed.
        """
        self._working = {_watched(f"desk of {name}", desk.run): desk for name, desk in self._desks.items()}
        loops = {_watched(name, part) for name, part in {**self._background.parts(), **parts}.items()}
        beginning, hurry = asyncio.create_task(self._begin()), asyncio.create_task(self._hurry.wait())
        try:
            await self._until_done({*loops, hurry})
        finally:
            await self._end()
            await end_tasks({*loops, beginning, hurry})
            await self._store.close()

    def stop(self) -> None:
        """Drain; when draining already, hand back at once what is held."""
        if self._is_stopping:
            self._hurry.set()
            return
        self._is_stopping = True
        limit_s = self._options.drain_limit_s
        log.info("draining", limit_s=limit_s)
        loop = asyncio.get_running_loop()
        loop.call_later(limit_s, self._hurry.set)
        for task, desk in self._working.items():
            desk.drain()
            if not desk.begun.is_set():
                loop.call_later(SIGN_IN_LIMIT_S, _give_up, task, desk)

    async def _begin(self) -> None:
        for desk in self._desks.values():
            await desk.begun.wait()
        self._begun.set()

    async def _until_done(self, others: set[asyncio.Task[Any]]) -> None:
        """Until every desk is done, or somebody is in a hurry, or a part of the worker gives up."""
        working = set(self._working)
        failure: FairleadError | None = None
        while working:
            done, _ = await asyncio.wait({*working, *others}, return_when=asyncio.FIRST_COMPLETED)
            for task in done & others:
                task.result()
                return
            for task in done & working:
                working.remove(task)
                failure = self._outcome(task, self._working[task]) or failure
        if failure and not self._is_stopping:
            raise failure

    def _outcome(self, task: asyncio.Task[None], desk: Desk) -> FairleadError | None:
        """What ended a desk that had begun, or None when it is drained. Raises what kept it from beginning at all."""
        failure = None if task.cancelled() else task.exception()
        if failure is None:
            return None
        if not isinstance(failure, FairleadError) or not (desk.begun.is_set() or self._is_stopping):
            raise failure
        log.error("stopped for this agent", agent=desk.agent, error=str(failure))
        return failure

    async def _end(self) -> None:
        """Sign out whoever is signed in, as far as Redis answers."""
        await end_tasks(self._working)
        signed_in = [desk for desk in self._desks.values() if desk.may_be_signed_in]
        try:
            async with asyncio.timeout(SIGN_OUT_LIMIT_S):
                await asyncio.gather(*(desk.sign_out() for desk in signed_in))
                with suppress(RedisError):  # it ends by itself, too
                    await self._store.run(forget_inbox(self._inbox))
        except TimeoutError:
            log.warning("not signed out: redis does not serve", lease_s=self._options.lease_ms / 1_000)
        left = set[asyncio.Task[None]]().union(*(desk.left_running for desk in self._desks.values()))
        if left:
            await asyncio.wait(left, timeout=HANDLERS_END_WITHIN_S)


def _give_up(task: asyncio.Task[None], desk: Desk) -> None:
    if not desk.begun.is_set():
        task.cancel()


def _watched(name: str, part: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
    return asyncio.create_task(keep_running(name, part), name=name)
