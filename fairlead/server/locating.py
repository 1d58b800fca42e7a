"""Finds the server that serves an instance now: the master that Sentinels name, or the node that has its slot.

All keys of an instance are in one slot of a cluster, so that to it a cluster is what Sentinels are: somebody to ask
where the master is. A connection asks when it is made. One that is told that another server serves is given up, and
made anew; a request goes on from there.
"""

import itertools
import time
from collections.abc import Generator
from contextlib import suppress
from typing import Any, TypeAlias

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.crc import key_slot
from redis.exceptions import ClusterDownError
from redis.exceptions import ConnectionError as LostConnection
from redis.retry import Retry

from fairlead.server.address import Address, Host
from fairlead.server.failures import ELSEWHERE, code_of, may_pass
from fairlead.server.tls import AsyncTLSConnection, TLSConnection

ANSWER_WITHIN_S = 0.5
"""How long a Sentinel or a node may take to say where the master is, before the next one is asked."""

LOOK_EVERY_S = 1.0
"""How often a connection asks Sentinels whether its server still is the master: one that they have replaced may go on
for ten seconds, and what it takes meanwhile is lost.
"""

_Steps: TypeAlias = Generator[Host, Any, Host]
"""Yields whom to ask, and gets the reply, or the error for one."""


class Locator:
    """Who can be asked where the master of an instance is. Each time it begins with another one of them.

    Sentinels do not hear of a new master all at once: whoever connects asks all of them, and believes the newest.
    """

    def __init__(self, address: Address, instance: str) -> None:
        self._address = address
        self._slot = key_slot(b"{%b}" % instance.encode())
        self._hosts = list(address.hosts)
        self._turn = itertools.count()
        self._epoch = 0
        """Of the newest choice that was told: a Sentinel that tells an older one has not heard of it yet."""

    @property
    def is_cluster(self) -> bool:
        """Whether it is a cluster's."""
        return self._address.kind == "cluster"

    def __str__(self) -> str:
        hosts = ",".join(f"{host}:{port}" for host, port in self._address.hosts)
        return hosts if self.is_cluster else f"{hosts}/{self._address.service}"

    def find(self, *, thoroughly: bool = True) -> Host:
        """Where the master is. Raises redis-py's errors. `thoroughly`: ask every Sentinel."""
        steps, reply = self._steps(thoroughly), None
        while True:
            try:
                host = steps.send(reply)
            except StopIteration as end:
                found: Host = end.value
                return found
            reply = self._asked(host)

    async def find_async(self, *, thoroughly: bool = True) -> Host:
        """Where the master is. Raises redis-py's errors. `thoroughly`: ask every Sentinel."""
        steps, reply = self._steps(thoroughly), None
        while True:
            try:
                host = steps.send(reply)
            except StopIteration as end:
                found: Host = end.value
                return found
            reply = await self._asked_async(host)

    def _steps(self, thoroughly: bool) -> _Steps:
        known = list(self._hosts)
        first = next(self._turn) % len(known)
        failure: redis.RedisError = LostConnection("nobody says where the master is")
        failure.__cause__ = ClusterDownError("no node has the slot") if self.is_cluster else None
        master: Host | None = None
        for host in known[first:] + known[:first]:
            reply = yield host
            if isinstance(reply, redis.RedisError):
                failure = reply if may_pass(failure) else failure
                continue
            master = (self._node_of(reply[0], host) if self.is_cluster else self._master_of(*reply)) or master
            if master and (self.is_cluster or not thoroughly):
                break
        if not master:
            raise failure
        return master

    def _questions(self) -> list[tuple[str, ...]]:
        if self.is_cluster:
            return [("CLUSTER", "SLOTS")]
        service = self._address.service
        return [("SENTINEL", "MASTER", service), ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", service)]

    def _master_of(self, known: Any, place: Any) -> Host | None:
        epoch = int(dict(zip(known[::2], known[1::2], strict=False)).get(b"config-epoch", 0))
        if epoch < self._epoch or not place:
            return None
        self._epoch = epoch
        return place[0].decode(), int(place[1])

    def _node_of(self, reply: Any, asked: Host) -> Host | None:
        """The master that has the slot. Nodes that are named are asked, too, from now on."""
        found: Host | None = None
        nodes: list[Host] = []
        for start, end, *ranged in reply:
            hosts = [((one[0] or b"").decode() or asked[0], int(one[1])) for one in ranged]
            nodes += hosts
            if start <= self._slot <= end:
                found = hosts[0]
        self._hosts = list(dict.fromkeys([*self._address.hosts, *nodes]))
        return found

    def _asked(self, host: Host) -> Any:
        kind = TLSConnection if self._is_tls else redis.Connection
        connection: Any = kind(**self._options(host), retry=Retry(NoBackoff(), 0))
        try:
            connection.connect()
            return [self._answer(connection, question) for question in self._questions()]
        except redis.RedisError as failure:
            return failure
        finally:
            connection.disconnect()

    async def _asked_async(self, host: Host) -> Any:
        kind = AsyncTLSConnection if self._is_tls else redis.asyncio.Connection
        connection: Any = kind(**self._options(host), retry=AsyncRetry(NoBackoff(), 0))
        try:
            await connection.connect()
            return [await self._answer_async(connection, question) for question in self._questions()]
        except redis.RedisError as failure:
            return failure
        finally:
            await connection.disconnect()

    @staticmethod
    def _answer(connection: Any, question: tuple[str, ...]) -> Any:
        connection.send_command(*question)
        return connection.read_response()

    @staticmethod
    async def _answer_async(connection: Any, question: tuple[str, ...]) -> Any:
        await connection.send_command(*question)
        return await connection.read_response()

    @property
    def _is_tls(self) -> bool:
        return "connection_class" in self._address.asking

    def _options(self, host: Host) -> dict[str, Any]:
        asking = {name: value for name, value in self._address.asking.items() if name != "connection_class"}
        fixed = {"socket_timeout": ANSWER_WITHIN_S, "socket_connect_timeout": ANSWER_WITHIN_S, "protocol": 2}
        return asking | fixed | {"host": host[0], "port": host[1]}


def is_elsewhere(reply: Any) -> bool:
    """Whether a reply says that another server serves, or that none does for a while."""
    return isinstance(reply, redis.RedisError) and code_of(reply) in ELSEWHERE


def lost_to(reply: redis.RedisError) -> redis.RedisError:
    """A lost connection, for the reply that gives it up."""
    failure = LostConnection(f"another server serves: {reply}")
    failure.__cause__ = reply
    return failure


class _Located:
    """A connection that asks where to go."""

    def __init__(self, *, locator: Locator, **options: Any) -> None:
        super().__init__(**options)
        self._locator = locator
        self._looked_s = 0.0

    def _connect(self) -> Any:
        self.host, self.port = self._locator.find()
        self._looked_s = time.monotonic()
        return super()._connect()  # type: ignore[misc]  # redis-py's connection is behind it

    def check_health(self) -> None:
        """Before a command: go to the new master when there is one."""
        super().check_health()  # type: ignore[misc]
        if self._locator.is_cluster or time.monotonic() - self._looked_s < LOOK_EVERY_S:
            return
        self._looked_s = time.monotonic()
        with suppress(redis.RedisError):
            if self._locator.find(thoroughly=False) == (self.host, self.port):
                return
            self.disconnect()  # type: ignore[attr-defined]
        self.connect()  # type: ignore[attr-defined]

    def read_response(self, *args: Any, **options: Any) -> Any:
        """The reply; a connection to a server that does not serve any more is lost."""
        try:
            return super().read_response(*args, **options)  # type: ignore[misc]
        except redis.ResponseError as reply:
            if not is_elsewhere(reply):
                raise
            self.disconnect()  # type: ignore[attr-defined]
            raise lost_to(reply) from reply


class LocatedConnection(_Located, redis.Connection):
    """To the master, by TCP."""


class LocatedSSLConnection(_Located, TLSConnection):
    """To the master, by TLS."""


class _AsyncLocated:
    """The same in asyncio."""

    def __init__(self, *, locator: Locator, **options: Any) -> None:
        super().__init__(**options)
        self._locator = locator
        self._looked_s = 0.0

    async def _connect(self) -> None:
        self.host, self.port = await self._locator.find_async()
        self._looked_s = time.monotonic()
        await super()._connect()  # type: ignore[misc]

    async def check_health(self) -> None:
        """Before a command: go to the new master when there is one."""
        await super().check_health()  # type: ignore[misc]
        if self._locator.is_cluster or time.monotonic() - self._looked_s < LOOK_EVERY_S:
            return
        self._looked_s = time.monotonic()
        with suppress(redis.RedisError):
            if await self._locator.find_async(thoroughly=False) == (self.host, self.port):
                return
            await self.disconnect(nowait=True)  # type: ignore[attr-defined]
        await self.connect()  # type: ignore[attr-defined]

    async def read_response(self, *args: Any, **options: Any) -> Any:
        """The reply; a connection to a server that does not serve any more is lost."""
        try:
            return await super().read_response(*args, **options)  # type: ignore[misc]
        except redis.ResponseError as reply:
            if not is_elsewhere(reply):
                raise
            await self.disconnect(nowait=True)  # type: ignore[attr-defined]
            raise lost_to(reply) from reply


class AsyncLocatedConnection(_AsyncLocated, redis.asyncio.Connection):
    """To the master, by TCP."""


class AsyncLocatedSSLConnection(_AsyncLocated, AsyncTLSConnection):
    """To the master, by TLS."""
