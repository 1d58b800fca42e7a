"""An instance: whether it is there, how it is made, and whether it still is as it was made."""

from contextlib import suppress

from fairlead.domain.configuration import BASIC_PROFILE
from fairlead.errors import RedisError, RedisRefused
from fairlead.store.client import Store
from fairlead.store.keys import Keys, instance_of
from fairlead.store.transitions.configuring import prepare_instance

_LOOKS = 100
_KEYS_A_LOOK = 1_000
"""Looking for instances ends after 100,000 keys: it is for a message, and the server may be a large one."""

FIRST_VERSION = b"1"
"""What `prepare_instance` applies; whatever an administrator applies has a higher version."""


def is_prepared(store: Store) -> bool:
    """Whether the instance has a configuration. A plain read: a user who may only read can run no script."""
    return bool(store.client.hexists(store.keys.instance, "version"))


def prepare(store: Store) -> None:
    """Give the instance its first configuration unless it has one. Raises RedisRefused when this user may not."""
    if is_prepared(store):
        return
    try:
        store.run(prepare_instance(store.keys))
    except RedisRefused as failure:
        raise RedisRefused(
            f"instance {store.keys.instance_name!r} has no configuration yet, and this user may not write one: run "
            f"`fairlead apply` as a user who may write ({failure})"
        ) from failure


def default_profile(store: Store) -> str:
    """The routing profile on which an unknown agent is made when nobody names one: none, once somebody has configured.

    An agent that an administrator left out is unknown on purpose.
    """
    is_fresh = store.client.hget(store.keys.instance, "version") == FIRST_VERSION
    return BASIC_PROFILE if is_fresh else ""


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
