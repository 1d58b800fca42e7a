"""Amazon Connect: what the AWS CLI prints for `aws connect describe-...`, `list-...` and `search-...`.

Some lists do not say of whom they are (list-routing-profile-queues, list-user-proficiencies): the name of the file
does, by the id or the name of the profile or the user, or there is only one.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fairlead.configuration.importing.amazon import Kind, Resource, add_all, lowered
from fairlead.configuration.importing.draft import Draft
from fairlead.configuration.importing.sources import Source, json_documents, mapping, mappings, text, whole
from fairlead.domain.names import allowed_name
from fairlead.errors import InvalidConfiguration

_ONE: dict[str, Kind] = {
    "Queue": "queue", "RoutingProfile": "profile", "User": "user", "HoursOfOperation": "hours", "AgentStatus": "status",
}  # fmt: skip
_MANY: dict[str, Kind] = {
    "QueueSummaryList": "queue", "Queues": "queue", "RoutingProfileSummaryList": "profile",
    "RoutingProfiles": "profile", "UserSummaryList": "user", "Users": "user", "HoursOfOperationSummaryList": "hours",
    "HoursOfOperations": "hours", "AgentStatusSummaryList": "status", "AgentStatuses": "status",
}  # fmt: skip
_PARTS: dict[str, tuple[Kind, str]] = {
    "RoutingProfileQueueConfigSummaryList": ("profile", "queue_configs"),
    "RoutingProfileManualAssignmentQueueConfigSummaryList": ("profile", "manual_assignment_queue_configs"),
    "UserProficiencyList": ("user", "user_proficiencies"),
    "HoursOfOperationOverrideList": ("hours", "hours_of_operation_overrides"),
}
_ID: dict[Kind, str] = {
    "queue": "queue_id", "profile": "routing_profile_id", "user": "id", "hours": "hours_of_operation_id",
    "status": "agent_status_id",
}  # fmt: skip
_OPTION: dict[Kind, str] = {"profile": "routing profile", "user": "user", "hours": "hours of operation"}


def read(sources: Sequence[Source]) -> Draft:
    """The draft that the CLI's output describes. Raises InvalidConfiguration."""
    draft, found = Draft(), dict[tuple[Kind, str], dict[str, Any]]()
    parts: list[tuple[Source, Kind, str, list[dict[str, Any]]]] = []
    for source in sources:
        count = len(found) + len(parts)
        for document in _flat(source):
            for key, kind in _ONE.items():
                if isinstance(document.get(key), dict):
                    _keep(found, kind, document[key])
            for key, kind in _MANY.items():
                for one in mappings(document.get(key, [])):
                    _keep(found, kind, _in_seconds(one) if key == "Users" else one)
            parts += [(source, *of, mappings(document[key])) for key, of in _PARTS.items() if key in document]
        if len(found) + len(parts) == count and not _knows(source):
            raise InvalidConfiguration(
                f"{source.name}: has none of {', '.join([*_ONE, *_PARTS])}: give what `aws connect describe-...` prints"
            )
    for source, kind, field, listed in parts:
        values = _owner(found, source, kind, field, listed)
        values[field] = [*mappings(values.get(field, [])), *(mapping(lowered(one)) for one in listed)]
    add_all(draft, [_resource(kind, key, values) for (kind, key), values in found.items()])
    return draft


def is_connect(document: Mapping[str, Any]) -> bool:
    """Whether a JSON document is one that the AWS CLI prints for Connect."""
    return any(key in document for key in (*_ONE, *_MANY, *_PARTS))


def _knows(source: Source) -> bool:
    return any(is_connect(one) for one in _flat(source))


def _flat(source: Source) -> list[dict[str, Any]]:
    return [one for document in json_documents(source) for one in mappings(document)]


def _keep(found: dict[tuple[Kind, str], dict[str, Any]], kind: Kind, given: Mapping[str, Any]) -> None:
    """Keep what is told of an object: a summary, a description, or more to what is known already."""
    values = mapping(lowered(dict(given)))
    key = next((text(values[one]) for one in ("id", _ID[kind], "name", "username") if text(values.get(one))), "")
    known = found.setdefault((kind, key or f"{kind} {len(found) + 1}"), {})
    known |= {field: value for field, value in values.items() if value is not None}


def _in_seconds(user: Mapping[str, Any]) -> dict[str, Any]:
    """A user as `search-users` tells it: its after-contact work is in milliseconds there alone."""
    phone = mapping(user.get("PhoneConfig"))
    limit = whole(phone.get("AfterContactWorkTimeLimit"))
    if not isinstance(limit, int):
        return dict(user)
    return {**user, "PhoneConfig": {**phone, "AfterContactWorkTimeLimit": limit // 1_000}}


def _owner(
    found: Mapping[tuple[Kind, str], dict[str, Any]], source: Source, kind: Kind, field: str, listed: Sequence[Any]
) -> dict[str, Any]:
    """Of whom a list is that does not say so. Raises InvalidConfiguration."""
    own = {key: values for (of, key), values in found.items() if of == kind}
    named = {text(one.get("HoursOfOperationId")) for one in listed} & own.keys()
    if len(named) == 1:
        return own[named.pop()]
    words = set(re.split(r"[^a-z0-9]+", source.name.lower()))
    for key, values in own.items():
        called = text(values.get("name")) or text(values.get("username"))
        plain = allowed_name(called).lower()
        if key.lower() in source.name.lower() or (plain and set(re.split(r"[^a-z0-9]+", plain)) <= words):
            return values
    if len(own) == 1:
        return next(iter(own.values()))
    who = _OPTION[kind]
    raise InvalidConfiguration(
        f"{source.name}: does not say of which {who} its {field} are: call the file by the id of the {who}, "
        f"as in {field}.ID.json, and give the description of the {who}, too"
    )


def _resource(kind: Kind, key: str, values: Mapping[str, Any]) -> Resource:
    keys = [key, text(values.get("arn")), text(values.get(f"{_ID[kind].removesuffix('_id')}_arn"))]
    notes = []
    if kind == "profile" and not values.get("queue_configs"):
        notes.append("its queues are not in the files: give what `aws connect list-routing-profile-queues` prints, too")
    if text(values.get("queue_type")) == "AGENT":
        return Resource("other", f"agent queue {key}", {}, [])
    place = text(values.get("name")) or text(values.get("username")) or key
    return Resource(kind, place, values, [one for one in keys if one], notes)
