"""Which instance is asked, and whether it is there."""

from contextvars import ContextVar

from fairlead.errors import UnknownInstance
from fairlead.server.finding import Server, find_server, reach
from fairlead.store.client import Store
from fairlead.store.instances import find_instances, is_prepared, prepare
from fairlead.store.keys import DEFAULT_INSTANCE
from fairlead.store.rights import check_rights

ACTOR: ContextVar[str] = ContextVar("actor", default="")
"""Who asks by what is opened from here on, as events tell it: a program sets it once."""


def open_store(url: str | None = None, instance: str | None = None, actor: str = "") -> Store:
    """A store of an existing instance, for programs that read it or change what is in it.

    The default instance is made, since newcomers look before anything works; an instance that was named is not, since
    the name may be misspelt. Raises UnknownInstance, and a FairleadError that says what to do.
    """
    server = find_server(url, instance)
    store = Store(reach(server.url, server.instance), server.instance, actor=actor or ACTOR.get())
    if server.instance != DEFAULT_INSTANCE and not store.run(is_prepared()):
        raise _unknown(store)
    store.run(prepare())
    return store


def prepare_store(url: str | None = None, instance: str | None = None, actor: str = "") -> Store:
    """A store whose instance is made when it does not exist, for programs that work, produce or apply.

    Raises RedisRefused when this user lacks a right that they need, and a FairleadError that says what to do.
    """
    server = find_server(url, instance)
    store = Store(reach(server.url, server.instance), server.instance, actor=actor or ACTOR.get())
    store.run(prepare())
    store.run(check_rights())
    return store


def reach_store(url: str) -> Store:
    """A store on a server that is known to serve, for what is asked of the server alone."""
    return Store(reach(url))


def find_instance(url: str | None, instance: str | None, *, makes_instance: bool) -> Server:
    """Where an instance is, once it is known to be there. Raises as `open_store` and `prepare_store`."""
    store = prepare_store(url, instance) if makes_instance else open_store(url, instance)
    store.close()
    return find_server(url, instance)


def _unknown(store: Store) -> UnknownInstance:
    name, found = store.keys.instance_name, store.run(find_instances())
    there = f"; there are {', '.join(found)}" if found else ""
    return UnknownInstance(f"no such instance {name!r}{there}; applying, producing or working makes a new one")
