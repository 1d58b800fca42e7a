"""The configuration that is in force."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar, get_type_hints

from fairlead.domain.agent import Agent, Status
from fairlead.domain.channel import CHANNELS
from fairlead.domain.configuration import Configuration
from fairlead.domain.hours import read_hours
from fairlead.domain.intake import read_intake
from fairlead.domain.objects import Kind, Object
from fairlead.domain.profile import RoutingProfile
from fairlead.domain.queue import AcwLimit, Queue
from fairlead.errors import UnknownInstance
from fairlead.store.members import Special, read_by_channel, read_channels, read_entries, read_special
from fairlead.store.procedure import Source, Steps, ask_each, ask_one, procedure
from fairlead.store.reading.plain import names, texts
from fairlead.store.transitions.configuring import QUEUE_FIELDS

T = TypeVar("T", bound=Object)


@procedure
def configuration_in_force(source: Source) -> Steps[tuple[Configuration, int]]:
    """The configuration that is in force, and its version. Raises UnknownInstance when there is none."""
    instance = yield from _instance(source)
    agents = yield from names(source.keys.agents)
    return (yield from _configuration(source, instance, agents)), int(instance["version"])


@procedure
def configuration_without_agents(source: Source) -> Steps[tuple[Configuration, int]]:
    """The configuration that is in force, but for its agents, who may be many, and its version, for those who look.

    Who asks again gets the same one while its version is the same. Raises UnknownInstance when there is none.
    """
    configuration, version, _ = yield from configuration_and_special(source)
    return configuration, version


def configuration_and_special(source: Source) -> Steps[tuple[Configuration, int, Special]]:
    """The same, and what few instances have."""
    instance = yield from _instance(source)
    version = int(instance["version"])
    its = version, instance.get("mark")  # a server that has lost its last writes gives versions again
    found: Configuration | None = source.kept.get("configuration", its)
    if found is None:
        found = yield from _configuration(source, instance, [])
        source.kept.put("configuration", its, found)
    return found, version, read_special(instance.get("special", "").encode())


def _instance(source: Source) -> Steps[dict[str, str]]:
    """The instance's record. Raises UnknownInstance."""
    instance = texts((yield from ask_one("HGETALL", source.keys.instance)))
    if "version" not in instance:
        raise UnknownInstance(
            f"instance {source.keys.instance_name!r} does not exist: it was never made, or Redis has lost it; run "
            "`fairlead apply` as a user who may write"
        )
    return instance


def _configuration(source: Source, instance: Mapping[str, str], agents: Sequence[str]) -> Steps[Configuration]:
    keys = source.keys
    queues, profiles = (yield from names(keys.queues)), (yield from names(keys.profiles))
    statuses = texts((yield from ask_one("HGETALL", keys.statuses)))
    queue_rows = yield from ask_each(("HGETALL", keys.queue(name)) for name in queues)
    profile_rows = yield from ask_each(("HGETALL", keys.profile(name)) for name in profiles)
    agent_rows = yield from ask_each(("HMGET", keys.agent(name), *AGENT_FIELDS) for name in agents)
    calendars = texts((yield from ask_one("HGETALL", keys.calendars)))
    intakes = texts((yield from ask_one("HGETALL", keys.intakes)))
    described = texts((yield from ask_one("HGETALL", keys.descriptions)))

    def with_description(kind: Kind, one: T) -> T:
        return with_description_of(one, described.get(f"{kind}:{one.name}", ""))

    return Configuration(
        queues={
            name: with_description("queue", queue_from(name, texts(row)))
            for name, row in zip(queues, queue_rows, strict=True)
            if is_there("queue", row)
        },
        profiles={
            name: with_description("profile", profile_from(name, texts(row)))
            for name, row in zip(profiles, profile_rows, strict=True)
            if is_there("profile", row)
        },
        agents={
            name: with_description("agent", agent_from(name, row))
            for name, row in zip(agents, agent_rows, strict=True)
            if is_there("agent", row)
        },
        statuses={name: with_description("status", status_from(name, text)) for name, text in statuses.items()},
        hours={name: with_description("hours", read_hours(name, text)) for name, text in calendars.items()},
        ended_retention_s=int(instance["ended_retention_s"]),
        events_kept=int(instance["events_kept"]),
        measures_kept_s=int(instance["measures_kept_s"]),
        agent_queue_overflow=instance.get("agent_queue_overflow", ""),
        agent_queue_overflow_after_s=_value(int | None, instance.get("agent_queue_overflow_after_s", "")),
        intakes={name: with_description("intake", read_intake(name, text)) for name, text in intakes.items()},
    )


AGENT_FIELDS = ("profile", "display_name", "skills", "accepts", "acw", "windows", "overflow", "overflow_after_s")


def is_there(kind: Kind, row: Any) -> bool:
    """Whether a reply tells of an object; else it has been removed since its name was read."""
    return row[0] is not None if kind == "agent" else bool(row)


def with_description_of(one: T, text: str) -> T:
    """The object with what of it is for people alone, from the store's text; empty: nothing."""
    return replace(one, **json.loads(text)) if text else one


def status_from(name: str, text: str) -> Status:
    """A status from the store's text."""
    kind, _, disabled = text.partition(" ")
    return Status(name, kind, enabled=not disabled)  # type: ignore[arg-type]  # written from a Status


_TYPES = get_type_hints(Queue)


def queue_from(name: str, row: Mapping[str, str]) -> Queue:
    """A queue from its hash. What an older program has not written is as it was then, the default."""
    plain = {field: _value(_TYPES[field], row[field]) for field in QUEUE_FIELDS if field in row}
    by_channel = {
        "offer_window_ms": {channel: int(row[channel]) for channel in CHANNELS},
        "acw_s": {channel: _acw_limit(row[f"acw:{channel}"]) for channel in CHANNELS if row[f"acw:{channel}"] != "0"},
        "expiry_s": {channel: int(row[f"expiry:{channel}"]) for channel in CHANNELS if row[f"expiry:{channel}"] != "0"},
    }
    return Queue(name=name, **plain, **by_channel)  # type: ignore[arg-type]  # written from a Queue


def _acw_limit(text: str) -> AcwLimit:
    return "unlimited" if text == "unlimited" else int(text)


def _value(kind: Any, text: str) -> Any:
    """A setting as it was written: None as the empty text, a bool as 0 or 1."""
    if kind is bool:
        return text == "1"
    if kind is int:
        return int(text)
    if kind == int | None:
        return int(text) if text else None
    return text


def agent_from(name: str, row: Sequence[bytes | None]) -> Agent:
    """An agent from the AGENT_FIELDS of its hash."""
    texts_ = ((value or b"").decode() for value in row)
    profile, display_name, skills, accepts, acw, windows, overflow, overflow_after_s = texts_
    levels = (pair.split("=") for pair in skills.strip(",").split(",") if pair)
    return Agent(
        name, profile, display_name,
        {skill: int(level) for skill, level in levels}, frozenset(accepts.split()),  # type: ignore[arg-type]  # ours
        {channel: _acw_limit(text) for channel, text in read_by_channel(acw).items()},
        {channel: int(text) for channel, text in read_by_channel(windows).items()},
        overflow, _value(int | None, overflow_after_s),
    )  # fmt: skip


def profile_from(name: str, row: Mapping[str, str]) -> RoutingProfile:
    """A routing profile from its hash."""
    return RoutingProfile(
        name=name,
        display_name=row["display_name"],
        channels=read_channels(row["channels"]),
        entries=(
            *read_entries(row["entries"], False, row.get("limits", "")),
            *read_entries(row["manual_entries"], True, row.get("limits", "")),
        ),
        agent_availability_timer="since_last_inbound" if row["inbound_timer"] == "1" else "since_last_activity",
        sharing="weighted" if row["weighted"] == "1" else "strict",
        outbound_queue=row["outbound_queue"],
    )
