"""An instance: whether it is there, how it is made, and whether it still is as it was made."""

from contextlib import suppress

from fairlead.domain.configuration import BASIC_PROFILE, ENDED_RETENTION_S
from fairlead.errors import RedisError, RedisRefused
from fairlead.store.keys import Keys, instance_of
from fairlead.store.procedure import Source, Steps, ask_one, procedure, run
from fairlead.store.rights import check_rights
from fairlead.store.transitions.configuring import prepare_instance

_LOOKS = 100
_KEYS_A_LOOK = 1_000
"""Looking for instances ends after 100,000 keys: it is for a message, and the server may be a large one."""


@procedure
def is_prepared(source: Source) -> Steps[bool]:
    """Whether the instance has a configuration. A plain read: a user who may only read can run no script."""
    return bool((yield from ask_one("HEXISTS", source.keys.instance, "version")))


@procedure
def prepare(source: Source) -> Steps[None]:
    """Give the instance its first configuration unless it has one. Raises RedisRefused when this user may not."""
    if (yield from is_prepared().steps(source)):
        return
    try:
        yield from check_rights().steps(source)
        yield from run(prepare_instance(source.keys))
    except RedisRefused as failure:
        raise RedisRefused(
            f"instance {source.keys.instance_name!r} has no configuration yet, and this user may not write one: run "
            f"`fairlead apply` as a user who may write ({failure})"
        ) from failure


@procedure
def default_profile(source: Source) -> Steps[str]:
    """The routing profile on which an unknown agent is made when nobody names one: none, once somebody has configured.

    An agent that an administrator left out is unknown on purpose.
    """
    version, configured = yield from ask_one("HMGET", source.keys.instance, "version", "configured")
    return BASIC_PROFILE if version and not configured else ""


@procedure
def ended_retention_s(source: Source) -> Steps[int]:
    """How long what has ended is kept."""
    found = yield from ask_one("HGET", source.keys.instance, "ended_retention_s")
    return int(found or ENDED_RETENTION_S)


@procedure
def find_instances(_: Source) -> Steps[list[str]]:
    """The instances that a bounded look at the store's server finds; none when the user may not look."""
    found: set[str] = set()
    cursor = 0
    with suppress(RedisError):
        for _look in range(_LOOKS):
            cursor, keys = yield from ask_one("SCAN", cursor, "MATCH", Keys("*").instance, "COUNT", _KEYS_A_LOOK)
            found |= {instance_of(key.decode()) for key in keys}
            if not cursor:
                break
    return sorted(found)
