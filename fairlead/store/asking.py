"""Redis' commands as methods that raise Fairlead's errors.

Whatever is asked of Redis through a Store passes here, single commands and pipelines, so that nothing of redis-py's
escapes from a read or a write. A script's refusal comes as the error that it names.
"""

from typing import Any, NoReturn

import redis
from redis.commands import AsyncCoreCommands, CoreCommands

from fairlead.errors import FairleadError
from fairlead.server.connection import address_of
from fairlead.server.failures import translate
from fairlead.store.refusals import refusal_of

_SCRIPTING = ("EVAL", "EVALSHA")
"""Their second word is a script or its digest, which says nothing to people."""


class _Asking:
    """What the commands of both kinds of client share. `client` must not decode responses."""

    _event_dispatcher: Any = None
    """redis-py's mixins declare it; no command uses it."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @property
    def connection_pool(self) -> Any:
        return self._client.connection_pool

    def _typed(self, failure: redis.RedisError, args: tuple[Any, ...] = ()) -> FairleadError:
        return refusal_of(str(failure)) or translate(failure, address_of(self._client), _shown(args))


def _shown(args: tuple[Any, ...]) -> str:
    """The command and its key, or its subcommand; never a value."""
    words = [word.decode() if isinstance(word, bytes) else str(word) for word in args[:2]]
    return " ".join(words[:1] if words and words[0] in _SCRIPTING else words)


class Commands(_Asking, CoreCommands):
    """The commands of a synchronous client."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        try:
            return self._client.execute_command(*args, **options)
        except redis.RedisError as failure:
            raise self._typed(failure, args) from failure

    def pipeline(self, transaction: bool = True) -> "Pipeline":
        return Pipeline(self._client, transaction)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


class AsyncCommands(_Asking, AsyncCoreCommands):  # type: ignore[misc]  # redis-py's own client mixes them the same way
    """The commands of an asyncio client."""

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        try:
            return await self._client.execute_command(*args, **options)
        except redis.RedisError as failure:
            raise self._typed(failure, args) from failure

    def pipeline(self, transaction: bool = True) -> "AsyncPipeline":
        return AsyncPipeline(self._client, transaction)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()


class _Gathering(_Asking):
    """Commands that are gathered and sent together."""

    def __init__(self, client: Any, transaction: bool) -> None:
        super().__init__(client)
        self._pipeline = client.pipeline(transaction=transaction)
        self._asked: list[tuple[Any, ...]] = []

    def execute_command(self, *args: Any, **options: Any) -> Any:
        self._asked.append(args)
        self._pipeline.execute_command(*args, **options)
        return self

    def _answers(self, replies: list[Any], raise_on_error: bool) -> list[Any]:
        answers = [
            self._typed(reply, args) if isinstance(reply, redis.RedisError) else reply
            for reply, args in zip(replies, self._asked, strict=True)
        ]
        self._asked = []
        for answer in answers:
            if raise_on_error and isinstance(answer, FairleadError):
                raise answer
        return answers

    def _lost(self, failure: redis.RedisError) -> NoReturn:
        """Nothing of what was gathered has been answered."""
        self._asked = []
        raise self._typed(failure) from failure


class Pipeline(_Gathering, CoreCommands):
    """A pipeline of a synchronous client."""

    def execute(self, raise_on_error: bool = True) -> list[Any]:
        """The answers in order, or the first error; without `raise_on_error` each error in its answer's place."""
        try:
            replies = self._pipeline.execute(raise_on_error=False)
        except redis.RedisError as failure:
            self._lost(failure)
        return self._answers(replies, raise_on_error)


class AsyncPipeline(_Gathering, AsyncCoreCommands):  # type: ignore[misc]  # as above
    """A pipeline of an asyncio client."""

    async def execute(self, raise_on_error: bool = True) -> list[Any]:
        """The answers in order, or the first error; without `raise_on_error` each error in its answer's place."""
        try:
            replies = await self._pipeline.execute(raise_on_error=False)
        except redis.RedisError as failure:
            self._lost(failure)
        return self._answers(replies, raise_on_error)
