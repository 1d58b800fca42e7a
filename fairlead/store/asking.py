"""A client of Redis as a Store asks it: round trips of plain commands, and errors that are Fairlead's.

Whatever a Store asks of Redis passes here, so that nothing of redis-py's escapes from a read or a write. A script's
refusal comes as the error that it names.
"""

from collections.abc import Iterable, Sequence
from itertools import tee
from typing import Any, Protocol

import redis
import redis.asyncio

from fairlead.errors import FairleadError
from fairlead.server.batch import send_one, send_together
from fairlead.server.connection import address_of, locator_of
from fairlead.server.failures import translate
from fairlead.server.locating import Locator
from fairlead.server.packing import formed, packed
from fairlead.server.wire import Wire
from fairlead.store.procedure import Command
from fairlead.store.refusals import refusal_of

_SCRIPTING = ("EVAL", "EVALSHA", "SCRIPT LOAD", "FUNCTION LOAD")
"""Their second word is code or its digest, which says nothing to people."""


class Client(Protocol):
    """What a Store needs of a client."""

    @property
    def address(self) -> str:
        """Where it connects to, without user and password."""
        ...

    @property
    def in_cluster(self) -> bool:
        """Whether it looks for the node of a cluster that has the instance."""
        ...

    def send_one(self, command: Command) -> Any:
        """The reply to one command; an error as the FairleadError that it means."""
        ...

    def send(self, commands: Iterable[Command]) -> list[Any]:
        """One round trip: the replies in order, each that is an error as the FairleadError that it means.

        Commands that are made as they are asked for are made while the server works on those before.
        """
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


class AsyncClient(Protocol):
    """What an AsyncStore needs of a client."""

    @property
    def address(self) -> str:
        """Where it connects to, without user and password."""
        ...

    @property
    def in_cluster(self) -> bool:
        """Whether it looks for the node of a cluster that has the instance."""
        ...

    async def send_one(self, command: Command) -> Any:
        """The reply to one command; an error as the FairleadError that it means."""
        ...

    async def send(self, commands: Sequence[Command]) -> list[Any]:
        """One round trip: the replies in order, each that is an error as the FairleadError that it means."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


class _Typing:
    """How redis-py's errors become ours."""

    def __init__(self, address: str, locator: Locator | None) -> None:
        self.address = address
        self.in_cluster = locator is not None and locator.is_cluster

    def _replies(self, replies: Sequence[Any], commands: Iterable[Command]) -> list[Any]:
        return [
            self._typed(reply, command) if isinstance(reply, redis.RedisError) else reply
            for reply, command in zip(replies, commands, strict=True)
        ]

    def _typed(self, failure: redis.RedisError, command: Command) -> FairleadError:
        return refusal_of(str(failure)) or translate(failure, self.address, _shown(command))

    def _lost(self, failure: redis.RedisError, commands: Sequence[Command]) -> list[Any]:
        """The whole round trip has failed: one command by its own fault, perhaps, of several not one was answered."""
        return [self._typed(failure, commands[0] if len(commands) == 1 else ())] * len(commands)


def _shown(command: Command) -> str:
    """The command and its key, or its subcommand; never a value."""
    words = [word.decode() if isinstance(word, bytes) else str(word) for word in command[:2]]
    return " ".join(words[:1] if words and words[0] in _SCRIPTING else words)


def _options(command: Command) -> dict[str, bool]:
    """How redis-py is told which of its forms a reply has."""
    return {"withscores": True} if "WITHSCORES" in command else {}


class Commands(_Typing):
    """A synchronous client. It must not decode responses."""

    def __init__(self, client: redis.Redis) -> None:
        super().__init__(address_of(client), locator_of(client))
        self._client: Any = client  # its commands are not typed

    def send_one(self, command: Command) -> Any:
        """The reply to one command; an error as the FairleadError that it means."""
        try:
            return send_one(self._client, command)
        except redis.RedisError as failure:
            return self._typed(failure, command)

    def send(self, commands: Iterable[Command]) -> list[Any]:
        """One round trip: the replies in order, each that is an error as the FairleadError that it means.

        Commands that are made as they are asked for are made while the server works on those before.
        """
        if isinstance(commands, tuple) and len(commands) == 1:
            return [self.send_one(commands[0])]
        commands, sent = tee(commands)
        try:
            return self._replies(send_together(self._client, sent), commands)
        except redis.RedisError as failure:
            return self._lost(failure, list(commands))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


class AsyncCommands(_Typing):
    """An asyncio client. It must not decode responses."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        super().__init__(address_of(client), locator_of(client))
        self._client: Any = client  # its commands are not typed

    async def send_one(self, command: Command) -> Any:
        """The reply to one command; an error as the FairleadError that it means."""
        try:
            return await self._client.execute_command(*command, **_options(command))
        except redis.RedisError as failure:
            return self._typed(failure, command)

    async def send(self, commands: Sequence[Command]) -> list[Any]:
        """One round trip: the replies in order, each that is an error as the FairleadError that it means."""
        if len(commands) == 1:
            return [await self.send_one(commands[0])]
        try:
            pipeline = self._client.pipeline(transaction=False)
            for command in commands:
                pipeline.execute_command(*command, **_options(command))
            return self._replies(await pipeline.execute(raise_on_error=False), commands)
        except redis.RedisError as failure:
            return self._lost(failure, commands)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


class WireCommands(_Typing):
    """A process's one connection in asyncio."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(wire.address, wire.locator)
        self._wire = wire

    async def send_one(self, command: Command) -> Any:
        """The reply to one command; an error as the FairleadError that it means."""
        try:
            [reply] = await self._wire.send(packed(command), 1)
        except redis.RedisError as failure:
            return self._typed(failure, command)
        return self._read(reply, command)

    async def send(self, commands: Sequence[Command]) -> list[Any]:
        """One round trip: the replies in order, each that is an error as the FairleadError that it means."""
        if not commands:
            return []
        try:
            replies = await self._wire.send(b"".join([packed(command) for command in commands]), len(commands))
        except redis.RedisError as failure:
            return self._lost(failure, commands)
        return [self._read(reply, command) for reply, command in zip(replies, commands, strict=True)]

    def _read(self, reply: Any, command: Command) -> Any:
        if isinstance(reply, redis.RedisError):
            return self._typed(reply, command)
        return formed(reply, command, self._wire.forms)

    async def close(self) -> None:
        """Close the connection."""
        await self._wire.close()
