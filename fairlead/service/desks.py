"""Sessions of people whose desks are elsewhere, in a browser: who asks for them keeps nothing between two requests.

The server numbers the requests of a session: each takes the number behind the last one, and another one if somebody
else was quicker. What is done twice by that is done once, since a contact's token recognises it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, Unpack

from fairlead.domain.channel import Channel
from fairlead.domain.names import checked_name
from fairlead.errors import AgentSignedIn, OperationReused, SessionEnded, StaleOperation
from fairlead.service import agent as working
from fairlead.service.asked import AsyncCaller
from fairlead.store.keys import Keys
from fairlead.store.offers import Answer, Offer
from fairlead.store.procedure import Source, Steps, procedure, run
from fairlead.store.request import Request
from fairlead.store.transitions.describing import SessionDescription, describe_session
from fairlead.store.transitions.renewing import renew
from fairlead.store.transitions.working import LEASE_MS, Session

TRIES = 20
"""How often a request takes another number: so many others may ask of the same session in one moment."""

WORKER = "web"


Action: TypeAlias = Literal["accept", "reject", "complete", "release", "hold", "resume", "pause", "retry_callback"]

ACTIONS: Mapping[Action, Callable[[Session, Offer], Request[Answer]]] = {
    "accept": Session.accept,
    "reject": Session.reject,
    "complete": lambda session, offer: session.complete([offer]),
    "release": lambda session, offer: session.release([offer]),
    "hold": Session.hold,
    "resume": Session.resume,
    "pause": Session.pause,
    "retry_callback": Session.retry_callback,
}
"""What an agent does with a contact that needs nothing but its token; each is explained at Session."""


def _held(agent: str, contact_id: str, token: int) -> Offer:
    """A contact as far as a request about it names it: the rest is not known here, and not asked for."""
    return Offer(
        agent, checked_name("contact", contact_id), token, state="connected", queue="", channel="voice", priority=1,
        attempt=1, queued_us=0, deadline_us=None, attributes={}, direction="inbound", customer="", headers={},
        payload=b"",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Desk:
    """A session after a request. `fenced`, `parked`: as in Answer; what is new stands in the session's slots."""

    session: SessionDescription
    fenced: tuple[str, ...] = ()
    parked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeskOptions:
    """How a session is held. `client`: where the person is, in a name; the rest as in `new_session`."""

    client: str = "browser"
    lease_s: float = LEASE_MS / 1_000
    auto_accept: bool = False
    capacity: int = 0


def _session(keys: Keys, agent: str, options: DeskOptions | None = None, *, epoch: int = 0, op: int = 0) -> Session:
    how = options or DeskOptions()
    return Session(
        keys, agent, WORKER, f"{WORKER}/{how.client}", lease_ms=round(how.lease_s * 1_000), auto_accept=how.auto_accept,
        capacity=how.capacity, epoch=epoch, _op=op,
    )  # fmt: skip


@procedure
def open_desk(
    source: Source,
    agent: str,
    options: DeskOptions | None = None,
    *,
    profile: str = "",
    take_over: bool = False,
    again: bool = False,
    request: str = "",
) -> Steps[Desk]:
    """Begin a session. `take_over`: go on with a live one of the agent, with all that it holds; whoever had it gets
    SessionEnded. `request`: a name of this sign-in that no other one has: its repetition is the same session. `again`:
    nobody has asked for it; it stays out when a supervisor has ended the session before.

    Raises InvalidName, UnknownAgent, UnknownProfile, AgentSignedIn, AgentSignedOut.
    """
    session = _session(source.keys, agent, options)
    try:
        yield from working.sign_in(session, profile=profile, again=again, request=request).steps(source)
    except AgentSignedIn as refusal:
        if not take_over:
            told = f"agent {agent!r} is signed in at {refusal.holder}: with take_over that session goes on here"
            raise AgentSignedIn(
                told, holder=refusal.holder, epoch=refusal.epoch, lease_left_ms=refusal.lease_left_ms
            ) from None
        yield from run(session.resume_session(refusal.epoch, request=request))
    return Desk((yield from run(describe_session(source.keys, agent, session.epoch))))


@procedure
def act(source: Source, agent: str, epoch: int, build: Callable[[Session], Request[Answer]]) -> Steps[Desk]:
    """Make the next request of a session, whoever else makes one meanwhile. Raises what it raises."""
    for left in reversed(range(TRIES)):
        found = yield from run(describe_session(source.keys, agent, epoch))
        session = _session(source.keys, agent, epoch=epoch, op=found.op)
        try:
            answer = yield from run(build(session))
        except (StaleOperation, OperationReused):
            if not left:
                raise
        else:
            after = yield from run(describe_session(source.keys, agent, epoch))
            return Desk(after, answer.fenced, answer.parked)
    raise AssertionError("a loop that ends by returning or raising")


@procedure
def keep_desk(source: Source, agent: str, epoch: int) -> Steps[None]:
    """Renew the lease of a session. Raises SessionEnded."""
    if (yield from run(renew(source.keys, [_session(source.keys, agent, epoch=epoch)]))):
        raise SessionEnded(f"the session of agent {agent!r} was lost or ended elsewhere: sign in again")


@procedure
def close_desk(source: Source, agent: str, epoch: int) -> Steps[list[str]]:
    """End a session; returns the ids of the contacts that went back to line. Raises SessionEnded."""
    return (yield from run(_session(source.keys, agent, epoch=epoch).sign_out()))


class AsyncDesk:
    """What an agent does in a session; every answer is the whole session. Each raises what the session's request of
    that name raises, and SessionEnded.
    """

    def __init__(self, caller: AsyncCaller, agent: str, epoch: int) -> None:
        self._caller, self._agent, self._epoch = caller, agent, epoch

    async def do(self, action: Action, contact_id: str, token: int) -> Desk:
        """One of ACTIONS. Repeated with the same token it changes nothing more."""
        offer = _held(self._agent, contact_id, token)
        return await self._ask(lambda session: ACTIONS[action](session, offer))

    async def report_error(self, contact_id: str, token: int, error: str) -> Desk:
        """An offer could not reach the agent."""
        offer = _held(self._agent, contact_id, token)
        return await self._ask(lambda session: session.report_error(offer, error))

    async def fail(self, contact_id: str, token: int, error: str) -> Desk:
        """Handling a contact has failed."""
        offer = _held(self._agent, contact_id, token)
        return await self._ask(lambda session: session.fail([(offer, error)]))

    async def transfer(self, contact_id: str, token: int, queue: str, *, criteria: Sequence[str] = ()) -> Desk:
        """Hand a connected contact on."""
        offer = _held(self._agent, contact_id, token)
        return await self._ask(lambda session: session.transfer(offer, queue, criteria=criteria))

    async def pick(self, contact_id: str) -> Desk:
        """Take a contact of a manual-only entry by hand."""
        return await self._ask(lambda session: session.pick(contact_id))

    async def begin(
        self,
        payload: Any = None,
        *,
        channel: Channel = "voice",
        queue: str = "",
        **options: Unpack[working.OutboundOptions],
    ) -> Desk:
        """Begin an outbound contact."""
        return await self._ask(
            lambda session: working.begin(session, payload, channel=channel, queue=queue, **options)
        )

    async def clear(self, token: int) -> Desk:
        """Free a kept slot, or end after-contact work."""
        return await self._ask(lambda session: session.clear(token))

    async def take(self) -> Desk:
        """Ask for the contacts that the agent may take now."""
        return await self._ask(Session.take)

    async def _ask(self, build: Callable[[Session], Request[Answer]]) -> Desk:
        return await self._caller.run(lambda: act(self._agent, self._epoch, build))
