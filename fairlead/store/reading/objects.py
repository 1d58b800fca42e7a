"""One object of the configuration that is in force, and the versions of objects."""

from collections.abc import Sequence
from typing import Any

from fairlead.domain.hours import read_hours
from fairlead.domain.intake import read_intake
from fairlead.domain.objects import Kind, Object, checked_kind
from fairlead.store.keys import Keys
from fairlead.store.procedure import Source, Steps, ask, ask_one, procedure
from fairlead.store.reading.configuration import (
    AGENT_FIELDS,
    agent_from,
    is_there,
    profile_from,
    queue_from,
    status_from,
    with_description_of,
)
from fairlead.store.reading.plain import texts
from fairlead.store.refusals import unknown_object


@procedure
def object_in_force(source: Source, kind: Kind, name: str) -> Steps[tuple[Object, int]]:
    """An object and its version. Raises UnknownQueue, UnknownProfile, UnknownAgent, UnknownStatus, UnknownHours or
    UnknownIntake.

    The version is read first: who changes what was read with it is refused when another change came between.
    """
    line, described, row = yield from ask(
        ("HGET", source.keys.objects, f"{checked_kind(kind)}:{name}"),
        ("HGET", source.keys.descriptions, f"{kind}:{name}"),
        _question(source.keys, kind, name),
    )
    if line is None or not is_there(kind, row):
        raise unknown_object(kind, name)
    return with_description_of(_object(kind, name, row), (described or b"").decode()), _version(line)


@procedure
def versions(source: Source, kind: Kind, names: Sequence[str]) -> Steps[list[int | None]]:
    """The version of each of some objects of one kind, in order; None for one that is not there."""
    if not names:
        return []
    lines = yield from ask_one("HMGET", source.keys.objects, *(f"{kind}:{name}" for name in names))
    return [None if line is None else _version(line) for line in lines]


def _version(line: bytes) -> int:
    return int(line.split(b" ", 1)[0])


def _question(keys: Keys, kind: Kind, name: str) -> tuple[str, ...]:
    if kind == "queue":
        return ("HGETALL", keys.queue(name))
    if kind == "profile":
        return ("HGETALL", keys.profile(name))
    if kind == "agent":
        return ("HMGET", keys.agent(name), *AGENT_FIELDS)
    tables = {"status": keys.statuses, "hours": keys.calendars, "intake": keys.intakes}
    return ("HGET", tables[kind], name)


def _object(kind: Kind, name: str, row: Any) -> Object:
    if kind == "queue":
        return queue_from(name, texts(row))
    if kind == "profile":
        return profile_from(name, texts(row))
    if kind == "agent":
        return agent_from(name, row)
    if kind == "intake":
        return read_intake(name, row.decode())
    return status_from(name, row.decode()) if kind == "status" else read_hours(name, row.decode())
