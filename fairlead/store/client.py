"""Runs requests on Redis: one thin caller for synchronous code, one for asyncio.

Either may run the same Request again after a lost reply: the scripts recognise repetitions.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

import redis
import redis.asyncio

from fairlead.domain.names import checked_actor
from fairlead.errors import FairleadError, RedisError, ScriptForgotten
from fairlead.store.asking import AsyncCommands, Commands
from fairlead.store.keys import DEFAULT_INSTANCE, Keys
from fairlead.store.request import Argument, Clock, Request
from fairlead.store.scripts import load

T = TypeVar("T")


FLAGS_PROBE = "#!lua flags=allow-oom\nreturn 1"


class _Dialect:
    """How scripts are called: by whose clock, for whom, and in which form, with flags in the first line (Redis 7) or
    without.
    """

    def __init__(self, instance: str, clock: Clock | None, actor: str) -> None:
        self.keys = Keys(instance)
        self.clock = clock
        self.actor = checked_actor(actor)
        self.takes_flags = True
        self.is_probed = False

    def call(self, request: Request[Any]) -> list[Argument]:
        script = load(request.script)
        now_us = self.clock() if self.clock else None
        sha = script.sha if self.takes_flags else script.plain_sha
        return ["EVALSHA", sha, *script.arguments(request, now_us, self.actor)]

    def text(self, request: Request[Any]) -> str:
        script = load(request.script)
        return script.text if self.takes_flags else script.plain_text

    def probed(self, *, takes_flags: bool) -> None:
        self.takes_flags, self.is_probed = takes_flags, True


def _answer(request: Request[Any], reply: Any) -> Any:
    return reply if isinstance(reply, FairleadError) else request.read(reply)


def _check_refusal(failure: RedisError) -> None:
    """The probe was refused for its flags alone when the error is of no kind that has a name."""
    if type(failure) is not RedisError:
        raise failure


class Store:
    """The store of one instance, for synchronous code. `client` must not decode responses.

    `clock`: whoever brings the engine's time, to scripts and to reads; None for Redis' time, as sweeps judge it.
    `actor`: who asks, as events tell it, in at most 80 printable characters (`cli:ana`); what a session asks is told to
    be its agent's. Raises InvalidName.
    What is asked through the store's own `client` raises Fairlead's errors, as `run` does.
    """

    def __init__(
        self, client: redis.Redis, instance: str = DEFAULT_INSTANCE, clock: Clock | None = None, actor: str = ""
    ) -> None:
        self.client: Any = Commands(client)
        self._dialect = _Dialect(instance, clock, actor)

    @property
    def keys(self) -> Keys:
        return self._dialect.keys

    @property
    def clock(self) -> Clock | None:
        return self._dialect.clock

    def run(self, request: Request[T]) -> T:
        """The answer to one request. Raises the typed error that the script refused with, or a RedisError."""
        try:
            reply = self.client.execute_command(*self._dialect.call(request))
        except ScriptForgotten:
            self._load(request)
            reply = self.client.execute_command(*self._dialect.call(request))
        return request.read(reply)

    def run_many(self, requests: Sequence[Request[T]]) -> list[T | FairleadError]:
        """The answers to many requests in one round trip, in order; a refused one is its error, and the rest go on."""
        replies = self._pipeline(requests)
        missing = {place for place, reply in enumerate(replies) if isinstance(reply, ScriptForgotten)}
        for place in {requests[place].script: place for place in missing}.values():
            self._load(requests[place])
        if missing:
            again = sorted(missing)
            for place, reply in zip(again, self._pipeline([requests[p] for p in again]), strict=True):
                replies[place] = reply
        return [_answer(request, reply) for request, reply in zip(requests, replies, strict=True)]

    def _pipeline(self, requests: Sequence[Request[Any]]) -> list[Any]:
        pipeline = self.client.pipeline(transaction=False)
        for request in requests:
            pipeline.execute_command(*self._dialect.call(request))
        replies: list[Any] = pipeline.execute(raise_on_error=False)
        return replies

    def _load(self, request: Request[Any]) -> None:
        if not self._dialect.is_probed:
            try:
                self.client.eval(FLAGS_PROBE, 0)
                self._dialect.probed(takes_flags=True)
            except RedisError as failure:
                _check_refusal(failure)
                self._dialect.probed(takes_flags=False)
        self.client.script_load(self._dialect.text(request))


class AsyncStore:
    """The store of one instance, for asyncio. `client` must not decode responses.

    `clock`: whoever brings the engine's time to scripts; None for Redis' time, as sweeps judge it. `actor`: as with
    Store.
    What is asked through the store's own `client` raises Fairlead's errors, as `run` does.
    """

    def __init__(
        self, client: redis.asyncio.Redis, instance: str = DEFAULT_INSTANCE, clock: Clock | None = None, actor: str = ""
    ) -> None:
        self.client: Any = AsyncCommands(client)
        self._dialect = _Dialect(instance, clock, actor)

    @property
    def keys(self) -> Keys:
        return self._dialect.keys

    async def run(self, request: Request[T]) -> T:
        """The answer to one request. Raises the typed error that the script refused with, or a RedisError."""
        try:
            reply = await self.client.execute_command(*self._dialect.call(request))
        except ScriptForgotten:
            await self._load(request)
            reply = await self.client.execute_command(*self._dialect.call(request))
        return request.read(reply)

    async def run_many(self, requests: Sequence[Request[T]]) -> list[T | FairleadError]:
        """The answers to many requests in one round trip, in order; a refused one is its error, and the rest go on."""
        replies = await self._pipeline(requests)
        missing = {place for place, reply in enumerate(replies) if isinstance(reply, ScriptForgotten)}
        for place in {requests[place].script: place for place in missing}.values():
            await self._load(requests[place])
        if missing:
            again = sorted(missing)
            for place, reply in zip(again, await self._pipeline([requests[p] for p in again]), strict=True):
                replies[place] = reply
        return [_answer(request, reply) for request, reply in zip(requests, replies, strict=True)]

    async def _pipeline(self, requests: Sequence[Request[Any]]) -> list[Any]:
        pipeline = self.client.pipeline(transaction=False)
        for request in requests:
            pipeline.execute_command(*self._dialect.call(request))
        replies: list[Any] = await pipeline.execute(raise_on_error=False)
        return replies

    async def _load(self, request: Request[Any]) -> None:
        if not self._dialect.is_probed:
            try:
                await self.client.eval(FLAGS_PROBE, 0)
                self._dialect.probed(takes_flags=True)
            except RedisError as failure:
                _check_refusal(failure)
                self._dialect.probed(takes_flags=False)
        await self.client.script_load(self._dialect.text(request))
