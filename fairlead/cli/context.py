"""What every command begins with: the server and the instance."""

import os
from typing import Annotated

import typer

from fairlead.domain.names import LONGEST_ACTOR
from fairlead.errors import UnknownInstance
from fairlead.server.finding import find_server, reach
from fairlead.store.client import Store
from fairlead.store.instances import find_instances, is_prepared, prepare
from fairlead.store.keys import DEFAULT_INSTANCE

RedisOption = Annotated[
    str | None,
    typer.Option(
        "--redis", metavar="URL", help="Address of Redis. Default: FAIRLEAD_REDIS_URL, else the embedded server."
    ),
]
InstanceOption = Annotated[
    str | None,
    typer.Option("--instance", metavar="NAME", help="Name of the instance. Default: FAIRLEAD_INSTANCE, else fairlead."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def open_store(redis_url: str | None = None, instance: str | None = None) -> Store:
    """A store of an instance that is there, for what only reads it or changes what is in it.

    The default instance is made, since a newcomer looks before anything works; a name that somebody gave is not, since
    it may be a misspelt one. Raises UnknownInstance, and a FairleadError that says what to do.
    """
    server = find_server(redis_url, instance)
    store = Store(reach(server.url), server.instance, actor=_actor())
    if server.instance != DEFAULT_INSTANCE and not is_prepared(store):
        raise _unknown(store)
    prepare(store)
    return store


def prepare_store(redis_url: str | None = None, instance: str | None = None) -> Store:
    """A store whose instance is made when it is not there, for what works, produces or applies.

    Raises a FairleadError that says what to do.
    """
    server = find_server(redis_url, instance)
    store = Store(reach(server.url), server.instance, actor=_actor())
    prepare(store)
    return store


def _actor() -> str:
    """Who runs the command, for the events: a container may know its user by number only."""
    user = os.environ.get("LOGNAME") or os.environ.get("USER") or str(os.getuid())
    return f"cli:{user}"[:LONGEST_ACTOR] if user.isprintable() else "cli"


def _unknown(store: Store) -> UnknownInstance:
    name, found = store.keys.instance_name, find_instances(store)
    there = f"; there are {', '.join(found)}" if found else ""
    return UnknownInstance(f"no such instance {name!r}{there}; applying, producing or working makes a new one")
