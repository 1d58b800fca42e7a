"""One command, or any number in one round trip, over a connection of redis-py's pool.

redis-py looks at each command and each reply several times; a thousand of them cost its pipeline twice what this does.
Pool, connections, retries, errors and the forms of replies are redis-py's.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import redis

from fairlead.server.packing import formed, packed

_A_PIECE = 8_192
"""So many bytes are sent at a time: the server has begun while the next commands are made and written."""


def send_one(client: Any, command: Sequence[Any]) -> Any:
    """The reply to one command. Raises its error, or what keeps the reply away: a RedisError.

    `client`: one of redis-py that does not decode responses.
    """
    whole = [packed(command)]
    connection = client.connection_pool.get_connection()

    def ask() -> Any:
        connection.send_packed_command(whole)
        return connection.read_response()

    try:
        reply = connection.retry.call_with_retry(ask, lambda _: connection.disconnect())
    except BaseException as failure:
        if type(failure) is not redis.ResponseError:  # a script's refusal is an answer, with which nothing is wrong
            connection.disconnect()
        raise
    finally:
        client.connection_pool.release(connection)
    return formed(reply, command, client.response_callbacks)


def send_together(client: Any, commands: Iterable[Sequence[Any]]) -> list[Any]:
    """The replies in order, each that is an error as redis-py's; so is what keeps replies away, in place of those that
    had not come. Raises the error of a single command, and what keeps all away: a RedisError.

    `client`: one of redis-py that does not decode responses. `commands` may be made as they are asked for, while the
    server works on those before; what is raised meanwhile is raised.
    """
    left = iter(commands)
    first = next(left, None)
    if first is None:
        return []
    connection = client.connection_pool.get_connection()
    under_way = _UnderWay(connection)
    try:
        under_way.add(first)
        for command in left:
            under_way.add(command)
        replies = under_way.answered()
    except BaseException:
        connection.disconnect()  # what is still to come would be taken for the replies to other commands
        raise
    finally:
        client.connection_pool.release(connection)
    sent, known = under_way.commands, client.response_callbacks
    forms = {name: known[name] for name in {command[0] for command in sent} if name in known}
    if not forms:
        return replies
    return [formed(reply, command, forms) for reply, command in zip(replies, sent, strict=True)]


class _UnderWay:
    """Commands that one connection has got, or is to get, and the replies that have come.

    When the connection is lost, what had no reply is sent again, in order.
    """

    def __init__(self, connection: Any) -> None:
        self.commands: list[Sequence[Any]] = []
        self._connection = connection
        self._waiting: list[bytes] = []
        """The last commands, packed: those that have not been sent at all."""
        self._waiting_bytes = 0
        self._replies: list[Any] = []
        self._failure: redis.RedisError | None = None

    def add(self, command: Sequence[Any]) -> None:
        """One more command, which is sent once there are enough."""
        self.commands.append(command)
        if self._failure:
            return
        self._waiting.append(packed(command))
        self._waiting_bytes += len(self._waiting[-1])
        if self._waiting_bytes >= _A_PIECE:
            self._try(self._send)

    def answered(self) -> list[Any]:
        """A reply to each command, once all have come. Raises the error of a single command, or that none came."""
        if not self._failure:
            self._try(self._read)
        if self._failure and not self._replies:
            raise self._failure
        return self._replies + [self._failure] * (len(self.commands) - len(self._replies))

    def _try(self, do: Callable[[], None]) -> None:
        try:
            self._connection.retry.call_with_retry(do, lambda _: self._lost())
        except redis.RedisError as failure:
            self._connection.disconnect()
            self._failure = failure

    def _lost(self) -> None:
        self._connection.disconnect()
        self._waiting = [packed(command) for command in self.commands[len(self._replies) :]]

    def _send(self) -> None:
        self._connection.send_packed_command([b"".join(self._waiting)])
        self._waiting, self._waiting_bytes = [], 0

    def _read(self) -> None:
        if self._waiting:
            self._send()
        connection, count = self._connection, len(self.commands)
        if count == 1:  # what it is refused with may be what the connection's retry waits for
            self._replies.append(connection.read_response())
            return
        while len(self._replies) < count:
            try:
                self._replies.append(connection.read_response())
            except redis.ResponseError as failure:
                self._replies.append(failure)
