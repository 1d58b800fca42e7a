"""Any number of commands in one round trip over a connection of redis-py's pool.

redis-py looks at each command and each reply several times; a thousand of them cost its pipeline twice what this does.
Pool, connections, retries, errors and the forms of replies are redis-py's.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import redis

from fairlead.server.packing import formed, packed

_A_PIECE = 100
"""So many commands are sent at a time: the server has begun while the next ones are written."""


def send_together(client: Any, commands: Sequence[Sequence[Any]]) -> list[Any]:
    """The replies in order, each that is an error as redis-py's. Raises what keeps all away, and of a single command
    its own error: a RedisError.

    `client`: one of redis-py that does not decode responses.
    """
    if not commands:
        return []
    connection = client.connection_pool.get_connection()
    try:
        replies: list[Any] = connection.retry.call_with_retry(
            lambda: _replies(connection, commands), lambda _: connection.disconnect()
        )
    finally:
        client.connection_pool.release(connection)
    known = client.response_callbacks
    forms = {name: known[name] for name in {command[0] for command in commands} if name in known}
    if not forms:
        return replies
    return [formed(reply, command, forms) for reply, command in zip(replies, commands, strict=True)]


def _packed(commands: Sequence[Sequence[Any]]) -> Iterator[bytes]:
    for first in range(0, len(commands), _A_PIECE):
        yield b"".join([packed(command) for command in commands[first : first + _A_PIECE]])


def _replies(connection: Any, commands: Sequence[Sequence[Any]]) -> list[Any]:
    count = len(commands)
    connection.send_packed_command(_packed(commands))
    if count == 1:
        return [connection.read_response()]  # what it is refused with may be what the connection's retry waits for
    replies: list[Any] = []
    try:
        while len(replies) < count:
            try:
                replies.append(connection.read_response())
            except redis.ResponseError as failure:
                replies.append(failure)
    except BaseException:
        connection.disconnect()  # what is still to come would be taken for the replies to other commands
        raise
    return replies
