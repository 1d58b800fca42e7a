"""How a worker speaks with Redis: it waits for it, whatever the reason, and says once that it does."""

import asyncio
import random
import time
from typing import TypeVar

from fairlead.errors import FairleadError, OperationReused, RedisError, RedisRefused, SessionEnded, StaleOperation
from fairlead.store.client import AsyncStore
from fairlead.store.procedure import Procedure
from fairlead.store.request import Request
from fairlead_worker.logs import get_logger

T = TypeVar("T")

log = get_logger()

OVERTAKEN = (SessionEnded, StaleOperation, OperationReused)
"""Somebody else has the session, or asks in its name: whoever works for the agent goes on with a new one."""

FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 2.0
"""Pauses between attempts grow from the first to the longest; each is cut at random, so that not all come at once."""


def pause_s(attempt: int) -> float:
    """How long to wait after attempt number `attempt` (from 1) has failed, in seconds."""
    return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(attempt, 10)) * random.uniform(0.5, 1.0)  # noqa: S311


class Link:
    """What a worker's parts have seen of Redis lately. Shared by all of them, so that one outage is told once."""

    def __init__(self) -> None:
        self._failing: set[str] = set()
        self._away_since_s = 0.0
        self._is_refused = False
        """Whether it has been told that only a person can help."""

    def failed(self, who: str, failure: Exception) -> None:
        """A part of the worker got no answer, or an error for one. That Redis refuses it is told, too, when it has been
        told of something that may pass: a connection is lost before a user is found to be gone.
        """
        if not self._failing:
            self._away_since_s, self._is_refused = time.monotonic(), False
        is_refused = isinstance(failure, RedisRefused)
        if not self._failing or (is_refused and not self._is_refused):
            self._is_refused = is_refused
            log.warning("redis does not serve", error=str(failure))
        self._failing.add(who)

    def served(self, who: str) -> None:
        """A part of the worker got its answer."""
        if who in self._failing:
            self._failing.remove(who)
            if not self._failing:
                log.info("redis serves again", away_s=round(time.monotonic() - self._away_since_s, 1))

    def forget(self, who: str) -> None:
        """A part of the worker asks nothing more."""
        self._failing.discard(who)

    async def ask(self, who: str, store: AsyncStore, asked: Request[T] | Procedure[T]) -> T:
        """The answer to a request, however often Redis has to be asked. Raises what the transition refuses with."""
        attempt = 0
        while True:
            try:
                answer = await store.run(asked)
            except RedisError as failure:
                self.failed(who, failure)
                attempt += 1
                await asyncio.sleep(pause_s(attempt))
            except FairleadError:
                self.served(who)
                raise
            else:
                self.served(who)
                return answer
