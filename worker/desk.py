"""One agent at work: its session, the handlers that run for it, and its requests, one at a time.

Whatever happens (a handler ends, the wake-up connection hints, the session is lost) only sets an event; the desk's one
loop then tells the store all that has ended, in one request, and starts what that request brought.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import structlog

from fairlead.domain.agent import OFFLINE
from fairlead.errors import AgentSignedIn, Conflict, NotFound, RedisUnreachable, SessionEnded, StaleToken
from fairlead.store.client import AsyncStore
from fairlead.store.request import Request
from fairlead.store.session import Offer, Session, Turn
from worker.contact import Contact, Outcome, contact_of
from worker.handlers import Handler, describe, is_async
from worker.identity import is_dead

T = TypeVar("T")

log = structlog.get_logger()

RETRY_AFTER_S = 0.5
"""How long a desk waits before it asks a Redis again that did not answer."""


@dataclass(slots=True)
class Ended:
    """What the handlers have ended since the last request."""

    completed: list[Offer] = field(default_factory=list)
    released: list[Offer] = field(default_factory=list)
    failed: list[tuple[Offer, str]] = field(default_factory=list)
    one_by_one: list[tuple[Offer, Callable[[], Request[Turn]]]] = field(default_factory=list)
    """Transfers and callbacks to be tried again: each may be refused, and has a request of its own."""

    def __bool__(self) -> bool:
        return bool(self.completed or self.released or self.failed or self.one_by_one)


class Desk:
    """One agent's session and its running handlers."""

    def __init__(
        self, store: AsyncStore, session: Session, handler: Handler, threads: Executor, *, profile: str, take_over: bool
    ) -> None:
        self.session = session
        self.handled = 0
        self._store = store
        self._handler = handler
        self._is_async = is_async(handler)
        self._threads = threads
        self._profile = profile
        self._take_over = take_over
        self._running: dict[int, asyncio.Future[Any]] = {}
        self._ended = Ended()
        self._something = asyncio.Event()
        self._is_lost = False
        self._is_draining = False

    def poke(self) -> None:
        """The agent may have been given something: ask."""
        self._something.set()

    def lose(self) -> None:
        """The session is not live any more: sign in again."""
        self._is_lost = True
        self._something.set()

    def drain(self) -> None:
        """Take nothing new; `run` returns when all that is held has ended."""
        self._is_draining = True
        self._something.set()

    async def run(self) -> None:
        """Work until drained. Raises the FairleadError that keeps the agent from signing in."""
        await self._sign_in()
        is_routable = True
        while not (self._is_draining and not self._running and not self._ended):
            await self._something.wait()
            self._something.clear()
            try:
                if self._is_draining and is_routable:
                    is_routable = False
                    self._start((await self._ask(self.session.set_status(OFFLINE.name))).offers)
                await self._report()
            except SessionEnded:
                self._is_lost = True
            if self._is_lost and not self._is_draining:
                await self._sign_in_again()
            elif self._is_lost:
                return

    async def sign_out(self) -> None:
        """End the session; whatever it still holds goes back to its place in line."""
        for task in self._running.values():
            task.cancel()
        try:
            given_back = await self._ask(self.session.sign_out())
        except SessionEnded:
            return
        log.info("signed out", agent=self.session.agent, handled=self.handled, given_back=len(given_back))

    async def _sign_in(self) -> None:
        try:
            offers = await self._ask(self.session.sign_in(profile=self._profile))
        except AgentSignedIn as refusal:
            if not (self._take_over or is_dead(refusal)):
                raise AgentSignedIn(f"{refusal}; to take it over: --take-over", holder=refusal.holder) from None
            offers = await self._ask(self.session.sign_in(profile=self._profile, replaces=refusal.epoch))
        log.info("signed in", agent=self.session.agent, worker=self.session.worker, epoch=self.session.epoch)
        self._start(offers)

    async def _sign_in_again(self) -> None:
        log.warning("session lost", agent=self.session.agent, held=len(self._running))
        for task in self._running.values():
            task.cancel()
        self._running, self._ended, self._is_lost = {}, Ended(), False
        await self._sign_in()

    async def _report(self) -> None:
        """Tell the store what has ended since the last time, and start what it gives in return."""
        ended, self._ended = self._ended, Ended()
        for offer, build in ended.one_by_one:
            await self._hand_on(offer, build, ended)
        if ended.failed:
            await self._turn(self.session.fail(ended.failed))
        if ended.released:
            await self._turn(self.session.release(ended.released))
        if ended.completed:
            await self._turn(self.session.complete(ended.completed))
        elif not (ended.failed or ended.released):
            await self._turn(self.session.take())

    async def _hand_on(self, offer: Offer, build: Callable[[], Request[Turn]], ended: Ended) -> None:
        """A refused request leaves the contact with its agent, who has nothing more to do with it: it has failed."""
        try:
            await self._turn(build())
        except SessionEnded:
            raise
        except StaleToken:
            log.warning("fenced", agent=self.session.agent, contact=offer.contact_id)
        except (NotFound, Conflict) as refusal:
            log.warning("not handed on", agent=self.session.agent, contact=offer.contact_id, error=str(refusal))
            ended.failed.append((offer, type(refusal).__name__))

    async def _turn(self, request: Request[Turn]) -> None:
        turn = await self._ask(request)
        for contact_id in turn.fenced:
            log.warning("fenced", agent=self.session.agent, contact=contact_id)
        self._start(turn.offers)

    async def _ask(self, request: Request[T]) -> T:
        """The answer to a request, however often Redis has to be asked for it."""
        while True:
            try:
                return await self._store.run(request)
            except RedisUnreachable as failure:
                log.warning("redis does not answer", agent=self.session.agent, error=str(failure))
                await asyncio.sleep(RETRY_AFTER_S)

    def _start(self, offers: tuple[Offer, ...]) -> None:
        for offer in offers:
            task = asyncio.ensure_future(self._handle(offer, self.session.epoch))
            self._running[offer.token] = task

    async def _handle(self, offer: Offer, epoch: int) -> None:
        """Run the handler on one contact and note how it ended."""
        try:
            contact = contact_of(offer)
            await self._call(contact)
            error = ""
        except asyncio.CancelledError:
            return
        except Exception as failure:  # noqa: BLE001  # whatever a handler raises is the contact's failure, not ours
            error = describe(failure)
            log.warning("failed", agent=offer.agent, contact=offer.contact_id, attempt=offer.attempt, error=error)
        if epoch != self.session.epoch:
            log.warning("result dropped", agent=offer.agent, contact=offer.contact_id)
            return
        if error:
            self._ended.failed.append((offer, error))
        else:
            self._note(offer, contact)
        self._running.pop(offer.token, None)
        self._something.set()

    async def _call(self, contact: Contact) -> None:
        if self._is_async:
            await self._handler(contact)
        else:
            await asyncio.get_running_loop().run_in_executor(self._threads, self._handler, contact)

    def _note(self, offer: Offer, contact: Contact) -> None:
        if contact.outcome is Outcome.TRANSFER:
            self._ended.one_by_one.append((offer, partial(self.session.transfer, offer, contact.goes_to)))
        elif contact.outcome is Outcome.RETRY_CALLBACK:
            self._ended.one_by_one.append((offer, partial(self.session.retry_callback, offer)))
        elif contact.outcome is Outcome.RELEASE:
            self._ended.released.append(offer)
        else:
            self.handled += 1
            self._ended.completed.append(offer)
            log.debug("completed", agent=offer.agent, contact=offer.contact_id, queue=offer.queue)
