"""Which server and which instance: those that are named by an argument or the environment, else the embedded server."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import redis

from fairlead.domain.names import checked_name
from fairlead.errors import InvalidSetting, RedisError
from fairlead.settings import read_settings
from fairlead.store.client import Store
from fairlead.store.connection import check_server, connect, masked
from fairlead.store.embedded import EmbeddedRedis
from fairlead.store.keys import Keys, instance_of

_LOOKS = 100
_KEYS_A_LOOK = 1_000
"""Looking for instances ends after 100,000 keys: it is for a message, and the server may be a large one."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where a store is."""

    url: str
    instance: str


def find_server(url: str | None = None, instance: str | None = None) -> Server:
    """The server and the instance of the arguments, else of the environment, else the embedded server, started.

    An embedded server is in use until the process ends. Raises InvalidSetting, InvalidName, EmbeddedUnavailable.
    """
    settings = read_settings()
    name = checked_name("instance", instance or settings.instance)
    address = url or (settings.redis_url.get_secret_value() if settings.redis_url else None)
    return Server(address or _use_embedded(settings.home).url, name)


def reach(url: str) -> redis.Redis:
    """A client of a server that is known to serve.

    Raises InvalidSetting for an address that is none, and a RedisError for a server that does not serve.
    """
    client = connect(url)
    try:
        check_server(client)
    except (TypeError, ValueError) as failure:  # what redis-py makes of an option or a host name that cannot be one
        raise InvalidSetting(f"Redis address {masked(url)!r} cannot be used: {failure}") from failure
    return client


def find_instances(store: Store) -> list[str]:
    """The instances that a bounded look at the store's server finds; none when the user may not look."""
    found: set[str] = set()
    cursor = 0
    with suppress(RedisError):
        for _ in range(_LOOKS):
            cursor, keys = store.client.scan(cursor, match=Keys("*").instance, count=_KEYS_A_LOOK)
            found |= {instance_of(key.decode()) for key in keys}
            if not cursor:
                break
    return sorted(found)


_in_use: dict[Path, EmbeddedRedis] = {}
"""Closing one would stop its server under whoever was given its address."""


def _use_embedded(home: str | None) -> EmbeddedRedis:
    used = EmbeddedRedis(Path(home) if home else None)
    before = _in_use.pop(used.home, None)
    if before:
        before.close()
    _in_use[used.home] = used
    return used
