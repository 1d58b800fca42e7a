"""One object of the configuration that is in force, and the versions of objects."""

from collections.abc import Sequence
from typing import Any

from fairlead.domain.hours import read_hours
from fairlead.domain.objects import Kind, Object
from fairlead.store.client import Store
from fairlead.store.keys import Keys
from fairlead.store.reading.configuration import (
    AGENT_FIELDS,
    agent_from,
    profile_from,
    queue_from,
    status_from,
    with_description_of,
)
from fairlead.store.reading.plain import texts
from fairlead.store.refusals import unknown_object


def read_object(store: Store, kind: Kind, name: str) -> tuple[Object, int]:
    """An object and its version. Raises UnknownQueue, UnknownProfile, UnknownAgent, UnknownStatus or UnknownHours.

    The version is read first: who changes what was read with it is refused when another change came between.
    """
    pipeline = store.client.pipeline(transaction=False)
    pipeline.hget(store.keys.objects, f"{kind}:{name}")
    pipeline.hget(store.keys.descriptions, f"{kind}:{name}")
    _ask(pipeline, store.keys, kind, name)
    line, described, row = pipeline.execute()
    if line is None or not row:
        raise unknown_object(kind, name)
    return with_description_of(_object(kind, name, row), (described or b"").decode()), _version(line)


def read_versions(store: Store, kind: Kind, names: Sequence[str]) -> list[int | None]:
    """The version of each of some objects of one kind, in order; None for one that is not there."""
    if not names:
        return []
    lines = store.client.hmget(store.keys.objects, [f"{kind}:{name}" for name in names])
    return [None if line is None else _version(line) for line in lines]


def _version(line: bytes) -> int:
    return int(line.split(b" ", 1)[0])


def _ask(pipeline: Any, keys: Keys, kind: Kind, name: str) -> None:
    if kind == "queue":
        pipeline.hgetall(keys.queue(name))
    elif kind == "profile":
        pipeline.hgetall(keys.profile(name))
    elif kind == "agent":
        pipeline.hmget(keys.agent(name), AGENT_FIELDS)
    else:
        pipeline.hget(keys.statuses if kind == "status" else keys.calendars, name)


def _object(kind: Kind, name: str, row: Any) -> Object:
    if kind == "queue":
        return queue_from(name, texts(row))
    if kind == "profile":
        return profile_from(name, texts(row))
    if kind == "agent":
        return agent_from(name, row)
    return status_from(name, row.decode()) if kind == "status" else read_hours(name, row.decode())
