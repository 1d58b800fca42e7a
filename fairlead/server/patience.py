"""How a synchronous client waits for a Redis that cannot serve: as long as it takes, asking again and again."""

import time
from collections.abc import Callable
from typing import Any

from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from fairlead import errors
from fairlead.server.failures import translate

ASK_AGAIN_AFTER_S = 0.5

ANSWERED = (
    errors.RedisBusy,
    errors.RedisReadOnly,
    errors.RedisCannotSave,
    errors.RedisFull,
    errors.RedisMoved,
)
"""What a Redis answers that is there and cannot serve now: a worker waits for it, also when it starts."""

_PASSING = (errors.RedisUnreachable, *ANSWERED)
"""Of anything else a worker dies: only a person can help with a wrong password or a right that is missing."""


class Patience(Retry):
    """Repeats a command until Redis serves it or `may_wait` says no. Once it tells why, and `back` that it is over.

    redis-py copies a Retry for each connection: give functions, which stay the same when they are copied.
    """

    def __init__(
        self, may_wait: Callable[[], bool], tell: Callable[[RedisError], None], back: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(NoBackoff(), 0)
        self._may_wait = may_wait
        self._tell = tell
        self._back = back

    def call_with_retry(self, do: Callable[[], Any], fail: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """What `do` answers in the end; `fail` is redis-py's own, and closes a connection that broke."""
        is_told = False
        while True:
            try:
                answer = super().call_with_retry(do, fail, *args, **options)
                if is_told:
                    self._back()
                return answer
            except RedisError as failure:
                if not is_passing(failure) or not self._may_wait():
                    raise
                if not is_told:
                    self._tell(failure)
                is_told = True
            time.sleep(ASK_AGAIN_AFTER_S)


def is_passing(failure: RedisError) -> bool:
    """Whether Redis is only away, busy, loading, full, or cannot write now: whoever asks again later is served."""
    return isinstance(translate(failure), _PASSING)
