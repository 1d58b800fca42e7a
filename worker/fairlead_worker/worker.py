"""A worker inside one's own process: it leaves signals, logs, the event loop and the rest of the process alone."""

import asyncio
from collections.abc import Iterable
from functools import partial
from types import TracebackType
from typing import Self

from fairlead.domain.names import checked_name
from fairlead.errors import HandlerNotFound, InvalidSetting, WorkerFailed
from fairlead.server.finding import Server
from fairlead.server.patience import ANSWERED, ASK_AGAIN_AFTER_S
from fairlead.service.identity import worker_name
from fairlead.service.opening import find_instance
from fairlead.settings import DAY_S, checked_number
from fairlead.store.transitions.working import LEASE_MS
from fairlead_worker.handlers import Handler, load_handler
from fairlead_worker.limits import Given, Limits
from fairlead_worker.link import Link
from fairlead_worker.shift import Options, Parts, Shift
from fairlead_worker.threads import Threads

DRAIN_LIMIT_S = 30.0


class Worker:
    """Represents agents in this process while it is entered, or while `run` runs.

    `handler`: a function, plain or async, or a name as `fairlead work` takes it. `url`, `instance`: as the command
    finds them unless given. `profile`: the routing profile of agents that are not known. `take_over`: end a live
    session of the agents first. `capacity`: the most contacts of an agent, 0 as its profile says. `quick`: a plain
    handler returns within a millisecond and waits for nothing: it runs on the event loop, not in a thread. `lease_s`:
    how long the sessions of a process that has died live on. `drain_limit_s`: how long leaving lets handlers go on.
    `handler_limits_s`: how long the handler may take for a contact, in seconds, for all or by place, as
    {"voice": 600, "Sales:chat": 90, "*": 30}; the contact has failed when it takes longer. `keep_error_text`: what a
    handler's error says is kept and logged, not only its type and place.

    Raises InvalidName, InvalidSetting, HandlerNotFound. Use a worker in one event loop; it may be entered again.
    """

    def __init__(
        self,
        agents: Iterable[str],
        handler: Handler | str,
        *,
        url: str | None = None,
        instance: str | None = None,
        profile: str = "",
        name: str = "",
        take_over: bool = False,
        capacity: int = 0,
        quick: bool = False,
        lease_s: float = LEASE_MS / 1e3,
        drain_limit_s: float = DRAIN_LIMIT_S,
        handler_limits_s: Given | None = None,
        keep_error_text: bool = False,
    ) -> None:
        self._url = url
        self._instance = instance
        self._options = Options(
            name=checked_name("worker", name or worker_name()),
            agents=checked_agents(agents),
            handler=checked_handler(handler),
            quick=quick,
            profile=checked_name("routing profile", profile) if profile else "",
            take_over=take_over,
            capacity=int(checked_number("capacity", capacity, 0, 1_000)),
            lease_ms=round(checked_number("lease_s", lease_s, 0.5, DAY_S) * 1_000),
            drain_limit_s=checked_number("drain_limit_s", drain_limit_s, 0, DAY_S),
            limits=Limits(handler_limits_s),
            keeps_error_text=keep_error_text,
        )
        self._life: asyncio.Task[None] | None = None
        self._shift: Shift | None = None
        self._is_stopping = False

    @property
    def name(self) -> str:
        """The worker's name, as people see it beside its agents."""
        return self._options.name

    @property
    def is_working(self) -> bool:
        """Whether it has been entered and has not ended."""
        return self._life is not None and not self._life.done()

    @property
    def failure(self) -> BaseException | None:
        """What ended the worker by itself; None while it works, and when it was stopped."""
        if self._life is None or not self._life.done():
            return None
        if not self._life.cancelled():
            return self._life.exception()
        if self._is_stopping:
            return None
        return WorkerFailed("a handler cancelled the worker's own tasks, without which it cannot go on")

    async def start(self) -> None:
        """Sign all agents in; a Redis that is there and cannot serve yet is waited for.

        Raises the FairleadError that keeps an agent from beginning; then nobody is signed in.
        """
        if self.is_working:
            raise RuntimeError(f"worker {self.name!r} works already: make another one")
        self._shift, self._is_stopping = None, False
        begun = asyncio.Event()
        self._life = asyncio.create_task(self._live(begun), name=f"worker {self.name}")
        beginning = asyncio.create_task(begun.wait())
        try:
            await asyncio.wait({self._life, beginning}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            self.stop()
            await self._ended(is_hurried=True)
            raise
        finally:
            beginning.cancel()
        self._raise_failure()

    def stop(self) -> None:
        """Take no new contacts, finish those that are held within the drain limit, and end.

        Called again, it hands back at once what is held. Another thread calls it by `loop.call_soon_threadsafe`.
        """
        if self._life is None or self._life.done() or (self._life.cancelling() and not self._is_stopping):
            return
        self._is_stopping = True
        if self._shift:
            self._shift.stop()
        else:
            self._life.cancel()

    async def wait(self) -> None:
        """Wait until the worker has ended. Raises what has ended it, unless it was stopped."""
        if self._life:
            await asyncio.wait({self._life})
        self._raise_failure()

    async def close(self) -> None:
        """Stop, and wait for the end; whoever cancels this hands back at once what is held."""
        self.stop()
        await self._ended()

    async def run(self) -> None:
        """Work until `stop` is called, or this is cancelled. Raises as `start` and `wait`."""
        async with self:
            await self.wait()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
        if error is None:
            self._raise_failure()

    def _parts(self) -> Parts:
        """What runs beside the worker's own loops."""
        return {}

    async def _live(self, begun: asyncio.Event) -> None:
        link = Link()
        with Threads() as threads:
            self._shift = Shift(self._options, await self._found(link, threads), link, threads, begun)
            await self._shift.work(self._parts())

    async def _found(self, link: Link, threads: Threads) -> Server:
        """The server, once it serves, with the instance. Where none answers, the address may be wrong: it is told."""
        find = partial(find_instance, self._url, self._instance, makes_instance=True)
        while True:
            try:
                found = await threads.run(find)
            except ANSWERED as failure:
                link.failed("start", failure)
                await asyncio.sleep(ASK_AGAIN_AFTER_S)
            else:
                link.served("start")
                return found

    async def _ended(self, *, is_hurried: bool = False) -> None:
        """Wait for the end of a worker that was stopped. It comes, however often this is cancelled meanwhile."""
        cancellation: asyncio.CancelledError | None = None
        while self.is_working and self._life:
            if is_hurried:
                self.stop()
            try:
                await asyncio.wait({self._life})
            except asyncio.CancelledError as asked:
                cancellation, is_hurried = asked, True
        if cancellation:
            raise cancellation

    def _raise_failure(self) -> None:
        if self.failure:
            raise self.failure


def checked_agents(agents: Iterable[str]) -> list[str]:
    """The agents that a worker represents: one name, or several. Raises InvalidName, InvalidSetting."""
    names = [agents] if isinstance(agents, str) else list(dict.fromkeys(agents))
    if not names:
        raise InvalidSetting("a worker needs at least one agent: give their names")
    return [checked_name("agent", name) for name in names]


def checked_handler(handler: Handler | str) -> Handler:
    """The handler, or the one of that name. Raises HandlerNotFound."""
    if isinstance(handler, str):
        return load_handler(handler)
    if not callable(handler):
        raise HandlerNotFound(f"handler {handler!r} is not a function")
    return handler
