"""What looks at Redis for long outlives its outages, and says so once."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from fairlead.errors import FairleadError, RedisError

T = TypeVar("T")

ASK_AGAIN_S = 0.5
"""Beside the client's own retries, which take longer."""


class Outage:
    """Says once that Redis cannot serve, and once that it serves all who ask again. Threads may share it."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say = say
        self._lock = threading.Lock()
        self._failing: set[str] = set()

    def note(self, failure: FairleadError | None, who: str = "") -> None:
        """What came of asking: the error, or None when there was an answer; `who` of several asked."""
        with self._lock:
            if failure:
                if not self._failing:
                    self._say(f"warning: {failure}; waiting for it")
                self._failing.add(who)
            elif who in self._failing:
                self._failing.remove(who)
                if not self._failing:
                    self._say("Redis serves again")

    def outlast(self, ask: Callable[[], T]) -> T:
        """The answer, however often Redis has to be asked for it."""
        while True:
            try:
                answer = ask()
            except RedisError as failure:
                self.note(failure)
                time.sleep(ASK_AGAIN_S)
            else:
                self.note(None)
                return answer
