"""What a producer asks: to push a contact, and to say that its customer has left."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from uuid_utils import uuid7

from fairlead.domain.channel import Channel, checked_channel
from fairlead.domain.contact import (
    DEFAULT_PRIORITY,
    HIGHEST_PRIORITY,
    LONGEST_AGE_ADJUSTMENT_S,
    LOWEST_PRIORITY,
    MAX_PAYLOAD_BYTES,
    ContactState,
)
from fairlead.domain.names import AGENT_QUEUE_PREFIX, checked_name, checked_queue_name
from fairlead.errors import InvalidContact
from fairlead.store.keys import Keys
from fairlead.store.request import Request


def new_contact_id() -> str:
    """An id that nobody else has made; ids made later sort later (UUID version 7, without hyphens)."""
    return uuid7().hex


@dataclass(frozen=True, slots=True)
class NewContact:
    """A contact as its producer makes it.

    `queue`: a standard queue, or `@agent`; `payload`: JSON, at most 64 KiB; `priority`: 1 is the highest;
    `age_adjustment_s`: how many seconds older than its arrival it ranks; `contact_id`: pushing the same id
    with the same content again changes nothing.

    Raises InvalidName or InvalidContact when a value is outside its limits.
    """

    queue: str
    channel: Channel
    payload: bytes = b"null"
    priority: int = DEFAULT_PRIORITY
    age_adjustment_s: int = 0
    contact_id: str = field(default_factory=new_contact_id)

    def __post_init__(self) -> None:
        checked_queue_name(self.queue)
        checked_name("contact", self.contact_id)
        checked_channel(self.channel)
        _check_range("priority", self.priority, HIGHEST_PRIORITY, LOWEST_PRIORITY)
        _check_range("age adjustment in seconds", self.age_adjustment_s, 0, LONGEST_AGE_ADJUSTMENT_S)
        if len(self.payload) > MAX_PAYLOAD_BYTES:
            raise InvalidContact(
                f"contact {self.contact_id!r} has a payload of {len(self.payload):,} bytes, the limit is "
                f"{MAX_PAYLOAD_BYTES:,}: keep large content elsewhere and push a reference to it"
            )

    @property
    def digest(self) -> str:
        """Short digest of everything but the id: equal for a repetition of the same push, else different."""
        content = f"{self.queue}\n{self.channel}\n{self.priority}\n{self.age_adjustment_s}\n".encode() + self.payload
        return hashlib.blake2b(content, digest_size=8).hexdigest()


def _check_range(what: str, value: int, lowest: int, highest: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise InvalidContact(f"{what} {value!r} is not a whole number from {lowest} to {highest:,}")


@dataclass(frozen=True, slots=True)
class Receipt:
    """The store has the contact. `created` is False when this push repeats an earlier one."""

    contact_id: str
    created: bool
    state: ContactState


def push(keys: Keys, contact: NewContact, now_us: int | None = None) -> Request[Receipt]:
    """Put a contact into its queue, and give it to the agent available longest if one is free for it.

    Raises UnknownQueue, UnknownAgent, ContactExists, RedisFull.
    """
    is_agent_queue = contact.queue.startswith(AGENT_QUEUE_PREFIX)

    def read(reply: Any) -> Receipt:
        return Receipt(contact.contact_id, reply[0] == 1, reply[1].decode())

    return Request(
        "push_contact",
        keys={
            "instance": keys.instance,
            "contact": keys.contact(contact.contact_id),
            "payload": keys.payload(contact.contact_id),
            "owner": keys.agent(contact.queue[1:]) if is_agent_queue else keys.queue(contact.queue),
        },
        args={
            "id": contact.contact_id,
            "queue": contact.queue,
            "channel": contact.channel,
            "priority": contact.priority,
            "age_adjustment_us": contact.age_adjustment_s * 1_000_000,
            "digest": contact.digest,
            "body": contact.payload,
            "now_us": given(now_us),
        },
        read=read,
    )


def abandon(keys: Keys, contact_id: str, now_us: int | None = None) -> Request[None]:
    """The customer has left. Raises UnknownContact, and WrongState once the contact is connected or ended."""
    return Request(
        "abandon_contact",
        keys={"instance": keys.instance},
        args={"id": checked_name("contact", contact_id), "now_us": given(now_us)},
        read=lambda _: None,
    )


def given(now_us: int | None) -> int | str:
    """The time that a caller brings, or the empty argument that stands for Redis' time."""
    return "" if now_us is None else now_us
