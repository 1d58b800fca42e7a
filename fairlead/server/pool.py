"""The connections of a synchronous client, handed out quickly while nothing is the matter with them.

redis-py's pool counts for metrics of its own each time, and is ready to connect anew, which takes thrice as long. A
connection that is open and has nothing to read needs none of that; any other one is redis-py's business.
"""

from collections import deque
from queue import Empty, Full, SimpleQueue
from typing import Any

import redis


class Stack:
    """As LifoQueue, without a lock that Python code holds: who is interrupted there, by Ctrl-C or by a signal's handler
    that raises, would leave it held, and the next push would wait for ever.
    """

    def __init__(self, most: int) -> None:
        self.queue: deque[Any] = deque()  # redis-py looks at it
        self._most = most
        self._many: SimpleQueue[None] = SimpleQueue()

    def put_nowait(self, item: Any) -> None:
        """Raises Full."""
        if len(self.queue) >= self._most:
            raise Full
        self.queue.append(item)
        self._many.put(None)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """What was put last. Raises Empty when there was nothing in time, in seconds."""
        self._many.get(block, timeout)
        return self.queue.pop()

    def get_nowait(self) -> Any:
        """What was put last. Raises Empty."""
        return self.get(block=False)


class Pool(redis.BlockingConnectionPool):
    """Whoever asks while all connections are in use waits for one. redis-py's metrics do not count them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(queue_class=Stack, **options)  # type: ignore[no-untyped-call]

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
                self.pool.put_nowait(connection)
        return connection if is_fine else None

    def release(self, connection: Any) -> None:
        """Take a connection back; one of the process that this one was forked from is closed here, and has no place."""
        self._checkpid()
        if self.owns_connection(connection):
            self.pool.put_nowait(connection)
        else:
            connection.disconnect()
