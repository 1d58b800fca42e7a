"""Works as an agent over HTTP: the server numbers the requests, and every answer is the whole session."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar, Unpack

import orjson

from fairlead.domain.channel import Channel
from fairlead.domain.contact import HELD
from fairlead.domain.criteria import Step
from fairlead.domain.names import checked_name
from fairlead.domain.slots import WITH_AGENT
from fairlead.errors import SessionEnded
from fairlead.remote.asking import AsyncCaller, Caller, Told
from fairlead.remote.calls import NOWHERE, Call, Reply, Talk, _plain
from fairlead.remote.explaining import session_of
from fairlead.service import agent as working
from fairlead.service.asked import Ask
from fairlead.store.offers import Answer, Offer
from fairlead.store.transitions.describing import SessionDescription
from fairlead.store.transitions.working import ENDED_KNOWN, LEASE_MS, Session

T = TypeVar("T")
P = ParamSpec("P")

ENDING = ("complete", "fail", "release", "retry_callback", "transfer")
"""What ends that an agent has a contact."""

LONGEST_WAIT_S = 25.0


class Held:
    """The session as far as its program knows it: the epoch, the highest token of what it was told, and the tokens of
    what it has ended last.
    """

    def __init__(self, agent: str, how: Mapping[str, Any]) -> None:
        self.agent, self.how = checked_name("agent", agent), how
        self.epoch = self.last_token = 0
        self.ended: deque[int] = deque(maxlen=ENDED_KNOWN)

    @property
    def path(self) -> str:
        return f"/v1/agents/{self.agent}/session"

    def answer(self, reply: Reply) -> Answer:
        """What is new in the session."""
        told = reply.value
        self.epoch = told["epoch"]
        slots = sorted(told["slots"], key=lambda slot: int(slot["token"]))
        offers = tuple(
            _offer(self.agent, slot) for slot in slots
            if slot["token"] > self.last_token and slot["contact"] and slot["contact"]["state"] in WITH_AGENT
        )  # fmt: skip
        self.last_token = max([self.last_token, *(offer.token for offer in offers)])
        return Answer(tuple(told["fenced"]), offers, tuple(told["parked"]))

    def ask(self, path: str, body: Mapping[str, Any]) -> Talk[Answer]:
        """One request of the session."""
        return self.answer((yield Call("POST", self.path + path, {"epoch": self.epoch, **body})))

    def about(self, offer: Offer, action: str, **more: Any) -> Talk[Answer]:
        """One request about what it holds."""
        answer = yield from self.ask(f"/contacts/{offer.contact_id}/{action}", {"token": offer.token, **more})
        if action in ENDING:
            self.ended.append(offer.token)
        return answer

    def of_each(self, asked: Iterable[Talk[Answer]]) -> Talk[Answer]:
        """Several requests; the answers together."""
        found: list[Answer] = []
        for one in asked:
            found.append((yield from one))  # noqa: PERF401  # a comprehension cannot yield
        return Answer(
            tuple(name for one in found for name in one.fenced),
            tuple(offer for one in found for offer in one.offers),
            tuple(name for one in found for name in one.parked),
        )


def _offer(agent: str, slot: Mapping[str, Any]) -> Offer:
    contact = dict(slot["contact"])
    payload = orjson.dumps(contact.pop("payload"))
    del contact["connected_us"], contact["callback_tries"]
    deadline_us = slot["deadline_us"] if contact["state"] == "offered" else None
    return Offer(agent, slot["contact_id"], slot["token"], channel=slot["channel"], deadline_us=deadline_us,
                 payload=payload, **contact)  # fmt: skip


def _like(like: Callable[Concatenate[Session, P], Ask[T]]) -> Callable[[Callable[..., Talk[T]]], Told[P, T]]:
    """Makes a method of calls, with the words and the types of the session's method."""
    return lambda talk: Told(talk, like)


def _plainly(action: str, like: Callable[[Session, Offer], Ask[Answer]]) -> Told[[Offer], Answer]:
    def talk(self: Any, offer: Offer) -> Talk[Answer]:
        return self.held.about(offer, action)  # type: ignore[no-any-return]

    return Told(talk, like)


class _Working:
    """What an agent asks of its session."""

    held: Held

    accept = _plainly("accept", Session.accept)
    reject = _plainly("reject", Session.reject)
    hold = _plainly("hold", Session.hold)
    pause = _plainly("pause", Session.pause)
    resume = _plainly("resume", Session.resume)
    retry_callback = _plainly("retry_callback", Session.retry_callback)

    @_like(Session.take)
    def take(self) -> Talk[Answer]:
        return self.held.ask("/take", {})

    @_like(Session.complete)
    def complete(self, offers: Iterable[Offer]) -> Talk[Answer]:
        return self.held.of_each(self.held.about(offer, "complete") for offer in offers)

    @_like(Session.release)
    def release(self, offers: Iterable[Offer]) -> Talk[Answer]:
        return self.held.of_each(self.held.about(offer, "release") for offer in offers)

    @_like(Session.fail)
    def fail(self, failures: Iterable[tuple[Offer, str]]) -> Talk[Answer]:
        return self.held.of_each(self.held.about(offer, "fail", error=error) for offer, error in failures)

    @_like(Session.report_error)
    def report_error(self, offer: Offer, error: str) -> Talk[Answer]:
        return self.held.about(offer, "error", error=error)

    @_like(Session.transfer)
    def transfer(self, offer: Offer, queue: str, *, criteria: Sequence[Step | str] = ()) -> Talk[Answer]:
        return self.held.about(offer, "transfer", queue=queue, criteria=_plain(criteria))

    @_like(Session.pick)
    def pick(self, contact_id: str) -> Talk[Answer]:
        return self.held.ask(f"/contacts/{checked_name('contact', contact_id)}/pick", {})

    @_like(working.begin)
    def begin(
        self, payload: Any = None, *, channel: Channel = "voice", queue: str = "",
        **options: Unpack[working.OutboundOptions],
    ) -> Talk[Answer]:  # fmt: skip
        unsent = Session(NOWHERE, self.held.agent, "worker", "holder")
        working.begin(unsent, payload, channel=channel, queue=queue, **options)  # what breaks a limit is known here
        named = {"queue": queue} if queue else {}
        return self.held.ask("/contacts", {"payload": payload, "channel": channel, **named, **options})

    @_like(working.describe)
    def describe(self) -> Talk[SessionDescription]:
        return session_of((yield Call("GET", self.held.path, query={"epoch": self.held.epoch})).value)

    @_like(working.resume_session)
    def resume_session(self, epoch: int | None = None) -> Talk[tuple[Offer, ...]]:
        yield Call("GET", self.held.path, query={} if epoch is None else {"epoch": epoch})  # whether there is one
        return (yield from _sign_in(self.held, take_over=True))

    @_like(Session.clear)
    def clear(self, token: int) -> Talk[Answer]:
        return self.held.ask(f"/slots/{token}/clear", {})

    @_like(Session.set_status)
    def set_status(self, status: str) -> Talk[Answer]:
        held = self.held
        yield Call("PUT", f"/v1/agents/{held.agent}/status", {"status": checked_name("status", status), "when": "now"})
        return held.answer((yield Call("GET", held.path, query={"epoch": held.epoch})))

    @_like(Session.sign_out)
    def sign_out(self) -> Talk[list[str]]:
        reply = yield Call("DELETE", self.held.path, query={"epoch": self.held.epoch}, is_repeatable=False)
        ids: list[str] = reply.value["given_back"]
        return ids


def _sign_in(held: Held, **asked: Any) -> Talk[tuple[Offer, ...]]:
    held.epoch = held.last_token = 0
    held.ended.clear()
    body = {name: value for name, value in asked.items() if value}
    return held.answer((yield Call("POST", held.path, {**held.how, **body}))).offers


def _keep_alive(held: Held) -> Talk[None]:
    yield Call("POST", f"{held.path}/heartbeat", {"epoch": held.epoch})
    if not held.ended:
        return
    session = (yield Call("GET", held.path, query={"epoch": held.epoch})).value
    for slot in session["slots"]:
        if slot["token"] in held.ended and slot["kind"] in HELD:  # Redis has lost that it was told
            about = {"epoch": held.epoch, "token": slot["token"]}
            yield Call("POST", f"{held.path}/contacts/{slot['contact_id']}/release", about)


def _wait(held: Held, limit_s: float) -> Talk[bool]:
    asked = {"epoch": held.epoch, "wait": min(limit_s, LONGEST_WAIT_S), "last_token": held.last_token}
    return bool((yield Call("GET", f"{held.path}/offers", query=asked)).text)


def _how(lease_s: float, auto_accept: bool, capacity: int) -> dict[str, Any]:
    Session(NOWHERE, "agent", "worker", "holder", round(lease_s * 1_000), auto_accept, capacity)
    return {"client": "remote", "lease_s": lease_s, "auto_accept": auto_accept, "capacity": capacity}


class Agent(_Working, Caller):
    """Works as one agent, synchronously. Call `keep_alive` at least every third of the lease; `wait`, then `take`."""

    held: Held

    @classmethod
    def connect(  # type: ignore[override]  # an agent has a name
        cls, name: str, url: str, token: str | None = None, *, lease_s: float = LEASE_MS / 1_000,
        auto_accept: bool = False, capacity: int = 0,
    ) -> Self:  # fmt: skip
        """Ask the server at `url` as the agent `name`; `sign_in` begins the session. The rest: as in fairlead.Agent."""
        one = super().connect(url, token)
        one.held = Held(name, _how(lease_s, auto_accept, capacity))
        return one

    def sign_in(self, *, profile: str = "", take_over: bool = False, again: bool = False) -> tuple[Offer, ...]:
        """Begin the session; returns the first offers. `take_over`: go on with a live session of the agent elsewhere,
        with all that it holds. Raises UnknownAgent, UnknownProfile, AgentSignedIn, AgentSignedOut.
        """
        return self.run(_sign_in(self.held, profile=profile, take_over=take_over, again=again))

    def wait(self, limit_s: float) -> bool:
        """Wait at most `limit_s`, and 25 s, until a contact has come; returns whether to `take`."""
        return self.run(_wait(self.held, limit_s))

    def keep_alive(self) -> None:
        """Renew the lease. What the agent has ended, and Redis has forgotten with its last writes, goes back into line.
        Raises SessionEnded.
        """
        self.run(_keep_alive(self.held))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Sign out, which gives back all contacts, and close the connections."""
        try:
            if self.held.epoch:
                with suppress(SessionEnded):
                    self.sign_out()
        finally:
            self.close()


class AsyncAgent(_Working, AsyncCaller):
    """Works as one agent, in asyncio; else as Agent."""

    held: Held

    @classmethod
    async def connect(  # type: ignore[override]  # an agent has a name
        cls, name: str, url: str, token: str | None = None, *, lease_s: float = LEASE_MS / 1_000,
        auto_accept: bool = False, capacity: int = 0,
    ) -> Self:  # fmt: skip
        """As Agent.connect."""
        one = await super().connect(url, token)
        one.held = Held(name, _how(lease_s, auto_accept, capacity))
        return one

    async def sign_in(self, *, profile: str = "", take_over: bool = False, again: bool = False) -> tuple[Offer, ...]:
        """As Agent.sign_in."""
        return await self.run(_sign_in(self.held, profile=profile, take_over=take_over, again=again))

    async def wait(self, limit_s: float) -> bool:
        """As Agent.wait."""
        return await self.run(_wait(self.held, limit_s))

    async def keep_alive(self) -> None:
        """As Agent.keep_alive."""
        await self.run(_keep_alive(self.held))

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Sign out, which gives back all contacts, and close the connections."""
        try:
            if self.held.epoch:
                with suppress(SessionEnded):
                    await self.sign_out()
        finally:
            await self.close()
