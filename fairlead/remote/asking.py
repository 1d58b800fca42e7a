"""Sends calls to a server and waits for it: one thin caller for synchronous code, one for asyncio."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from copy import copy
from types import TracebackType
from typing import Any, Generic, ParamSpec, Self, TypeVar, overload
from uuid import uuid4

import httpx
import orjson

from fairlead.errors import BadInput, FairleadError
from fairlead.remote.calls import Call, Reply, Talk
from fairlead.service.problems import error_of

T = TypeVar("T")
P = ParamSpec("P")

TIMEOUT_S = 30.0
TRIES = 5
"""How often a request is sent, when the server is at its limit or its answer is lost."""

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 30.0

_AT_ITS_LIMIT, _CANNOT_SERVE = 429, 503


class HttpRefused(FairleadError):
    """The server refused a request for a reason of its own: a token, a limit. `kind`: the last part of the problem's
    type, as `forbidden`; `status`: of HTTP.
    """

    def __init__(self, message: str, kind: str, status: int) -> None:
        super().__init__(message)
        self.kind, self.status = kind, status


class ServerUnreachable(FairleadError):
    """The server does not answer."""

    exit_code = 5


def failure_of(status: int, text: str, url: str) -> FairleadError:
    """The error that an answer tells."""
    try:
        problem = orjson.loads(text)
    except orjson.JSONDecodeError:
        problem = None
    if not isinstance(problem, dict):
        return HttpRefused(f"{url} answered {status}, and no problem: is it a server of Fairlead?", "", status)
    kind = str(problem.get("type", "")).rpartition("/")[2]
    told = error_of(problem)
    if told:
        return told
    detail = str(problem.get("detail") or problem.get("title") or status)
    return BadInput(detail) if kind == "invalid-request" else HttpRefused(detail, kind, status)


class _Sending:
    """What is sent, and whether it is sent again."""

    def __init__(self, call: Call, headers: Mapping[str, str]) -> None:
        self._call = call
        key = {"Idempotency-Key": uuid4().hex} if call.method in ("POST", "PATCH") else {}
        self.content = None if call.body is None else call.body if isinstance(call.body, str) else _json(call.body)
        kind = {} if call.body is None else {"Content-Type": "application/json; charset=utf-8"}
        self.headers = {**kind, **key, **headers, **call.headers}
        self._tries = 0

    def pause_s(self, answer: httpx.Response | httpx.TransportError) -> float | None:
        """How long to wait before it is sent again; None when it is not: it was answered, or may have been done."""
        self._tries += 1
        was_not_done, asked = isinstance(answer, httpx.ConnectError), ""
        if isinstance(answer, httpx.Response):
            if answer.status_code not in (_AT_ITS_LIMIT, _CANNOT_SERVE):
                return None
            was_not_done = answer.status_code == _AT_ITS_LIMIT
            asked = answer.headers.get("retry-after", "")
        if self._tries >= TRIES or not (was_not_done or self._call.is_repeatable):
            return None
        if asked.isdigit():
            return min(LONGEST_PAUSE_S, float(asked))
        return FIRST_PAUSE_S * 2.0**self._tries * random.uniform(0.5, 1.0)  # noqa: S311

    def reply(self, response: httpx.Response) -> Reply:
        """What was answered. Raises the error that was."""
        if response.is_success:
            return Reply(response.headers, response.text)
        raise failure_of(response.status_code, response.text, str(response.url))


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)


class _Named:
    _headers: Mapping[str, str] = {}

    def named(self, request_id: str) -> Self:
        """The same, for a request of this name: repeated under it within ten minutes, it has no second effect."""
        other = copy(self)
        other._headers = {"Idempotency-Key": request_id}
        return other


def _asked(method: str, path: str, body: Any, query: Mapping[str, Any]) -> Talk[Any]:
    return (yield Call(method, path, body, query, is_repeatable=method == "GET")).value


def _options(token: str | None) -> dict[str, Any]:
    return {"headers": {"Authorization": f"Bearer {token}"} if token else {}, "timeout": TIMEOUT_S}


class Caller(_Named):
    """Asks one server, synchronously. `client`: of httpx, with the server's address as its base."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    @classmethod
    def connect(cls, url: str, token: str | None = None) -> Self:
        """Ask the server at `url`, with one of its tokens."""
        return cls(httpx.Client(base_url=url, **_options(token)))

    def run(self, talk: Talk[T]) -> T:
        """The answer that calls lead to."""
        try:
            call = next(talk)
            while True:
                try:
                    reply = self._send(call)
                except FairleadError as failure:
                    call = talk.throw(failure)
                else:
                    call = talk.send(reply)
        except StopIteration as end:
            answer: T = end.value
            return answer

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """What a resource of the server answers, as JSON: for what has no method here. Raises as methods do."""
        return self.run(_asked(method, path, body, query))

    def _send(self, call: Call) -> Reply:
        sending = _Sending(call, self._headers)
        while True:
            answer: httpx.Response | httpx.TransportError
            try:
                answer = self._client.request(
                    call.method, call.path, content=sending.content, params=dict(call.query), headers=sending.headers
                )
            except httpx.TransportError as failure:
                answer = failure
            pause_s = sending.pause_s(answer)
            if pause_s is not None:
                time.sleep(pause_s)
            elif isinstance(answer, httpx.Response):
                return sending.reply(answer)
            else:
                raise ServerUnreachable(f"{self._client.base_url} does not answer: {answer}") from answer

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncCaller(_Named):
    """Asks one server, in asyncio. `client`: of httpx, with the server's address as its base."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    @classmethod
    async def connect(cls, url: str, token: str | None = None) -> Self:
        """Ask the server at `url`, with one of its tokens."""
        return cls(httpx.AsyncClient(base_url=url, **_options(token)))

    async def run(self, talk: Talk[T]) -> T:
        """The answer that calls lead to."""
        try:
            call = next(talk)
            while True:
                try:
                    reply = await self._send(call)
                except FairleadError as failure:
                    call = talk.throw(failure)
                else:
                    call = talk.send(reply)
        except StopIteration as end:
            answer: T = end.value
            return answer

    async def ask(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """As Caller.ask."""
        return await self.run(_asked(method, path, body, query))

    async def _send(self, call: Call) -> Reply:
        sending = _Sending(call, self._headers)
        while True:
            answer: httpx.Response | httpx.TransportError
            try:
                answer = await self._client.request(
                    call.method, call.path, content=sending.content, params=dict(call.query), headers=sending.headers
                )
            except httpx.TransportError as failure:
                answer = failure
            pause_s = sending.pause_s(answer)
            if pause_s is not None:
                await asyncio.sleep(pause_s)
            elif isinstance(answer, httpx.Response):
                return sending.reply(answer)
            else:
                raise ServerUnreachable(f"{self._client.base_url} does not answer: {answer}") from answer

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class Told(Generic[P, T]):
    """A method that is called in both ways, with the words of the library's method of that name."""

    def __init__(self, talk: Callable[..., Talk[T]], about: Callable[..., Any]) -> None:
        self._talk, self._about = talk, about
        self.__doc__ = about.__doc__

    @overload
    def __get__(self, caller: None, owner: type) -> Self: ...

    @overload
    def __get__(self, caller: Caller, owner: type) -> Callable[P, T]: ...

    @overload
    def __get__(self, caller: AsyncCaller, owner: type) -> Callable[P, Awaitable[T]]: ...

    def __get__(self, caller: Any, owner: type) -> Any:
        if caller is None:
            return self

        def ask(*args: P.args, **options: P.kwargs) -> Any:
            return caller.run(self._talk(caller, *args, **options))

        ask.__doc__ = self.__doc__
        return ask
