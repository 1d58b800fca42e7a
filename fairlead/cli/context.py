"""What every command begins with: the settings, the server, the instance."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from fairlead.domain.names import checked_name
from fairlead.settings import Settings, read_settings
from fairlead.store.client import Store
from fairlead.store.connection import check_server, connect
from fairlead.store.embedded import EmbeddedRedis
from fairlead.store.preparing import prepare

RedisOption = Annotated[
    str | None,
    typer.Option("--redis", metavar="URL", help="Redis' address; else FAIRLEAD_REDIS_URL, else an embedded server."),
]
InstanceOption = Annotated[
    str | None, typer.Option("--instance", metavar="NAME", help="The instance; else FAIRLEAD_INSTANCE, else fairlead.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@dataclass(frozen=True, slots=True)
class Server:
    """Where the store is. `embedded` is kept for as long as the server is used."""

    url: str
    instance: str
    embedded: EmbeddedRedis | None


def find_server(redis_url: str | None = None, instance: str | None = None) -> Server:
    """The server and the instance that the options and the environment name. Raises a FairleadError."""
    settings: Settings = read_settings()
    name = checked_name("instance", instance or settings.instance)
    url = redis_url or (settings.redis_url.get_secret_value() if settings.redis_url else None)
    if url:
        return Server(url, name, None)
    embedded = EmbeddedRedis(Path(settings.home) if settings.home else None)
    return Server(embedded.url, name, embedded)


def open_store(redis_url: str | None = None, instance: str | None = None) -> Store:
    """A store on a server that serves, its instance prepared. Raises a FairleadError that says what to do."""
    server = find_server(redis_url, instance)
    client = connect(server.url)
    check_server(client)
    store = Store(client, server.instance)
    prepare(store)
    _kept.append(server)
    return store


_kept: list[Server] = []
"""Servers in use until the process ends; closing an embedded one would stop it."""
