"""Builds every Redis client on purpose: retries, time-outs, pool and protocol; and names what goes wrong.

redis-py's defaults differ by constructor: `Redis()` retries any command ten times, `from_url` none. Retrying is right
for us, since every request recognises its own repetition.
"""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import ExponentialBackoff
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    MaxConnectionsError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
)
from redis.exceptions import (
    ConnectionError as LostConnection,
)
from redis.exceptions import (
    TimeoutError as NoAnswerInTime,
)
from redis.retry import Retry

from fairlead import errors
from fairlead.errors import FairleadError

OLDEST_REDIS = (6, 2)
"""ZRANGE with BYSCORE and LIMIT came with 6.2."""

SOCKET_TIMEOUT_S = 5.0
BLOCK_S = 2.0
"""How long a wait for a wake-up blocks: well below the socket's time-out, or the reply is lost with the connection."""

_RETRIES = 6
_RETRY_ON = [LostConnection, NoAnswerInTime, BusyLoadingError]


def connect(url: str, *, max_connections: int = 16) -> redis.Redis:
    """A synchronous client; it connects with its first command. Raises InvalidSetting for a URL that is none."""
    options = _options(max_connections) | {"retry": Retry(ExponentialBackoff(cap=0.5, base=0.02), _RETRIES)}
    try:
        client: redis.Redis = redis.Redis.from_url(url, **options)
    except ValueError as failure:
        raise _bad_url(url) from failure
    return client


def connect_async(url: str, *, max_connections: int = 16) -> redis.asyncio.Redis:
    """An asyncio client; it connects with its first command. Raises InvalidSetting for a URL that is none."""
    options = _options(max_connections) | {"retry": AsyncRetry(ExponentialBackoff(cap=0.5, base=0.02), _RETRIES)}
    try:
        client: redis.asyncio.Redis = redis.asyncio.Redis.from_url(url, **options)
    except ValueError as failure:
        raise _bad_url(url) from failure
    return client


def _options(max_connections: int) -> dict[str, Any]:
    return {
        "protocol": 2,
        "decode_responses": False,
        "socket_timeout": SOCKET_TIMEOUT_S,
        "socket_connect_timeout": SOCKET_TIMEOUT_S,
        "retry_on_error": _RETRY_ON,
        "max_connections": max_connections,
        "health_check_interval": 0,
    }


def _bad_url(url: str) -> FairleadError:
    return errors.InvalidSetting(
        f"Redis address {masked(url)!r} is not one: write redis://host:6379/0, rediss://... or unix:///path/to/socket"
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


def check_server(client: redis.Redis) -> str:
    """The version of the server, once it is known to serve.

    Raises RedisUnreachable, RedisRefused, RedisReadOnly, RedisTooOld.
    """
    try:
        info: dict[str, Any] = client.info("server") | client.info("replication")
    except redis.RedisError as failure:
        raise translate(failure, _address(client)) from failure
    version = str(info["redis_version"])
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
        raise errors.RedisTooOld(f"Redis at {_address(client)} is {version}: Fairlead needs 6.2 or newer")
    if info.get("role") == "slave":
        raise _read_only(_address(client))
    return version


def _address(client: redis.Redis) -> str:
    given = client.connection_pool.connection_kwargs
    return str(given.get("path") or f"{given.get('host', 'localhost')}:{given.get('port', 6379)}")


def _read_only(address: str) -> FairleadError:
    return errors.RedisReadOnly(
        f"Redis at {address} is a read-only replica: give the address of its master, or of its Sentinels"
    )


def translate(failure: redis.RedisError, address: str = "the given address") -> FairleadError:
    """The typed error for what redis-py raised; never shows a password."""
    text = str(failure)
    if isinstance(failure, MaxConnectionsError):
        return errors.RedisUnreachable(f"all connections to Redis at {address} are in use: open fewer at a time")
    if isinstance(failure, (AuthenticationError, AuthorizationError)) or "WRONGPASS" in text or "NOAUTH" in text:
        return errors.RedisRefused(f"Redis at {address} refused the user or the password: check FAIRLEAD_REDIS_URL")
    if isinstance(failure, NoPermissionError):
        return errors.RedisRefused(f"Redis at {address} does not give this user the right: {text}")
    if isinstance(failure, ReadOnlyError) or "READONLY" in text:
        return _read_only(address)
    if isinstance(failure, OutOfMemoryError) or text.startswith("OOM"):
        return errors.RedisFull(
            f"Redis at {address} has no memory left and refuses new contacts until some are worked off: "
            "raise maxmemory, or add workers"
        )
    if isinstance(failure, (LostConnection, NoAnswerInTime)):
        return errors.RedisUnreachable(
            f"no Redis answers at {address}: start one there, or leave FAIRLEAD_REDIS_URL and --redis out "
            "to use an embedded one"
        )
    return errors.RedisError(f"Redis at {address} answered with an error: {text}")
