"""What each part of a configuration file allows, but the whole does not."""

from fairlead.configuration.document import Document, ProfileDocument, QueueDocument
from fairlead.configuration.hints import hint
from fairlead.domain.channel import MAX_SLOTS, Channel
from fairlead.domain.configuration import built_in_statuses


def cross_problems(document: Document) -> list[tuple[tuple[str | int, ...], str]]:
    """What each part allows but the whole does not: (path, what is wrong) for each."""
    problems: list[tuple[tuple[str | int, ...], str]] = []
    for name, queue in document.queues.items():
        problems += _queue_problems(document, name, queue)
    for name, profile in document.profiles.items():
        problems += [(("profiles", name, *path), why) for path, why in _profile_problems(document, profile)]
    for name, agent in document.agents.items():
        if agent.profile not in document.profiles:
            why = f"no profile {agent.profile!r} in this file{hint(agent.profile, document.profiles)}"
            problems.append((("agents", name, "profile"), why))
    for name in built_in_statuses().keys() & document.statuses.keys():
        if document.statuses[name].type != built_in_statuses()[name].type:
            problems.append((("statuses", name), "this status is built in, with another type"))
    return problems


def _queue_problems(document: Document, name: str, queue: QueueDocument) -> list[tuple[tuple[str | int, ...], str]]:
    problems: list[tuple[tuple[str | int, ...], str]] = []
    statuses = {**document.statuses, **dict.fromkeys(built_in_statuses())}
    for field, kind, value, known in (
        ("hours", "hours of operation", queue.hours, document.hours),
        ("overflow", "queue", queue.overflow, document.queues),
        ("missed_status", "status", queue.missed_status, statuses),
    ):
        if value is not None and value not in known:
            problems.append((("queues", name, field), f"no {kind} {value!r} in this file{hint(value, known)}"))
    if queue.overflow == name:
        problems.append((("queues", name, "overflow"), "a queue cannot overflow into itself"))
    for field, needs in (
        ("closed_policy", "hours" if queue.closed_policy != "hold" and not queue.hours else ""),
        ("closed_policy", "overflow" if queue.closed_policy == "overflow" and not queue.overflow else ""),
        ("overflow_after_s", "overflow" if queue.overflow_after_s is not None and not queue.overflow else ""),
        ("status_after_misses", "missed_status" if queue.status_after_misses and not queue.missed_status else ""),
    ):
        if needs:
            problems.append((("queues", name, field), f"also needs {needs}"))
    return problems


def _profile_problems(document: Document, profile: ProfileDocument) -> list[tuple[tuple[str | int, ...], str]]:
    problems: list[tuple[tuple[str | int, ...], str]] = []
    for channel, one in profile.channels.items():
        if one.slots > MAX_SLOTS[channel]:
            problems.append(
                (("channels", channel, "slots"), f"{one.slots} is above {MAX_SLOTS[channel]}, the most for {channel}")
            )
    seen: set[tuple[str, Channel]] = set()
    for place, entry in enumerate(profile.entries):
        if entry.queue not in document.queues:
            why = f"no queue {entry.queue!r} in this file{hint(entry.queue, document.queues)}"
            problems.append((("entries", place, "queue"), why))
        for channel in entry.channel_list():
            if channel not in profile.channels:
                problems.append(
                    (("entries", place, "channel"), f"the profile has no slots for {channel}: add channels.{channel}")
                )
            if (entry.queue, channel) in seen:
                problems.append((("entries", place), f"{entry.queue} on {channel} is in this profile already"))
            seen.add((entry.queue, channel))
    return problems
