"""The Python API for whoever makes contacts.

    with Producer.connect() as producer:
        receipt = producer.push("Support", {"order": 4711}, channel="chat", priority=2)

`Producer` is for synchronous code, `AsyncProducer` for asyncio; both build the same requests.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from types import TracebackType
from typing import Any, Self, TypedDict, Unpack

import orjson
import redis

from fairlead.domain.channel import Channel
from fairlead.domain.contact import Direction
from fairlead.domain.criteria import Step, parse_step
from fairlead.errors import FairleadError, InvalidContact
from fairlead.server.connection import connect_async
from fairlead.server.finding import Server, find_server, reach
from fairlead.store.client import AsyncStore, Store
from fairlead.store.transitions import configuring, producing
from fairlead.store.transitions.producing import Callback, NewContact, Receipt

PIPELINE = 500
"""How many contacts one round trip pushes: enough to hide the trip, few enough for other clients to get their turn."""


class ContactOptions(TypedDict, total=False):
    """What may be said of a new contact; each is explained at NewContact.

    `criteria`: steps, or their texts: `"Language:French >= 4 for 30s"`; `contact_id`: makes pushing it again harmless,
    over crashes of the producer, too.
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
    steps = _steps(given.pop("criteria", ()))
    return NewContact(queue, given.pop("channel", "voice"), body, criteria=steps, **given)


def _steps(criteria: Sequence[Step | str]) -> tuple[Step, ...]:
    return tuple(parse_step(one) if isinstance(one, str) else one for one in criteria)


def _batches(contacts: Iterable[NewContact]) -> Iterator[list[NewContact]]:
    left = iter(contacts)
    while batch := list(islice(left, PIPELINE)):
        yield batch


def _reached(url: str | None, instance: str | None) -> tuple[Server, redis.Redis]:
    """The server and a client that has reached it. An error is ours alone: what lies below it explains nothing."""
    try:
        server = find_server(url, instance)
        return server, reach(server.url)
    except FairleadError as failure:
        raise failure from None


class Producer:
    """Pushes contacts into one instance, synchronously."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @classmethod
    def connect(cls, url: str | None = None, instance: str | None = None) -> Self:
        """A producer on the Redis at `url`; else FAIRLEAD_REDIS_URL, else the embedded server, as the command has it.

        `instance`: else FAIRLEAD_INSTANCE, else fairlead; it is made when it is not there. Raises InvalidSetting,
        InvalidName, and a RedisError when the server cannot serve.
        """
        server, client = _reached(url, instance)
        store = Store(client, server.instance)
        store.run(configuring.prepare_instance(store.keys))
        return cls(store)

    def push(self, queue: str, payload: Any = None, **options: Unpack[ContactOptions]) -> Receipt:
        """Push one contact; its arguments are those of `new_contact`.

        Raises InvalidName, InvalidContact, InvalidCriteria, UnknownQueue, UnknownAgent, ContactExists, QueueFull,
        QueueDisabled, QueueClosed, RedisFull.
        """
        return self._store.run(producing.push(self._store.keys, new_contact(queue, payload, **options)))

    def push_many(self, contacts: Iterable[NewContact]) -> Iterator[Receipt | FairleadError]:
        """Push contacts in bulk; yields for each, in order, its receipt or the error that refused it."""
        for batch in _batches(contacts):
            yield from self._store.run_many([producing.push(self._store.keys, contact) for contact in batch])

    def abandon(self, contact_id: str) -> None:
        """The customer has left. Raises UnknownContact, and WrongState once the contact is connected or ended."""
        self._store.run(producing.abandon(self._store.keys, contact_id))

    def update(
        self,
        contact_id: str,
        *,
        priority: int | None = None,
        age_adjustment_s: int | None = None,
        attributes: Mapping[str, str | None] | None = None,
        criteria: Sequence[Step | str] | None = None,
    ) -> None:
        """Change a waiting contact's priority, age adjustment or criteria, or the attributes of one that has not ended.

        An attribute that is None is removed; the others stay. Raises InvalidContact, InvalidCriteria, WrongState.
        """
        self._store.run(
            producing.update(
                self._store.keys,
                contact_id,
                priority=priority,
                age_adjustment_s=age_adjustment_s,
                attributes=attributes,
                criteria=None if criteria is None else _steps(criteria),
            )
        )

    def request_callback(self, contact_id: str, callback: Callback, queue: str = "") -> None:
        """A waiting customer asks to be called back. Raises UnknownContact, WrongState, UnknownQueue."""
        self._store.run(producing.request_callback(self._store.keys, contact_id, callback, queue))

    def close(self) -> None:
        """Close the connections."""
        self._store.client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncProducer:
    """Pushes contacts into one instance, with asyncio."""

    def __init__(self, store: AsyncStore) -> None:
        self._store = store

    @classmethod
    async def connect(cls, url: str | None = None, instance: str | None = None) -> Self:
        """A producer on the Redis at `url`; arguments and errors as Producer.connect."""
        server, client = await asyncio.to_thread(_reached, url, instance)
        client.close()
        store = AsyncStore(connect_async(server.url), server.instance)
        await store.run(configuring.prepare_instance(store.keys))
        return cls(store)

    async def push(self, queue: str, payload: Any = None, **options: Unpack[ContactOptions]) -> Receipt:
        """Push one contact; arguments and errors as Producer.push."""
        return await self._store.run(producing.push(self._store.keys, new_contact(queue, payload, **options)))

    async def push_many(self, contacts: Iterable[NewContact]) -> AsyncIterator[Receipt | FairleadError]:
        """Push contacts in bulk; yields for each, in order, its receipt or the error that refused it."""
        for batch in _batches(contacts):
            requests = [producing.push(self._store.keys, contact) for contact in batch]
            for answer in await self._store.run_many(requests):
                yield answer

    async def abandon(self, contact_id: str) -> None:
        """The customer has left. Raises UnknownContact, and WrongState once the contact is connected or ended."""
        await self._store.run(producing.abandon(self._store.keys, contact_id))

    async def update(
        self,
        contact_id: str,
        *,
        priority: int | None = None,
        age_adjustment_s: int | None = None,
        attributes: Mapping[str, str | None] | None = None,
        criteria: Sequence[Step | str] | None = None,
    ) -> None:
        """Change a waiting contact's priority, age adjustment or criteria, or the attributes of one that has not ended.

        An attribute that is None is removed; the others stay. Raises InvalidContact, InvalidCriteria, WrongState.
        """
        await self._store.run(
            producing.update(
                self._store.keys,
                contact_id,
                priority=priority,
                age_adjustment_s=age_adjustment_s,
                attributes=attributes,
                criteria=None if criteria is None else _steps(criteria),
            )
        )

    async def request_callback(self, contact_id: str, callback: Callback, queue: str = "") -> None:
        """A waiting customer asks to be called back. Raises UnknownContact, WrongState, UnknownQueue."""
        await self._store.run(producing.request_callback(self._store.keys, contact_id, callback, queue))

    async def close(self) -> None:
        """Close the connections."""
        await self._store.client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
