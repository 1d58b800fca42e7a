"""A contact centre for tests: the real service and scripts on a server of its own, by a clock that the test moves.

with centre() as one:
    one.push("BasicQueue", {"order": 4711}, start_in_s=600)
    one.advance(600)
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, TypeAlias, Unpack

import redis
import redis.asyncio

from fairlead.configuration.reading import parse_configuration
from fairlead.domain.configuration import Configuration
from fairlead.errors import InvalidSetting
from fairlead.server.connection import connect, connect_async
from fairlead.server.embedded import EmbeddedRedis
from fairlead.service.administrator import Administrator
from fairlead.service.agent import Agent, new_session
from fairlead.service.producer import ContactOptions, Producer
from fairlead.service.supervisor import Supervisor
from fairlead.service.upcoming import last_stamp, next_us
from fairlead.store.client import AsyncStore, Store
from fairlead.store.instances import prepare
from fairlead.store.reading import ContactRecord
from fairlead.store.transitions.producing import Receipt
from fairlead.store.transitions.sweeping import SWEEP_EVERY_S, Sweeper

__all__ = ["Centre", "centre"]

BEGINS = datetime(2027, 1, 4, 9, tzinfo=UTC)
"""A Monday morning."""

FOREVER_S = 1e8
"""A lease of three years: no test is so patient."""

_S = 1_000_000

Given: TypeAlias = Configuration | Path | str | None
"""A configuration, its file, or its text in TOML; None: the one that a new instance has."""

ServerKind: TypeAlias = Literal["fakeredis", "embedded"]


@dataclass(frozen=True, slots=True)
class _Server:
    """How one connects to a server."""

    connect: Callable[[], redis.Redis]
    connect_async: Callable[[], redis.asyncio.Redis]


class Centre:
    """A contact centre in which time passes by `advance` alone. `now_us`: its time."""

    def __init__(self, server: _Server, configuration: Configuration | None, begins: datetime) -> None:
        self.now_us = round(begins.timestamp()) * _S
        self._server = server
        self._own_store = self._new_store()
        self._own_store.run(prepare())
        self._sweeper = Sweeper(self._own_store.keys)
        self.producer = Producer(self._new_store())
        self.supervisor = Supervisor(self._new_store())
        self.administrator = Administrator(self._new_store())
        if configuration:
            self.administrator.apply(configuration)

    def push(self, queue: str, payload: Any = None, **options: Unpack[ContactOptions]) -> Receipt:
        """Push one contact, as `Producer.push` does."""
        return self.producer.push(queue, payload, **options)

    def contact(self, contact_id: str) -> ContactRecord:
        """One contact now. Raises UnknownContact."""
        return self.supervisor.contact(contact_id)

    def agent(self, name: str, *, lease_s: float = FOREVER_S, auto_accept: bool = False, capacity: int = 0) -> Agent:
        """A person's desk; `sign_in` begins its session. The arguments are those of `Agent.connect`.

        Its session is not lost unless `lease_s` is given.
        """
        store = self._new_store()
        session = new_session(store.keys, name, lease_s=lease_s, auto_accept=auto_accept, capacity=capacity)
        return Agent(store, session)

    def advance(self, seconds: float) -> None:
        """Let time pass. What comes due meanwhile is done at its time, one after the other.

        Delays of profiles and relief of queues may be half a second late, since sweeps look at them no more often.
        """
        self.now_us = max(self.now_us, self._own_store.run(last_stamp()))
        ends_us = self.now_us + round(seconds * _S)
        step_us = min(self._own_store.run(next_us(self.now_us)), self.now_us + round(SWEEP_EVERY_S * _S))
        while self.now_us < ends_us:
            self.now_us = min(step_us, ends_us)
            while self._own_store.run(self._sweeper.sweep()).more:
                pass
            step_us = self._own_store.run(next_us(self.now_us))

    def new_async_store(self) -> AsyncStore:
        """The instance, for programs in asyncio; close it in the event loop in which it was used."""
        return AsyncStore(self._server.connect_async(), clock=lambda: self.now_us)

    def close(self) -> None:
        """Close the connections."""
        for one in (self.producer, self.supervisor, self.administrator, self._own_store):
            one.close()

    def _new_store(self) -> Store:
        return Store(self._server.connect(), clock=lambda: self.now_us)


@contextmanager
def centre(
    configuration: Given = None, server: ServerKind | None = None, *, begins: datetime = BEGINS
) -> Iterator[Centre]:
    """A contact centre of one's own, which ends with the block.

    `configuration`: a Configuration, its file, or its text in TOML; None: as a new instance has it. `server`: unless
    given, fakeredis where it is installed, else an embedded server; both give the same results. `begins`: its time at
    first. Raises InvalidConfiguration, and InvalidSetting when fakeredis is asked for and is not installed.
    """
    target = _read(configuration)
    with _SERVERS[server or ("fakeredis" if _has_fakeredis() else "embedded")]() as found:
        one = Centre(found, target, begins)
        try:
            yield one
        finally:
            one.close()


def _read(given: Given) -> Configuration | None:
    if isinstance(given, Path):
        return parse_configuration(given.read_text(encoding="utf-8"), str(given))
    return parse_configuration(given, "configuration") if isinstance(given, str) else given


def _has_fakeredis() -> bool:
    return all(find_spec(module) for module in ("fakeredis", "lupa"))


@contextmanager
def _fake() -> Iterator[_Server]:
    if not _has_fakeredis():
        raise InvalidSetting(
            "server 'fakeredis' cannot be used: fakeredis and its Lua are not installed; "
            "pip install 'fairlead[testing]', or use server='embedded'"
        )
    import fakeredis

    server = fakeredis.FakeServer()
    yield _Server(partial(fakeredis.FakeRedis, server=server), partial(fakeredis.FakeAsyncRedis, server=server))


@contextmanager
def _embedded() -> Iterator[_Server]:
    with TemporaryDirectory(prefix="fairlead-testing-", ignore_cleanup_errors=True) as home:
        server = EmbeddedRedis(Path(home))
        try:
            yield _Server(partial(connect, server.url), partial(connect_async, server.url, max_connections=1))
        finally:
            server.close()


_SERVERS: dict[ServerKind, Callable[[], AbstractContextManager[_Server]]] = {"fakeredis": _fake, "embedded": _embedded}
