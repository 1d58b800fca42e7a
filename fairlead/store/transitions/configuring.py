"""What an administrator asks: to apply a configuration, at once or not at all."""

import hashlib
import time
from collections import defaultdict
from collections.abc import Iterator

from fairlead.domain.agent import Agent
from fairlead.domain.channel import CHANNELS
from fairlead.domain.configuration import Configuration, fresh_configuration
from fairlead.domain.hours import Hours, hours_text, switches
from fairlead.domain.profile import Entry, RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.store.keys import Keys
from fairlead.store.request import Argument, Request

CALENDAR_DAYS = 400
"""How far ahead the times at which queues open and close are written; each change of the configuration writes anew."""

CLOCKS_APART_S = 86_400
"""A calendar begins so long ago, so that it says what is open whatever this machine's clock and the engine's differ."""

QUEUE_FIELDS = (
    "display_name", "max_attempts", "retry_delay_s", "service_level_s", "enabled", "max_contacts", "hours",
    "closed_policy", "overflow", "overflow_rank", "max_offers", "missed_slot_s", "status_after_misses",
    "missed_status", "exclude_rejecting", "agent_choice", "raise_after_s", "raise_to", "overflow_after_s",
    "skip_unmatched_steps",
)  # fmt: skip
"""The settings of a queue that are one value; those by channel are written beside them."""


def prepare_instance(keys: Keys) -> Request[int]:
    """Give a fresh instance its first configuration; an instance that has one keeps it. Answers the version."""
    return _apply(keys, fresh_configuration(), "fresh")


def apply_configuration(keys: Keys, target: Configuration, current_version: int) -> Request[int]:
    """Replace the whole configuration by the target, at once or not at all. Returns the new version.

    Raises ConfigurationChanged when it is no longer at `current_version`, QueueInUse, AgentInUse, UnknownProfile.
    """
    return _apply(keys, target, current_version)


def try_configuration(keys: Keys, target: Configuration, current_version: int) -> Request[int]:
    """Change nothing, and raise what `apply_configuration` would raise. Returns the version in force."""
    return _apply(keys, target, current_version, is_trial=True)


def _apply(keys: Keys, target: Configuration, expected: int | str, *, is_trial: bool = False) -> Request[int]:
    return Request(
        "apply_configuration",
        keys={"instance": keys.instance},
        args={"expected": expected, "is_trial": int(is_trial)},
        read=lambda reply: int(reply[0]),
        rest=tuple(_groups(target)),
        dated=lambda now_us: _calendars(target, now_us),
    )


def _groups(target: Configuration) -> list[Argument]:
    """The configuration as the script takes it: kind, name, how many values, the values; but for its calendars."""
    groups: list[Argument] = []

    def add(kind: str, name: str, values: list[Argument]) -> None:
        groups.extend([kind, name, len(values), *values])

    add("instance", "", _instance_fields(target))
    for status in target.statuses.values():
        add("status", status.name, [status.type])
    for queue in target.queues.values():
        add("queue", queue.name, _with_digest(_queue_fields(queue)))
    skillsets = {agent.name: _skillset(agent) for agent in target.agents.values()}
    for text, name in skillsets.values():
        if text:
            add("skillset", name, [text])
    for profile in target.profiles.values():
        used = {name for agent, (_, name) in skillsets.items() if target.agents[agent].profile == profile.name}
        add("profile", profile.name, [*_with_digest(_profile_fields(profile)), "skillsets", _skillsets_text(used)])
    for pair, values in _servers(target).items():
        add("servers", pair, values)
    for agent in target.agents.values():
        accepts = " ".join(sorted(agent.auto_accept))
        add("agent", agent.name, [agent.profile, agent.display_name, accepts, *skillsets[agent.name]])
    return groups


def _calendars(target: Configuration, now_us: int | None) -> Iterator[Argument]:
    """The hours of operation as the script takes them, by the store's clock or else by this machine's."""
    at_s = (time.time() if now_us is None else now_us / 1e6) - CLOCKS_APART_S
    for hours in target.hours.values():
        values = [hours_text(hours), *_switch_values(hours, at_s)]
        yield from ("hours", hours.name, len(values), *values)


def _instance_fields(target: Configuration) -> list[Argument]:
    """Settings of the instance, and which queues are not like most: `choices` of agents, and the `relieved` ones."""
    queues = target.queues.values()
    choices = " ".join(f"{one.name}={one.agent_choice}" for one in queues if one.agent_choice != "longest_idle")
    relieved = " ".join(one.name for one in queues if one.raise_after_s is not None or one.overflow_after_s is not None)
    return [
        "ended_retention_s", target.ended_retention_s, "events_kept", target.events_kept,
        "measures_kept_s", target.measures_kept_s, "choices", f" {choices} ", "relieved", relieved,
    ]  # fmt: skip


def _with_digest(fields: list[Argument]) -> list[Argument]:
    text = "\n".join(str(value) for value in fields)
    return [*fields, "digest", hashlib.blake2b(text.encode(), digest_size=8).hexdigest()]


def _queue_fields(queue: Queue) -> list[Argument]:
    fields: list[Argument] = []
    for name in QUEUE_FIELDS:
        value = getattr(queue, name)
        fields += [name, "" if value is None else int(value) if isinstance(value, bool) else value]
    for channel in CHANNELS:
        fields += [channel, queue.offer_window_ms[channel]]
        fields += [f"acw:{channel}", queue.acw_s.get(channel, 0), f"expiry:{channel}", queue.expiry_s.get(channel, 0)]
    return fields


def _profile_fields(profile: RoutingProfile) -> list[Argument]:
    fields: list[Argument] = ["display_name", profile.display_name]
    for channel, concurrency in sorted(profile.channels.items()):
        fields += [channel, f"{concurrency.slots} {int(concurrency.allows_others)}"]
    routed = [entry for entry in profile.entries if not entry.manual_only]
    by_hand = [entry for entry in profile.entries if entry.manual_only]
    fields += ["entries", ";".join(_entry_text(entry) for entry in sorted(routed, key=lambda entry: entry.priority))]
    fields += ["manual", "".join(f" {entry.queue}:{entry.channel}" for entry in by_hand) + " "]
    fields += ["manual_entries", ";".join(_entry_text(entry) for entry in by_hand)]
    fields += ["weighted", int(profile.sharing == "weighted")]
    fields += ["inbound_timer", int(profile.agent_availability_timer == "since_last_inbound")]
    return fields


def _entry_text(entry: Entry) -> str:
    return f"{entry.priority} {entry.delay_s * 1_000_000} {entry.queue} {entry.channel} {entry.weight}"


def _servers(target: Configuration) -> dict[str, list[Argument]]:
    """For each "queue:channel" the profiles that serve it, each with its delay in microseconds."""
    servers: defaultdict[str, list[Argument]] = defaultdict(list)
    for profile in target.profiles.values():
        for entry in profile.entries:
            if not entry.manual_only:
                servers[f"{entry.queue}:{entry.channel}"] += [profile.name, entry.delay_s * 1_000_000]
    return servers


def _skillset(agent: Agent) -> tuple[str, str]:
    """An agent's proficiencies as the scripts read them, and their short name; "" and "-" for none."""
    if not agent.proficiencies:
        return "", "-"
    text = "," + ",".join(f"{name}={level}" for name, level in sorted(agent.proficiencies.items())) + ","
    return text, hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _skillsets_text(skillsets: set[str]) -> str:
    """The sets of proficiencies that a profile's agents have, when any has some; an agent without may yet sign in."""
    return " ".join(sorted(skillsets | {"-"})) if skillsets - {"-"} else ""


def _switch_values(hours: Hours, at_s: float) -> list[Argument]:
    """(time in us, "us:1" or "us:0") for each time from now on at which it opens or closes."""
    values: list[Argument] = []
    for switch_s, opens in switches(hours, at_s, CALENDAR_DAYS):
        at_us = round(switch_s * 1_000_000)
        values += [at_us, f"{at_us}:{int(opens)}"]
    return values
