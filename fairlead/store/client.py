"""Runs what is asked on Redis: one thin caller for synchronous code, one for asyncio.

Either may run the same Request again after a lost reply: the scripts recognise repetitions.
"""

import asyncio
import math
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from copy import copy
from functools import partial
from itertools import tee
from typing import Any, Self, TypeVar

import redis
import redis.asyncio

from fairlead.domain.names import checked_actor
from fairlead.errors import (
    FairleadError,
    FunctionForgotten,
    FunctionsMissing,
    RedisError,
    RedisRefused,
    ScriptForgotten,
)
from fairlead.server.wire import Wire
from fairlead.store.asking import AsyncClient, AsyncCommands, Client, Commands, WireCommands
from fairlead.store.keys import DEFAULT_INSTANCE, Keys
from fairlead.store.library import library
from fairlead.store.procedure import Command, Procedure, RoundTrip, Source
from fairlead.store.request import Clock, Request
from fairlead.store.scripts import load

T = TypeVar("T")


_LOADS = 4
"""So often something is loaded for a request: what one server has got may be asked of another, which has just replaced
it; and who cannot load the library then asks for a script, and loads that.
"""

_FUNCTIONS_AGAIN_S = 60.0
"""So long after a server has not taken the library it is asked for functions again: memory may be free again, or
somebody who may has loaded it.
"""

_FLAGS_PROBE: Command = ("EVAL", "#!lua flags=allow-oom\nreturn 1", 0)


class _Dialect:
    """How scripts are called: by whose clock, for whom, and in which form: as functions of a library (Redis 7), or as
    scripts, with flags in the first line (Redis 7) or without.
    """

    def __init__(self, source: Source, actor: str, *, in_cluster: bool = False) -> None:
        self.source = source
        self._in_cluster = in_cluster
        self.actor = checked_actor(actor)
        self.takes_flags = True
        self.is_probed = False
        self._scripts_until_s = -math.inf
        """By the monotonic clock: until then scripts are called, and no functions."""
        self._may_load = True

    @property
    def calls_functions(self) -> bool:
        """Whether scripts are called as functions now. What cannot be, or not now, is run as a script."""
        return time.monotonic() >= self._scripts_until_s

    def call(self, request: Request[Any]) -> Command:
        script = load(request.script)
        now_us = self.source.clock() if self.source.clock else None
        arguments = script.arguments(request, now_us, self.actor)
        if self._in_cluster:
            keys = len(script.header.keys)
            arguments[0] = keys + 1
            arguments.insert(keys + 1, self.source.keys.never)
        if self.calls_functions:
            return ("FCALL", library().function(request.script), *arguments)
        return ("EVALSHA", script.sha if self.takes_flags else script.plain_sha, *arguments)

    def loads_library(self, replies: Sequence[Any], loads_left: int) -> bool:
        """Whether the library is to be loaded, after calls that were answered so. Where it is not, scripts are called
        from now on, for a while or for good.
        """
        if any(isinstance(reply, FunctionsMissing) for reply in replies):
            self._scripts_until_s = math.inf
        is_missed = self.calls_functions and any(isinstance(reply, FunctionForgotten) for reply in replies)
        if is_missed and (not self._may_load or loads_left < 2):
            self._scripts_until_s = time.monotonic() + _FUNCTIONS_AGAIN_S
            return False
        return is_missed

    def loading_all(self) -> Command:
        return ("FUNCTION LOAD", library().text)

    def library_loaded(self, reply: Any) -> None:
        """What the server has answered. It says of a library that somebody else has loaded that it exists."""
        if isinstance(reply, FairleadError) and "already exists" not in str(reply):
            self._may_load = not isinstance(reply, RedisRefused)  # else it is asked once: each refusal is logged
            self._scripts_until_s = time.monotonic() + _FUNCTIONS_AGAIN_S

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
    """Which requests were not run since their scripts or functions are not known, and one request of each of those
    scripts.
    """
    places = [place for place, reply in enumerate(replies) if isinstance(reply, ScriptForgotten)]
    scripts = [requests[place] for place in places if not isinstance(replies[place], FunctionForgotten)]
    return places, list({request.script: request for request in scripts}.values())


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
            reply = self.client.send_one(self._dialect.call(asked))
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
        for loads_left in reversed(range(_LOADS)):
            places, forgotten = _forgotten(asked, replies)
            if not places:
                break
            self._load(forgotten, is_library=self._dialect.loads_library(replies, loads_left))
            for place, reply in zip(places, self._send([asked[place] for place in places]), strict=True):
                replies[place] = reply
        return [_answer(request, reply) for request, reply in zip(asked, replies, strict=True)]

    def _send(self, requests: Iterable[Request[Any]]) -> list[Any]:
        return self.client.send(self._dialect.call(request) for request in requests)

    def _load(self, requests: Sequence[Request[Any]], *, is_library: bool) -> None:
        if is_library:
            self._dialect.library_loaded(self.client.send([self._dialect.loading_all()])[0])
        if not requests:
            return
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
        """The scripts that are being loaded, and the library."""

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
            reply = await self.client.send_one(self._dialect.call(asked))
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
        for loads_left in reversed(range(_LOADS)):
            places, forgotten = _forgotten(requests, replies)
            if not places:
                break
            await self._load(forgotten, is_library=self._dialect.loads_library(replies, loads_left))
            for place, reply in zip(places, await self._send([requests[place] for place in places]), strict=True):
                replies[place] = reply
        return [_answer(request, reply) for request, reply in zip(requests, replies, strict=True)]

    async def _send(self, requests: Sequence[Request[Any]]) -> list[Any]:
        return await self.client.send([self._dialect.call(request) for request in requests])

    async def _load(self, requests: Sequence[Request[Any]], *, is_library: bool) -> None:
        """Load their scripts, or the library. Many find at once that it is not known: one of them loads it, and all
        wait for that.
        """
        wanted: dict[str, Callable[[], Coroutine[Any, Any, None]]]
        wanted = {request.script: partial(self._load_one, request) for request in requests}
        if is_library:
            wanted[library().name] = self._load_library
        for name, begin in wanted.items():
            if name not in self._loads:
                load = self._loads[name] = asyncio.ensure_future(begin())
                load.add_done_callback(partial(self._is_loaded, name))
        for load in [self._loads[name] for name in wanted]:
            await asyncio.shield(load)

    async def _load_library(self) -> None:
        self._dialect.library_loaded((await self.client.send([self._dialect.loading_all()]))[0])

    async def _load_one(self, request: Request[Any]) -> None:
        if not self._dialect.is_probed:
            self._dialect.probed((await self.client.send([_FLAGS_PROBE]))[0])
        [reply] = await self.client.send([self._dialect.loading(request)])
        _answered(reply)

    def _is_loaded(self, name: str, load: "asyncio.Task[None]") -> None:
        del self._loads[name]
        if not load.cancelled():
            load.exception()  # whoever waits for it is told; they may all have left

    async def close(self) -> None:
        """Close the connections."""
        await self.client.close()
