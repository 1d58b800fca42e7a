"""Which server and which instance: those that are named by an argument or the environment, else the embedded server."""

from dataclasses import dataclass
from pathlib import Path

import redis

from fairlead.domain.names import checked_name
from fairlead.errors import InvalidSetting
from fairlead.server.address import masked
from fairlead.server.connection import check_server, connect
from fairlead.server.embedded import EmbeddedRedis, default_home, socket_path
from fairlead.settings import read_settings


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


def find_running(url: str | None = None, instance: str | None = None) -> Server:
    """As `find_server`, but an embedded server is not started: where it is if it runs. Raises InvalidSetting,
    InvalidName.
    """
    settings = read_settings()
    name = checked_name("instance", instance or settings.instance)
    address = url or (settings.redis_url.get_secret_value() if settings.redis_url else None)
    home = Path(settings.home) if settings.home else default_home()
    return Server(address or f"unix://{socket_path(home)}", name)


def reach(url: str, instance: str = "") -> redis.Redis:
    """A client of a server that is known to serve. `instance`: whose node of a cluster that is.

    Raises InvalidSetting when `url` is not a Redis address, and a RedisError when the server cannot serve.
    """
    client = connect(url, instance)
    try:
        check_server(client)
    except (TypeError, ValueError) as failure:  # what redis-py makes of an option or a host name that cannot be one
        raise InvalidSetting(f"Redis address {masked(url)!r} cannot be used: {failure}") from failure
    return client


_in_use: dict[Path, EmbeddedRedis] = {}
"""They stay open: to close one would stop a server whose address is in use."""


def _use_embedded(home: str | None) -> EmbeddedRedis:
    used = EmbeddedRedis(Path(home) if home else None)
    before = _in_use.pop(used.home, None)
    if before:
        before.close()
    _in_use[used.home] = used
    return used
