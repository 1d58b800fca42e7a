"""The Python API for programs that make contacts.

    with Producer.connect() as producer:
        receipt = producer.push("Support", {"order": 4711}, channel="chat", priority=2)

`Producer` is for synchronous code, `AsyncProducer` for asyncio; both build the same requests.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypedDict, Unpack

import orjson

from fairlead.domain.channel import Channel
from fairlead.domain.contact import Direction
from fairlead.domain.criteria import Step, steps_of
from fairlead.errors import ConfigurationChanged, FairleadError, InvalidContact
from fairlead.service.asked import Ask, AsyncConnected, Connected, of_keys, of_nothing
from fairlead.service.estimate import estimate_queue
from fairlead.service.intakes import TRIES, decide_all, push_decided
from fairlead.service.tracing import sending, telling
from fairlead.store.keys import Keys
from fairlead.store.request import Request, Told
from fairlead.store.transitions import producing
from fairlead.store.transitions.producing import MOST_TOGETHER, Callback, Decided, NewContact, Receipt

PIPELINE = 500
"""How many contacts one round trip pushes: enough to hide the trip, few enough for other clients to get their turn."""


class ContactOptions(TypedDict, total=False):
    """What may be said of a new contact; each is explained at NewContact.

    `criteria`: steps, or their texts: `"Language:French >= 4 for 30s"`; `contact_id`: makes a second push of the same
    contact harmless, even after a crash of the producer.
    """

    channel: Channel
    priority: int
    age_adjustment_s: int
    contact_id: str
    criteria: Sequence[Step | str]
    attributes: Mapping[str, str]
    headers: Mapping[str, str]
    direction: Direction
    customer: str
    related_to: str
    start_at_us: int
    start_in_s: int
    expiry_s: int
    callback: Callback
    intake: str


def new_contact(queue: str = "", payload: Any = None, **options: Unpack[ContactOptions]) -> NewContact:
    """A contact to be pushed: `queue` is a standard queue, or `@agent`, or empty where an intake is given; `payload`
    any JSON value, at most 64 KiB.

    Raises InvalidName, InvalidContact, InvalidCriteria.
    """
    try:
        body = orjson.dumps(payload)
    except TypeError as failure:
        raise InvalidContact(f"the payload is not a JSON value: {failure}") from failure
    given: dict[str, Any] = dict(options)
    steps = steps_of(given.pop("criteria", ()))
    return NewContact(queue, given.pop("channel", "voice"), body, criteria=steps, **given)


def _batches(contacts: Iterable[NewContact]) -> Iterator[list[NewContact]]:
    left = iter(contacts)
    while batch := list(islice(left, PIPELINE)):
        yield batch


def _tries(
    batch: Sequence[NewContact], answers: Mapping[int, Receipt | FairleadError]
) -> Iterator[Mapping[int, NewContact]]:
    """What of a batch is to be pushed, by place: all of it, then what an intake decided on that has changed since."""
    left = dict(enumerate(batch))
    for _ in range(TRIES):
        yield left
        left = {place: one for place, one in left.items() if isinstance(answers[place], ConfigurationChanged)}
        if not left:
            return


def _pushes(
    keys: Keys, contacts: Mapping[int, NewContact], decided: Sequence[Decided | None]
) -> list[Request[list[Receipt | FairleadError]]]:
    """Requests that push the contacts, in order, several by each."""
    left = iter(zip(contacts.values(), decided, strict=True))
    pushes = []
    while some := list(islice(left, MOST_TOGETHER)):
        pushes.append(producing.push_together(keys, [one for one, _ in some], [by for _, by in some]))
    return pushes


def _found(
    contacts: Mapping[int, NewContact], found: Iterable[list[Receipt | FairleadError] | FairleadError]
) -> Iterator[tuple[int, Receipt | FairleadError]]:
    """What came of each contact, by its place. What keeps all of a request away keeps each of its contacts away."""
    left = iter(contacts)
    for answers in found:
        some = list(islice(left, MOST_TOGETHER))
        yield from zip(some, [answers] * len(some) if isinstance(answers, FairleadError) else answers, strict=True)


def push(keys: Keys, queue: str = "", payload: Any = None, **options: Unpack[ContactOptions]) -> Ask[Receipt]:
    """Push one contact; its arguments are those of `new_contact`.

    Raises InvalidName, InvalidContact, InvalidCriteria, UnknownQueue, UnknownAgent, ContactExists, QueueFull,
    QueueDisabled, QueueClosed, QueueUnstaffed, UnknownIntake, IntakeRefused, ConfigurationChanged, RedisFull.
    """
    contact, told = sending(new_contact(queue, payload, **options))
    return telling(push_decided(contact) if contact.intake else producing.push(keys, contact), told)


def _told(
    sent: Sequence[tuple[NewContact, Told | None]], answers: Mapping[int, Receipt | FairleadError]
) -> list[Receipt | FairleadError]:
    """The answers in order, once whoever watches has been told of all of them."""
    for place, (_, told) in enumerate(sent):
        if told:
            told(answers[place])
    return [answers[place] for place in range(len(sent))]


class _Producing:
    """What producers ask."""

    makes_instance = True

    push = of_keys(push)
    abandon = of_keys(producing.abandon)
    update = of_keys(producing.update)
    reschedule = of_keys(producing.reschedule)
    estimate_queue = of_nothing(estimate_queue)
    request_callback = of_keys(producing.request_callback)


class Producer(_Producing, Connected):
    """Pushes contacts into one instance, synchronously. It may be used by several threads."""

    def push_many(self, contacts: Iterable[NewContact]) -> Iterator[Receipt | FairleadError]:
        """Push contacts in bulk; yields for each, in order, its receipt or the error with which it was refused."""
        for batch in _batches(contacts):
            sent = [sending(contact) for contact in batch]
            answers = dict[int, Receipt | FairleadError]()
            for left in _tries([contact for contact, _ in sent], answers):
                decided = self._store.run(decide_all(left.values()))
                found = self._store.run_many(_pushes(self._store.keys, left, decided))
                answers.update(_found(left, found))
            yield from _told(sent, answers)


class AsyncProducer(_Producing, AsyncConnected):
    """Pushes contacts into one instance, in asyncio."""

    async def push_many(self, contacts: Iterable[NewContact]) -> AsyncIterator[Receipt | FairleadError]:
        """Push contacts in bulk; yields for each, in order, its receipt or the error with which it was refused."""
        for batch in _batches(contacts):
            sent = [sending(contact) for contact in batch]
            answers = dict[int, Receipt | FairleadError]()
            for left in _tries([contact for contact, _ in sent], answers):
                decided = await self._store.run(decide_all(left.values()))
                found = await self._store.run_many(_pushes(self._store.keys, left, decided))
                answers.update(_found(left, found))
            for answer in _told(sent, answers):
                yield answer
