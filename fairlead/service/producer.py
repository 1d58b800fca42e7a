"""The Python API for programs that make contacts.

    with Producer.connect() as producer:
        receipt = producer.push("Support", {"order": 4711}, channel="chat", priority=2)

`Producer` is for synchronous code, `AsyncProducer` for asyncio; both build the same requests.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeAlias, TypedDict, Unpack

import orjson

from fairlead.domain.channel import Channel
from fairlead.domain.contact import Direction
from fairlead.domain.criteria import Step, steps_of
from fairlead.errors import ConfigurationChanged, FairleadError, InvalidContact
from fairlead.service.asked import Ask, AsyncConnected, Connected, of_keys, of_nothing
from fairlead.service.estimate import estimate_queue
from fairlead.service.intakes import TRIES, SeenIntakes, decide_all, push_decided
from fairlead.service.tracing import sending, telling
from fairlead.store.keys import Keys
from fairlead.store.new_contact import Callback, NewContact
from fairlead.store.request import Request, Told
from fairlead.store.transitions import producing
from fairlead.store.transitions.producing import MOST_TOGETHER, Decided, Receipt

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


_Answers: TypeAlias = list[Receipt | FairleadError]
_Piece: TypeAlias = dict[int, NewContact]
"""Contacts by their places in a batch."""


class _Batch:
    """Up to PIPELINE contacts on their way, several by each request, and what came of each."""

    def __init__(self, left: Iterator[NewContact]) -> None:
        self._left = left
        self._failure: Exception | None = None
        self._sent: list[tuple[NewContact, Told | None]] = []
        self._asked: list[_Piece] = []
        self._answers: dict[int, Receipt | FairleadError] = {}

    def tries(self) -> Iterator[Iterator[_Piece]]:
        """What is to be pushed: all, each taken when it is asked for; then those whose intake has changed since."""
        yield _pieces(self._taken())
        for _ in range(TRIES - 1):
            changed = [place for place, one in self._answers.items() if isinstance(one, ConfigurationChanged)]
            if not changed:
                return
            yield _pieces((place, self._sent[place][0]) for place in sorted(changed))

    def _taken(self) -> Iterator[tuple[int, NewContact]]:
        try:
            for place, contact in enumerate(islice(self._left, PIPELINE)):
                self._sent.append(sending(contact))
                yield place, self._sent[-1][0]
        except Exception as failure:  # noqa: BLE001  # is_last raises it, once those before have their answers
            self._failure = failure

    def push(self, keys: Keys, piece: _Piece, decided: Sequence[Decided | None]) -> Request[_Answers]:
        """The request that pushes a piece, in order."""
        self._asked.append(piece)
        return producing.push_together(keys, list(piece.values()), decided)

    def answered(self, found: Iterable[_Answers | FairleadError]) -> None:
        """What came of the requests."""
        for piece, answers in zip(self._asked, found, strict=True):
            self.came(piece, answers)
        self._asked = []

    def came(self, piece: _Piece, answers: _Answers | FairleadError) -> None:
        """What came of a piece. What keeps all of it away keeps each of its contacts away."""
        each = [answers] * len(piece) if isinstance(answers, FairleadError) else answers
        self._answers.update(zip(piece, each, strict=True))

    def answers(self) -> _Answers:
        """The answers in order, once whoever watches has been told of all of them."""
        for place, (_, told) in enumerate(self._sent):
            if told:
                told(self._answers[place])
        return [self._answers[place] for place in range(len(self._sent))]

    def is_last(self) -> bool:
        """Whether no contacts are left. Raises what came in place of the next one."""
        if self._failure:
            raise self._failure
        return len(self._sent) < PIPELINE


def _pieces(contacts: Iterator[tuple[int, NewContact]]) -> Iterator[_Piece]:
    while piece := dict(islice(contacts, MOST_TOGETHER)):
        yield piece


def push(keys: Keys, queue: str = "", payload: Any = None, **options: Unpack[ContactOptions]) -> Ask[Receipt]:
    """Push one contact; its arguments are those of `new_contact`.

    Raises InvalidName, InvalidContact, InvalidCriteria, UnknownQueue, UnknownAgent, ContactExists, QueueFull,
    QueueDisabled, QueueClosed, QueueUnstaffed, UnknownIntake, IntakeRefused, ConfigurationChanged, RedisFull.
    """
    contact, told = sending(new_contact(queue, payload, **options))
    return telling(push_decided(contact) if contact.intake else producing.push(keys, contact), told)


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
        """Push contacts in bulk; yields for each, in order, its receipt or the error with which it was refused.

        They are taken and packed while Redis works on those before, so that up to 500 are on their way when the first
        is answered. What `contacts` raises is raised once those before have their answers.
        """
        left, is_last = iter(contacts), False
        while not is_last:
            batch = _Batch(left)
            for pieces in batch.tries():
                found = self._store.run_many(self._pushes(batch, pieces))
                batch.answered(found)
            yield from batch.answers()
            is_last = batch.is_last()

    def _pushes(self, batch: _Batch, pieces: Iterable[_Piece]) -> Iterator[Request[_Answers]]:
        seen: SeenIntakes = {}
        for piece in pieces:
            try:
                decided = self._store.run(decide_all(piece.values(), seen))
            except FairleadError as failure:
                batch.came(piece, failure)
            else:
                yield batch.push(self._store.keys, piece, decided)


class AsyncProducer(_Producing, AsyncConnected):
    """Pushes contacts into one instance, in asyncio."""

    async def push_many(self, contacts: Iterable[NewContact]) -> AsyncIterator[Receipt | FairleadError]:
        """Push contacts in bulk; yields for each, in order, its receipt or the error with which it was refused.

        500 are on their way at a time. What `contacts` raises is raised once those before have their answers.
        """
        left, is_last = iter(contacts), False
        while not is_last:
            batch = _Batch(left)
            for pieces in batch.tries():
                found = await self._store.run_many([push async for push in self._pushes(batch, pieces)])
                batch.answered(found)
            for answer in batch.answers():
                yield answer
            is_last = batch.is_last()

    async def _pushes(self, batch: _Batch, pieces: Iterable[_Piece]) -> AsyncIterator[Request[_Answers]]:
        seen: SeenIntakes = {}
        for piece in pieces:
            try:
                decided = await self._store.run(decide_all(piece.values(), seen))
            except FairleadError as failure:
                batch.came(piece, failure)
            else:
                yield batch.push(self._store.keys, piece, decided)
