"""The connections of a synchronous client, handed out quickly while nothing is the matter with them.

redis-py's pool counts for metrics of its own each time, and is ready to connect anew, which takes thrice as long. A
connection that is open and has nothing to read needs none of that; any other one is redis-py's business.

Whoever is interrupted, by Ctrl-C or by a signal's handler that raises, may lose a connection that it has just taken, or
was about to give back. It is gone then as any object that nobody holds, and another one may be made in its place.
"""

from collections import deque
from collections.abc import Iterator
from queue import Empty, Full, SimpleQueue
from time import monotonic
from typing import Any
from weakref import WeakSet

import redis

_LOST_AFTER_S = 0.1
"""A place that nobody has given back, and of whose connection nothing is known, is lost: to make one takes less."""

_LOOK_AGAIN_S = 0.05
"""How often who waits looks by itself."""


class Made(WeakSet[Any]):
    """The connections that there are, in use or not, as redis-py's pool treats a list of them."""

    def append(self, item: Any) -> None:
        """One more."""
        self.add(item)

    def __iter__(self) -> Iterator[Any]:
        """As they are now: others may be made meanwhile."""
        return iter([one for one in [reference() for reference in list(self.data)] if one is not None])  # type: ignore[attr-defined]


class Stack:
    """As LifoQueue, without a lock that Python code holds: who is interrupted there would leave it held, and the next
    push would wait for ever. None in it is a place for a connection that has not been made yet.
    """

    def __init__(self, most: int) -> None:
        self.queue: deque[Any] = deque()  # redis-py looks at it
        self.made = Made()
        self._most = most
        self._waiting: deque[None] = deque()
        self._given: SimpleQueue[None] = SimpleQueue()
        """Hints to those who wait: the queue is what counts."""

    def put_nowait(self, item: Any) -> None:
        """Raises Full."""
        if len(self.queue) >= self._most:
            raise Full
        self.queue.append(item)
        if self._waiting and self._given.qsize() < self._most:
            self._given.put(None)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """What was put last, or None in place of what was lost. Raises Empty when none came in time, in seconds."""
        begins_s = monotonic()
        while True:
            try:
                return self.queue.pop()
            except IndexError:
                waited_s = monotonic() - begins_s
            if not block or (timeout is not None and waited_s >= timeout):
                raise Empty
            if waited_s >= _LOST_AFTER_S and len(self.made) < self._most:
                return None
            self._wait()

    def get_nowait(self) -> Any:
        """What was put last. Raises Empty."""
        return self.get(block=False)

    def _wait(self) -> None:
        self._waiting.append(None)
        try:
            self._given.get(timeout=_LOOK_AGAIN_S)
        except Empty:
            pass
        finally:
            self._waiting.pop()


class Pool(redis.BlockingConnectionPool):
    """Whoever asks while all connections are in use waits for one. redis-py's metrics do not count them."""

    pool: Stack

    def __init__(self, **options: Any) -> None:
        super().__init__(queue_class=Stack, **options)  # type: ignore[no-untyped-call]

    @property
    def _connections(self) -> Any:  # to redis-py, a list
        return self.pool.made

    @_connections.setter
    def _connections(self, none: list[Any]) -> None:
        """redis-py begins with none when it has made the queue, which has none either."""

    def get_connection(self, *args: Any, **options: Any) -> Any:
        """A connection that is ready for a command. Raises ConnectionError, also when none was free in time."""
        self._checkpid()
        return self._idle() or super().get_connection(*args, **options)  # type: ignore[no-untyped-call]

    def _idle(self) -> Any:
        """One with which nothing is the matter, if the pool has one at hand."""
        try:
            connection = self.pool.get_nowait()
        except Empty:
            return None
        is_fine = False
        try:
            is_fine = bool(getattr(connection, "_sock", None)) and not connection.can_read()
        except redis.RedisError:
            pass  # the server has closed it
        finally:
            if not is_fine:
                self._give_back(connection)
        return connection if is_fine else None

    def release(self, connection: Any) -> None:
        """Take a connection back; one of the process that this one was forked from is closed here, and has no place."""
        self._checkpid()
        if self.owns_connection(connection):
            self._give_back(connection)
        else:
            connection.disconnect()

    def _give_back(self, connection: Any) -> None:
        try:
            self.pool.put_nowait(connection)
        except Full:  # another one was made in its place
            if connection:
                connection.disconnect()
