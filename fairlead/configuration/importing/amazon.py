"""What Terraform, CloudFormation and the AWS CLI tell of an Amazon Connect instance: the same in three spellings.

Each brings its objects as resources with keys in lower case (`hours_of_operation_id`) and references as the keys of
other resources; here they become objects of a draft.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import Any, Literal, TypeAlias

from fairlead.configuration.importing.draft import BUILT_IN, Draft, Section
from fairlead.configuration.importing.sources import mapping, mappings, text, truth, whole
from fairlead.domain.hours import DAYS
from fairlead.domain.names import allowed_name
from fairlead.domain.queue import LONGEST_ACW_S

Kind: TypeAlias = Literal["hours", "status", "queue", "profile", "user", "other"]

SECTION_OF: dict[Kind, Section] = {
    "hours": "hours", "status": "statuses", "queue": "queues", "profile": "profiles", "user": "agents",
}  # fmt: skip

KIND_OF: dict[str, Kind] = {
    "hoursofoperation": "hours", "agentstatus": "status", "queue": "queue", "routingprofile": "profile", "user": "user",
}  # fmt: skip
"""Kinds by the name of the type, without `aws_connect_`, `AWS::Connect::` and underscores."""

UNLIMITED = "unlimited"
"""After-contact work without a limit, as the configuration file says it."""

MOST_DAYS = 400
"""Days of one override that differs by weekday, and so is written out week after week."""

_UNSAID = {
    "name", "username", "description", "tags", "tags_all", "id", "arn", "instance_id", "instance_arn", "region", "type",
    "queue_id", "queue_arn", "routing_profile_id", "routing_profile_arn", "user_id", "hours_of_operation_id",
    "hours_of_operation_arn", "agent_status_id", "agent_status_arn", "last_modified_time",
    "last_modified_region", "provider", "depends_on", "lifecycle", "queue_type", "number_of_associated_queues",
    "number_of_associated_users", "number_of_associated_manual_assignment_queues", "associated_queue_ids",
    "associated_manual_assignment_queue_ids", "is_default", "password", "timeouts",
}  # fmt: skip
"""Keys that concern the other system alone, and so are nothing that is lost."""


@dataclass(slots=True)
class Resource:
    """One object of the other system. `keys`: all by which others may name it; `place`: where it stands."""

    kind: Kind
    place: str
    values: Mapping[str, Any]
    keys: Sequence[str] = ()
    notes: list[str] = field(default_factory=list)


def kind_of(type_name: str) -> Kind:
    """Of which kind a resource is, by its type."""
    plain = re.sub(r"^(aws_connect_|awscc_connect_|AWS::Connect::)", "", type_name).replace("_", "").lower()
    return KIND_OF.get(plain, "other")


def lowered(value: Any) -> Any:
    """The value with all keys in lower case and with underscores: HoursOfOperationId, hoursOfOperationId."""
    if isinstance(value, dict):
        return {snake(str(key)): lowered(one) for key, one in value.items()}
    return [lowered(one) for one in value] if isinstance(value, list) else value


def snake(key: str) -> str:
    """A key in lower case and with underscores."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", key).lower()


def add_all(draft: Draft, resources: Sequence[Resource]) -> None:
    """Add the resources to the draft, each after those that it names."""
    makers = {"hours": _hours, "status": _status, "queue": _queue, "profile": _profile, "user": _user}
    for kind, make in makers.items():
        for one in resources:
            if one.kind == kind:
                name = make(draft, one)
                if name:
                    for note in one.notes:
                        draft.say(SECTION_OF[one.kind], name, note)
    for one in resources:
        if one.kind == "other":
            draft.say("", "", f"{one.place}: no counterpart")


def _add(draft: Draft, one: Resource, called: str, values: Mapping[str, Any], used: set[str]) -> str:
    """Add an object and say which of its settings are lost."""
    section = SECTION_OF[one.kind]
    about = {"description": text(one.values.get("description")), "labels": _labels(one.values)}
    name = draft.add(section, one.place, called, {**about, **values})
    for key in one.keys:
        draft.names.setdefault((section, key), name)
    told = {key for key, value in one.values.items() if value not in (None, "", [], {})}
    draft.lacks(section, name, told - used - _UNSAID)
    return name


def _called(one: Resource) -> str:
    return text(one.values.get("name")) or one.place.rpartition(".")[2]


def _labels(values: Mapping[str, Any]) -> dict[str, str]:
    """Tags as labels: an object of names, or a list of keys and values."""
    tags = values.get("tags")
    if isinstance(tags, dict):
        pairs = [(str(key), text(value)) for key, value in tags.items()]
    else:
        pairs = [(text(tag.get("key")), text(tag.get("value"))) for tag in mappings(tags)]
    return {allowed_name(key): value for key, value in pairs if allowed_name(key)}


def _reference(draft: Draft, one: Resource, section: Section, what: str) -> str | None:
    """The name of the object that a resource names by `..._id` or `..._arn`; what is not there is told by `settle`."""
    key = text(one.values.get(f"{what}_id")) or text(one.values.get(f"{what}_arn"))
    return _target(draft, section, key)


def _target(draft: Draft, section: Section, key: str) -> str | None:
    if not key:
        return None
    last = key.rpartition("/")[2]
    return draft.of(section, key) or draft.of(section, last) or allowed_name(last) or "unknown"


def _queue(draft: Draft, one: Resource) -> str:
    values = one.values
    status = text(values.get("status")).upper()
    most = whole(values.get("max_contacts"))
    made = {
        "hours": _reference(draft, one, "hours", "hours_of_operation"), "max_contacts": most,
        "enabled": False if status == "DISABLED" else None,
    }  # fmt: skip
    return _add(draft, one, _called(one), made, {"status", "max_contacts"})


def _profile(draft: Draft, one: Resource) -> str:
    values = one.values
    channels = {}
    for medium in mappings(values.get("media_concurrencies")):
        channel = text(medium.get("channel")).lower()
        behavior = text(mapping(medium.get("cross_channel_behavior")).get("behavior_type"))
        channels[channel] = {"slots": whole(medium.get("concurrency"))}
        if behavior == "ROUTE_ANY_CHANNEL":
            channels[channel]["allows_others"] = True
    entries = [_entry(draft, entry, is_manual=False) for entry in mappings(values.get("queue_configs"))]
    by_hand = mappings(values.get("manual_assignment_queue_configs"))
    entries += [_entry(draft, entry, is_manual=True) for entry in by_hand]
    timer = text(values.get("agent_availability_timer")).upper()
    made = {
        "channels": channels, "entries": entries,
        "outbound_queue": _reference(draft, one, "queues", "default_outbound_queue"),
        "agent_availability_timer": "since_last_inbound" if timer == "TIME_SINCE_LAST_INBOUND" else None,
    }  # fmt: skip
    return _add(draft, one, _called(one), made, {
        "media_concurrencies", "queue_configs", "manual_assignment_queue_configs", "agent_availability_timer",
        "default_outbound_queue_id", "default_outbound_queue_arn",
    })  # fmt: skip


def _entry(draft: Draft, given: Mapping[str, Any], *, is_manual: bool) -> dict[str, Any]:
    """A queue of a profile, which is named at once or by a reference of its own."""
    flat = {**given, **mapping(given.get("queue_reference"))}
    key = text(flat.get("queue_id")) or text(flat.get("queue_arn")) or text(flat.get("queue_name"))
    made = {"queue": _target(draft, "queues", key) or "unknown", "channel": text(flat.get("channel")).lower()}
    if is_manual:
        return {**made, "manual_only": True}
    numbers = {"priority": whole(flat.get("priority")), "delay_s": whole(flat.get("delay"))}
    return {**made, **{field: number for field, number in numbers.items() if number is not None}}


def _user(draft: Draft, one: Resource) -> str:
    values = one.values
    identity, phone = mapping(values.get("identity_info")), mapping(values.get("phone_config"))
    name = " ".join(filter(None, (text(identity.get("first_name")), text(identity.get("last_name")))))
    accepts = ["voice"] if truth(phone.get("auto_accept")) else []
    accepts += [
        text(each.get("channel")).lower() for each in mappings(values.get("auto_accept_configs"))
        if truth(each.get("auto_accept"))
    ]  # fmt: skip
    profile = _reference(draft, one, "profiles", "routing_profile")
    channels = draft.objects["profiles"].get(profile or "", {}).get("channels", {})
    made = {
        "profile": profile, "display_name": name[:200], "auto_accept": sorted(set(accepts)),
        "proficiencies": dict(_proficiencies(values)),
        "acw_s": {**{channel: after for channel in channels for after in _acw(phone)}, **_acw_by_channel(values)},
    }  # fmt: skip
    called = text(values.get("username")) or _called(one)
    made_name = _add(draft, one, called, made, {
        "identity_info", "phone_config", "auto_accept_configs", "user_proficiencies", "proficiencies",
        "after_contact_work_configs",
    })  # fmt: skip
    limit = whole(phone.get("after_contact_work_time_limit"))
    if isinstance(limit, int) and limit > LONGEST_ACW_S:
        draft.say("agents", made_name, f"after-contact work of {limit} s: no limit here; {LONGEST_ACW_S} is the most")
    return made_name


def _acw(given: Mapping[str, Any]) -> Iterator[Any]:
    """The time limit of after-contact work, where one is told; 0 is no limit, and so is one that is too long here."""
    limit = whole(given.get("after_contact_work_time_limit"))
    if limit is not None:
        is_none = isinstance(limit, int) and (limit == 0 or limit > LONGEST_ACW_S)
        yield UNLIMITED if is_none else limit


def _acw_by_channel(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        text(each.get("channel")).lower(): limit for each in mappings(values.get("after_contact_work_configs"))
        for limit in _acw(mapping(each.get("after_contact_work_config")))
    }  # fmt: skip


def _proficiencies(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for each in mappings(values.get("user_proficiencies") or values.get("proficiencies")):
        attribute = allowed_name(text(each.get("attribute_name")).removeprefix("connect:"))
        value = allowed_name(text(each.get("attribute_value")).removeprefix("connect:"))
        yield f"{attribute}:{value}", whole(each.get("level"))


def _status(draft: Draft, one: Resource) -> str:
    values = one.values
    called = _called(one)
    state = text(values.get("state")).upper()
    kind = text(values.get("type")).lower()
    if kind == BUILT_IN.get(called) or (called in BUILT_IN and not kind):
        for key in (one.place, *one.keys):
            draft.names.setdefault(("statuses", key), called)
        return ""
    made = {"type": kind or "custom", "enabled": False if state == "DISABLED" else None}
    return _add(draft, one, called, made, {"state", "type", "display_order", "reset_order_number"})


def _hours(draft: Draft, one: Resource) -> str:
    values = one.values
    zone = text(values.get("time_zone"))
    week = _week(mappings(values.get("config")))
    exceptions: dict[str, list[str]] = {}
    notes = list[str]()
    for each in mappings(values.get("hours_of_operation_overrides")):
        notes += _override(each, exceptions)
    used = {"time_zone", "config", "hours_of_operation_overrides"}
    name = _add(draft, one, _called(one), {"timezone": zone, "week": week, "exceptions": exceptions}, used)
    for note in notes:
        draft.say("hours", name, note)
    return name


def _week(config: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Spans by day; one that ends before it begins goes on the next day."""
    week: dict[str, list[str]] = {}
    for each in config:
        day = text(each.get("day")).lower()[:3]
        begins, ends = _clock(each.get("start_time")), _clock(each.get("end_time"))
        if ends == "00:00":
            ends = "24:00"
        if begins < ends:
            week.setdefault(day, []).append(f"{begins}-{ends}")
        else:
            after = DAYS[(DAYS.index(day) + 1) % 7] if day in DAYS else day
            week.setdefault(day, []).append(f"{begins}-24:00")
            week.setdefault(after, []).append(f"00:00-{ends}")
    return {day: week[day] for day in [*DAYS, *week] if day in week}


def _clock(given: Any) -> str:
    at = mapping(given)
    hours, minutes = whole(at.get("hours", 0)), whole(at.get("minutes", 0))
    if isinstance(hours, int) and isinstance(minutes, int):
        return f"{hours:02}:{minutes:02}"
    return f"{text(hours) or '?'}:{text(minutes) or '?'}"


def _override(each: Mapping[str, Any], exceptions: dict[str, list[str]]) -> Iterator[str]:
    """Write the days of an override out; gives what is to be said."""
    called = text(each.get("override_name")) or text(each.get("name")) or "an override"
    try:
        first = date.fromisoformat(text(each.get("effective_from")))
        last = date.fromisoformat(text(each.get("effective_till")))
    except ValueError:
        yield f"{called!r} has no dates, and is left out"
        return
    if mapping(each.get("recurrence_config")):
        yield f"{called!r} recurs: here it holds once; an exception as 12-25 is of every year"
    spans = _week(mappings(each.get("override_config") or each.get("config")))
    if len({tuple(spans.get(day, [])) for day in DAYS}) == 1:
        exceptions[_days(first, last)] = spans.get(DAYS[0], [])
        return
    held = min(last, first + timedelta(days=min(MOST_DAYS - 1, (date.max - first).days)))
    days = (date.fromordinal(one) for one in range(first.toordinal(), held.toordinal() + 1))
    for open_at, alike in groupby(days, lambda day: spans.get(DAYS[day.weekday()], [])):
        of_run = list(alike)
        exceptions[_days(of_run[0], of_run[-1])] = open_at
    if held < last:
        yield f"{called!r} lasts until {last}: only its first {MOST_DAYS} days are here"


def _days(first: date, last: date) -> str:
    return first.isoformat() if first == last else f"{first}..{last}"
