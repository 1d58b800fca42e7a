"""An instance is made by whoever opens it first."""

from fairlead.errors import RedisRefused
from fairlead.store.client import Store
from fairlead.store.transitions.administering import prepare_instance


def is_prepared(store: Store) -> bool:
    """Whether the instance has a configuration. Asked without a script: whoever may only read can run none."""
    return bool(store.client.hexists(store.keys.instance, "version"))


def prepare(store: Store) -> None:
    """Give the instance its first configuration unless it has one. Raises RedisRefused when this user may not."""
    if is_prepared(store):
        return
    try:
        store.run(prepare_instance(store.keys))
    except RedisRefused as failure:
        raise RedisRefused(
            f"instance {store.keys.instance_name!r} was never prepared, and this user may not do it: run "
            f"`fairlead apply` with a configuration, as a user who may write ({failure})"
        ) from failure
