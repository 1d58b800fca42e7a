"""A contact as its producer makes it: its id, the limits that it keeps, and what tells a repetition of its push."""

import hashlib
import string
from binascii import b2a_base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import time_ns

from uuid_utils import uuid4

from fairlead.domain.channel import Channel, checked_channel
from fairlead.domain.contact import (
    DEFAULT_PRIORITY,
    HIGHEST_PRIORITY,
    LONGEST_AGE_ADJUSTMENT_S,
    LONGEST_ATTRIBUTE,
    LONGEST_CALLBACK_DELAY_S,
    LONGEST_EXPIRY_S,
    LONGEST_SCHEDULE_S,
    LOWEST_PRIORITY,
    MAX_PAYLOAD_BYTES,
    MOST_ATTRIBUTES,
    MOST_CALLBACK_RETRIES,
    MOST_HEADER_BYTES,
    Direction,
)
from fairlead.domain.criteria import Step, checked_steps
from fairlead.domain.names import checked_name, checked_queue_name
from fairlead.domain.queue import CALLBACK_EXPIRY_S
from fairlead.errors import InvalidContact

AGE_ADJUSTMENTS_S = (-LONGEST_AGE_ADJUSTMENT_S, LONGEST_AGE_ADJUSTMENT_S)

_SORTED = "-" + string.digits + string.ascii_uppercase + "_" + string.ascii_lowercase
_IN_ORDER = bytes.maketrans(
    f"{string.ascii_uppercase}{string.ascii_lowercase}{string.digits}+/".encode(), _SORTED.encode()
)
"""From the digits of base 64 to as many that sort as what they stand for."""


def new_contact_id() -> str:
    """An id that nobody else has made; ids made later sort later.

    In Redis it stands three times for each contact that waits: 14 characters fit where a 15th takes 32 bytes. They tell
    the time in steps of 128 ns (with a letter or digit in front until 2139), and 28 random bits, for what several make
    in the same step: at 1,000 contacts a second one of them has another's id once in a hundred years.
    """
    made = (time_ns() >> 7).to_bytes(7, "big") + uuid4().bytes[:4]
    return b2a_base64(made, newline=False)[:14].translate(_IN_ORDER).decode()


@dataclass(frozen=True, slots=True)
class Callback:
    """How a customer is called back: first after `delay_s`, then up to `retries` times more, `retry_delay_s` apart.

    Each delay is at most 259,200 s. `expiry_s`: seconds after which a callback that waits in its queue expires.
    Raises InvalidContact when a value is outside its limits.
    """

    delay_s: int = 0
    retry_delay_s: int = 600
    retries: int = 0
    expiry_s: int = CALLBACK_EXPIRY_S

    def __post_init__(self) -> None:
        check_range("callback's delay in seconds", self.delay_s, 0, LONGEST_CALLBACK_DELAY_S)
        check_range("callback's retry delay in seconds", self.retry_delay_s, 0, LONGEST_CALLBACK_DELAY_S)
        check_range("callback's retries", self.retries, 0, MOST_CALLBACK_RETRIES)
        check_range("callback's expiry in seconds", self.expiry_s, 1, LONGEST_EXPIRY_S)


@dataclass(slots=True)
class NewContact:
    """A contact as its producer makes it.

    `queue`: a standard queue, or `@agent`; `payload`: JSON, at most 64 KiB; `priority`: 1 is the highest;
    `age_adjustment_s`: seconds added to its age for its place in line, negative to rank it younger; `contact_id`: a
    second push with the same id and the same content changes nothing.
    `criteria`: its routing steps; `attributes`: names and texts that agents and supervisors see, and that can change
    while it waits; `customer`: a name that identifies the customer, for queues that choose the last agent;
    `related_to`: the id of another contact; `start_at_us` (Unix microseconds) or `start_in_s`: when it enters its
    queue, at most 6 days ahead; `expiry_s`: how long it may wait, else as its queue says; `callback`: it is one.
    `intake`: chooses the queue, and what else its rules say, in place of `queue`, which is left empty.
    `headers`: the context of a trace (traceparent, tracestate, baggage), handed out with the contact, at most 512 bytes
    in all; they are no content: a push with others is the same push.

    Raises InvalidName, InvalidContact or InvalidCriteria when a value is outside its limits.
    Nobody changes one; it is not frozen since that takes as long as all its checks.
    """

    queue: str
    channel: Channel
    payload: bytes = b"null"
    priority: int = DEFAULT_PRIORITY
    age_adjustment_s: int = 0
    contact_id: str = field(default_factory=new_contact_id)
    criteria: tuple[Step, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    direction: Direction = "inbound"
    customer: str = ""
    related_to: str = ""
    start_at_us: int | None = None
    start_in_s: int | None = None
    expiry_s: int | None = None
    callback: Callback | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    intake: str = ""

    def __post_init__(self) -> None:
        if not self.intake:
            checked_queue_name(self.queue)
        elif self.queue:
            raise InvalidContact(f"give a queue or an intake, not both: {self.queue!r:.80} and {self.intake!r:.80}")
        else:
            checked_name("intake", self.intake)
        checked_name("contact", self.contact_id)
        checked_channel(self.channel)
        check_range("priority", self.priority, HIGHEST_PRIORITY, LOWEST_PRIORITY)
        check_range("age adjustment in seconds", self.age_adjustment_s, *AGE_ADJUSTMENTS_S)
        if len(self.payload) > MAX_PAYLOAD_BYTES:
            raise InvalidContact(
                f"contact {self.contact_id!r} has a payload of {len(self.payload):,} bytes, the limit is "
                f"{MAX_PAYLOAD_BYTES:,}: keep large content elsewhere and push a reference to it"
            )
        if not self.is_plain:
            self._check_further()

    @property
    def is_plain(self) -> bool:
        """Whether it has nothing but an id, a queue, a channel, a priority and a payload."""
        return not (
            self.criteria
            or self.attributes
            or self.direction != "inbound"
            or self.customer
            or self.related_to
            or self.start_at_us is not None
            or self.start_in_s is not None
            or self.expiry_s is not None
            or self.callback
            or self.headers
            or self.intake
            or self.age_adjustment_s
        )

    def _check_further(self) -> None:
        checked_steps(self.criteria)
        checked_attributes(self.attributes)
        checked_headers(self.headers)
        if self.customer:
            checked_name("customer", self.customer)
        if self.related_to:
            checked_name("contact", self.related_to)
        if self.direction not in ("inbound", "outbound"):
            raise InvalidContact(f"direction {self.direction!r} does not exist: choose inbound or outbound")
        if self.start_in_s is not None:
            check_range("start in seconds", self.start_in_s, 0, LONGEST_SCHEDULE_S)
        if self.expiry_s is not None:
            check_range("expiry in seconds", self.expiry_s, 1, LONGEST_EXPIRY_S)
        if sum(one is not None for one in (self.start_at_us, self.start_in_s, self.callback)) > 1:
            raise InvalidContact("give one of start_at_us, start_in_s and callback: a callback has its own delay")
        if self.callback and self.channel != "voice":
            raise InvalidContact(f"a callback is a call: its channel is voice, not {self.channel}")

    @property
    def digest(self) -> int:
        """Of everything but id and headers: equal for a repetition of a push, almost surely different for another.

        A whole number of 32 bits, which Redis keeps in a few bytes. What an intake decides is no part of it: a
        repetition is one whatever would be decided now.
        """
        target = f"intake:{self.intake}" if self.intake else self.queue
        content = f"{target}\n{self.channel}\n{self.priority}\n{self.age_adjustment_s}\n".encode() + self.payload
        if self.is_plain:
            return _number_of(content)
        further = (
            self.criteria, tuple(sorted(self.attributes.items())), self.direction, self.customer, self.related_to,
            self.start_at_us, self.start_in_s, self.expiry_s, self.callback,
        )  # fmt: skip
        if further != _NOTHING_FURTHER:
            content += repr(further).encode()
        return _number_of(content)


def _number_of(content: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(content, digest_size=4).digest(), "big", signed=True)


_NOTHING_FURTHER = ((), (), "inbound", "", "", None, None, None, None)


def checked_attributes(attributes: Mapping[str, str]) -> Mapping[str, str]:
    """Return the attributes when they are within the limits. Raises InvalidName, InvalidContact."""
    if len(attributes) > MOST_ATTRIBUTES:
        raise InvalidContact(f"a contact has {len(attributes)} attributes; the limit is {MOST_ATTRIBUTES}")
    for name, value in attributes.items():
        checked_name("attribute", name)
        if not isinstance(value, str) or len(value) > LONGEST_ATTRIBUTE or not _is_unicode(value):
            raise InvalidContact(f"attribute {name!r} is not a text of at most {LONGEST_ATTRIBUTE} characters")
    return attributes


def _is_unicode(text: str) -> bool:
    """Whether the text can be sent; a byte of a terminal or a file's name that was no text cannot."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def checked_headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    """The headers themselves when they keep the limits. Raises InvalidName, InvalidContact."""
    for name, text in headers.items():
        checked_name("header", name)
        if not isinstance(text, str) or not text.isprintable():
            raise InvalidContact(f"header {name!r} is not a text of printable characters")
    many = sum(len(f"{name}{text}".encode()) for name, text in headers.items())
    if many > MOST_HEADER_BYTES:
        raise InvalidContact(f"a contact has {many} bytes of headers; the limit is {MOST_HEADER_BYTES}")
    return headers


def check_range(what: str, value: int, lowest: int, highest: int) -> None:
    """Raises InvalidContact when the value is no whole number between the two, both included."""
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise InvalidContact(f"{what} {value!r} is not a whole number from {lowest} to {highest:,}")
