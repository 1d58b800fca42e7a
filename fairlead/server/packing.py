"""How a command is written and what is made of its reply, for all clients.

redis-py's own way to write one looks at each word of it, which takes twice as long.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import hiredis
import redis


def packed(command: Sequence[Any]) -> bytes:
    """A command as it is sent; the first word may be several, such as SCRIPT LOAD. Raises DataError."""
    name = command[0]
    told = (*name.split(), *command[1:]) if " " in name else command
    words: tuple[Any, ...] = tuple([one if type(one) is str else _written(one) for one in told])
    try:
        whole: bytes = hiredis.pack_command(words)
    except TypeError as failure:
        raise redis.DataError(str(failure)) from failure
    return whole


def _written(word: Any) -> Any:
    """A number as text: when the handler of a signal raises while hiredis writes a number, the process crashes."""
    return str(word) if type(word) in (int, float) else word


def formed(reply: Any, command: Sequence[Any], forms: Mapping[str, Callable[..., Any]]) -> Any:
    """A reply in the form that redis-py gives it; an error as it is. `forms`: redis-py's, by command."""
    form = forms.get(command[0])
    if form is None or isinstance(reply, redis.RedisError):
        return reply
    return form(reply, withscores=True) if "WITHSCORES" in command else form(reply)


class Packer:
    """Writes the commands of redis-py's own connections."""

    def pack(self, *command: Any) -> list[bytes]:
        """The command as it is sent. Raises DataError."""
        return [packed(command)]
