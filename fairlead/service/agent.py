"""The Python API for programs that work as an agent: a person's desk, a bot, a gateway.

    with Agent.connect("ana") as agent:
        for offer in agent.sign_in():
            agent.accept(offer)

A program that runs a handler for each contact uses a worker instead, which keeps the session alive by itself.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import copy
from types import TracebackType
from typing import Any, Self, TypedDict, TypeVar, Unpack

from fairlead.domain.channel import Channel
from fairlead.domain.contact import HELD
from fairlead.domain.names import checked_name
from fairlead.errors import AgentSignedIn, FairleadError, SessionEnded
from fairlead.server.connection import BLOCK_S, connect_async
from fairlead.service.asked import Ask, AsyncCaller, Caller, find, of_session
from fairlead.service.identity import holder, inbox_name, is_dead, worker_name
from fairlead.service.opening import prepare_store
from fairlead.service.producer import new_contact
from fairlead.service.tracing import watched
from fairlead.store.client import AsyncStore, Store
from fairlead.store.hints import next_hint
from fairlead.store.instances import default_profile
from fairlead.store.keys import Keys
from fairlead.store.members import read_slots
from fairlead.store.offers import Answer, Held, Offer
from fairlead.store.procedure import Source, Steps, ask_one, procedure, run
from fairlead.store.request import Request
from fairlead.store.transitions.describing import SessionDescription, describe_session
from fairlead.store.transitions.renewing import find_unseen, renew
from fairlead.store.transitions.sweeping import Sweeper
from fairlead.store.transitions.working import LEASE_MS, Session

T = TypeVar("T")


@procedure
def sign_in(
    source: Source,
    session: Session,
    *,
    profile: str = "",
    take_over: bool = False,
    again: bool = False,
    request: str = "",
) -> Steps[tuple[Offer, ...]]:
    """Begin the session; returns the first offers. A session whose process is certainly dead is replaced.

    `profile`: routing profile of an agent that is not known; it is made. Before the first configuration it is
    BasicRoutingProfile by default. `take_over`: True ends a live session of the agent elsewhere.
    `again`: the program goes on by itself after its session has ended; it stays out when a supervisor has ended it.
    `request`: a name of this sign-in that no other one has, for a caller that may repeat it after a crash.
    Raises UnknownAgent, UnknownProfile, AgentSignedIn, AgentSignedOut.
    """
    used = profile or (yield from default_profile().steps(source))
    try:
        return (yield from run(session.sign_in(profile=used, again=again, request=request)))
    except AgentSignedIn as refusal:
        is_own = (yield from own_epoch(session).steps(source)) == refusal.epoch
        if not (take_over or is_own or is_dead(refusal)):
            told = f"{refusal}; to end that session: --take-over, in Python take_over=True"
            raise AgentSignedIn(
                told, holder=refusal.holder, epoch=refusal.epoch, lease_left_ms=refusal.lease_left_ms
            ) from None
        replacing = session.sign_in(profile=used, replaces=refusal.epoch, is_dead=is_dead(refusal), again=again)
        return (yield from run(replacing))


@procedure
def own_epoch(source: Source, session: Session) -> Steps[int]:
    """The epoch of the agent's live session when it was begun for this session's inbox, which nobody else has; else 0.
    A session without an inbox is nobody's own.

    A process may have several workers: that it holds the session does not make it this one's.
    """
    epoch, inbox = yield from ask_one("HMGET", source.keys.agent(session.agent), "epoch", "inbox")
    return int(epoch) if epoch and inbox and inbox == session.inbox.encode() else 0


@procedure
def resume_session(source: Source, session: Session, epoch: int | None = None) -> Steps[tuple[Offer, ...]]:
    """Go on with the agent's live session as it is: status, contacts and tokens stay; returns all offers that it has.

    Whoever had the session gets SessionEnded. `epoch`: the session that is meant; None for whichever is live.
    Raises UnknownAgent, SessionEnded.
    """
    if epoch is None:
        epoch = (yield from run(describe_session(source.keys, session.agent))).epoch
    return (yield from run(session.resume_session(epoch)))


class OutboundOptions(TypedDict, total=False):
    """What may be said of a contact that an agent begins; each is explained at NewContact."""

    contact_id: str
    priority: int
    attributes: Mapping[str, str]
    headers: Mapping[str, str]
    customer: str
    related_to: str


def begin(
    session: Session,
    payload: Any = None,
    *,
    channel: Channel = "voice",
    queue: str = "",
    **options: Unpack[OutboundOptions],
) -> Request[Answer]:
    """Begin an outbound contact: it is connected at once, in a slot of the agent, whatever its status.

    `queue`: the queue that it counts for. Default: the `outbound_queue` of the agent's routing profile.
    Raises InvalidName, InvalidContact, UnknownQueue, ContactExists, NoSlot.
    """
    if queue:
        checked_name("queue", queue)
    contact = new_contact(queue or "outbound", payload, channel=channel, direction="outbound", **options)
    return session.begin(contact, queue=queue)


def describe(session: Session) -> Request[SessionDescription]:
    """The session with all that is in its slots, in one call. Raises SessionEnded."""
    return describe_session(session.keys, session.agent, session.epoch)


@procedure
def wait(source: Source, session: Session, limit_s: float) -> Steps[bool]:
    """Wait at most `limit_s` for a hint that a contact came; returns whether the session should ask.

    A contact that came without a hint is noticed, too. A server is never waited for so long that it is taken for one
    that does not answer.
    """
    ends_s = time.monotonic() + limit_s
    while True:
        left_s = ends_s - time.monotonic()
        if left_s > 0 and (yield from next_hint(session.inbox, min(left_s, BLOCK_S)).steps(source)):
            return True
        if (yield from run(find_unseen(source.keys, [session]))):
            return True
        if not left_s > BLOCK_S:
            return False


@procedure
def find_forgotten(source: Source, session: Session) -> Steps[list[Held]]:
    """What the session holds although it has ended that: Redis has lost it, with its last writes."""
    has_ended = session.has_ended
    if not has_ended:
        return []
    epoch, slots = yield from ask_one("HMGET", source.keys.agent(session.agent), "epoch", "slots")
    if int(epoch or 0) != session.epoch:
        return []
    return [
        Held(session.agent, contact_id, token)
        for token, _, kind, contact_id, _ in read_slots((slots or b"").decode())
        if token in has_ended and kind in HELD
    ]


@procedure
def keep_alive(source: Source, session: Session, sweeper: Sweeper) -> Steps[None]:
    """Renew the session's lease and sweep the instance, as every worker does. Raises SessionEnded."""
    lost = yield from run(renew(source.keys, [session]))
    if (session.agent, session.epoch) in lost:
        raise SessionEnded(f"the session of agent {session.agent!r} was lost or ended elsewhere: sign in again")
    while (yield from run(sweeper.sweep())).more:
        pass


def new_session(
    keys: Keys,
    name: str,
    worker: str = "",
    *,
    lease_s: float = LEASE_MS / 1_000,
    auto_accept: bool = False,
    capacity: int = 0,
) -> Session:
    """A session that this process will hold, with an inbox of its own.

    `worker`: a name for people; `lease_s`: seconds that the session lives without `keep_alive`; `auto_accept`: True
    connects contacts without an offer; `capacity`: largest number of contacts over all channels, 0: set by the profile.
    Raises InvalidName.
    """
    known = worker or worker_name()
    return watched(Session(
        keys, name, known, holder(), lease_ms=round(lease_s * 1_000), auto_accept=auto_accept, capacity=capacity,
        inbox=inbox_name(known),
    ))  # fmt: skip


class _Working:
    """What an agent asks of its session."""

    take = of_session(Session.take)
    accept = of_session(Session.accept)
    reject = of_session(Session.reject)
    report_error = of_session(Session.report_error)
    complete = of_session(Session.complete)
    fail = of_session(Session.fail)
    release = of_session(Session.release)
    hold = of_session(Session.hold)
    pause = of_session(Session.pause)
    resume = of_session(Session.resume)
    clear = of_session(Session.clear)
    begin = of_session(begin)
    pick = of_session(Session.pick)
    transfer = of_session(Session.transfer)
    retry_callback = of_session(Session.retry_callback)
    set_status = of_session(Session.set_status)
    sign_in = of_session(sign_in)
    resume_session = of_session(resume_session)
    describe = of_session(describe)
    sign_out = of_session(Session.sign_out)


class Agent(_Working, Caller):
    """Works as one agent, synchronously. It may be used by several threads: its requests go out one by one.

    Call `keep_alive` at least every third of the lease; `wait` for contacts, then `take` them.
    """

    def __init__(self, store: Store, session: Session) -> None:
        super().__init__(store)
        self.session = session
        self._sweeper = Sweeper(store.keys)
        self._one_by_one = threading.Lock()

    @classmethod
    def connect(
        cls,
        name: str,
        url: str | None = None,
        instance: str | None = None,
        *,
        lease_s: float = LEASE_MS / 1_000,
        auto_accept: bool = False,
        capacity: int = 0,
    ) -> Self:
        """Connect, to work as the agent `name`; `sign_in` begins the session. The server: as in Producer.connect.

        The other arguments are those of `new_session`.
        """
        try:
            store = prepare_store(url, instance)
        except FairleadError as failure:
            raise failure from None
        return cls(store, new_session(store.keys, name, lease_s=lease_s, auto_accept=auto_accept, capacity=capacity))

    def run(self, build: Callable[[], Ask[T]]) -> T:
        """The answer. A request is numbered when it is built: the next one waits for its answer."""
        with self._one_by_one:
            return super().run(build)

    def wait(self, limit_s: float) -> bool:
        """Wait at most `limit_s` until a contact may have come; returns whether to `take`."""
        return self._store.run(wait(self.session, limit_s))

    def keep_alive(self) -> None:
        """Renew the lease, and sweep the instance. What the agent has ended, and Redis has forgotten with its last
        writes, goes back into line. Raises SessionEnded.
        """
        self._store.run(keep_alive(self.session, self._sweeper))
        if forgotten := self._store.run(find_forgotten(self.session)):
            self.run(lambda: self.session.forget(forgotten))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Sign out, which gives back all contacts, and close the connections."""
        try:
            if self.session.epoch:
                with suppress(SessionEnded):
                    self.sign_out()
        finally:
            self.close()


def beside(agent: Agent, store: Store) -> Agent:
    """The same session by other connections; its requests still go out one by one."""
    other = copy(agent)
    other._store = store
    return other


class AsyncAgent(_Working, AsyncCaller):
    """Works as one agent, in asyncio; else as Agent."""

    def __init__(self, store: AsyncStore, session: Session) -> None:
        super().__init__(store)
        self.session = session
        self._sweeper = Sweeper(store.keys)
        self._one_by_one = asyncio.Lock()

    @classmethod
    async def connect(
        cls,
        name: str,
        url: str | None = None,
        instance: str | None = None,
        *,
        lease_s: float = LEASE_MS / 1_000,
        auto_accept: bool = False,
        capacity: int = 0,
    ) -> Self:
        """As Agent.connect."""
        server = await find(url, instance, makes_instance=True)
        store = AsyncStore(connect_async(server.url, server.instance), server.instance)
        return cls(store, new_session(store.keys, name, lease_s=lease_s, auto_accept=auto_accept, capacity=capacity))

    async def run(self, build: Callable[[], Ask[T]]) -> T:
        """The answer. A request is numbered when it is built: the next one waits for its answer."""
        async with self._one_by_one:
            return await super().run(build)

    async def wait(self, limit_s: float) -> bool:
        """Wait at most `limit_s` until a contact may have come; returns whether to `take`."""
        return await self._store.run(wait(self.session, limit_s))

    async def keep_alive(self) -> None:
        """As Agent.keep_alive."""
        await self._store.run(keep_alive(self.session, self._sweeper))
        if forgotten := await self._store.run(find_forgotten(self.session)):
            await self.run(lambda: self.session.forget(forgotten))

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Sign out, which gives back all contacts, and close the connections."""
        try:
            if self.session.epoch:
                with suppress(SessionEnded):
                    await self.sign_out()
        finally:
            await self.close()
