"""Which instance is asked, and whether it is there."""

from fairlead.errors import UnknownInstance
from fairlead.server.finding import Server, find_server, reach
from fairlead.store.client import Store
from fairlead.store.instances import find_instances, is_prepared, prepare
from fairlead.store.keys import DEFAULT_INSTANCE


def open_store(url: str | None = None, instance: str | None = None) -> Store:
    """A store of an instance that is there, for what only reads it or changes what is in it.

    The default instance is made, since a newcomer looks before anything works; a name that somebody gave is not, since
    it may be a misspelt one. Raises UnknownInstance, and a FairleadError that says what to do.
    """
    server = find_server(url, instance)
    store = Store(reach(server.url), server.instance)
    if server.instance != DEFAULT_INSTANCE and not store.run(is_prepared()):
        raise _unknown(store)
    store.run(prepare())
    return store


def prepare_store(url: str | None = None, instance: str | None = None) -> Store:
    """A store whose instance is made when it is not there, for what works, produces or applies.

    Raises a FairleadError that says what to do.
    """
    server = find_server(url, instance)
    store = Store(reach(server.url), server.instance)
    store.run(prepare())
    return store


def find_instance(url: str | None, instance: str | None, *, makes_instance: bool) -> Server:
    """Where an instance is, once it is known to be there. Raises as `open_store` and `prepare_store`."""
    store = prepare_store(url, instance) if makes_instance else open_store(url, instance)
    store.close()
    return find_server(url, instance)


def _unknown(store: Store) -> UnknownInstance:
    name, found = store.keys.instance_name, store.run(find_instances())
    there = f"; there are {', '.join(found)}" if found else ""
    return UnknownInstance(f"no such instance {name!r}{there}; applying, producing or working makes a new one")
