"""The newest events of the instance, read once for a process, whoever follows them.

Who follows holds a place and nothing else, so that one who is slow, or many, cost Redis nothing.
"""

import asyncio
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import orjson

from fairlead.errors import FairleadError, RedisError
from fairlead.service.gateway import AsyncGateway
from fairlead.service.timeline import described_event
from fairlead.store.reading import Event, EventFilter

SIZE = 20_000
"""How many events are kept at least: some minutes of a busy instance, some 30 MB."""

PACE_S = 0.1
"""All who follow everything are told at most so often: a thousand at a time cost as much as one event to each."""

_BLOCK_MS = 2_000
_BATCH = 1_000
_AGAIN_S = 0.5
_ALL = EventFilter()

Place: TypeAlias = tuple[int, int]
"""The id of an event, in the order of the stream."""

BEGINNING: Place = (0, 0)


ID_PATTERN = "-|[0-9]{1,19}(-[0-9]{1,19})?"
"""Ids as callers may give them; "-" is the beginning."""


def place_of(event_id: str) -> Place:
    """The id's place. Raises ValueError for what is no id."""
    if not re.fullmatch(ID_PATTERN, event_id):
        raise ValueError(f"{event_id[:80]!r} is no id of an event")
    first, _, second = event_id.partition("-")
    return int(first or 0), int(second or 0)


def id_at(place: Place) -> str:
    """The id of a place."""
    return f"{place[0]}-{place[1]}"


def _before(place: Place) -> Place:
    """A place between that of an event and the one before it; an id as callers may give it back."""
    return (place[0], place[1] - 1) if place[1] else (place[0] - 1, 2**63 - 1)


@dataclass(frozen=True, slots=True)
class Frame:
    """An event, and how it stands in a stream of events."""

    event: Event
    text: bytes


class Pulse:
    """Wakes all who wait for it."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def beat(self) -> None:
        """Wake all who wait now."""
        event, self._event = self._event, asyncio.Event()
        event.set()

    async def wait(self, limit_s: float) -> None:
        """Until the next beat, at most so long."""
        try:
            async with asyncio.timeout(limit_s):
                await self._event.wait()
        except TimeoutError:
            return


class Ring:
    """The newest events. `floor`: the place behind which it has everything; `is_closed`: nobody is to wait any more.

    `note`: is told what came of each look, an error or None.
    """

    def __init__(
        self, gateway: AsyncGateway, note: Callable[[FairleadError | None], None], size: int = SIZE
    ) -> None:
        self._gateway, self._note, self._size = gateway, note, size
        self._places: list[Place] = []
        self._frames: list[Frame] = []
        self._at_once, self._paced = Pulse(), Pulse()
        self._is_due = False
        self.floor = BEGINNING
        self.is_closed = False

    @property
    def end(self) -> Place:
        """The place of the newest event."""
        return self._places[-1] if self._places else self.floor

    async def fill(self) -> None:
        """Read what the stream has by now."""
        found = await self._gateway.newest_events(self._size, _ALL)
        is_whole = len(found) < self._size and await self._gateway.has_all_events()
        if found and not is_whole:
            self.floor = _before(place_of(found[0].event_id))
        self._add(found)

    async def follow(self) -> None:
        """Read new events until the ring is closed, through all outages; redis-py may swallow a cancellation."""
        is_behind = False
        while not self.is_closed:
            try:
                if is_behind:
                    await self._look_for_a_gap()
                found = await self._gateway.events(id_at(self.end), _BATCH, _BLOCK_MS)
            except RedisError as failure:
                self._note(failure)
                is_behind = True
                await asyncio.sleep(_AGAIN_S)
            else:
                self._note(None)
                is_behind = len(found) == _BATCH
                if found:
                    self._add(found)
                    self._tell()

    async def _look_for_a_gap(self) -> None:
        """Begin anew when the stream was trimmed beyond what was read: a gap is told, never hidden."""
        [*oldest] = await self._gateway.events("-", 1)
        if oldest and self.end < _before(place_of(oldest[0].event_id)) and self.end != BEGINNING:
            self._places.clear()
            self._frames.clear()
            self.floor = _before(place_of(oldest[0].event_id))

    def after(self, place: Place, wanted: EventFilter = _ALL, most: int = _BATCH) -> tuple[bytes, Place]:
        """The frames behind a place that are wanted, joined, of the next events; and the place up to which that is."""
        first = bisect_right(self._places, place)
        frames = self._frames[first : first + most]
        if not frames:
            return b"", place
        chosen = frames if wanted == _ALL else [frame for frame in frames if wanted.takes(frame.event)]
        return b"".join([frame.text for frame in chosen]), self._places[first + len(frames) - 1]

    async def wait(self, limit_s: float, *, at_once: bool = False) -> None:
        """Until there are new events, at most so long; `at_once`: without waiting for others that come close behind."""
        if not self.is_closed:
            await (self._at_once if at_once else self._paced).wait(limit_s)

    def close(self) -> None:
        """Let all who follow end."""
        self.is_closed = True
        self._at_once.beat()
        self._paced.beat()

    def _add(self, events: Sequence[Event]) -> None:
        self._places += [place_of(event.event_id) for event in events]
        self._frames += [Frame(event, _framed(event)) for event in events]
        if len(self._places) > self._size + _BATCH:  # not one by one: each time all that stay are moved
            many = len(self._places) - self._size
            self.floor = self._places[many - 1]
            del self._places[:many], self._frames[:many]

    def _tell(self) -> None:
        self._at_once.beat()
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_later(PACE_S, self._tell_all)

    def _tell_all(self) -> None:
        self._is_due = False
        self._paced.beat()


def _framed(event: Event) -> bytes:
    return b"id: %b\ndata: %b\n\n" % (event.event_id.encode(), orjson.dumps(described_event(event)))
