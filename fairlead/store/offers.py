"""What an agent gets and holds, as the answers to its session tell it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fairlead.domain.channel import Channel
from fairlead.domain.contact import ContactState, Direction
from fairlead.store.members import read_named_texts

OFFER_FIELDS = 14
"""Of how many words an offer is made in an answer or a hint."""


@dataclass(slots=True)
class Offer:
    """A contact that this session holds: it is being offered, or was connected at once.

    `token`: the fencing token that every later request about it must bring; `attempt`: 1, and one more for each time
    that its handler has failed or its session was lost; `queued_us`, `deadline_us`: on the engine's clock, the latter
    None once connected. `attributes`: what the producer wants to be seen and changed while it waits; `customer`: whom
    it is about, if told; `headers`: the context of the trace in which it was pushed.

    Nobody changes one; it is not frozen since that doubles what it costs to make one, which is done for each contact.
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
    attributes: Mapping[str, str]
    direction: Direction
    customer: str
    headers: Mapping[str, str]
    payload: bytes = field(repr=False)


@dataclass(slots=True)
class Answer:
    """The answer to a session's request. Nobody changes one.

    `fenced`: the contacts that were refused because another agent has them, or they have ended; `offers`: the contacts
    that the agent got since the last answer; `parked`: the failed contacts that have used up their attempts.
    """

    fenced: tuple[str, ...]
    offers: tuple[Offer, ...]
    parked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """What an agent holds, by a token."""

    agent: str
    contact_id: str
    token: int


def offer_of(agent: str, row: Sequence[bytes]) -> Offer:
    """The offer of which an answer or a hint tells. Raises ValueError when the words are none of an offer."""
    contact_id, token, state, queue, channel, priority, attempts, queued_us, deadline_us, *further = row
    attributes, direction, customer, headers, payload = further
    return Offer(
        agent=agent,
        contact_id=contact_id.decode(),
        token=int(token),
        state=state.decode(),  # type: ignore[arg-type]  # ours
        queue=queue.decode(),
        channel=channel.decode(),  # type: ignore[arg-type]  # the script took it from a checked contact
        priority=int(priority),
        attempt=int(attempts) + 1,
        queued_us=int(queued_us),
        deadline_us=int(float(deadline_us)) if deadline_us else None,
        attributes=read_named_texts(attributes.decode()),
        direction=direction.decode(),  # type: ignore[arg-type]  # ours
        customer=customer.decode(),
        headers=read_named_texts(headers.decode()),
        payload=payload,
    )
