"""What an administrator asks: that one object, or a whole configuration, is applied, at once or not at all.

Every object has a version: that of the configuration which changed it last, so that it rises and never repeats. What
is as it is asked for already is no conflict, whatever its version: that is how a repeated request is recognised.
"""

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence

from fairlead.domain.agent import Agent, Status
from fairlead.domain.channel import CHANNELS
from fairlead.domain.configuration import Configuration, built_in_statuses, fresh_configuration
from fairlead.domain.hours import Hours, hours_text
from fairlead.domain.intake import Intake, intake_text
from fairlead.domain.objects import KINDS, Kind, Object, Reference, checked_kind, kind_of, references_of
from fairlead.domain.profile import RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.errors import InvalidConfiguration
from fairlead.store.keys import Keys
from fairlead.store.members import by_channel_text, channels_text, entries_text, limits_text
from fairlead.store.request import Argument, Request, or_empty
from fairlead.store.transitions.calendars import switch_values

NEW = 0
"""The version of an object that is not there yet."""

QUEUE_FIELDS = (
    "display_name", "max_attempts", "retry_delay_s", "service_level_s", "enabled", "max_contacts", "hours",
    "closed_policy", "overflow", "overflow_rank", "offer_to", "max_offers", "missed_slot_s",
    "status_after_misses", "missed_status", "offer_again_after_s", "agent_choice", "choice_proficiency",
    "raise_after_s", "raise_to", "overflow_after_s", "turn_away_when", "skip_steps_when",
)  # fmt: skip
"""The settings of a queue that are one value; those by channel are written beside them."""


def put_object(keys: Keys, target: Object, version: int) -> Request[int]:
    """Create an object (version NEW), or change the one that was read at a version. Answers its new version.

    Raises ConfigurationChanged when it has changed since, ObjectExists, UnknownQueue, UnknownProfile, UnknownAgent,
    UnknownStatus, UnknownHours or UnknownIntake when it or what it names is not there, StatusDisabled, ObjectInUse.
    """
    calendars = {target.name: target} if isinstance(target, Hours) else {}
    return _change(keys, _object_group(target, _checked_version(version)), calendars)


def remove_object(keys: Keys, kind: Kind, name: str, version: int) -> Request[int]:
    """Remove the object that was read at a version; one that is not there is removed. Answers the new version.

    Raises ConfigurationChanged when it has changed since, ObjectInUse, QueueInUse, AgentInUse, InvalidConfiguration for
    a status that every configuration has.
    """
    if checked_kind(kind) == "status" and name in built_in_statuses():
        raise InvalidConfiguration(f"status {name!r} cannot be removed: every configuration has it")
    return _change(keys, _removal_group(kind, name, _checked_version(version)), {})


def _checked_version(version: int) -> int:
    """The version itself; a script would take an empty one for whichever the object has."""
    if not isinstance(version, int):
        raise InvalidConfiguration(
            f"version {version!r:.80} is no version: give the one that was read, or {NEW} for a new object"
        )
    return version


def _change(keys: Keys, group: list[Argument], calendars: Mapping[str, Hours]) -> Request[int]:
    return Request(
        "change_object",
        keys={"instance": keys.instance, "applying": keys.applying},
        args={},
        read=int,
        rest=tuple(group),
        request_id=_named_by("change_object", group) if group[2] else "",  # what is new may be made twice
        dated=lambda now_us: _calendar_groups(calendars, now_us),
    )


def prepare_instance(keys: Keys) -> Request[int]:
    """Give a fresh instance its first configuration; an instance that has one keeps it. Answers the version."""
    return _apply(keys, fresh_configuration(), "fresh")


def apply_configuration(
    keys: Keys, target: Configuration, current_version: int, current: Configuration | None = None
) -> Request[int]:
    """The whole configuration becomes the target, at once or not at all. Answers the new version.

    `current`: what it is at `current_version`, when that is known: then only what differs is sent.
    Raises ConfigurationChanged when it is no longer at `current_version`, and what `put_object` and `remove_object`
    raise but ObjectExists.
    """
    return _apply(keys, target, current_version, current)


def try_configuration(
    keys: Keys, target: Configuration, current_version: int, current: Configuration | None = None
) -> Request[int]:
    """Change nothing, and raise what applying would raise now. Answers the version that is in force."""
    return _apply(keys, target, current_version, current, is_trial=True)


def _apply(
    keys: Keys,
    target: Configuration,
    expected: int | str,
    current: Configuration | None = None,
    *,
    is_trial: bool = False,
) -> Request[int]:
    groups = _all_groups(target) if current is None else _different_groups(current, target)
    rest = [value for group in groups for value in group]
    return _applying(keys, target.hours, expected, rest, is_whole=current is None, is_trial=is_trial)


def _applying(
    keys: Keys,
    hours: Mapping[str, Hours],
    expected: int | str,
    rest: Sequence[Argument] = (),
    *,
    is_whole: bool = False,
    is_trial: bool = False,
    staging: str = "",
) -> Request[int]:
    return Request(
        "apply_configuration",
        keys={"instance": keys.instance, "staged": keys.staged(staging), "applying": keys.applying},
        args={"expected": expected, "is_whole": int(is_whole), "is_trial": int(is_trial), "staging": staging},
        read=int,
        rest=tuple(rest),
        dated=lambda now_us: _calendar_groups(hours, now_us),
        request_id="" if is_trial or expected == "fresh" else _named_by(expected, is_whole, staging, rest),
    )


def _named_by(*asked: object) -> str:
    """The name of a change by what is asked and which version it was planned against: to ask for just that once more is
    to repeat it.
    """
    return "=" + hashlib.blake2b(repr(asked).encode(), digest_size=16).hexdigest()


def _all_groups(target: Configuration) -> Iterator[list[Argument]]:
    yield _instance_group(target)
    for one in target.objects():
        yield _object_group(one)


def _different_groups(current: Configuration, target: Configuration) -> Iterator[list[Argument]]:
    if _instance_values(current) != _instance_values(target):
        yield _instance_group(target)
    for kind in KINDS:
        before, after = current.of_kind(kind), target.of_kind(kind)
        yield from (_removal_group(kind, name) for name in before if name not in after)
        yield from (_object_group(one) for name, one in after.items() if before.get(name) != one)


def _instance_group(target: Configuration) -> list[Argument]:
    return _group("instance", "", "", _instance_values(target), _refers(target.references()))


def _object_group(one: Object, version: Argument = "") -> list[Argument]:
    return _group(kind_of(one), one.name, version, _values_of(one), _refers(references_of(one)), described_text(one))


def _refers(references: Sequence[Reference]) -> str:
    return " ".join(f"{reference.kind}:{reference.name}" for reference in references)


def _removal_group(kind: Kind, name: str, version: Argument = "") -> list[Argument]:
    return [kind, name, version, "", "", "", 0]


def _group(
    kind: str, name: str, version: Argument, values: list[Argument], refers: str = "", described: str = ""
) -> list[Argument]:
    """One object as the scripts take it. `version`: the one that it must have; empty: whatever it has."""
    text = json.dumps([refers, described, *values])  # texts may have lines: a line each would not tell them apart
    digest = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
    return [kind, name, version, digest, refers, described, len(values), *values]


def _calendar_groups(hours: Mapping[str, Hours], now_us: int | None) -> Iterator[Argument]:
    """When hours of operation begin and end, by the store's clock or else by this machine's."""
    at_s = time.time() if now_us is None else now_us / 1e6
    for one in hours.values():
        values = list(switch_values(one, at_s))
        yield from ("calendar", one.name, "", "", "", "", len(values), *values)


def _values_of(one: Object) -> list[Argument]:
    """What the scripts know of an object: the fields of its hash, or the one text."""
    if isinstance(one, Queue):
        return _queue_values(one)
    if isinstance(one, RoutingProfile):
        return _profile_values(one)
    if isinstance(one, Agent):
        skills, skillset = _skillset(one)
        return [
            "profile", one.profile, "display_name", one.display_name, "accepts", " ".join(sorted(one.auto_accept)),
            "skills", skills, "skillset", skillset, "acw", by_channel_text(one.acw_s),
            "windows", by_channel_text(one.offer_window_ms), "overflow", one.overflow,
            "overflow_after_s", or_empty(one.overflow_after_s),
        ]  # fmt: skip
    if isinstance(one, Intake):
        return [intake_text(one)]
    return [status_text(one) if isinstance(one, Status) else hours_text(one)]


def status_text(status: Status) -> str:
    """How the store keeps a status: its type, and whether it is disabled."""
    return status.type if status.enabled else f"{status.type} disabled"


def described_text(one: Object) -> str:
    """What of an object is for people alone, as JSON; empty when there is nothing. No script reads it."""
    fields = ("description", "labels", *(("display_name",) if isinstance(one, Status | Hours | Intake) else ()))
    given = {field: getattr(one, field) for field in fields if getattr(one, field)}
    return json.dumps(given, ensure_ascii=False, sort_keys=True) if given else ""


def _instance_values(target: Configuration) -> list[Argument]:
    return [
        "ended_retention_s", target.ended_retention_s, "events_kept", target.events_kept,
        "measures_kept_s", target.measures_kept_s, "agent_queue_overflow", target.agent_queue_overflow,
        "agent_queue_overflow_after_s", or_empty(target.agent_queue_overflow_after_s),
    ]  # fmt: skip


def _queue_values(queue: Queue) -> list[Argument]:
    """What each contact asks for stands first, where Redis finds it soonest."""
    is_limited = queue.max_contacts is not None or queue.turn_away_when != "never"
    admits_all = queue.enabled and not is_limited and not queue.hours
    fields: list[Argument] = ["admits_all", int(admits_all)]
    for channel in CHANNELS:
        fields += [f"expiry:{channel}", queue.expiry_s.get(channel, 0), f"acw:{channel}", queue.acw_s.get(channel, 0)]
    for channel in CHANNELS:
        fields += [channel, queue.offer_window_ms[channel]]
    for name in QUEUE_FIELDS:
        value = getattr(queue, name)
        fields += [name, "" if value is None else int(value) if isinstance(value, bool) else value]
    return fields


def _profile_values(profile: RoutingProfile) -> list[Argument]:
    fields: list[Argument] = ["display_name", profile.display_name]
    fields += ["channels", channels_text(profile.channels)]
    routed = [entry for entry in profile.entries if not entry.manual_only]
    by_hand = [entry for entry in profile.entries if entry.manual_only]
    fields += ["entries", entries_text(sorted(routed, key=lambda entry: entry.priority))]
    fields += ["manual", "".join(f" {entry.queue}:{entry.channel}" for entry in by_hand) + " "]
    fields += ["manual_entries", entries_text(by_hand)]
    if limits := limits_text(profile):
        fields += ["limits", limits + " "]
    fields += ["weighted", int(profile.sharing == "weighted")]
    fields += ["outbound_queue", profile.outbound_queue]
    fields += ["inbound_timer", int(profile.agent_availability_timer == "since_last_inbound")]
    return fields


def _skillset(agent: Agent) -> tuple[str, str]:
    """An agent's proficiencies as the scripts read them, and their short name; "" and "-" for none."""
    if not agent.proficiencies:
        return "", "-"
    text = "," + ",".join(f"{name}={level}" for name, level in sorted(agent.proficiencies.items())) + ","
    return text, hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
