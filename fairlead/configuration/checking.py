"""What each part of a configuration allows, but the whole does not: within one object, and between objects."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from fairlead.configuration.converting import configuration_of
from fairlead.configuration.document import (
    SECTIONS,
    AgentDocument,
    Document,
    InstanceDocument,
    IntakeDocument,
    ObjectDocument,
    ProfileDocument,
    QueueDocument,
    StatusDocument,
)
from fairlead.configuration.hints import hint
from fairlead.domain.agent import Status
from fairlead.domain.channel import MAX_SLOTS, Channel
from fairlead.domain.conditions import parse_condition
from fairlead.domain.configuration import Configuration, built_in_statuses
from fairlead.domain.intake import MOST_QUEUES_READ
from fairlead.domain.names import agent_queue
from fairlead.domain.objects import Reference, references_of

Problem: TypeAlias = tuple[Sequence[str | int], str]
"""(path, what is wrong)."""


def problems_of(document: Document) -> Iterator[Problem]:
    """What each part of a file allows, but the whole does not."""
    configuration = configuration_of(document)
    yield from ((("instance", *path), why) for path, why in instance_problems(document.instance))
    for reference in configuration.references():
        if why := _why_dangling(configuration, reference):
            yield ("instance", reference.field), why
    for kind, section in SECTIONS.items():
        for name, one in getattr(document, section).items():
            yield from (((section, name, *path), why) for path, why in own_problems(name, one))
            for reference in references_of(configuration.of_kind(kind)[name]):
                if why := _why_dangling(configuration, reference):
                    yield (section, name, *_place_of(reference, one)), why


def instance_problems(one: InstanceDocument) -> Iterator[Problem]:
    """What each setting of the instance allows, but not all of them together. The paths begin within it."""
    yield from _halves("agent_queue_overflow", one.agent_queue_overflow, one.agent_queue_overflow_after_s)


def own_problems(name: str, one: ObjectDocument) -> Iterator[Problem]:
    """What each setting of an object allows, but not all of them together. The paths begin within the object."""
    if isinstance(one, QueueDocument):
        yield from _queue_problems(name, one)
    elif isinstance(one, ProfileDocument):
        yield from _profile_problems(one)
    elif isinstance(one, IntakeDocument):
        yield from _intake_problems(one)
    elif isinstance(one, AgentDocument):
        yield from _halves("overflow", one.overflow, one.overflow_after_s)
    elif isinstance(one, StatusDocument) and name in built_in_statuses():
        if one.type != built_in_statuses()[name].type:
            yield ("type",), "this status is built in, with another type"
        if not one.enabled:
            yield ("enabled",), "this status is built in, and cannot be disabled"


def _why_dangling(configuration: Configuration, reference: Reference) -> str:
    """Why an object cannot name another one; empty when it can."""
    there = configuration.of_kind(reference.kind)
    one = there.get(reference.name)
    if one is None:
        kind = "hours of operation" if reference.kind == "hours" else reference.kind
        return f"no {kind} {reference.name!r} in this file{hint(reference.name, there)}"
    is_disabled = isinstance(one, Status) and not one.enabled
    return f"status {reference.name!r} is disabled: nobody can be put into it" if is_disabled else ""


def _place_of(reference: Reference, one: ObjectDocument) -> tuple[str | int, ...]:
    """Where in its document an object names another one."""
    if isinstance(one, ProfileDocument) and reference.field == "entries":
        place = next(place for place, entry in enumerate(one.entries) if entry.queue == reference.name)
        return ("entries", place, "queue")
    if isinstance(one, IntakeDocument):
        return _place_in_rules(reference, one)
    return (reference.field,)


def _place_in_rules(reference: Reference, intake: IntakeDocument) -> tuple[str | int, ...]:
    target = agent_queue(reference.name) if reference.kind == "agent" else reference.name
    for place, rule in enumerate(intake.rules):
        if rule.queue == target:
            return ("rules", place, "queue")
        if target in (queue for queue, _ in parse_condition(rule.when).queues):
            return ("rules", place, "when")
    return ("default", "queue")


def _halves(field: str, queue: str | None, after_s: int | None) -> Iterator[Problem]:
    """An agent's own queue overflows after a time, into a queue: neither means anything without the other."""
    if queue and after_s is None:
        yield (field,), f"also needs {field}_after_s"
    if after_s is not None and not queue:
        yield (f"{field}_after_s",), f"also needs {field}"


def _intake_problems(intake: IntakeDocument) -> Iterator[Problem]:
    read = {queue for rule in intake.rules for queue, _ in parse_condition(rule.when).queues}
    if len(read) > MOST_QUEUES_READ:
        yield ("rules",), f"the conditions ask about {len(read)} queues; at most {MOST_QUEUES_READ} are allowed"


def _queue_problems(name: str, queue: QueueDocument) -> Iterator[Problem]:
    if queue.overflow == name:
        yield ("overflow",), "a queue cannot overflow into itself"
    by_level = queue.agent_choice == "highest_proficiency"
    if queue.choice_proficiency and not by_level:
        yield ("choice_proficiency",), 'also needs agent_choice = "highest_proficiency"'
    for field, needs in (
        ("agent_choice", "choice_proficiency" if by_level and not queue.choice_proficiency else ""),
        ("closed_policy", "hours" if queue.closed_policy != "hold" and not queue.hours else ""),
        ("closed_policy", "overflow" if queue.closed_policy == "overflow" and not queue.overflow else ""),
        ("overflow_after_s", "overflow" if queue.overflow_after_s is not None and not queue.overflow else ""),
        ("status_after_misses", "missed_status" if queue.status_after_misses and not queue.missed_status else ""),
    ):
        if needs:
            yield (field,), f"also needs {needs}"


def _profile_problems(profile: ProfileDocument) -> Iterator[Problem]:
    for channel, one in profile.channels.items():
        if one.slots > MAX_SLOTS[channel]:
            yield ("channels", channel, "slots"), f"{one.slots} is above {MAX_SLOTS[channel]}, the most for {channel}"
    seen: set[tuple[str, Channel, bool]] = set()
    limits: dict[tuple[str, Channel], int | None] = {}
    for place, entry in enumerate(profile.entries):
        for channel in entry.channel_list():
            if channel not in profile.channels:
                yield ("entries", place, "channel"), f"the profile has no slots for {channel}: add channels.{channel}"
            if (entry.queue, channel, entry.manual_only) in seen:
                yield ("entries", place), f"{entry.queue} on {channel} is in this profile already"
            seen.add((entry.queue, channel, entry.manual_only))
            most = entry.max_contacts
            if most is not None and channel in profile.channels and most > profile.channels[channel].slots:
                slots = f"the slots of {channel} ({profile.channels[channel].slots})"
                yield ("entries", place, "max_contacts"), f"{most} is above {slots}"
            if limits.setdefault((entry.queue, channel), most) != most:
                told = f"{entry.queue} on {channel} has another max_contacts in this profile already"
                yield ("entries", place, "max_contacts"), told
