"""Builds every Redis client on purpose: retries, time-outs, pool and protocol.

redis-py's defaults differ by constructor: `Redis()` retries any command ten times, `from_url` none. Retrying is right
for us, since every request recognises its own repetition.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import ExponentialBackoff
from redis.exceptions import AuthenticationError, AuthorizationError, BusyLoadingError
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import TimeoutError as NoAnswerInTime
from redis.retry import Retry

from fairlead import errors
from fairlead.errors import FairleadError
from fairlead.server.failures import failure_of, translate

OLDEST_REDIS = (6, 2)
"""ZRANGE with BYSCORE and LIMIT came with 6.2."""

SOCKET_TIMEOUT_S = 5.0
BLOCK_S = 2.0
"""How long a wait for a wake-up blocks: well below the socket's time-out, or the reply is lost with the connection."""

POOL_WAIT_S = 30.0
"""How long a request waits for one of its client's connections before it is refused."""

RETRIES = 6
RETRY_ON = (LostConnection, NoAnswerInTime, BusyLoadingError)
BACKOFF = ExponentialBackoff(cap=0.5, base=0.02)
"""How long, in seconds, a request waits before it is repeated."""


def may_pass(failure: Exception) -> bool:
    """A wrong password stays wrong however often it is sent; to redis-py it is one more lost connection."""
    return not isinstance(failure, (AuthenticationError, AuthorizationError))


class _Retry(Retry):
    def call_with_retry(  # type: ignore[override]  # whatever a release of redis-py adds is passed on
        self, do: Any, fail: Any, is_retryable: Any = None, **options: Any
    ) -> Any:
        return super().call_with_retry(do, fail, is_retryable or may_pass, **options)


class _AsyncRetry(AsyncRetry):
    async def call_with_retry(  # type: ignore[override]  # whatever a release of redis-py adds is passed on
        self, do: Any, fail: Any, is_retryable: Any = None, **options: Any
    ) -> Any:
        return await super().call_with_retry(do, fail, is_retryable or may_pass, **options)


def connect(url: str, *, max_connections: int = 16, retries: int = RETRIES) -> redis.Redis:
    """A synchronous client; it connects with its first command. Raises InvalidSetting when `url` is not
    a Redis URL.

    `retries` 0 is for commands that take something away, such as BLPOP: repeated after a lost reply, BLPOP would take a
    second item.
    """
    options = _options(max_connections) | {"retry": _Retry(BACKOFF, retries)}
    try:
        client: redis.Redis = redis.Redis.from_url(url, **options)
    except ValueError as failure:
        raise _bad_url(url) from failure
    return client


def connect_async(url: str, *, max_connections: int = 16, retries: int = RETRIES) -> redis.asyncio.Redis:
    """An asyncio client; it connects with its first command. Raises InvalidSetting when `url` is not
    a Redis URL.

    As `connect`, but a command that comes while all connections are in use waits for one.
    """
    options = _options(max_connections) | {"retry": _AsyncRetry(BACKOFF, retries)}
    try:
        pool = redis.asyncio.BlockingConnectionPool.from_url(url, timeout=POOL_WAIT_S, **options)
    except ValueError as failure:
        raise _bad_url(url) from failure
    return redis.asyncio.Redis.from_pool(pool)


def _options(max_connections: int) -> dict[str, Any]:
    return {
        "protocol": 2,
        "decode_responses": False,
        "socket_timeout": SOCKET_TIMEOUT_S,
        "socket_connect_timeout": SOCKET_TIMEOUT_S,
        "retry_on_error": list(RETRY_ON),
        "max_connections": max_connections,
        "health_check_interval": 0,
    }


def _bad_url(url: str) -> FairleadError:
    return errors.InvalidSetting(
        f"{masked(url)!r} is not a Redis address: write redis://host:6379/0, rediss://... or unix:///path/to/socket"
    )


def masked(url: str) -> str:
    """The URL without its password, for messages and logs."""
    try:
        parts = urlsplit(url)
    except ValueError:  # what cannot be read as a URL is not searched for a password
        return f"{url.partition(':')[0]}:..."
    if parts.password is None:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:***@{host}"))


def check_server(client: Any) -> str:
    """The version of the server, once it is known to serve.

    Raises RedisUnreachable, RedisRefused, RedisBusy, RedisReadOnly, RedisTooOld.
    """
    try:
        info: dict[str, Any] = client.info("server") | client.info("replication")
    except redis.RedisError as failure:
        raise translate(failure, address_of(client), "INFO") from failure
    return served_version(info, address_of(client))


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
    if "service_name" in given or not given:
        return "the given address"
    return str(given.get("path") or f"{given.get('host', 'localhost')}:{given.get('port', 6379)}")
