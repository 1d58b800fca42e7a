"""One agent at work: its session, the handlers that run for it, and its requests, one at a time.

Whatever happens (a handler ends, the wake-up connection hints, the session is lost) only sets an event; the desk's one
loop then tells the store all that has ended, in one request, and starts what that request brought.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from inspect import isawaitable
from typing import TypeVar

from fairlead.domain.agent import OFFLINE
from fairlead.errors import FairleadError, SessionEnded, StaleToken
from fairlead.service.agent import own_epoch, sign_in
from fairlead.service.contact import Contact, Outcome, contact_of
from fairlead.store.client import AsyncStore
from fairlead.store.hints import Hint
from fairlead.store.offers import Answer, Held, Offer
from fairlead.store.procedure import Procedure
from fairlead.store.request import Request
from fairlead.store.transitions.working import Session
from fairlead_worker.fence import Fence
from fairlead_worker.handlers import describe
from fairlead_worker.link import OVERTAKEN, Link
from fairlead_worker.logs import get_logger

T = TypeVar("T")

log = get_logger()


@dataclass(slots=True)
class Ended:
    """What the handlers have ended since the last request."""

    completed: list[Offer] = field(default_factory=list)
    released: list[Offer] = field(default_factory=list)
    failed: list[tuple[Offer, str]] = field(default_factory=list)
    one_by_one: list[tuple[Offer, Callable[[], Request[Answer]]]] = field(default_factory=list)
    """Transfers and callbacks to be tried again: each may be refused, and has a request of its own."""

    def __bool__(self) -> bool:
        return bool(self.completed or self.released or self.failed or self.one_by_one)

    def offers(self) -> list[Offer]:
        """What the store has not been told of."""
        with_more = [offer for offer, _ in [*self.failed, *self.one_by_one]]
        return [*self.completed, *self.released, *with_more]


class Desk:
    """One agent's session and its running handlers."""

    def __init__(
        self,
        store: AsyncStore,
        link: Link,
        session: Session,
        fence: Fence,
        *,
        profile: str,
        take_over: bool,
    ) -> None:
        self.session = session
        self.handled = 0
        self._store = store
        self._link = link
        self._fence = fence
        self._profile = profile
        self._take_over = take_over
        self._running: dict[int, asyncio.Task[None]] = {}
        self._dropped: set[asyncio.Task[None]] = set()
        self._begun_token = 0
        self._finished: list[Held] = []
        self._ended = Ended()
        self._telling = Ended()
        self._something = asyncio.Event()
        self._is_lost = False
        self._is_draining = False
        self._is_signing_in = False
        self.begun = asyncio.Event()
        """Set once the agent has been signed in."""
        self.idle = asyncio.Event()
        """Set while no handler runs and the store has been told of all that has ended."""

    @property
    def agent(self) -> str:
        """The agent's name."""
        return self.session.agent

    @property
    def handled_tokens(self) -> tuple[int, ...]:
        """Of what has been begun, and of which the store has not been told yet how it has ended."""
        return (*self._running, *(offer.token for ended in (self._ended, self._telling) for offer in ended.offers()))

    @property
    def may_be_signed_in(self) -> bool:
        """Whether there is a session to end, as far as this desk knows."""
        return bool(self.session.epoch or self._is_signing_in)

    @property
    def left_running(self) -> set[asyncio.Task[None]]:
        """What was dropped and has not ended yet, although it was cancelled."""
        return set(self._dropped)

    def poke(self) -> None:
        """The agent may have been given something: ask."""
        self.idle.clear()
        self._something.set()

    def hear(self, hint: Hint) -> None:
        """The agent was given something: begin with it at once when the hint brings all that is new, else ask."""
        offer = None if self._is_lost or self._is_draining else self.session.told(hint)
        if offer:
            self.idle.clear()
            self._start((offer,))
        else:
            self.poke()

    def find(self, held: Held) -> None:
        """The agent seems to hold what has ended: Redis has forgotten that it was told. It goes back into line."""
        self.idle.clear()
        self._finished.append(held)
        self._something.set()

    def lose(self, epoch: int) -> None:
        """The session of that epoch is not live any more: sign in again, unless that has been done meanwhile."""
        if epoch == self.session.epoch:
            self._is_lost = True
            self._something.set()

    def drain(self) -> None:
        """Take nothing new; `run` returns when all that is held has ended, or does not begin."""
        self._is_draining = True
        self._something.set()

    async def run(self) -> None:
        """Work until drained. Raises the FairleadError that keeps the agent from signing in.

        It may be run again after it has died: whatever the session held goes back then, and a new one begins.
        """
        await self._sign_in()
        is_routable = True
        while not (self._is_draining and not self._running and not self._ended):
            if not self._something.is_set():
                if not self._running:
                    self.idle.set()
                await self._something.wait()
            self.idle.clear()
            self._something.clear()
            try:
                if self._is_draining and is_routable:
                    is_routable = False
                    self._start((await self._ask(self.session.set_status(OFFLINE.name))).offers)
                if self._finished:
                    await self._give_back()
                await self._tell()
            except OVERTAKEN:
                self._is_lost = True
                for offer in self._telling.offers():
                    log.warning("result dropped", agent=self.agent, contact=offer.contact_id)
            if self._is_lost and self._is_draining:
                self._drop_all()
                return
            if self._is_lost:
                log.warning("session lost", agent=self.agent, held=len(self._running))
                await self._sign_in_again()

    async def sign_out(self) -> None:
        """End the session; whatever it still holds goes back to its place in line."""
        self._drop_all()
        if self._is_signing_in:  # the answer to the sign-in did not come
            self.session.epoch = await self._ask(own_epoch(self.session))
        if not self.session.epoch:
            return
        try:
            given_back = await self._ask(self.session.sign_out())
        except SessionEnded:
            return
        log.info("signed out", agent=self.agent, handled=self.handled, given_back=len(given_back))

    async def _sign_in(self, *, again: bool = False) -> None:
        """Begin a session. Only the very first sign-in ends a live one of the agent elsewhere, and only if told to."""
        self._drop_all()
        take_over, self._take_over = self._take_over, False
        self._is_signing_in = True
        try:
            offers = await self._ask(sign_in(self.session, profile=self._profile, take_over=take_over, again=again))
        except FairleadError:
            self._is_signing_in = False
            raise
        self._is_signing_in = self._is_lost = False
        self._begun_token = 0
        self._finished = []
        self.begun.set()
        log.info("signed in", agent=self.agent, worker=self.session.worker, epoch=self.session.epoch)
        self._start(offers)

    async def _sign_in_again(self) -> None:
        """Go on after a lost session. Who was taken over or signed out meanwhile, or is known no more, stays out."""
        try:
            await self._sign_in(again=True)
        except FairleadError:
            self.session.epoch = 0
            raise

    def _drop_all(self) -> None:
        """Have nothing more to do with what the session holds; plain handlers run on, and nobody hears of their end."""
        running, self._running = self._running, {}
        self._ended, self._telling = Ended(), Ended()
        for task in running.values():
            self._dropped.add(task)
            task.add_done_callback(self._dropped.discard)
            task.cancel()

    async def _give_back(self) -> None:
        """Give back what has ended, as far as is known here; what was under way when it was found is sorted out."""
        known, finished, self._finished = self.handled_tokens, self._finished, []
        held = [one for one in finished if one.token not in known]
        if not held:
            return
        answer = await self._ask(self.session.give_back(held))
        for one in held:
            if one.contact_id not in answer.fenced:
                log.warning("forgotten by redis", agent=self.agent, contact=one.contact_id)
        self._start(answer.offers)

    async def _tell(self) -> None:
        """Tell the store what has ended since the last time, and start what it gives in return.

        What it has been told of is taken out of `_telling`.
        """
        ended = self._telling = self._ended
        self._ended = Ended()
        while ended.one_by_one:
            await self._hand_on(*ended.one_by_one[0], ended)
            ended.one_by_one.pop(0)
        if not ended:
            self._take_up(await self._ask(self.session.take()))
        if ended.failed:
            answer = await self._ask(self.session.fail(ended.failed))
            self._take_up(answer)
            for offer, error in ended.failed:
                if offer.contact_id in answer.parked:
                    log.error("parked", agent=self.agent, contact=offer.contact_id, queue=offer.queue, error=error)
            ended.failed = []
        if ended.released:
            self._take_up(await self._ask(self.session.release(ended.released)))
            ended.released = []
        if ended.completed:
            self._take_up(await self._ask(self.session.complete(ended.completed)))
            ended.completed = []

    async def _hand_on(self, offer: Offer, build: Callable[[], Request[Answer]], ended: Ended) -> None:
        """A refused request leaves the contact with its agent, who has nothing more to do with it: it has failed."""
        try:
            self._take_up(await self._ask(build()))
        except OVERTAKEN:
            raise
        except StaleToken:
            log.warning("fenced", agent=self.agent, contact=offer.contact_id)
        except FairleadError as refusal:
            log.warning("not handed on", agent=self.agent, contact=offer.contact_id, error=str(refusal))
            ended.failed.append((offer, type(refusal).__name__))

    def _take_up(self, answer: Answer) -> None:
        for contact_id in answer.fenced:
            log.warning("fenced", agent=self.agent, contact=contact_id)
        self._start(answer.offers)

    def _ask(self, asked: Request[T] | Procedure[T]) -> Awaitable[T]:
        return self._link.ask(self.agent, self._store, asked)

    def _start(self, offers: tuple[Offer, ...]) -> None:
        for offer in offers:
            if offer.token <= self._begun_token:  # a hint had brought it while the request was under way
                continue
            self._begun_token = offer.token
            self._begin(offer, time.monotonic())

    def _begin(self, offer: Offer, began_s: float) -> None:
        """Begin the handler on one contact. It may be done with it at once."""
        try:
            contact = contact_of(offer)
        except ValueError as failure:  # the payload is no JSON: somebody has pushed past the producer's checks
            self._end(offer, None, describe(failure), began_s)
            return
        if self._fence.is_quick:
            answer, error = self._fence.call(contact)
            if error or answer is None or not isawaitable(answer):
                self._end(offer, contact, error, began_s)
                return
            work = partial(self._fence.finish, answer)
        else:
            work = partial(self._fence.run, contact)
        self._running[offer.token] = asyncio.create_task(self._finish(offer, contact, work, began_s))

    async def _finish(
        self, offer: Offer, contact: Contact, work: Callable[[], Awaitable[str]], began_s: float
    ) -> None:
        """Wait for the handler and note how it ended, unless the desk has dropped the contact meanwhile."""
        error = await work()
        if self._running.get(offer.token) is not asyncio.current_task():
            log.warning("result dropped", agent=offer.agent, contact=offer.contact_id)
            return
        del self._running[offer.token]
        self._end(offer, contact, error, began_s)

    def _end(self, offer: Offer, contact: Contact | None, error: str, began_s: float) -> None:
        """Note how a handler has ended. `contact`: None when it could not even begin."""
        if contact and not error and not isinstance(contact.outcome, Outcome):
            error = "the outcome is none"
        outcome = None
        if contact is None or error:
            self._ended.failed.append((offer, error))
        else:
            outcome = contact.outcome
            self._note(offer, contact)
        self._something.set()
        # in the next turn of the event loop, when the store has already been told
        asyncio.get_running_loop().call_soon(_log_end, offer, outcome, error, time.monotonic() - began_s)

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


def _about(offer: Offer) -> dict[str, str]:
    return {"agent": offer.agent, "contact": offer.contact_id, "queue": offer.queue}


def _log_end(offer: Offer, outcome: Outcome | None, error: str, took_s: float) -> None:
    """Log how a handler has ended; `outcome`: None when it has failed."""
    if outcome is None:
        log.warning("failed", **_about(offer), attempt=offer.attempt, error=error, took_s=round(took_s, 3))
    elif log.hears_info():
        log.info(_SAID[outcome], **_about(offer), took_s=round(took_s, 3))


_SAID = {
    Outcome.COMPLETE: "completed",
    Outcome.RELEASE: "released",
    Outcome.TRANSFER: "transferred",
    Outcome.RETRY_CALLBACK: "to be called again",
}
"""How the log tells what a handler wanted. The store may yet refuse it, which is told by a line of its own."""
