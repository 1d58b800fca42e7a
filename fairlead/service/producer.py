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
from fairlead.errors import FairleadError, InvalidContact
from fairlead.service.asked import AsyncConnected, Connected, of_keys, of_nothing
from fairlead.service.estimate import estimate_queue
from fairlead.store.keys import Keys
from fairlead.store.request import Request
from fairlead.store.transitions import producing
from fairlead.store.transitions.producing import Callback, NewContact, Receipt

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


def new_contact(queue: str, payload: Any = None, **options: Unpack[ContactOptions]) -> NewContact:
    """A contact to be pushed: `queue` is a standard queue, or `@agent`; `payload` any JSON value, at most 64 KiB.

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


def push(keys: Keys, queue: str, payload: Any = None, **options: Unpack[ContactOptions]) -> Request[Receipt]:
    """Push one contact; its arguments are those of `new_contact`.

    Raises InvalidName, InvalidContact, InvalidCriteria, UnknownQueue, UnknownAgent, ContactExists, QueueFull,
    QueueDisabled, QueueClosed, QueueUnstaffed, RedisFull.
    """
    return producing.push(keys, new_contact(queue, payload, **options))


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
            yield from self._store.run_many([producing.push(self._store.keys, contact) for contact in batch])


class AsyncProducer(_Producing, AsyncConnected):
    """Pushes contacts into one instance, in asyncio."""

    async def push_many(self, contacts: Iterable[NewContact]) -> AsyncIterator[Receipt | FairleadError]:
        """Push contacts in bulk; yields for each, in order, its receipt or the error with which it was refused."""
        for batch in _batches(contacts):
            requests = [producing.push(self._store.keys, contact) for contact in batch]
            for answer in await self._store.run_many(requests):
                yield answer
