"""What a producer asks: to push a contact, to change it while it waits, and to say that its customer has left."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from fairlead.domain.contact import HIGHEST_PRIORITY, LOWEST_PRIORITY, ContactState
from fairlead.domain.criteria import Step
from fairlead.domain.intake import Choice, Decision
from fairlead.domain.names import checked_name, checked_queue_name
from fairlead.errors import FairleadError, InvalidContact, RedisError
from fairlead.store.keys import Keys
from fairlead.store.members import criteria_text, json_text, named_texts, other_criteria
from fairlead.store.new_contact import AGE_ADJUSTMENTS_S, Callback, NewContact, check_range, checked_attributes
from fairlead.store.refusals import refusal_of
from fairlead.store.request import Argument, Request, about_contact, nothing, or_empty

T = TypeVar("T")

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
    check_range("start in microseconds", start_at_us, 0, 2**53 - 1)
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
        check_range("priority", priority, HIGHEST_PRIORITY, LOWEST_PRIORITY)
    if age_adjustment_s is not None:
        check_range("age adjustment in seconds", age_adjustment_s, *AGE_ADJUSTMENTS_S)
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
