"""Runs what is asked on Redis: one thin caller for synchronous code, one for asyncio.

Either may run the same Request again after a lost reply: the scripts recognise repetitions.
"""

import asyncio
from collections.abc import Iterable, Sequence
from copy import copy
from functools import partial
from itertools import tee
from typing import Any, Self, TypeVar

import redis
import redis.asyncio

from fairlead.domain.names import checked_actor
from fairlead.errors import FairleadError, RedisError, ScriptForgotten
from fairlead.server.wire import Wire
from fairlead.store.asking import AsyncClient, AsyncCommands, Client, Commands, WireCommands
from fairlead.store.keys import DEFAULT_INSTANCE, Keys
from fairlead.store.procedure import Command, Procedure, RoundTrip, Source
from fairlead.store.request import Clock, Request
from fairlead.store.scripts import load

T = TypeVar("T")


_LOADS = 3
"""So often a script is loaded for a request: what one server has got may be asked of another, which has just replaced
it.
"""

_FLAGS_PROBE: Command = ("EVAL", "#!lua flags=allow-oom\nreturn 1", 0)


class _Dialect:
    """How scripts are called: by whose clock, for whom, and in which form, with flags in the first line (Redis 7) or
    without.
    """

    def __init__(self, source: Source, actor: str, *, in_cluster: bool = False) -> None:
        self.source = source
        self._in_cluster = in_cluster
        self.actor = checked_actor(actor)
        self.takes_flags = True
        self.is_probed = False

    def call(self, request: Request[Any]) -> Command:
        script = load(request.script)
        now_us = self.source.clock() if self.source.clock else None
        sha = script.sha if self.takes_flags else script.plain_sha
        arguments = script.arguments(request, now_us, self.actor)
        if self._in_cluster:
            keys = len(script.header.keys)
            arguments[0] = keys + 1
            arguments.insert(keys + 1, self.source.keys.never)
        return ("EVALSHA", sha, *arguments)

    def loading(self, request: Request[Any]) -> Command:
        script = load(request.script)
        return ("SCRIPT LOAD", script.text if self.takes_flags else script.plain_text)

    def probed(self, reply: Any) -> None:
        """Whether the probe ran. It was refused for its flags alone when the error is of no kind that has a name."""
        if isinstance(reply, FairleadError) and type(reply) is not RedisError:
            raise reply
        self.takes_flags, self.is_probed = not isinstance(reply, FairleadError), True


def _answer(request: Request[Any], reply: Any) -> Any:
    answer = reply if isinstance(reply, FairleadError) else request.read(reply)
    if request.told:
        request.told(answer)
    return answer


def _answered(answer: Any) -> Any:
    if isinstance(answer, FairleadError):
        raise answer
    return answer


def _forgotten(requests: Sequence[Request[Any]], replies: Sequence[Any]) -> tuple[list[int], list[Request[Any]]]:
    """Which requests were not run since their scripts are not known, and one request of each of those scripts."""
    places = [place for place, reply in enumerate(replies) if isinstance(reply, ScriptForgotten)]
    return places, list({requests[place].script: requests[place] for place in places}.values())


class Store:
    """The store of one instance, for synchronous code. `client` must not decode responses.

    `clock`: gives the engine's time to scripts and reads; None: Redis' time, which sweeps judge.
    `actor`: who asks, as events tell it, in at most 80 printable characters (`cli:ana`); what a session asks is told to
    be its agent's. Raises InvalidName.
    """

    def __init__(
        self, client: redis.Redis, instance: str = DEFAULT_INSTANCE, clock: Clock | None = None, actor: str = ""
    ) -> None:
        self.client: Client = Commands(client)
        source = Source(Keys(instance), clock, self.client.address)
        self._dialect = _Dialect(source, actor, in_cluster=self.client.in_cluster)

    @property
    def keys(self) -> Keys:
        return self._dialect.source.keys

    @property
    def clock(self) -> Clock | None:
        return self._dialect.source.clock

    def run(self, asked: Request[T] | Procedure[T]) -> T:
        """The answer. Raises the typed error that a script or a step refused with, or a RedisError."""
        if isinstance(asked, Request):
            [reply] = self.client.send((self._dialect.call(asked),))
            if isinstance(reply, ScriptForgotten):
                [reply] = self.run_many([asked])
            else:
                reply = _answer(asked, reply)
            answer: T = _answered(reply)
            return answer
        steps, reply = asked.steps(self._dialect.source), None
        while True:
            try:
                wanted = steps.send(reply)
            except StopIteration as end:
                result: T = end.value
                return result
            reply = self._round(wanted)

    def _round(self, wanted: RoundTrip) -> Any:
        return self.run_many([wanted])[0] if isinstance(wanted, Request) else self.client.send(wanted)

    def run_many(self, requests: Iterable[Request[T]]) -> list[T | FairleadError]:
        """The answers to many requests in one round trip, in order; the answer of a refused request is its error.

        Requests that are made as they are asked for are made while the server works on those before.
        """
        left, sent = tee(requests)
        replies, asked = self._send(sent), list(left)
        for _ in range(_LOADS):
            places, forgotten = _forgotten(asked, replies)
            if not places:
                break
            self._load(forgotten)
            for place, reply in zip(places, self._send([asked[place] for place in places]), strict=True):
                replies[place] = reply
        return [_answer(request, reply) for request, reply in zip(asked, replies, strict=True)]

    def _send(self, requests: Iterable[Request[Any]]) -> list[Any]:
        return self.client.send(self._dialect.call(request) for request in requests)

    def _load(self, requests: Sequence[Request[Any]]) -> None:
        if not self._dialect.is_probed:
            self._dialect.probed(self.client.send([_FLAGS_PROBE])[0])
        for reply in self.client.send([self._dialect.loading(request) for request in requests]):
            _answered(reply)

    def close(self) -> None:
        """Close the connections."""
        self.client.close()


class AsyncStore:
    """The store of one instance, for asyncio. `client`: a Wire, or one of redis-py that does not decode responses.

    `clock`: gives the engine's time to scripts and reads; None: Redis' time, which sweeps judge.
    `actor`: who asks, as events tell it, in at most 80 printable characters (`cli:ana`); what a session asks is told to
    be its agent's. Raises InvalidName.
    """

    def __init__(
        self,
        client: redis.asyncio.Redis | Wire,
        instance: str = DEFAULT_INSTANCE,
        clock: Clock | None = None,
        actor: str = "",
    ) -> None:
        self.client: AsyncClient = WireCommands(client) if isinstance(client, Wire) else AsyncCommands(client)
        source = Source(Keys(instance), clock, self.client.address)
        self._dialect = _Dialect(source, actor, in_cluster=self.client.in_cluster)
        self._loads: dict[str, asyncio.Task[None]] = {}
        """The scripts that are being loaded."""

    @property
    def keys(self) -> Keys:
        return self._dialect.source.keys

    @property
    def clock(self) -> Clock | None:
        return self._dialect.source.clock

    def acting(self, actor: str) -> Self:
        """The same store over the same connections, for somebody else: the one to whom events tell what is asked of it.

        Raises InvalidName.
        """
        other = copy(self)
        other._dialect = copy(self._dialect)
        other._dialect.actor = checked_actor(actor)
        return other

    async def run(self, asked: Request[T] | Procedure[T]) -> T:
        """The answer. Raises the typed error that a script or a step refused with, or a RedisError."""
        if isinstance(asked, Request):
            [reply] = await self.client.send((self._dialect.call(asked),))
            if isinstance(reply, ScriptForgotten):
                [reply] = await self.run_many([asked])
            else:
                reply = _answer(asked, reply)
            answer: T = _answered(reply)
            return answer
        steps, reply = asked.steps(self._dialect.source), None
        while True:
            try:
                wanted = steps.send(reply)
            except StopIteration as end:
                result: T = end.value
                return result
            reply = await self._round(wanted)

    async def _round(self, wanted: RoundTrip) -> Any:
        return (await self.run_many([wanted]))[0] if isinstance(wanted, Request) else await self.client.send(wanted)

    async def run_many(self, requests: Sequence[Request[T]]) -> list[T | FairleadError]:
        """The answers to many requests in one round trip, in order; the answer of a refused request is its error."""
        replies = await self._send(requests)
        for _ in range(_LOADS):
            places, forgotten = _forgotten(requests, replies)
            if not places:
                break
            await self._load(forgotten)
            for place, reply in zip(places, await self._send([requests[place] for place in places]), strict=True):
                replies[place] = reply
        return [_answer(request, reply) for request, reply in zip(requests, replies, strict=True)]

    async def _send(self, requests: Sequence[Request[Any]]) -> list[Any]:
        return await self.client.send([self._dialect.call(request) for request in requests])

    async def _load(self, requests: Sequence[Request[Any]]) -> None:
        """Load their scripts. Many find at once that one is not known: one of them loads it, and all wait for that."""
        for request in requests:
            if request.script not in self._loads:
                load = self._loads[request.script] = asyncio.ensure_future(self._load_one(request))
                load.add_done_callback(partial(self._is_loaded, request.script))
        for load in [self._loads[request.script] for request in requests]:
            await asyncio.shield(load)

    async def _load_one(self, request: Request[Any]) -> None:
        if not self._dialect.is_probed:
            self._dialect.probed((await self.client.send([_FLAGS_PROBE]))[0])
        [reply] = await self.client.send([self._dialect.loading(request)])
        _answered(reply)

    def _is_loaded(self, script: str, load: "asyncio.Task[None]") -> None:
        del self._loads[script]
        if not load.cancelled():
            load.exception()  # whoever waits for it is told; they may all have left

    async def close(self) -> None:
        """Close the connections."""
        await self.client.close()
