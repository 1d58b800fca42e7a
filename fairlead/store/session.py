"""An agent's session: builds its requests, numbers them, and remembers the highest token it has seen.

No I/O: run the requests with a Store or an AsyncStore, one at a time for each session. Every answer is a Turn: the
offers that the session had not seen. So an answer that was lost on the way comes with the next one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from fairlead.domain.channel import Channel
from fairlead.domain.contact import ContactState
from fairlead.domain.names import AGENT_QUEUE_PREFIX, checked_name, checked_queue_name
from fairlead.store.keys import Keys
from fairlead.store.request import Argument, Request
from fairlead.store.transitions.administering import read_names
from fairlead.store.transitions.producing import given

LEASE_MS = 15_000
"""How long a session lives without being renewed, unless its worker says otherwise."""

_OFFER_FIELDS = 10


@dataclass(frozen=True, slots=True)
class Offer:
    """A contact that was given to this session: being offered, or connected at once.

    `token`: the fencing token that every later request about it must bring; `attempt`: 1 for the first time that
    it is connected; `queued_us`, `deadline_us`: on the engine's clock, the latter None once connected.
    """

    agent: str
    contact_id: str
    token: int
    state: ContactState
    queue: str
    channel: Channel
    priority: int
    attempt: int
    queued_us: int
    deadline_us: int | None
    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Turn:
    """The answer to a session's request: what it may not touch any more, and what it was given since the last."""

    fenced: tuple[str, ...]
    offers: tuple[Offer, ...]


@dataclass(slots=True)
class Session:
    """One session of one agent, held by one worker.

    `holder`: for people, who holds the session (host/pid/start, no spaces); `auto_accept`: contacts are connected
    at once; `capacity`: the most contacts held over all channels, 0 for what the profile allows.
    """

    keys: Keys
    agent: str
    worker: str
    holder: str
    lease_ms: int = LEASE_MS
    auto_accept: bool = True
    capacity: int = 0
    epoch: int = 0
    _op: int = 0
    _seen: int = 0

    def __post_init__(self) -> None:
        checked_name("agent", self.agent)
        checked_name("worker", self.worker)

    def sign_in(
        self, *, profile: str = "", replaces: int | None = None, now_us: int | None = None
    ) -> Request[tuple[Offer, ...]]:
        """Begin the session; answers the first offers.

        `profile`: the routing profile on which an unknown agent is made. `replaces`: the epoch of a live session
        that is to end. Raises UnknownAgent, UnknownProfile, AgentSignedIn.
        """

        def read(reply: Any) -> tuple[Offer, ...]:
            self.epoch, self._op, self._seen = int(reply[0]), 0, 0
            return self._turn(reply[1:]).offers

        return Request(
            "sign_in",
            keys={
                "instance": self.keys.instance,
                "agents": self.keys.agents,
                "agent": self.keys.agent(self.agent),
                "due": self.keys.due,
            },
            args={
                "name": self.agent,
                "profile": checked_name("routing profile", profile) if profile else "",
                "replaces": given(replaces),
                "worker": self.worker,
                "holder": self.holder,
                "lease_us": self.lease_ms * 1_000,
                "auto_accept": int(self.auto_accept),
                "capacity": self.capacity,
                "request": uuid4().hex,
                "now_us": given(now_us),
            },
            read=read,
        )

    def take(self, now_us: int | None = None) -> Request[Turn]:
        """What the agent was given since the last answer, after giving it what it may take now."""
        return self._request("take_contacts", {}, now_us)

    def complete(self, offers: Iterable[Offer], now_us: int | None = None) -> Request[Turn]:
        """These contacts are finished; their slots are filled again in the same call."""
        rest = [value for offer in offers for value in (offer.contact_id, offer.token)]
        return self._request("complete_contacts", {}, now_us, rest=rest)

    def fail(self, failures: Iterable[tuple[Offer, str]], now_us: int | None = None) -> Request[Turn]:
        """These contacts could not be handled, each with its error: type and place, never a byte of the payload.

        Each goes back to its place in line, or is parked after its queue's max_attempts.
        """
        rest = [value for offer, error in failures for value in (offer.contact_id, offer.token, error)]
        return self._request("give_back_contacts", {"reason": "failed"}, now_us, rest=rest)

    def release(self, offers: Iterable[Offer], now_us: int | None = None) -> Request[Turn]:
        """These contacts go back to their place in line. They count as attempts, too."""
        rest = [value for offer in offers for value in (offer.contact_id, offer.token, "")]
        return self._request("give_back_contacts", {"reason": "released"}, now_us, rest=rest)

    def accept(self, offer: Offer, now_us: int | None = None) -> Request[Turn]:
        """Answer an offer: the contact is connected. Raises StaleToken when the offer has ended."""
        return self._request("accept_offer", {"id": offer.contact_id, "token": offer.token}, now_us)

    def reject(self, offer: Offer, now_us: int | None = None) -> Request[Turn]:
        """Refuse an offer: the contact goes back to its place. Raises StaleToken, WrongState."""
        return self._request("reject_offer", {"id": offer.contact_id, "token": offer.token}, now_us)

    def clear(self, token: int, now_us: int | None = None) -> Request[Turn]:
        """Free the slot that a missed offer has kept. Raises StaleToken when there is none of that token."""
        slots = {"slots": self.keys.slots(self.agent)}
        return self._request("clear_slot", {"token": token}, now_us, keys=slots)

    def transfer(self, offer: Offer, queue: str, now_us: int | None = None) -> Request[Turn]:
        """Hand a connected contact on to a queue or to `@agent`; it keeps the time of its first enqueueing.

        Raises UnknownQueue, UnknownAgent, StaleToken, WrongState; the contact then stays where it is.
        """
        checked_queue_name(queue)
        is_agent_queue = queue.startswith(AGENT_QUEUE_PREFIX)
        owner = {"owner": self.keys.agent(queue[1:]) if is_agent_queue else self.keys.queue(queue)}
        args: dict[str, Argument] = {"id": offer.contact_id, "token": offer.token, "queue": queue}
        return self._request("transfer_contact", args, now_us, keys=owner)

    def set_status(self, status: str, now_us: int | None = None) -> Request[Turn]:
        """Change the agent's status; contacts that it holds stay. Raises UnknownStatus."""
        return self._request("set_status", {"status": status}, now_us, keys={"statuses": self.keys.statuses})

    def sign_out(self, now_us: int | None = None) -> Request[list[str]]:
        """End the session; answers the ids of the contacts that went back to their place. Raises SessionEnded."""
        return Request(
            "sign_out",
            keys={"instance": self.keys.instance, "agent": self.keys.agent(self.agent)},
            args={"name": self.agent, "epoch": self.epoch, "now_us": given(now_us)},
            read=read_names,
        )

    def _request(
        self,
        script: str,
        args: Mapping[str, Argument],
        now_us: int | None,
        *,
        keys: Mapping[str, str] | None = None,
        rest: Sequence[Argument] = (),
    ) -> Request[Turn]:
        """A request with the next operation number. Raises SessionEnded and StaleOperation when it is run."""
        self._op += 1
        return Request(
            script,
            keys={"instance": self.keys.instance, "agent": self.keys.agent(self.agent), **(keys or {})},
            args={
                "name": self.agent,
                "epoch": self.epoch,
                "op": self._op,
                "seen": self._seen,
                "now_us": given(now_us),
                **args,
            },
            read=self._turn,
            rest=tuple(rest),
        )

    def _turn(self, reply: Any) -> Turn:
        first = 1 + reply[0]
        fenced = tuple(contact.decode() for contact in reply[1:first])
        offers = tuple(
            _offer(self.agent, reply[place : place + _OFFER_FIELDS])
            for place in range(first, len(reply), _OFFER_FIELDS)
        )
        if offers:
            self._seen = max(self._seen, offers[-1].token)
        return Turn(fenced, offers)


def _offer(agent: str, row: Sequence[bytes]) -> Offer:
    contact_id, token, state, queue, channel, priority, attempts, queued_us, deadline_us, payload = row
    is_connected = state == b"connected"
    return Offer(
        agent=agent,
        contact_id=contact_id.decode(),
        token=int(token),
        state="connected" if is_connected else "offered",
        queue=queue.decode(),
        channel=channel.decode(),  # type: ignore[arg-type]  # the script took it from a checked contact
        priority=int(priority),
        attempt=int(attempts) if is_connected else int(attempts) + 1,
        queued_us=int(queued_us),
        deadline_us=int(float(deadline_us)) if deadline_us else None,
        payload=payload,
    )


def renew(keys: Keys, sessions: Iterable[Session], now_us: int | None = None) -> Request[list[str]]:
    """Let sessions live for another lease; answers the agents whose session is not live any more."""
    return Request(
        "renew_sessions",
        keys={"instance": keys.instance, "due": keys.due},
        args={"now_us": given(now_us)},
        read=read_names,
        rest=tuple(value for session in sessions for value in (session.agent, session.epoch)),
    )
