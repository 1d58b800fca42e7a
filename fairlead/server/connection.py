"""Builds every Redis client on purpose: retries, time-outs, pool and protocol.

redis-py's defaults differ by constructor: `Redis()` retries any command ten times, `from_url` none. Retrying is right
for us, since every request recognises its own repetition.
"""

import time
from collections.abc import Mapping
from typing import Any

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import ExponentialBackoff
from redis.exceptions import BusyLoadingError
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import TimeoutError as NoAnswerInTime
from redis.retry import Retry

from fairlead import errors
from fairlead.server.address import Address, read_address
from fairlead.server.failures import failure_of, may_pass, translate
from fairlead.server.locating import (
    AsyncLocatedConnection,
    AsyncLocatedSSLConnection,
    LocatedConnection,
    LocatedSSLConnection,
    Locator,
)
from fairlead.server.packing import Packer
from fairlead.server.pool import Pool
from fairlead.server.tls import AsyncTLSConnection, TLSConnection

OLDEST_REDIS = (6, 2)
"""ZRANGE with BYSCORE and LIMIT came with 6.2."""

SOCKET_TIMEOUT_S = 5.0
BLOCK_S = 2.0
"""How long a wait for a wake-up blocks: well below the socket's time-out, or the reply is lost with the connection."""

POOL_WAIT_S = 30
"""How long a request waits for one of its client's connections before it is refused."""

RETRIES = 6
FAILOVER_RETRIES = 24
"""Where Sentinels or a cluster choose a new master, a request waits for it: 10 seconds."""

RETRY_ON = (LostConnection, NoAnswerInTime, BusyLoadingError)
BACKOFF = ExponentialBackoff(cap=0.5, base=0.02)
"""How long, in seconds, a request waits before it is repeated."""


class _Retry(Retry):
    """Repeats what may pass. What a connection has given up its client does not repeat once more."""

    def call_with_retry(  # type: ignore[override]  # whatever a release of redis-py adds is passed on
        self, do: Any, fail: Any, is_retryable: Any = None, **options: Any
    ) -> Any:
        try:
            return super().call_with_retry(do, fail, is_retryable or may_pass, **options)
        except RETRY_ON as failure:
            failure.is_given_up = True  # type: ignore[union-attr]
            raise


class _AsyncRetry(AsyncRetry):
    async def call_with_retry(  # type: ignore[override]  # whatever a release of redis-py adds is passed on
        self, do: Any, fail: Any, is_retryable: Any = None, **options: Any
    ) -> Any:
        try:
            return await super().call_with_retry(do, fail, is_retryable or may_pass, **options)
        except RETRY_ON as failure:
            failure.is_given_up = True  # type: ignore[union-attr]
            raise


def connect(
    url: str,
    instance: str = "",
    *,
    max_connections: int = 16,
    retries: int = RETRIES,
    retry: Retry | None = None,
    timeout_s: float = SOCKET_TIMEOUT_S,
) -> redis.Redis:
    """A synchronous client; it connects with its first command. Raises InvalidSetting when `url` is not
    a Redis URL. A command that comes while all connections are in use waits for one.

    `instance`: whose node of a cluster it goes to. `retries` 0 is for commands that take something away, such as BLPOP:
    repeated after a lost reply, BLPOP would take a second item. `retry`: another way to repeat; `timeout_s`: how long
    the server has to answer.
    """
    address = read_address(url)
    options = _options(address, max_connections, timeout_s)
    if address.hosts:
        kind = LocatedSSLConnection if "connection_class" in options else LocatedConnection
        options |= {"connection_class": kind, "locator": Locator(address, instance)}
    options["command_packer"] = Packer()
    options["retry"] = retry or _Retry(BACKOFF, retries_of(address, retries))
    pool = Pool(timeout=POOL_WAIT_S, **options)
    return redis.Redis.from_pool(pool)


def connect_async(
    url: str, instance: str = "", *, max_connections: int = 16, retries: int = RETRIES
) -> redis.asyncio.Redis:
    """An asyncio client; it connects with its first command. Raises InvalidSetting when `url` is not
    a Redis URL.

    As `connect`.
    """
    address = read_address(url)
    options = _options(address, max_connections)
    if "connection_class" in options:
        options["connection_class"] = _ASYNC[options["connection_class"]]
    if address.hosts:
        kind = AsyncLocatedSSLConnection if "connection_class" in options else AsyncLocatedConnection
        options |= {"connection_class": kind, "locator": Locator(address, instance)}
    options["retry"] = _AsyncRetry(BACKOFF, retries_of(address, retries))
    return redis.asyncio.Redis.from_pool(redis.asyncio.BlockingConnectionPool(timeout=POOL_WAIT_S, **options))


_ASYNC = {
    TLSConnection: AsyncTLSConnection,
    redis.UnixDomainSocketConnection: redis.asyncio.UnixDomainSocketConnection,
}


def retries_of(address: Address, retries: int) -> int:
    """How often a request is repeated: more often where somebody chooses a new master meanwhile."""
    return FAILOVER_RETRIES if retries and address.hosts else retries


def _options(address: Address, max_connections: int, timeout_s: float = SOCKET_TIMEOUT_S) -> dict[str, Any]:
    return {
        "protocol": 2,
        "decode_responses": False,
        "socket_timeout": timeout_s,
        "socket_connect_timeout": timeout_s,
        "retry_on_error": list(RETRY_ON),
        "max_connections": max_connections,
        "health_check_interval": 0,
    } | address.options


def check_server(client: Any) -> str:
    """The version of the server, once it is known to serve.

    Raises RedisUnreachable, RedisRefused, RedisBusy, RedisReadOnly, RedisTooOld.
    """
    for failures in range(1, FAILOVER_RETRIES + 1):
        try:
            return served_version(_told(client), address_of(client))
        except errors.RedisReadOnly:
            if not locator_of(client):
                raise
        client.connection_pool.disconnect()  # not every Sentinel knows of the new master at once
        time.sleep(BACKOFF.compute(failures))
    return served_version(_told(client), address_of(client))


def _told(client: Any) -> dict[str, Any]:
    try:
        told: dict[str, Any] = client.info("server") | client.info("replication")
    except redis.RedisError as failure:
        raise translate(failure, address_of(client), "INFO") from failure
    return told


def served_version(info: Mapping[str, Any], address: str) -> str:
    """The version out of what INFO tells. Raises RedisReadOnly, RedisTooOld."""
    version = str(info["redis_version"])
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
        raise errors.RedisTooOld(f"Redis at {address} is {version}: Fairlead needs 6.2 or newer")
    if info.get("role") == "slave":
        raise failure_of("READONLY", address, "")
    return version


def address_of(client: Any) -> str:
    """Where a client connects to, without user and password."""
    given = getattr(getattr(client, "connection_pool", None), "connection_kwargs", {})
    if "locator" in given:
        return str(given["locator"])
    if "service_name" in given or not given:
        return "the given address"
    return str(given.get("path") or f"{given.get('host', 'localhost')}:{given.get('port', 6379)}")


def locator_of(client: Any) -> Locator | None:
    """Who tells a client where to go; None: it goes to one server."""
    given = getattr(getattr(client, "connection_pool", None), "connection_kwargs", {})
    return given.get("locator")
