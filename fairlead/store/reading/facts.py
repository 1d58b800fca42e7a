"""The server that an instance is on."""

from dataclasses import dataclass
from typing import Any

from fairlead.server.connection import served_version
from fairlead.store.procedure import Source, Steps, ask, ask_one, procedure


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """`memory`: in use, as people read it; `keys`: of all instances, and of whatever else is there."""

    version: str
    memory: str
    keys: int


@procedure
def server(source: Source) -> Steps[ServerFacts]:
    """The server, once it is known to serve. Raises RedisReadOnly, RedisTooOld, and whatever it refuses with."""
    info: dict[str, Any]
    info, keys = yield from ask(("INFO",), ("DBSIZE",))
    return ServerFacts(served_version(info, source.address), info["used_memory_human"], keys)


@procedure
def version(source: Source) -> Steps[str]:
    """The server's version, once it is known to serve. Raises as `server`; every user has the rights for it."""
    return served_version((yield from ask_one("INFO")), source.address)
