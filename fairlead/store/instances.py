"""An instance: whether it is there, how it is made, and whether it still is as it was made."""

from contextlib import suppress

from fairlead.domain.configuration import BASIC_PROFILE, ENDED_RETENTION_S
from fairlead.errors import FairleadError, InstanceTooNew, InstanceTooOld, RedisError, RedisRefused
from fairlead.store.keys import LAYOUT, MIGRATING, Keys, instance_of
from fairlead.store.procedure import Source, Steps, ask_one, procedure, run
from fairlead.store.rights import check_rights
from fairlead.store.transitions.configuring import prepare_instance

_LOOKS = 100
_KEYS_A_LOOK = 1_000
"""Looking for instances ends after 100,000 keys: it is for a message, and the server may be a large one."""


@procedure
def is_prepared(source: Source) -> Steps[bool]:
    """Whether the instance has a configuration. A plain read: a user who may only read can run no script.

    Raises InstanceTooNew, InstanceTooOld when its keys have another layout than this program's.
    """
    version, layout = yield from ask_one("HMGET", source.keys.instance, "version", "layout")
    if version and layout != str(LAYOUT).encode():
        raise _other_layout(source.keys.instance_name, layout)
    return bool(version)


def _other_layout(instance: str, layout: bytes | None) -> FairleadError:
    if layout is None:
        return InstanceTooOld(
            f"instance {instance!r} belongs to an older Fairlead: its keys have no layout, and this one knows "
            f"{LAYOUT}: `fairlead migrate` takes it over, see docs/upgrading.md; nothing was changed"
        )
    if int(layout) == MIGRATING:
        return InstanceTooOld(
            f"instance {instance!r} is not whole yet: the data of an older Fairlead is being taken over into it; run "
            "`fairlead migrate` again if it has died, see docs/upgrading.md; nothing was changed"
        )
    return InstanceTooNew(
        f"instance {instance!r} belongs to a newer Fairlead: its keys have layout {int(layout)}, and this one knows "
        f"{LAYOUT}: upgrade this program; nothing was changed"
    )


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
