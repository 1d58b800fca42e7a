"""A look that everybody in a process shares, so that it costs the same however many look."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Generic, TypeVar

from fairlead.errors import FairleadError

T = TypeVar("T")

EVERY_S = 1.0
"""How old a look may be before another one is taken."""


class Shared(Generic[T]):
    """What `take` answers, taken at most once in `every_s` seconds, whoever asks; of any thread.

    Who asks while it is being taken waits for that. A failure is shared, too.
    """

    def __init__(self, take: Callable[[], T], every_s: float = EVERY_S, clock: Callable[[], float] = monotonic) -> None:
        self._take, self._every_s, self._clock = take, every_s, clock
        self._lock = threading.Lock()
        self._outcome: T | FairleadError | None = None
        self._begun_s = self._ended_s = 0.0

    def look(self) -> tuple[T, float]:
        """What was seen, and how many seconds ago. Raises what taking it raised."""
        with self._lock:
            if self._outcome is None or self._clock() - self._ended_s >= self._every_s:
                self._begun_s = self._clock()
                try:
                    self._outcome = self._take()
                except FairleadError as failure:
                    self._outcome = failure
                self._ended_s = self._clock()
            outcome, age_s = self._outcome, self._clock() - self._begun_s
        if isinstance(outcome, FairleadError):
            raise outcome
        return outcome, age_s


class AsyncShared(Generic[T]):
    """The same in asyncio: of one event loop."""

    def __init__(
        self, take: Callable[[], Awaitable[T]], every_s: float = EVERY_S, clock: Callable[[], float] = monotonic
    ) -> None:
        self._take, self._every_s, self._clock = take, every_s, clock
        self._lock = asyncio.Lock()
        self._outcome: T | FairleadError | None = None
        self._begun_s = self._ended_s = 0.0

    async def look(self) -> tuple[T, float]:
        """What was seen, and how many seconds ago. Raises what taking it raised."""
        async with self._lock:
            if self._outcome is None or self._clock() - self._ended_s >= self._every_s:
                begun_s = self._clock()
                try:
                    self._outcome = await self._take()
                except FairleadError as failure:
                    self._outcome = failure
                self._begun_s, self._ended_s = begun_s, self._clock()
            outcome, age_s = self._outcome, self._clock() - self._begun_s
        if isinstance(outcome, FairleadError):
            raise outcome
        return outcome, age_s
