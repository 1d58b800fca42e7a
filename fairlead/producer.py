"""The Python API for whoever makes contacts.

    with Producer.connect() as producer:
        receipt = producer.push("Support", {"order": 4711}, channel="chat", priority=2)

`Producer` is for synchronous code, `AsyncProducer` for asyncio; both build the same requests.
"""

from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import islice
from types import TracebackType
from typing import Any, Self

import orjson

from fairlead.domain.channel import Channel
from fairlead.domain.contact import DEFAULT_PRIORITY
from fairlead.errors import FairleadError, InvalidContact
from fairlead.store.client import AsyncStore, Store
from fairlead.store.connection import check_server, connect, connect_async
from fairlead.store.keys import DEFAULT_INSTANCE
from fairlead.store.transitions import administering, producing
from fairlead.store.transitions.producing import NewContact, Receipt

PIPELINE = 500
"""How many contacts one round trip pushes: enough to hide the trip, few enough for other clients to get their turn."""


def new_contact(
    queue: str,
    payload: Any = None,
    *,
    channel: Channel = "voice",
    priority: int = DEFAULT_PRIORITY,
    age_adjustment_s: int = 0,
    contact_id: str | None = None,
) -> NewContact:
    """A contact to be pushed.

    `queue`: a standard queue, or `@agent`; `payload`: any JSON value, at most 64 KiB; `priority`: 1 is the highest;
    `age_adjustment_s`: seconds by which it ranks older than its arrival; `contact_id`: makes pushing it again
    harmless, over crashes of the producer, too. Raises InvalidName, InvalidContact.
    """
    try:
        body = orjson.dumps(payload)
    except TypeError as failure:
        raise InvalidContact(f"the payload is not a JSON value: {failure}") from failure
    identity = {} if contact_id is None else {"contact_id": contact_id}
    return NewContact(queue, channel, body, priority, age_adjustment_s, **identity)


def _batches(contacts: Iterable[NewContact]) -> Iterator[list[NewContact]]:
    left = iter(contacts)
    while batch := list(islice(left, PIPELINE)):
        yield batch


class Producer:
    """Pushes contacts into one instance, synchronously."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @classmethod
    def connect(cls, url: str = "redis://localhost:6379/0", instance: str = DEFAULT_INSTANCE) -> Self:
        """A producer on the Redis at `url`. Raises a RedisError when it cannot serve."""
        client = connect(url)
        check_server(client)
        store = Store(client, instance)
        store.run(administering.prepare_instance(store.keys))
        return cls(store)

    def push(
        self,
        queue: str,
        payload: Any = None,
        *,
        channel: Channel = "voice",
        priority: int = DEFAULT_PRIORITY,
        age_adjustment_s: int = 0,
        contact_id: str | None = None,
    ) -> Receipt:
        """Push one contact; its arguments are those of `new_contact`.

        Raises InvalidName, InvalidContact, UnknownQueue, UnknownAgent, ContactExists, RedisFull.
        """
        contact = new_contact(
            queue, payload, channel=channel, priority=priority, age_adjustment_s=age_adjustment_s, contact_id=contact_id
        )
        return self._store.run(producing.push(self._store.keys, contact))

    def push_many(self, contacts: Iterable[NewContact]) -> Iterator[Receipt | FairleadError]:
        """Push contacts in bulk; yields for each, in order, its receipt or the error that refused it."""
        for batch in _batches(contacts):
            yield from self._store.run_many([producing.push(self._store.keys, contact) for contact in batch])

    def abandon(self, contact_id: str) -> None:
        """The customer has left. Raises UnknownContact, and WrongState once the contact is connected or ended."""
        self._store.run(producing.abandon(self._store.keys, contact_id))

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
    async def connect(cls, url: str = "redis://localhost:6379/0", instance: str = DEFAULT_INSTANCE) -> Self:
        """A producer on the Redis at `url`. Raises a RedisError when it cannot serve."""
        store = AsyncStore(connect_async(url), instance)
        await store.run(administering.prepare_instance(store.keys))
        return cls(store)

    async def push(
        self,
        queue: str,
        payload: Any = None,
        *,
        channel: Channel = "voice",
        priority: int = DEFAULT_PRIORITY,
        age_adjustment_s: int = 0,
        contact_id: str | None = None,
    ) -> Receipt:
        """Push one contact; arguments and errors as Producer.push."""
        contact = new_contact(
            queue, payload, channel=channel, priority=priority, age_adjustment_s=age_adjustment_s, contact_id=contact_id
        )
        return await self._store.run(producing.push(self._store.keys, contact))

    async def push_many(self, contacts: Iterable[NewContact]) -> AsyncIterator[Receipt | FairleadError]:
        """Push contacts in bulk; yields for each, in order, its receipt or the error that refused it."""
        for batch in _batches(contacts):
            requests = [producing.push(self._store.keys, contact) for contact in batch]
            for answer in await self._store.run_many(requests):
                yield answer

    async def abandon(self, contact_id: str) -> None:
        """The customer has left. Raises UnknownContact, and WrongState once the contact is connected or ended."""
        await self._store.run(producing.abandon(self._store.keys, contact_id))

    async def close(self) -> None:
        """Close the connections."""
        await self._store.client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
