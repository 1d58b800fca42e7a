"""One pipelined connection to Redis for a whole process in asyncio: no pool, no locks, few microseconds.

Any number of coroutines send at once. What is asked while nothing is under way leaves at once; else what is asked in a
turn of the event loop leaves in one write, or in several of a few kilobytes, so that the server has begun before all is
asked. Replies come in the order of the commands. Whoever waits for a reply goes on right where it is read, and what
that leads to is sent once all that has come is read, or there is enough of it: a round trip costs one turn of the event
loop, not three. redis-py reads the address, makes the errors and knows the forms of replies, so that a Wire answers
what a client of `connect_async` answers; only the way between is its own.
"""

import asyncio
import socket
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from contextvars import Context
from typing import Any

import hiredis
import redis
from redis.asyncio.connection import DefaultParser, SSLConnection, UnixDomainSocketConnection
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import InvalidResponse
from redis.exceptions import TimeoutError as NoAnswerInTime

from fairlead.server.address import read_address
from fairlead.server.connection import (
    BACKOFF,
    RETRIES,
    RETRY_ON,
    address_of,
    connect_async,
    locator_of,
    retries_of,
)
from fairlead.server.failures import may_pass
from fairlead.server.locating import LOOK_EVERY_S, Locator, is_elsewhere, lost_to
from fairlead.server.packing import packed
from fairlead.server.tls import check_speaks_tls

_Command = Sequence[Any]

_TICKS = 5
"""How many looks at a silent connection its time-out is made of. While a handler blocks the event loop nobody looks, so
that a reply which has come meanwhile is read before its connection is given up."""

_ENOUGH_BYTES = 2_048
"""What leaves before all is asked: the server works on so much while the rest is made, and neither waits long."""

_NOTHING = object()
"""No reply is complete yet: None is a reply."""


class Wire:
    """A client with one connection, which is made when it is needed, and again when it is lost.

    A command whose reply was lost is repeated as often as `connect_async` repeats it; `retries` 0 is for commands that
    take something away. A caller that is cancelled leaves the connection and the other callers alone: its reply is
    dropped. Use it in one event loop; a command that blocks holds up all that come after it. `instance`: whose node of
    a cluster it goes to. Raises InvalidSetting when `url` is not a Redis URL.
    """

    def __init__(self, url: str, instance: str = "", *, retries: int = RETRIES) -> None:
        client: Any = connect_async(url, instance, max_connections=1)
        self.address = address_of(client)
        self.locator = locator_of(client)
        self._retries = retries_of(read_address(url), retries)
        self._settings: Any = client.connection_pool.make_connection()
        self.forms: Mapping[str, Callable[..., Any]] = dict(redis.Redis(protocol=2).response_callbacks)
        """redis-py's forms of replies, by command."""
        self._line: _Line | None = None
        self._opening: asyncio.Task[_Line] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._is_closed = False

    async def send(self, together: bytes, count: int) -> list[Any]:
        """One round trip of so many packed commands: the replies in order, each that is an error as redis-py's, and
        none in a form of redis-py's (`forms`). Raises what keeps all away.
        """
        failures = 0
        while True:
            try:
                line = self._line
                if line is None or line.failure:
                    line = await self._opened()
                replies: list[Any] = await line.ask(together, count)
                for reply in replies:
                    if isinstance(reply, redis.RedisError):
                        self._raise_lost(reply, line)
            except RETRY_ON as failure:
                failures += 1
                if failures > self._retries or not may_pass(failure):
                    raise
                await asyncio.sleep(BACKOFF.compute(failures))
            else:
                return replies

    async def close(self) -> None:
        """Close the connection, for good; whoever waits for a reply gets an error."""
        self._is_closed = True
        if self._line:
            self._line.drop(_closed())
        for task in (self._opening, self._looking):
            if task:
                task.cancel()
                await asyncio.wait({task})

    def _raise_lost(self, reply: redis.RedisError, line: "_Line") -> None:
        """Raise what keeps the replies away, when that is what an error among them says."""
        if isinstance(reply, LostConnection):  # to redis-py, that is a server which is loading, or has no room
            raise reply
        if self.locator and is_elsewhere(reply):
            line.drop(lost_to(reply))
            raise lost_to(reply)

    async def _opened(self) -> "_Line":
        """The connection that all who need one wait for; none of them ends its opening by being cancelled."""
        if self._is_closed:
            raise _closed()
        if self._opening is None or self._opening.done():
            self._opening = asyncio.create_task(self._open())
            self._opening.add_done_callback(_looked_at)
        opening = self._opening
        await asyncio.wait({opening})
        if opening.cancelled():  # by `close`, or by a handler that cancels whatever it finds
            raise LostConnection("the connection was not made")
        return opening.result()

    async def _open(self) -> "_Line":
        if self.locator:
            self._settings.host, self._settings.port = await self.locator.find_async()
        self._line = line = await _greeted(self._settings)
        if self.locator and not self.locator.is_cluster:
            self._look_later(line, self.locator)
        return line

    def _look_later(self, line: "_Line", locator: Locator) -> None:
        """See to it that a line is given up once its server is not the master any more, though it says that it is."""
        here = (self._settings.host, self._settings.port)

        async def look() -> None:
            with suppress(redis.RedisError):
                if await locator.find_async(thoroughly=False) != here:
                    line.drop(LostConnection("another server is the master"))

        def later(_: object = None) -> None:
            if not line.failure:
                asyncio.get_running_loop().call_later(LOOK_EVERY_S, begin)

        def begin() -> None:
            if not line.failure:
                self._looking = asyncio.create_task(look())
                self._looking.add_done_callback(later)

        later()


class _Answer(asyncio.Future[list[Any]]):
    """The replies to one round trip. The one task that awaits them goes on within `give`, not a turn later."""

    _resume: Callable[["_Answer"], object] | None = None
    _context: Context | None = None

    def add_done_callback(self, fn: Callable[["_Answer"], object], /, *, context: Context | None = None) -> None:
        """Who awaits is told by `give`, `fail` and `cancel`."""
        self._resume, self._context = fn, context

    def give(self, replies: list[Any]) -> None:
        """Is called by the event loop alone: a task cannot go on within another one."""
        if self.done():  # nobody waits any more
            return
        self.set_result(replies)
        if self._resume is None or self._context is None:
            return
        try:
            self._context.run(self._resume, self)
        except BaseException as failure:  # noqa: BLE001  # it ends the loop, but not before others have their replies
            self.get_loop().call_soon(_raise, failure)

    def fail(self, failure: Exception) -> None:
        """Who waits gets the error in the next turn of the event loop."""
        if not self.done():
            self.set_exception(failure)
            self._resume_soon()

    def cancel(self, msg: Any | None = None) -> bool:
        is_cancelled = super().cancel(msg)
        if is_cancelled:
            self._resume_soon()
        return is_cancelled

    def _resume_soon(self) -> None:
        if self._resume is not None:
            self.get_loop().call_soon(self._resume, self, context=self._context)


class _Line(asyncio.Protocol):
    """One connection: round trips that wait for replies, the oldest first."""

    def __init__(self, timeout_s: float | None) -> None:
        self.failure: Exception | None = None
        """What has ended the connection."""
        self._loop = asyncio.get_running_loop()
        self._tick_s = timeout_s / _TICKS if timeout_s else None
        self._ticking: asyncio.TimerHandle | None = None
        self._silent_ticks = 0
        self._transport: asyncio.Transport
        self._reader = hiredis.Reader(
            protocolError=InvalidResponse, replyError=DefaultParser.parse_error, notEnoughData=_NOTHING
        )
        self._unsent: list[bytes] = []
        self._unsent_bytes = 0
        self._is_reading = False
        self._waiting: deque[tuple[_Answer, int]] = deque()
        self._replies: list[Any] = []
        """To the oldest round trip, as far as they have come."""

    def ask(self, together: bytes, count: int) -> _Answer:
        """Send that many commands. What was asked before is answered before, even when nobody waits for it any more."""
        answer = _Answer(loop=self._loop)
        if self.failure:
            answer.fail(self.failure)
            return answer
        is_idle = not (self._waiting or self._is_reading)
        if not (is_idle or self._unsent or self._is_reading):
            self._loop.call_soon(self._flush)
        self._unsent.append(together)
        self._unsent_bytes += len(together)
        self._waiting.append((answer, count))
        if is_idle or self._unsent_bytes >= _ENOUGH_BYTES:
            self._flush()
        if self._ticking is None and self._tick_s:
            self._silent_ticks = 0
            self._ticking = self._loop.call_later(self._tick_s, self._tick)
        return answer

    def drop(self, failure: Exception) -> None:
        """Give the connection up: nobody gets a reply from it any more."""
        if self.failure:
            return
        self.failure = failure
        if self._ticking:
            self._ticking.cancel()
        self._transport.abort()
        while self._waiting:
            answer, _ = self._waiting.popleft()
            answer.fail(failure)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # it is one for streams

    def data_received(self, data: bytes) -> None:
        self._silent_ticks = 0
        self._reader.feed(data)
        self._is_reading = True
        try:
            reply = self._reader.gets()
            while reply is not _NOTHING and not self.failure:
                self._take(reply)
                reply = self._reader.gets()
        except InvalidResponse as failure:
            self.drop(failure)
        finally:
            self._is_reading = False
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        failure = LostConnection(f"the connection was lost: {exc or 'the server has closed it'}")
        failure.__cause__ = exc
        self.drop(failure)

    def _take(self, reply: Any) -> None:
        if not self._waiting:
            self.drop(reply if isinstance(reply, redis.RedisError) else LostConnection("a reply that nobody asked for"))
            return
        self._replies.append(reply)
        answer, count = self._waiting[0]
        if len(self._replies) == count:
            self._waiting.popleft()
            replies, self._replies = self._replies, []
            answer.give(replies)

    def _flush(self) -> None:
        unsent, self._unsent, self._unsent_bytes = self._unsent, [], 0
        if unsent and not self.failure:
            self._transport.write(unsent[0] if len(unsent) == 1 else b"".join(unsent))

    def _tick(self) -> None:
        self._ticking = None
        if not self._waiting or not self._tick_s:
            return
        self._silent_ticks += 1
        if self._silent_ticks > _TICKS:
            self.drop(NoAnswerInTime("no answer in time"))
        else:
            self._ticking = self._loop.call_later(self._tick_s, self._tick)


async def _greeted(settings: Any) -> _Line:
    """A new connection that is ready to be asked. Raises redis-py's errors."""
    try:
        async with asyncio.timeout(settings.socket_connect_timeout):
            line = await _connected(settings)
    except TimeoutError as failure:
        if isinstance(settings, SSLConnection):
            await asyncio.to_thread(check_speaks_tls, settings.host, settings.port)
        raise NoAnswerInTime("no connection in time") from failure
    except (OSError, ValueError) as failure:  # ValueError: no host can have that name
        raise LostConnection(f"no connection: {failure}") from failure
    try:
        for command in _greeting(settings):
            [reply] = await line.ask(packed(command), 1)
            if isinstance(reply, redis.RedisError):
                raise reply
    except BaseException:
        line.drop(LostConnection("the server has not let us in"))
        raise
    return line


async def _connected(settings: Any) -> _Line:
    loop = asyncio.get_running_loop()

    def new_line() -> _Line:
        return _Line(settings.socket_timeout)

    if isinstance(settings, UnixDomainSocketConnection):
        return (await loop.create_unix_connection(new_line, settings.path))[1]
    tls = settings.ssl_context.get() if isinstance(settings, SSLConnection) else None
    transport, line = await loop.create_connection(new_line, settings.host, settings.port, ssl=tls)
    try:
        _tune(transport.get_extra_info("socket"), settings)
    except OSError:
        transport.abort()
        raise
    return line


def _tune(end: Any, settings: Any) -> None:
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if settings.socket_keepalive:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in settings.socket_keepalive_options.items():
            end.setsockopt(socket.IPPROTO_TCP, option, value)


def _greeting(settings: Any) -> list[_Command]:
    """What a new connection is told before anything else: who asks, and for which database."""
    greeting: list[_Command] = []
    if settings.username:
        greeting.append(("AUTH", settings.username, settings.password or ""))
    elif settings.password:
        greeting.append(("AUTH", settings.password))
    if settings.client_name:
        greeting.append(("CLIENT", "SETNAME", settings.client_name))
    if settings.db:
        greeting.append(("SELECT", settings.db))
    return greeting


def _raise(failure: BaseException) -> None:
    raise failure


def _closed() -> Exception:
    """Nobody repeats what is told this: it is no lost connection."""
    return redis.RedisError("the client was closed")


def _looked_at(opening: "asyncio.Task[_Line]") -> None:
    """Whoever waited for it may have been cancelled; asyncio would then complain that nobody has seen its failure."""
    if not opening.cancelled():
        opening.exception()
