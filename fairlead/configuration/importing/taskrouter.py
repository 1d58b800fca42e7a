"""Twilio's TaskRouter: task queues, workflows, workers and activities, as its API and its command line give them.

A worker is in the queues whose expression holds for its attributes; workers of the same queues and channels share a
profile. A workflow becomes an intake.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from fairlead.configuration.importing.amazon import snake
from fairlead.configuration.importing.draft import BUILT_IN, Draft
from fairlead.configuration.importing.expressions import NotUnderstood, holds
from fairlead.configuration.importing.sources import Source, json_documents, mapping, mappings, text, truth, whole
from fairlead.configuration.importing.workflows import add_intakes
from fairlead.domain.channel import MAX_SLOTS, Channel
from fairlead.domain.criteria import HIGHEST_LEVEL
from fairlead.domain.names import LONGEST_NAME, allowed_name
from fairlead.domain.queue import MOST_RINGS
from fairlead.errors import InvalidConfiguration

Kind: TypeAlias = Literal["queue", "workflow", "worker", "activity", "channel", "capacity", "workspace"]

CHANNELS: dict[str, Channel] = {
    "voice": "voice", "chat": "chat", "sms": "chat", "messaging": "chat", "email": "email", "default": "task",
    "task": "task", "video": "voice",
}  # fmt: skip
"""Task channels by their unique name; any other one is `task`."""

DEFAULT_CHANNELS: dict[Channel, int] = {"chat": 1, "task": 1, "voice": 1}
"""What a worker may do where the files do not tell its channels: one of each."""


def read(sources: Sequence[Source]) -> Draft:
    """The draft that TaskRouter's objects describe. Raises InvalidConfiguration."""
    draft = Draft()
    found: defaultdict[Kind, list[dict[str, Any]]] = defaultdict(list)
    for source in sources:
        objects = [one for document in json_documents(source) for one in _objects(document)]
        known: list[tuple[Kind, dict[str, Any]]] = [(kind, one) for one in objects if (kind := kind_of(one))]
        if not known:
            raise InvalidConfiguration(
                f"{source.name}: has no task queue, workflow, worker or activity: give what TaskRouter's API answers"
            )
        for kind, one in known:
            found[kind].append(one)
    for activity in found["activity"]:
        _add_activity(draft, activity)
    for queue in found["queue"]:
        _add_queue(draft, queue)
    add_intakes(draft, found["workflow"])
    _add_workers(draft, found["worker"], found["queue"], found["capacity"])
    return draft


def kind_of(one: Mapping[str, Any]) -> Kind | None:
    """What an object is, by its fields; None: nothing of TaskRouter."""
    if "target_workers" in one:
        return "queue"
    if "configured_capacity" in one:
        return "capacity"
    if "task_routing" in one or ("configuration" in one and "friendly_name" in one):
        return "workflow"
    if "attributes" in one and ("activity_sid" in one or "activity_name" in one or "friendly_name" in one):
        return "worker"
    if "default_activity_sid" in one or "multi_task_enabled" in one:
        return "workspace"
    if "channel_optimized_routing" in one:
        return "channel"
    return "activity" if "available" in one and "friendly_name" in one else None


def is_taskrouter(document: Any) -> bool:
    """Whether a JSON document has an object of TaskRouter."""
    return any(kind_of(one) for one in _objects(document))


def _objects(document: Any) -> Iterator[dict[str, Any]]:
    """The objects of an answer: one, a list, or a page of them."""
    for one in (_lowered(each) for each in mappings(document)):
        if kind_of(one):
            yield one
            continue
        for listed in one.values():
            yield from (inner for inner in mappings(listed) if isinstance(listed, list))


def _lowered(value: Any) -> Any:
    """The value with all keys in lower case, but for the attributes of workers, whose names are people's own."""
    if isinstance(value, dict):
        return {snake(str(key)): one if key == "attributes" else _lowered(one) for key, one in value.items()}
    return [_lowered(one) for one in value] if isinstance(value, list) else value


def _keys(one: Mapping[str, Any]) -> tuple[str, str]:
    """By what others name it, and what it is called."""
    called = text(one.get("friendly_name"))
    return text(one.get("sid")) or called, called


def _add_activity(draft: Draft, one: Mapping[str, Any]) -> None:
    key, called = _keys(one)
    if called in BUILT_IN:
        return
    draft.add("statuses", key, called, {"type": "routable" if truth(one.get("available")) else "custom"})


def _add_queue(draft: Draft, one: Mapping[str, Any]) -> None:
    key, called = _keys(one)
    name = draft.add("queues", key, called, {})
    if text(one.get("task_order")).upper() == "LIFO":
        draft.say("queues", name, "task order LIFO: here who waits longest is first")
    most = whole(one.get("max_reserved_workers"))
    if isinstance(most, int) and most > 1:
        draft.objects["queues"][name]["offer_to"] = min(most, MOST_RINGS)


def _add_workers(
    draft: Draft, workers: Sequence[Mapping[str, Any]], queues: Sequence[Mapping[str, Any]],
    capacities: Sequence[Mapping[str, Any]],
) -> None:  # fmt: skip
    slots = _slots(capacities)
    profiles: dict[tuple[Any, ...], str] = {}
    if workers and not slots:
        draft.say("", "", "how much each worker may do is not in the files (worker channels): one of each channel")
    if queues and not workers:
        draft.say("", "", "without workers there are neither agents nor profiles: give the workers, too")
    for one in workers:
        key, called = _keys(one)
        attributes = _attributes(one)
        serves = tuple(name for queue in queues if (name := _served(draft, queue, attributes)))
        channels = tuple(sorted(slots.get(key, DEFAULT_CHANNELS).items()))
        if (serves, channels) not in profiles:
            entries = [{"queue": name, "channels": [channel for channel, _ in channels]} for name in serves]
            profile = allowed_name("-".join(serves))[:LONGEST_NAME] or "NoQueue"
            profiles[serves, channels] = draft.add("profiles", f"{serves} {channels}", profile, {
                "channels": {channel: {"slots": count} for channel, count in channels}, "entries": entries,
            })  # fmt: skip
        values = {"profile": profiles[serves, channels], "proficiencies": dict(_proficiencies(attributes))}
        name = draft.add("agents", key, called, values)
        draft.lacks("agents", name, (f"attribute {one}" for one in attributes if one not in _TAKEN))


_TAKEN = {"routing", "skills", "languages", "contact_uri", "email", "full_name", "image_url", "roles"}


def _slots(capacities: Sequence[Mapping[str, Any]]) -> dict[str, dict[Channel, int]]:
    """How many contacts of each channel each worker may have; several task channels of one channel add up."""
    found: defaultdict[str, dict[Channel, int]] = defaultdict(dict)
    for one in capacities:
        count = whole(one.get("configured_capacity"))
        channel = CHANNELS.get(text(one.get("task_channel_unique_name")).lower(), "task")
        if isinstance(count, int) and count > 0 and one.get("available") is not False:
            slots = found[text(one.get("worker_sid"))]
            slots[channel] = min(slots.get(channel, 0) + count, MAX_SLOTS[channel])
    return dict(found)


def _attributes(one: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of a worker, which are JSON in a text."""
    given = one.get("attributes")
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            return {}
    return mapping(given)


def _served(draft: Draft, queue: Mapping[str, Any], attributes: Mapping[str, Any]) -> str | None:
    """The name of a queue when a worker of these attributes serves it."""
    name = draft.of("queues", _keys(queue)[0])
    expression = text(queue.get("target_workers"))
    try:
        return name if holds(expression, attributes) else None
    except NotUnderstood as failure:
        note = f"nobody serves it: its expression {expression[:80]!r} is not understood: {failure}"
        if name and not any(one.text == note for one in draft.notes):
            draft.say("queues", name, note)
        return None


def _proficiencies(attributes: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Skills and languages, with the levels that Flex keeps; without one it is 1."""
    routing = mapping(attributes.get("routing"))
    levels = mapping(routing.get("levels"))
    skills = _list_of(routing.get("skills")) + _list_of(attributes.get("skills"))
    for attribute, listed in (("Skill", skills), ("Language", _list_of(attributes.get("languages")))):
        for each in listed:
            level = whole(levels.get(text(each), 1))
            if allowed_name(text(each)):
                value = max(1, min(level, HIGHEST_LEVEL)) if isinstance(level, int) else 1
                yield f"{attribute}:{allowed_name(text(each))}", value


def _list_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
