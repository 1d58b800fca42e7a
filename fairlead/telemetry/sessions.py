"""An agent's session whose requests have spans."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from opentelemetry.context import Context, get_current

from fairlead.errors import FairleadError, StaleToken
from fairlead.store.hints import Hint
from fairlead.store.offers import Answer, Offer
from fairlead.store.request import Argument, Request
from fairlead.store.transitions.working import Session

if TYPE_CHECKING:
    from fairlead.telemetry.messaging import Attributes, Messaging

MOST_KNOWN = 1_000
"""Of how many contacts a session knows more than their tokens: offers that were missed are never settled."""


@dataclass(slots=True)
class _Known:
    """A contact that the session was given. `parent`: what a word about it belongs to; None: whatever goes on then."""

    offer: Offer
    parent: Context | None = None


@dataclass
class TracedSession(Session):
    """`pulls`: whoever has it asks for contacts; what an answer brings is a `receive`."""

    messaging: "Messaging | None" = None
    pulls: bool = False
    _known: dict[int, _Known] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session, messaging: "Messaging", *, pulls: bool) -> "TracedSession":
        """The same session, which is not to be used itself any more."""
        given = {one.name: getattr(session, one.name) for one in fields(Session)}
        return cls(**given, messaging=messaging, pulls=pulls)

    def handled_in(self, offer: Offer, context: Context) -> None:
        """What is said of that contact belongs to this context."""
        self._know(offer).parent = context

    def told(self, hint: Hint) -> Offer | None:
        offer = super().told(hint)
        if offer:
            self._know(offer)
        return offer

    def _begin_session(
        self, script: str, request: str, is_dead: bool, args: Mapping[str, Argument]
    ) -> Request[tuple[Offer, ...]]:
        began_ns, beginning = time.time_ns(), super()._begin_session(script, request, is_dead, args)
        return beginning.telling(lambda answer: self._received(answer, began_ns))

    def _read_begin(self, reply: Any) -> tuple[Offer, ...]:
        self._known.clear()
        return super()._read_begin(reply)

    def _read_answer(self, reply: Any) -> Answer:
        answer = super()._read_answer(reply)
        for offer in answer.offers:
            self._know(offer)
        return answer

    def _know(self, offer: Offer) -> _Known:
        known = self._known.setdefault(offer.token, _Known(offer))
        if len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]
        return known

    def _request(
        self,
        script: str,
        args: Mapping[str, Argument],
        *,
        keys: Mapping[str, str] | None = None,
        rest: Sequence[Argument] = (),
        ends: Sequence[Argument] = (),
    ) -> Request[Answer]:
        began_ns, current = time.time_ns(), get_current()
        settled = list(_settled(script, args, rest))

        def hear(answer: Any) -> None:
            for outcome, contact_id, token in settled:
                self._settled(outcome, contact_id, token, answer, began_ns, current)
            if isinstance(answer, Answer):
                self._received(answer.offers, began_ns)

        return super()._request(script, args, keys=keys, rest=rest, ends=ends).telling(hear)

    def _settled(self, outcome: str, contact_id: str, token: int, answer: Any, began_ns: int, current: Context) -> None:
        known = self._known.get(token)
        if known and (not isinstance(answer, FairleadError) or isinstance(answer, StaleToken)):
            del self._known[token]
        told: Attributes = {"messaging.message.id": contact_id, "fairlead.outcome": outcome}
        told["fairlead.agent"] = self.agent
        if isinstance(answer, Answer) and contact_id in answer.fenced:
            answer = StaleToken(f"contact {contact_id!r} was not agent {self.agent!r}'s any more")
        elif isinstance(answer, Answer) and contact_id in answer.parked:
            told["fairlead.outcome"] = "parked"
        if self.messaging:
            offer, parent = (known.offer, known.parent) if known else (None, None)
            self.messaging.asked("settle", offer, answer, began_ns, parent or current, told)

    def _received(self, offers: Any, began_ns: int) -> None:
        """What is not pulled is told by the handler that begins with it."""
        if not (self.pulls and self.messaging) or isinstance(offers, FairleadError):
            return
        for offer in offers:
            self.messaging.consumed("receive", offer)
            told: Attributes = {
                "messaging.message.id": offer.contact_id,
                "fairlead.agent": self.agent,
                "fairlead.attempt": offer.attempt,
                "fairlead.channel": offer.channel,
                "fairlead.waited_s": round(max(0.0, time.time() - offer.queued_us / 1e6), 6),
            }
            self.messaging.asked("receive", offer, offers, began_ns, None, told)


_OUTCOMES = {
    "complete_contacts": "complete", "transfer_contact": "transfer", "retry_callback": "retry_callback",
    "failed": "fail", "released": "release",
}  # fmt: skip
"""What becomes of contacts by a script, or by the reason for which one gives them back."""


def _settled(script: str, args: Mapping[str, Argument], rest: Sequence[Argument]) -> Iterable[tuple[str, str, int]]:
    """The outcome, id and token of each contact that a request settles; nothing for other requests."""
    outcome = _OUTCOMES.get(str(args.get("reason", script)))
    if outcome is None:
        return ()
    if not rest:
        return ((outcome, str(args["id"]), int(args["token"])),)
    width = 2 if script == "complete_contacts" else 3
    return _of_rest(outcome, rest, width)


def _of_rest(outcome: str, rest: Sequence[Argument], width: int) -> Iterator[tuple[str, str, int]]:
    for place in range(0, len(rest), width):
        yield outcome, str(rest[place]), int(rest[place + 1])
