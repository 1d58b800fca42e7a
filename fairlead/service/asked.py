"""What every class of the service is made of: what may be asked, once, as methods of a sync and of an asyncio class.

class Asks:
    retry = of_keys(supervising.retry)        # a request's builder, which wants the keys of the instance first
    contact = of_nothing(reading.contact)     # a procedure's builder

class Supervisor(Asks, Caller): ...           # supervisor.retry("c1") answers
class AsyncSupervisor(Asks, AsyncCaller): ... # supervisor.retry("c1") is awaited
"""

import asyncio
from collections.abc import Awaitable, Callable
from copy import copy
from functools import update_wrapper
from types import MethodType, TracebackType
from typing import Any, ClassVar, Concatenate, Generic, ParamSpec, Self, TypeAlias, TypeVar, overload

from fairlead.domain.names import checked_name
from fairlead.errors import FairleadError
from fairlead.server.connection import connect_async
from fairlead.server.finding import Server
from fairlead.service.opening import ACTOR, find_instance, open_store, prepare_store
from fairlead.store.client import AsyncStore, Store
from fairlead.store.keys import Keys
from fairlead.store.procedure import Procedure
from fairlead.store.request import Request
from fairlead.store.transitions.working import Session

T = TypeVar("T")
P = ParamSpec("P")

Ask: TypeAlias = Request[T] | Procedure[T]
"""What a store runs."""


class _Naming:
    _request_id = ""

    def named(self, request_id: str) -> Self:
        """The same, for a request of this name: who repeats it under its name within ten minutes, after a crash, say,
        gets the same answer, and there is no second effect. Raises InvalidName.
        """
        other = copy(self)
        other._request_id = checked_name("request", request_id)
        return other

    def _asked(self, build: Callable[[], Ask[T]]) -> Ask[T]:
        asked = build()
        if not self._request_id:
            return asked
        if not isinstance(asked, Request):
            raise TypeError("only one request at a time has a name: this is several")
        return asked.named(self._request_id)


class Caller(_Naming):
    """Asks one instance, synchronously. May be used by several threads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def run(self, build: Callable[[], Ask[T]]) -> T:
        """The answer to what `build` makes."""
        return self._store.run(self._asked(build))

    def close(self) -> None:
        """Close the connections."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncCaller(_Naming):
    """Asks one instance, in asyncio."""

    def __init__(self, store: AsyncStore) -> None:
        self._store = store

    async def run(self, build: Callable[[], Ask[T]]) -> T:
        """The answer to what `build` makes."""
        return await self._store.run(self._asked(build))

    async def close(self) -> None:
        """Close the connections."""
        await self._store.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class Connected(Caller):
    """Asks an instance that it finds by itself."""

    makes_instance: ClassVar[bool] = False
    """Whether connecting makes an instance that is not there; else it is UnknownInstance, unless it is the default."""

    @classmethod
    def connect(cls, url: str | None = None, instance: str | None = None, *, actor: str = "") -> Self:
        """Connect to the Redis at `url`. Default: FAIRLEAD_REDIS_URL, else the embedded server.

        `instance`: name of the instance. Default: FAIRLEAD_INSTANCE, else fairlead. `actor`: who asks, as events tell
        it. Raises InvalidSetting, InvalidName, UnknownInstance, and a RedisError when the server cannot serve.
        """
        try:
            opening = prepare_store if cls.makes_instance else open_store
            return cls(opening(url, instance, actor))
        except FairleadError as failure:
            raise failure from None


class AsyncConnected(AsyncCaller):
    """Asks an instance that it finds by itself."""

    makes_instance: ClassVar[bool] = False
    """As in the synchronous class."""

    @classmethod
    async def connect(cls, url: str | None = None, instance: str | None = None, *, actor: str = "") -> Self:
        """Connect; arguments and errors as in the synchronous class."""
        server = await find(url, instance, makes_instance=cls.makes_instance)
        client = connect_async(server.url, server.instance)
        return cls(AsyncStore(client, server.instance, actor=actor or ACTOR.get()))


async def find(url: str | None, instance: str | None, *, makes_instance: bool) -> Server:
    """Where an instance is, once it is known to be there. The error is ours alone."""
    try:
        return await asyncio.to_thread(find_instance, url, instance, makes_instance=makes_instance)
    except FairleadError as failure:
        raise failure from None


class Asked(Generic[P, T]):
    """A method that is called in both ways."""

    def __init__(self, build: Callable[Concatenate[Any, P], Ask[T]], about: Callable[..., Any]) -> None:
        def ask(caller: Any, /, *args: P.args, **options: P.kwargs) -> Any:
            return caller.run(lambda: build(caller, *args, **options))

        self._ask = update_wrapper(ask, about)
        self.__doc__ = about.__doc__

    @overload
    def __get__(self, caller: None, owner: type) -> Self: ...

    @overload
    def __get__(self, caller: Caller, owner: type) -> Callable[P, T]: ...

    @overload
    def __get__(self, caller: AsyncCaller, owner: type) -> Callable[P, Awaitable[T]]: ...

    def __get__(self, caller: Any, owner: type) -> Any:
        return self if caller is None else MethodType(self._ask, caller)


def of_keys(build: Callable[Concatenate[Keys, P], Ask[T]]) -> Asked[P, T]:
    """A method of what wants the keys of the instance first."""

    def asking(caller: Any, /, *args: P.args, **options: P.kwargs) -> Ask[T]:
        return build(caller._store.keys, *args, **options)

    return Asked(asking, build)


def of_nothing(build: Callable[P, Ask[T]]) -> Asked[P, T]:
    """A method of what finds the instance by itself."""

    def asking(_: Any, /, *args: P.args, **options: P.kwargs) -> Ask[T]:
        return build(*args, **options)

    return Asked(asking, build)


def of_session(build: Callable[Concatenate[Session, P], Ask[T]]) -> Asked[P, T]:
    """A method of what wants the session of an agent first."""

    def asking(caller: Any, /, *args: P.args, **options: P.kwargs) -> Ask[T]:
        return build(caller.session, *args, **options)

    return Asked(asking, build)
