"""What a desk shows: a session with everything in its slots, in one call. Changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fairlead.domain.channel import Channel
from fairlead.domain.contact import ContactState, Direction
from fairlead.domain.names import checked_name
from fairlead.domain.slots import SlotKind
from fairlead.store.keys import Keys
from fairlead.store.members import read_named_texts
from fairlead.store.request import Request, or_empty

_SESSION_FIELDS, _SLOT_FIELDS = 10, 17


@dataclass(frozen=True, slots=True)
class HeldContact:
    """A contact that is with an agent, or in its after-contact work; then its payload is gone.

    `attempt`, `queued_us`, `attributes`, `customer`, `headers`: as in an Offer; `connected_us`: when it was answered,
    None while it is being offered. `callback_tries`: how often a callback is tried again when the customer is not
    reached; None: it is no callback.
    """

    state: ContactState
    queue: str
    priority: int
    attempt: int
    queued_us: int
    connected_us: int | None
    attributes: Mapping[str, str]
    headers: Mapping[str, str]
    direction: Direction
    customer: str
    callback_tries: int | None
    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SlotDescription:
    """A slot, and what is in it. `deadline_us`: when an offer, after-contact work or a kept slot ends by itself.

    `contact`: None when the slot is that of a missed or failed offer, whose contact is with somebody else.
    """

    token: int
    kind: SlotKind
    channel: Channel
    contact_id: str
    deadline_us: int | None
    contact: HeldContact | None


@dataclass(frozen=True, slots=True)
class SessionDescription:
    """A live session. `op`: the number of its last request; `lease_left_ms`: until it is lost unless it is renewed;
    `at_us`: when it was so, as deadlines are told.
    """

    agent: str
    epoch: int
    op: int
    status: str
    next_status: str
    is_absent: bool
    profile: str
    worker: str
    holder: str
    lease_left_ms: int
    at_us: int
    slots: tuple[SlotDescription, ...]


def describe_session(keys: Keys, agent: str, epoch: int | None = None) -> Request[SessionDescription]:
    """The session of an agent; `epoch`: only this one. Raises UnknownAgent, SessionEnded."""

    def read(reply: Any) -> SessionDescription:
        epoch, op, status, next_status, is_absent, profile, worker, holder, left_us, at_us = reply[:_SESSION_FIELDS]
        return SessionDescription(
            agent=agent,
            epoch=int(epoch),
            op=int(op),
            status=status.decode(),
            next_status=next_status.decode(),
            is_absent=is_absent == 1,
            profile=profile.decode(),
            worker=worker.decode(),
            holder=holder.decode(),
            lease_left_ms=int(left_us) // 1_000,
            at_us=int(at_us),
            slots=tuple(
                _slot(reply[place : place + _SLOT_FIELDS]) for place in range(_SESSION_FIELDS, len(reply), _SLOT_FIELDS)
            ),
        )

    return Request(
        "describe_session",
        keys={"instance": keys.instance, "agent": keys.agent(checked_name("agent", agent))},
        args={"name": agent, "epoch": or_empty(epoch)},
        read=read,
    )


def _slot(row: Sequence[bytes]) -> SlotDescription:
    token, kind, channel, contact_id, deadline_us, *contact = row
    return SlotDescription(
        token=int(token),
        kind=kind.decode(),  # type: ignore[arg-type]  # ours
        channel=channel.decode(),  # type: ignore[arg-type]  # ours
        contact_id=contact_id.decode(),
        deadline_us=int(float(deadline_us)) if deadline_us else None,
        contact=_contact(contact) if contact[0] else None,
    )


def _contact(row: Sequence[bytes]) -> HeldContact:
    state, queue, priority, attempts, queued_us, connected_us, attributes, headers, direction, customer, *rest = row
    callback_tries, payload = rest
    return HeldContact(
        state=state.decode(),  # type: ignore[arg-type]  # ours
        queue=queue.decode(),
        priority=int(priority),
        attempt=int(attempts) + 1,
        queued_us=int(queued_us),
        connected_us=int(connected_us) if connected_us else None,
        attributes=read_named_texts(attributes.decode()),
        headers=read_named_texts(headers.decode()),
        direction=direction.decode(),  # type: ignore[arg-type]  # ours
        customer=customer.decode(),
        callback_tries=int(callback_tries) if callback_tries else None,
        payload=payload,
    )
