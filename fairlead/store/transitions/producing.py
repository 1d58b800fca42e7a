"""What a producer asks: to push a contact, and to say that its customer has left."""

import hashlib
import string
from binascii import b2a_base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import time_ns
from typing import Any, TypeVar

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
    ContactState,
    Direction,
)
from fairlead.domain.criteria import Step, checked_steps, steps_of
from fairlead.domain.intake import Choice, Decision
from fairlead.domain.names import checked_name, checked_queue_name
from fairlead.domain.queue import CALLBACK_EXPIRY_S
from fairlead.errors import FairleadError, InvalidContact, RedisError
from fairlead.store.keys import Keys
from fairlead.store.members import json_text, named_texts
from fairlead.store.refusals import refusal_of
from fairlead.store.request import Argument, Request, new_request_id

T = TypeVar("T")

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
        _check_range("callback's delay in seconds", self.delay_s, 0, LONGEST_CALLBACK_DELAY_S)
        _check_range("callback's retry delay in seconds", self.retry_delay_s, 0, LONGEST_CALLBACK_DELAY_S)
        _check_range("callback's retries", self.retries, 0, MOST_CALLBACK_RETRIES)
        _check_range("callback's expiry in seconds", self.expiry_s, 1, LONGEST_EXPIRY_S)


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
        _check_range("priority", self.priority, HIGHEST_PRIORITY, LOWEST_PRIORITY)
        _check_range("age adjustment in seconds", self.age_adjustment_s, *AGE_ADJUSTMENTS_S)
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
            _check_range("start in seconds", self.start_in_s, 0, LONGEST_SCHEDULE_S)
        if self.expiry_s is not None:
            _check_range("expiry in seconds", self.expiry_s, 1, LONGEST_EXPIRY_S)
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


def _check_range(what: str, value: int, lowest: int, highest: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise InvalidContact(f"{what} {value!r} is not a whole number from {lowest} to {highest:,}")


@dataclass(frozen=True, slots=True)
class Receipt:
    """Says that the store has the contact. `created` is False when this push repeats an earlier one.

    `queue`: the queue that took it: the overflow queue when the queue that was named is full or closed.
    """

    contact_id: str
    created: bool
    state: ContactState
    queue: str


@dataclass(frozen=True, slots=True)
class Decided:
    """What an intake has decided on a contact. `contact`: as it is to be; `refused`: why it is to be refused instead.

    Where there is no such intake, the version of the decision is 0.
    """

    decision: Decision
    contact: NewContact
    refused: str = ""

    @property
    def text(self) -> str:
        """The decision as the script takes it."""
        return f"{self.decision.text}\n{self.refused}" if self.refused else self.decision.text


def placed(contact: NewContact, decision: Decision, choice: Choice) -> Decided:
    """The contact as an intake has chosen. What it cannot be is refused, since its push may be a repetition."""
    if choice.refuse:
        return Decided(decision, contact, choice.refuse)
    chosen: dict[str, Any] = {
        name: getattr(choice, name)
        for name in ("channel", "priority", "age_adjustment_s", "criteria", "start_in_s")
        if getattr(choice, name) is not None
    }
    if choice.start_in_s is not None or choice.callback_after_s is not None:
        chosen = {"start_at_us": None, "start_in_s": None, "callback": None} | chosen
    if choice.callback_after_s is not None:
        callback = Callback(choice.callback_after_s, choice.callback_retry_delay_s, choice.callback_retries)
        chosen |= {"channel": "voice", "callback": callback}
    try:
        return Decided(decision, replace(contact, intake="", queue=choice.queue, **chosen))
    except InvalidContact as failure:
        return Decided(decision, contact, str(failure))


MOST_TOGETHER = 40
"""How many contacts one run of the script pushes: so many that what is done once for all of them hardly counts, so few
that the script ends soon, though each of them be given to an agent."""


def push(
    keys: Keys, contact: NewContact, decided: Decided | None = None, own: Mapping[str, Argument] | None = None
) -> Request[Receipt]:
    """Put a contact into its queue, and give it to the agent available longest if one is free for it.

    `decided`: by the contact's intake; `own`: in place of what the contact says, by the names in the script's header.
    Raises UnknownQueue, UnknownAgent, ContactExists, QueueFull, QueueDisabled, QueueClosed, QueueUnstaffed,
    InvalidContact (scheduled too far ahead), UnknownIntake, IntakeRefused, ConfigurationChanged (the intake has changed
    since), RedisFull.
    """

    def read(reply: Any) -> Receipt:
        return _receipt(contact, *reply)

    return _pushing(keys, _words(contact, decided, own or {}), read)


def push_together(
    keys: Keys, contacts: Sequence[NewContact], decided: Sequence[Decided | None]
) -> Request[list[Receipt | FairleadError]]:
    """Push up to MOST_TOGETHER contacts in this order; the answer to one that is refused is its error.

    Each is as `push` would have it at that moment, and RedisFull is raised for all of them.
    """

    def read(reply: Any) -> list[Receipt | FairleadError]:
        words = iter(reply)
        return [
            _refused(state) if created < 0 else _receipt(contact, created, state, queue)
            for contact, created, state, queue in zip(contacts, words, words, words, strict=True)
        ]

    words: list[Argument] = []
    for contact, by in zip(contacts, decided, strict=True):
        words += _words(contact, by, {})
    return _pushing(keys, words, read)


def _pushing(keys: Keys, words: Sequence[Argument], read: Callable[[Any], T]) -> Request[T]:
    return Request("push_contacts", {"instance": keys.instance, "payloads": keys.payloads}, {}, read, tuple(words))


def _receipt(contact: NewContact, created: int, state: Any, queue: Any) -> Receipt:
    return Receipt(contact.contact_id, created == 1, state.decode(), queue.decode())


def _refused(text: bytes) -> FairleadError:
    message = text.decode()
    return refusal_of(message) or RedisError(message)


def _words(contact: NewContact, decided: Decided | None, own: Mapping[str, Argument]) -> tuple[Argument, ...]:
    """A contact as the script takes it."""
    digest = contact.digest
    named: list[Argument] = []
    if decided:
        contact = decided.contact
        named = ["intake", decided.text]
    elif contact.intake:
        raise InvalidContact(f"contact {contact.contact_id!r} has an intake, which has not decided on it")
    if own or not contact.is_plain:
        named += [word for name, value in {**_ranking(contact), **own}.items() if value != "" for word in (name, value)]
        named += further(contact)
    return (
        contact.contact_id, contact.queue, contact.channel, contact.priority, digest, contact.payload, len(named),
        *named,
    )  # fmt: skip


def _ranking(contact: NewContact) -> dict[str, Argument]:
    """What else says when a contact enters, where it stands, who may get it and until when; empty: nothing."""
    callback = contact.callback
    return {
        "age_us": contact.age_adjustment_s * 1_000_000 or "",
        "criteria": criteria_text(contact.criteria),
        "start_us": or_empty(contact.start_at_us),
        "delay_us": _micro(callback.delay_s if callback else contact.start_in_s),
        "callback": _callback_text(callback) if callback else "",
        "expiry_us": _micro(callback.expiry_s if callback else contact.expiry_s),
    }


def criteria_text(steps: Sequence[Step]) -> str:
    """The steps as the store keeps them: a line each, `expiry_us expression`, with "-" for never."""
    return "\n".join(f"{_micro(step.expiry_s) or '-'} {step.expression.text()}" for step in steps)


def other_criteria(criteria: Sequence[Step | str] | None) -> str:
    """New routing steps, or their texts, as the scripts take them: "-" for none; empty: as they are."""
    return "" if criteria is None else criteria_text(steps_of(criteria)) or "-"


def _micro(seconds: int | None) -> int | str:
    return "" if seconds is None else seconds * 1_000_000


def _callback_text(callback: Callback) -> str:
    return f"{callback.retry_delay_s * 1_000_000} {callback.retries} {callback.expiry_s * 1_000_000}"


def further(contact: NewContact) -> Iterator[str | bytes]:
    """The further fields of a new contact's record, each with its value."""
    if contact.direction != "inbound":
        yield from ("direction", contact.direction)
    if contact.customer:
        yield from ("customer", contact.customer)
    if contact.related_to:
        yield from ("related_to", contact.related_to)
    if contact.attributes:
        yield from ("attributes", named_texts(contact.attributes))
    if contact.headers:
        yield from ("headers", named_texts(contact.headers))


def abandon(keys: Keys, contact_id: str) -> Request[None]:
    """End a waiting or scheduled contact because its customer has left.

    Raises UnknownContact, and WrongState when the contact is connected or ended.
    """
    return about_contact("abandon_contact", keys, contact_id, {}, read=nothing)


def reschedule(keys: Keys, contact_id: str, start_at_us: int) -> Request[None]:
    """Let a scheduled contact or callback enter its queue at another time, in Unix microseconds; a past one is now.

    Raises UnknownContact, WrongState, and InvalidContact when that is more than 6 days ahead.
    """
    _check_range("start in microseconds", start_at_us, 0, 2**53 - 1)
    return about_contact("reschedule_contact", keys, contact_id, {"start_us": start_at_us}, read=nothing)


def request_callback(keys: Keys, contact_id: str, callback: Callback, queue: str = "") -> Request[None]:
    """Turn a waiting contact into a callback, which keeps its rank and its criteria.

    `queue`: the queue of the callback; by default the queue in which the contact waits.

    Raises UnknownContact, WrongState, UnknownQueue, UnknownAgent.
    """
    args: dict[str, Argument] = {
        "queue": checked_queue_name(queue) if queue else "",
        "delay_us": callback.delay_s * 1_000_000,
        "retry_us": callback.retry_delay_s * 1_000_000,
        "retries": callback.retries,
        "expiry_us": callback.expiry_s * 1_000_000,
    }
    return about_contact("request_callback", keys, contact_id, args, read=nothing)


def update(
    keys: Keys,
    contact_id: str,
    *,
    priority: int | None = None,
    age_adjustment_s: int | None = None,
    attributes: Mapping[str, str | None] | None = None,
    criteria: Sequence[Step | str] | None = None,
) -> Request[None]:
    """Change what a waiting contact ranks by, priority or age adjustment, or whom it asks for; it acts at once.

    `criteria`: its routing steps from now on, or their texts, which begin anew; none when empty. `attributes` are
    merged with those that the contact has, None removes one; that is allowed as long as its record is kept. Raises
    InvalidContact when priority and age adjustment or nothing is given, or when the contact would have too many
    attributes, InvalidName, InvalidCriteria, UnknownContact, WrongState.
    """
    if priority is not None and age_adjustment_s is not None:
        raise InvalidContact("change the priority or the age adjustment, not both: each moves the place in line")
    if priority is None and age_adjustment_s is None and not attributes and criteria is None:
        raise InvalidContact("say what is to change: the priority, the age adjustment, the criteria or the attributes")
    if priority is not None:
        _check_range("priority", priority, HIGHEST_PRIORITY, LOWEST_PRIORITY)
    if age_adjustment_s is not None:
        _check_range("age adjustment in seconds", age_adjustment_s, *AGE_ADJUSTMENTS_S)
    args: dict[str, Argument] = {
        "priority": or_empty(priority),
        "age_us": _micro(age_adjustment_s),
        "criteria": other_criteria(criteria),
    }
    changes = tuple(_attribute_changes(attributes or {}))
    return about_contact("update_contact", keys, contact_id, args, read=nothing, rest=changes)


def _attribute_changes(attributes: Mapping[str, str | None]) -> Iterator[str]:
    checked_attributes({name: text for name, text in attributes.items() if text is not None})
    for name, text in attributes.items():
        yield from (checked_name("attribute", name), "" if text is None else json_text(text))


def about_contact(
    script: str,
    keys: Keys,
    contact_id: str,
    args: Mapping[str, Argument],
    read: Callable[[Any], T],
    rest: tuple[Argument, ...] = (),
) -> Request[T]:
    """A request about one contact that needs no agent session. Raises InvalidName."""
    return Request(
        script,
        keys={"instance": keys.instance},
        args={"id": checked_name("contact", contact_id), **args},
        read=read,
        rest=rest,
        request_id=new_request_id(),
    )


def nothing(_: Any) -> None:
    """The answer of a request that only succeeds or raises."""


def or_empty(number: int | None) -> int | str:
    """The number that a caller gives, or the empty argument that stands for none."""
    return "" if number is None else number
