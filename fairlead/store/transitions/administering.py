"""What an administrator or a supervisor asks: to apply a configuration, to put back a contact, to move an agent."""

import hashlib
from collections import defaultdict
from typing import Any

from fairlead.domain.channel import CHANNELS
from fairlead.domain.configuration import Configuration, fresh_configuration
from fairlead.domain.names import checked_name
from fairlead.domain.profile import RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.store.keys import Keys
from fairlead.store.request import Argument, Request
from fairlead.store.transitions.producing import given


def prepare_instance(keys: Keys) -> Request[int]:
    """Give a fresh instance its first configuration; an instance that has one keeps it. Answers the version."""
    return _apply(keys, fresh_configuration(), "fresh", None)


def apply_configuration(
    keys: Keys, wanted: Configuration, current_version: int, now_us: int | None = None
) -> Request[int]:
    """The whole configuration becomes the wanted one, at once or not at all. Answers the new version.

    Raises ConfigurationChanged when it is no longer at `current_version`, QueueInUse, AgentInUse, UnknownProfile.
    """
    return _apply(keys, wanted, current_version, now_us)


def _apply(keys: Keys, wanted: Configuration, expected: int | str, now_us: int | None) -> Request[int]:
    return Request(
        "apply_configuration",
        keys={"instance": keys.instance},
        args={"expected": expected, "now_us": given(now_us)},
        read=lambda reply: int(reply[0]),
        rest=tuple(_groups(wanted)),
    )


def _groups(wanted: Configuration) -> list[Argument]:
    """The configuration as the script takes it: kind, name, how many values, the values."""
    groups: list[Argument] = []

    def add(kind: str, name: str, values: list[Argument]) -> None:
        groups.extend([kind, name, len(values), *values])

    add("instance", "", ["ended_retention_s", wanted.ended_retention_s, "events_kept", wanted.events_kept])
    for status in wanted.statuses.values():
        add("status", status.name, [status.type])
    for queue in wanted.queues.values():
        add("queue", queue.name, _with_digest(_queue_fields(queue)))
    for profile in wanted.profiles.values():
        fields, entries = _profile_fields(profile), _entry_values(profile)
        add("profile", profile.name, _with_digest(fields, entries))
        add("entries", profile.name, entries)
    for pair, values in _servers(wanted).items():
        add("servers", pair, values)
    for agent in wanted.agents.values():
        add("agent", agent.name, [agent.profile, agent.display_name])
    return groups


def _with_digest(fields: list[Argument], also: list[Argument] | None = None) -> list[Argument]:
    text = "\n".join(str(value) for value in [*fields, *(also or [])])
    return [*fields, "digest", hashlib.blake2b(text.encode(), digest_size=8).hexdigest()]


def _queue_fields(queue: Queue) -> list[Argument]:
    fields: list[Argument] = ["display_name", queue.display_name]
    fields += ["max_attempts", queue.max_attempts, "service_level_s", queue.service_level_s]
    for channel in CHANNELS:
        fields += [channel, queue.offer_window_ms[channel]]
    return fields


def _profile_fields(profile: RoutingProfile) -> list[Argument]:
    fields: list[Argument] = ["display_name", profile.display_name]
    for channel, concurrency in sorted(profile.channels.items()):
        fields += [channel, f"{concurrency.slots} {int(concurrency.allows_others)}"]
    return fields


def _entry_values(profile: RoutingProfile) -> list[Argument]:
    values: list[Argument] = []
    for entry in sorted(profile.entries, key=lambda entry: entry.priority):
        values += [entry.priority, entry.delay_s * 1_000_000, entry.queue, entry.channel]
    return values


def _servers(wanted: Configuration) -> dict[str, list[Argument]]:
    """For each "queue:channel" the profiles that serve it, each with its delay in microseconds."""
    servers: defaultdict[str, list[Argument]] = defaultdict(list)
    for profile in wanted.profiles.values():
        for entry in profile.entries:
            servers[f"{entry.queue}:{entry.channel}"] += [profile.name, entry.delay_s * 1_000_000]
    return servers


def retry(keys: Keys, contact_id: str, now_us: int | None = None) -> Request[None]:
    """Put a parked contact back at its original place. Raises UnknownContact, WrongState, UnknownQueue."""
    return Request(
        "retry_contact",
        keys={"instance": keys.instance},
        args={"id": checked_name("contact", contact_id), "now_us": given(now_us)},
        read=lambda _: None,
    )


def set_agent_status(keys: Keys, agent: str, status: str, now_us: int | None = None) -> Request[None]:
    """Change the status of a signed-in agent. Raises UnknownAgent, UnknownStatus, SessionEnded."""
    return Request(
        "set_agent_status",
        keys={
            "instance": keys.instance,
            "agent": keys.agent(checked_name("agent", agent)),
            "statuses": keys.statuses,
        },
        args={"name": agent, "status": status, "now_us": given(now_us)},
        read=lambda _: None,
    )


def sign_out_agent(keys: Keys, agent: str, now_us: int | None = None) -> Request[list[str]]:
    """End whichever session the agent has; answers the ids of the contacts that went back. Raises UnknownAgent."""
    return Request(
        "sign_out",
        keys={"instance": keys.instance, "agent": keys.agent(checked_name("agent", agent))},
        args={"name": agent, "epoch": "", "now_us": given(now_us)},
        read=read_names,
    )


def read_names(reply: Any) -> list[str]:
    """A flat list of names or ids."""
    return [name.decode() for name in reply]
