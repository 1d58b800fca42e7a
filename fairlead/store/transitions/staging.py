"""A whole configuration is applied, however large, by scripts that are all short.

What differs is found by the digests of what is in force. A change that one script can make is made by one. A larger one
is put aside piece by piece, and begins as a whole: from then on it is completed whoever asks on or dies, object by
object, what others name before them, and nobody else changes the configuration meanwhile.
"""

from collections.abc import Iterator, Sequence
from uuid import uuid4

from fairlead.domain.configuration import Configuration
from fairlead.domain.objects import KINDS, Reference, references_of
from fairlead.errors import FairleadError
from fairlead.store.procedure import Source, Steps, ask_one, procedure, run
from fairlead.store.refusals import refusal_of
from fairlead.store.request import Argument, Request, nothing
from fairlead.store.transitions import configuring
from fairlead.store.transitions.sweeping import work_off

Group = list[Argument]
"""One object as the scripts take it: kind, name, version, digest, refers, described, how many values, values."""

MOST_COST = 400
"""About how often one script may ask Redis to write what changes."""

PIECE = 100
"""How many objects are put aside at a time."""

REMOVALS = 20
"""How many objects are looked at in one script, whether they are in use."""

COSTS = {"profile": 30, "agent": 25, "queue": 12}
"""About how often writing one of these asks Redis, beside a profile's entries; any other one asks less often."""


@procedure
def apply(source: Source, target: Configuration, version: int) -> Steps[int]:
    """The whole configuration becomes the target. Answers the new version when everything has been done.

    Raises ConfigurationChanged when it is no longer at `version`, unless it is as it is to be already, and what
    `put_object` and `remove_object` raise but ObjectExists: then nothing has changed.
    """
    lines = yield from _lines(source)
    puts, removals = _different(target, lines)
    groups = puts + removals
    if sum(map(_cost, groups)) <= MOST_COST:
        rest = [value for group in groups for value in group]
        applied = yield from run(configuring._applying(source.keys, target.hours, version, rest))
        yield from finish(source)
        return applied
    yield from _check(source, target, lines, removals)
    staging, place = uuid4().hex, 0
    now_us = source.clock() if source.clock else None
    for piece in _pieces(list(_in_order(target, puts, removals, now_us)), PIECE):
        rest = [value for group in piece for value in (*group[:2], _text(group))]
        yield from run(_stage(source, staging, place, rest))
        place += len(piece)
    yield from run(configuring._applying(source.keys, {}, version, staging=staging))
    yield from finish(source)
    return int((yield from ask_one("HGET", source.keys.instance, "version")))


@procedure
def attempt(source: Source, target: Configuration, version: int) -> Steps[int]:
    """Change nothing, and raise what applying would raise now. Answers the version that is in force."""
    lines = yield from _lines(source)
    puts, removals = _different(target, lines)
    if sum(map(_cost, puts + removals)) <= MOST_COST:
        rest = [value for group in puts + removals for value in group]
        return (yield from run(configuring._applying(source.keys, target.hours, version, rest, is_trial=True)))
    yield from _check(source, target, lines, removals)
    return (yield from run(configuring._applying(source.keys, {}, version, is_trial=True)))


def finish(source: Source) -> Steps[None]:
    """Do what the last changes have left to be done, step by step, until nothing is left."""
    while (yield from run(work_off(source.keys))):
        pass


def _lines(source: Source) -> Steps[dict[str, list[str]]]:
    """Of each object that is in force, as kind:name, what the store notes of it: version, digest, references."""
    row = yield from ask_one("HGETALL", source.keys.objects)
    pairs = row.items() if isinstance(row, dict) else zip(row[::2], row[1::2], strict=True)
    return {name.decode(): line.decode().split(" ", 2) for name, line in pairs}


def _different(target: Configuration, lines: dict[str, list[str]]) -> tuple[list[Group], list[Group]]:
    """What is to be written, each after what it names, and what is to be removed, the other way round."""
    every = list(configuring._all_groups(target))
    names = {_object(group) for group in every}
    puts = [group for group in every if lines.get(_object(group), ["", ""])[1] != group[3]]
    left = [object_.split(":", 1) for object_ in lines if object_ not in names]
    removals = [
        configuring._removal_group(kind, name) for kind in reversed(KINDS) for of, name in left if of == kind
    ]
    return puts, removals


def _object(group: Group) -> str:
    """How the store names the object: kind:name."""
    return ":".join(map(str, group[:2]))


def _pieces(groups: Sequence[Group], many: int) -> Iterator[Sequence[Group]]:
    return (groups[first : first + many] for first in range(0, len(groups), many))


def _cost(group: Group) -> int:
    kind, many = str(group[0]), 0
    if kind == "profile":
        many = sum(str(value).count(";") + 1 for value in group[7:])
    return COSTS.get(kind, 5) + many


def _check(source: Source, target: Configuration, lines: dict[str, list[str]], removals: list[Group]) -> Steps[None]:
    """Raises what refuses a configuration: an object that another one names is not there, or one is in use."""
    for group, references in _named(target):
        if refusal := _refusal(target, lines, group, references):
            raise refusal
    for piece in _pieces(removals, REMOVALS):
        rest: list[Argument] = [value for group in piece for value in (*group[:2], "")]
        yield from run(_stage(source, "", 0, rest))


def _named(target: Configuration) -> Iterator[tuple[Group, list[Reference]]]:
    """The instance as a whole and each object, with what they name."""
    yield configuring._instance_group(target), target.references()
    yield from ((configuring._object_group(one), references_of(one)) for one in target.objects())


def _refusal(
    target: Configuration, lines: dict[str, list[str]], group: Group, references: list[Reference]
) -> FairleadError | None:
    kind, name = map(str, group[:2])
    is_changed = lines.get(_object(group), ["", ""])[1] != group[3]
    for named in references:
        found = target.of_kind(named.kind).get(named.name)
        if not found:
            text = f"UNKNOWN_{named.kind.upper()} {named.name}"
        elif not getattr(found, "enabled", True) and named.kind == "status":
            text = f"STATUS_DISABLED {named.name}"
        else:
            continue
        was_there = f"{named.kind}:{named.name}" in lines
        if is_changed or (found and not was_there):
            return refusal_of(text)
        if was_there:
            return refusal_of(f"OBJECT_IN_USE {named.kind} {named.name} {kind} {name}")
    return None


def _in_order(
    target: Configuration, puts: list[Group], removals: list[Group], now_us: int | None
) -> Iterator[Group]:
    """Each change after those of what it names; when hours begin and end stands before the queues that keep them."""
    first = [group for group in puts if group[0] in ("status", "hours")]
    last = [group for group in puts if group[0] == "instance"]
    yield from first
    for one in target.hours.values():
        yield list(configuring._calendar_groups({one.name: one}, now_us))
    yield from (group for group in puts if group not in first + last)
    yield from last
    yield from removals


def _text(group: Group) -> bytes:
    """A change as one value: each of its values after its length."""
    values = [str(value).encode() for value in group]
    return b"".join(b"%d:%s" % (len(value), value) for value in values)


def _stage(source: Source, staging: str, place: int, rest: Sequence[Argument]) -> Request[None]:
    return Request(
        "stage_configuration",
        keys={"instance": source.keys.instance, "staged": source.keys.staged(staging)},
        args={"place": place},
        read=nothing,
        rest=tuple(rest),
    )
