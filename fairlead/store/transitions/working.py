"""An agent's session: builds its requests, numbers them, and remembers the highest token it has seen.

No I/O: run the requests with a Store or an AsyncStore, one at a time for each session. Every answer tells the
offers that the session did not know. So an answer that was lost on the way comes with the next one.
"""

import hashlib
import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from fairlead.domain.criteria import Step
from fairlead.domain.names import checked_name, checked_queue_name
from fairlead.errors import InvalidName
from fairlead.store.hints import Hint
from fairlead.store.keys import Keys
from fairlead.store.members import other_criteria
from fairlead.store.new_contact import NewContact
from fairlead.store.offers import OFFER_FIELDS, Answer, Held, Offer, offer_of
from fairlead.store.request import Argument, Request, or_empty, read_names
from fairlead.store.transitions.producing import further

LEASE_MS = 15_000
"""How long a session lives without being renewed, unless its worker says otherwise."""

ENDED_KNOWN = 1_000
"""How many of the contacts that it has ended a session knows: more than anybody ends between two looks at them."""

_HOLDER = re.compile(r"[!-~]{1,160}")


@dataclass(slots=True)
class Session:
    """One session of one agent, held by one worker.

    Each request about what it holds has the next number: the same request is known again by it, an older one is late
    (StaleOperation), and another request of the same number is refused (OperationReused).
    `worker`: its name, for people; `holder`: the process that holds the session, told apart from every other one, in at
    most 160 printable characters without spaces: sessions with the same holder are lost together when it dies.
    `auto_accept`: contacts are connected at once, else on the channels that the agent's configuration names;
    `capacity`: the most contacts held over all channels, 0 for what the profile allows; `inbox`: where the process
    waits for hints, and no other one does; empty for a session that asks by itself, to which no hint is written.
    """

    keys: Keys
    agent: str
    worker: str
    holder: str
    lease_ms: int = LEASE_MS
    auto_accept: bool = True
    capacity: int = 0
    inbox: str = ""
    epoch: int = 0
    _op: int = 0
    _last_token: int = 0
    _ended: deque[int] = field(default_factory=lambda: deque(maxlen=ENDED_KNOWN), compare=False, repr=False)

    def __post_init__(self) -> None:
        checked_name("agent", self.agent)
        checked_name("worker", self.worker)
        if self.inbox:
            checked_name("inbox", self.inbox)
        if not _HOLDER.fullmatch(self.holder):
            raise InvalidName(f"holder {self.holder[:80]!r} is not 1 to 160 printable characters without spaces")

    @property
    def last_token(self) -> int:
        """The highest token that the session knows."""
        return self._last_token

    @property
    def has_ended(self) -> Set[int]:
        """The tokens of what it has ended last, as its answers say."""
        return set(self._ended)

    def sign_in(
        self,
        *,
        profile: str = "",
        replaces: int | None = None,
        is_dead: bool = False,
        request: str = "",
        again: bool = False,
    ) -> Request[tuple[Offer, ...]]:
        """Begin the session; answers all offers that it has.

        `profile`: the routing profile on which an unknown agent is made. `replaces`: the epoch of a live session
        that is to end: what it held goes back. `is_dead`: the holder of that session is known to be dead, so that all
        its other sessions end first. What they held counts as lost; what a live session of somebody else held does
        not. `request`: a name of this sign-in that no other one has, for a caller who may have to repeat it after a
        crash: the repetition begins no second session, and goes on with the number that the session has come to.
        `again`: a program goes on by itself after its session has ended; it stays out when a supervisor has ended it.

        Raises UnknownAgent, UnknownProfile, AgentSignedIn, AgentSignedOut.
        """
        args: dict[str, Argument] = {
            "profile": checked_name("routing profile", profile) if profile else "",
            "replaces": or_empty(replaces),
            "again": int(again),
        }
        name = checked_name("request", request) if request else uuid4().hex
        return self._begin_session("sign_in", name, is_dead, args)

    def resume_session(self, epoch: int, *, is_dead: bool = False, request: str = "") -> Request[tuple[Offer, ...]]:
        """Go on with the live session of this epoch as this one; answers all offers that it has.

        Its status, slots, contacts and tokens stay, and whoever had it gets SessionEnded. `is_dead` and `request`: as
        in `sign_in`; without a name, resuming the same session twice for one inbox is a repetition.

        Raises UnknownAgent, and SessionEnded when that session is not live.
        """
        name = checked_name("request", request) if request else self._resumption(epoch)
        return self._begin_session("resume_session", name, is_dead, {"resumes": epoch})

    def _begin_session(
        self, script: str, request: str, is_dead: bool, args: Mapping[str, Argument]
    ) -> Request[tuple[Offer, ...]]:
        return Request(
            script,
            keys={"instance": self.keys.instance, "agent": self.keys.agent(self.agent)},
            args={
                "name": self.agent,
                "is_dead": int(is_dead),
                "worker": self.worker,
                "inbox": self.inbox,
                "holder": self.holder,
                "lease_us": self.lease_ms * 1_000,
                "auto_accept": int(self.auto_accept),
                "capacity": self.capacity,
                "request": request,
                **args,
            },
            read=self._read_begin,
        )

    def _resumption(self, epoch: int) -> str:
        """The name of resuming a session. Nobody else has the inbox: whoever asks again has lost the answer."""
        if not self.inbox:
            return uuid4().hex
        return hashlib.blake2b(f"{self.inbox} {epoch}".encode(), digest_size=16).hexdigest()

    def _read_begin(self, reply: Any) -> tuple[Offer, ...]:
        self.epoch, self._op, self._last_token = int(reply[0]), int(reply[1]), 0
        self._ended.clear()
        return self._read_answer(reply[2:]).offers

    def take(self) -> Request[Answer]:
        """Give the agent the contacts that it may take now; returns all that it got since the last answer."""
        return self._request("take_contacts", {})

    def complete(self, offers: Iterable[Offer]) -> Request[Answer]:
        """End these contacts as handled; their slots are filled again in the same call."""
        rest = [value for offer in offers for value in (offer.contact_id, offer.token)]
        return self._request("complete_contacts", {}, rest=rest, ends=rest[1::2])

    def fail(self, failures: Iterable[tuple[Offer, str]]) -> Request[Answer]:
        """Give back contacts whose handling failed, each with its error: type and place, never a byte of the payload.

        Each keeps its place in line and pauses there, longer with each attempt: it is offered to nobody meanwhile.
        After max_attempts of its queue it is parked.
        """
        rest = [value for offer, error in failures for value in (offer.contact_id, offer.token, _sent(error))]
        return self._request("give_back_contacts", {"reason": "failed"}, rest=rest, ends=rest[1::3])

    def release(self, offers: Iterable[Offer]) -> Request[Answer]:
        """Give back contacts to their places in line, where they may be offered at once. This is not an attempt."""
        return self.give_back(Held(offer.agent, offer.contact_id, offer.token) for offer in offers)

    def give_back(self, held: Iterable[Held]) -> Request[Answer]:
        """As `release`, of what only the store knows."""
        rest = [value for one in held for value in (one.contact_id, one.token, "")]
        return self._request("give_back_contacts", {"reason": "released"}, rest=rest, ends=rest[1::3])

    def forget(self, held: Iterable[Held]) -> Request[Answer]:
        """As `give_back`, of what it has ended and Redis has forgotten. The next answer tells what it got then."""
        request = self.give_back(held)

        def read(reply: Any) -> Answer:
            last_token = self._last_token
            answer = request.read(reply)
            self._last_token = last_token
            return replace(answer, offers=())

        return replace(request, read=read)

    def accept(self, offer: Offer) -> Request[Answer]:
        """Answer an offer: the contact is connected. Raises StaleToken when the offer has ended."""
        return self._request("accept_offer", {"id": offer.contact_id, "token": offer.token})

    def reject(self, offer: Offer) -> Request[Answer]:
        """Refuse an offer: the contact goes back to its place. Raises StaleToken, WrongState."""
        return self._request("reject_offer", {"id": offer.contact_id, "token": offer.token})

    def report_error(self, offer: Offer, error: str) -> Request[Answer]:
        """Say that an offer could not reach the agent: the contact goes back; its slot stays taken until it is cleared.

        `error`: what went wrong, never a byte of the payload. Raises StaleToken, WrongState.
        """
        args: dict[str, Argument] = {"id": offer.contact_id, "token": offer.token, "error": _sent(error)}
        return self._request("fail_offer", args)

    def clear(self, token: int) -> Request[Answer]:
        """Free the slot of a missed or failed offer, or end the after-contact work that has this token.

        Raises StaleToken when there is no such slot.
        """
        return self._request("clear_slot", {"token": token})

    def hold(self, offer: Offer) -> Request[Answer]:
        """Put a connected contact on hold. Raises StaleToken, WrongState."""
        return self._request("hold_contact", {"id": offer.contact_id, "token": offer.token})

    def pause(self, offer: Offer) -> Request[Answer]:
        """Pause a connected task: it takes no slot until it is resumed. Raises StaleToken, WrongState."""
        return self._request("pause_contact", {"id": offer.contact_id, "token": offer.token})

    def resume(self, offer: Offer) -> Request[Answer]:
        """Connect a contact on hold, or a paused task, again. Raises StaleToken, WrongState."""
        return self._request("resume_contact", {"id": offer.contact_id, "token": offer.token})

    def begin(self, contact: NewContact, *, queue: str = "") -> Request[Answer]:
        """Begin a contact oneself, connected at once; `queue`: the one that it counts for, not the contact's own.

        By default that is the outbound queue of the agent's profile. It takes a slot, whatever the agent's status.
        Raises UnknownQueue, ContactExists, NoSlot.
        """
        args: dict[str, Argument] = {
            "id": contact.contact_id, "queue": queue, "channel": contact.channel, "priority": contact.priority,
            "digest": contact.digest, "body": contact.payload,
        }  # fmt: skip
        keys = {"contact": self.keys.contact(contact.contact_id), "payloads": self.keys.payloads}
        return self._request("begin_outbound", args, keys=keys, rest=tuple(further(contact)))

    def pick(self, contact_id: str) -> Request[Answer]:
        """Take a waiting contact of a manual-only entry by hand; it is connected at once.

        Raises UnknownContact, WrongState, NotServed, NoSlot.
        """
        return self._request("pick_contact", {"id": checked_name("contact", contact_id)})

    def retry_callback(self, offer: Offer) -> Request[Answer]:
        """Say that a callback did not reach its customer: it is tried again after its retry delay, or has expired.

        Raises StaleToken, WrongState.
        """
        args: dict[str, Argument] = {"id": offer.contact_id, "token": offer.token}
        return self._request("retry_callback", args, ends=(offer.token,))

    def transfer(self, offer: Offer, queue: str, *, criteria: Sequence[Step | str] = ()) -> Request[Answer]:
        """Hand a connected contact on to a queue or to `@agent`; it keeps the time of its first enqueueing.

        `criteria`: its routing steps there, or their texts; those that it had are dropped. Raises InvalidCriteria,
        UnknownQueue, UnknownAgent, QueueFull, QueueDisabled, QueueClosed, ChainTooLong, StaleToken, WrongState;
        the contact then stays where it is.
        """
        args: dict[str, Argument] = {
            "id": offer.contact_id, "token": offer.token, "queue": checked_queue_name(queue),
            "criteria": other_criteria(criteria),
        }  # fmt: skip
        return self._request("transfer_contact", args, ends=(offer.token,))

    def set_status(self, status: str) -> Request[Answer]:
        """Change the agent's status; contacts that it holds stay. Raises UnknownStatus, StatusDisabled."""
        args: dict[str, Argument] = {"status": checked_name("status", status)}
        return self._request("set_status", args, keys={"statuses": self.keys.statuses})

    def sign_out(self) -> Request[list[str]]:
        """End the session; returns the ids of the contacts that went back to line. Raises SessionEnded."""
        return Request(
            "sign_out",
            keys={"instance": self.keys.instance, "agent": self.keys.agent(self.agent)},
            args={"name": self.agent, "epoch": self.epoch},
            read=read_names,
        )

    def _request(
        self,
        script: str,
        args: Mapping[str, Argument],
        *,
        keys: Mapping[str, str] | None = None,
        rest: Sequence[Argument] = (),
        ends: Sequence[Argument] = (),
    ) -> Request[Answer]:
        """A request with the next operation number. `ends`: tokens of what the session has no more once it is answered.

        Raises SessionEnded, StaleOperation and OperationReused when it is run.
        """
        def read(reply: Any) -> Answer:
            self._ended.extend(map(int, ends))
            return self._read_answer(reply)

        self._op += 1
        return Request(
            script,
            keys={"instance": self.keys.instance, **(keys or {})},
            args={
                "name": self.agent,
                "epoch": self.epoch,
                "op": self._op,
                "last_token": self._last_token,
                **args,
            },
            read=read,
            rest=tuple(rest),
        )

    def _read_answer(self, reply: Any) -> Answer:
        fenced_end = 2 + reply[0]
        first = fenced_end + reply[1]
        fenced = tuple([contact.decode() for contact in reply[2:fenced_end]])
        parked = tuple([contact.decode() for contact in reply[fenced_end:first]])
        places = range(first, len(reply), OFFER_FIELDS)
        offers = tuple([offer_of(self.agent, reply[place : place + OFFER_FIELDS]) for place in places])
        if offers:
            self._last_token = max(self._last_token, offers[-1].token)
        return Answer(fenced, offers, parked)

    def told(self, hint: Hint) -> Offer | None:
        """The offer that a hint brings, when it is for this session, is new to it, and nothing before it was missed.

        None otherwise: then the session asks (`take`), since a hint is no promise. The answer to a request that was
        under way may tell the same offer once more.
        """
        if hint.epoch != self.epoch or hint.before > self._last_token or not hint.offer:
            return None
        try:
            offer = offer_of(self.agent, hint.offer)
        except (ValueError, UnicodeDecodeError):  # somebody else wrote it
            return None
        if offer.token <= self._last_token:
            return None
        self._last_token = offer.token
        return offer


def _sent(error: str) -> str:
    """The text with "?" for what cannot be sent: a file's name may hold it, and the failure must be told anyway."""
    return error.encode(errors="replace").decode()
