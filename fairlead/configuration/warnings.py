"""What a configuration allows, and hardly anybody means: contacts that would wait for agents who never get them."""

from collections import defaultdict
from collections.abc import Iterator

from fairlead.domain.channel import CHANNELS, Channel
from fairlead.domain.conditions import NO_FACTS, holds, parse_condition
from fairlead.domain.configuration import Configuration
from fairlead.domain.contact import CHAIN_CONTACTS
from fairlead.domain.intake import Intake
from fairlead.domain.names import AGENT_QUEUE_PREFIX, is_agent_queue


def warnings_of(configuration: Configuration) -> list[str]:
    """A sentence for each overflow or rule that leads to a queue that no profile serves, or to an agent whose own queue
    does not overflow, each ring of overflows, and each rule that is never reached. Of a configuration without its
    agents nothing is said of them.
    """
    return [
        *_unserved(configuration), *_unserved_by_agents(configuration), *_rings(configuration), *_lost(configuration),
        *_unreached(configuration),
    ]  # fmt: skip


def _unserved(configuration: Configuration) -> Iterator[str]:
    served = {(entry.queue, entry.channel) for profile in configuration.profiles.values() for entry in profile.entries}
    for queue in configuration.queues.values():
        lost = [one for one in CHANNELS if (queue.name, one) in served and (queue.overflow, one) not in served]
        if queue.overflow and lost:
            yield (
                f"queue {queue.name!r} overflows into {queue.overflow!r}, which no profile serves on "
                f"{', '.join(lost)}: contacts that overflow would wait there until they expire"
            )


def _unserved_by_agents(configuration: Configuration) -> Iterator[str]:
    """One sentence for each queue, however many agents overflow into it."""
    served = {(entry.queue, entry.channel) for profile in configuration.profiles.values() for entry in profile.entries}
    into: dict[str, set[Channel]] = defaultdict(set)
    for agent in configuration.agents.values():
        profile = configuration.profiles.get(agent.profile)
        into[agent.overflow or configuration.agent_queue_overflow] |= profile.channels.keys() if profile else set()
    into[configuration.agent_queue_overflow] |= {one for one in CHANNELS if any(one == of for _, of in served)}
    for queue in sorted(into.keys() & configuration.queues.keys()):
        if lost := [one for one in CHANNELS if one in into[queue] and (queue, one) not in served]:
            yield (
                f"agents' own queues overflow into {queue!r}, which no profile serves on {', '.join(lost)}: contacts "
                "that overflow would wait there until they expire"
            )


def _lost(configuration: Configuration) -> Iterator[str]:
    served = {(entry.queue, entry.channel) for profile in configuration.profiles.values() for entry in profile.entries}
    for intake in configuration.intakes.values():
        for number, choice in enumerate(intake.choices(), 1):
            queue, only = choice.queue, choice.channel if choice.callback_after_s is None else "voice"
            channels = [only] if only else CHANNELS
            if queue and not is_agent_queue(queue) and not any((queue, one) in served for one in channels):
                yield (
                    f"{_rule(intake, number)} of intake {intake.name!r} chooses queue {queue!r}, which no profile "
                    f"serves{f' on {only}' if only else ''}: contacts would wait there until they expire"
                )
            agent = configuration.agents.get(queue.removeprefix(AGENT_QUEUE_PREFIX)) if is_agent_queue(queue) else None
            if agent and not agent.overflow and not configuration.agent_queue_overflow:
                yield (
                    f"{_rule(intake, number)} of intake {intake.name!r} chooses the own queue of agent {agent.name!r}, "
                    "which has no overflow: contacts would wait there while the agent is away"
                )


def _rule(intake: Intake, number: int) -> str:
    return f"rule {number}" if number <= len(intake.rules) else "the default"


def _unreached(configuration: Configuration) -> Iterator[str]:
    for intake in configuration.intakes.values():
        before: dict[str, int] = {}
        always = 0
        for number, rule in enumerate(intake.rules, 1):
            condition = parse_condition(rule.when)
            if first := always or before.get(rule.when, 0):
                yield f"rule {number} of intake {intake.name!r} is never reached: rule {first} holds whenever it would"
            elif condition.is_constant and not holds(condition, NO_FACTS):
                yield f"rule {number} of intake {intake.name!r} never holds"
            elif condition.is_constant:
                always = number
            before.setdefault(rule.when, number)
        if always:
            yield f"the default of intake {intake.name!r} is never reached: rule {always} always holds"


def _rings(configuration: Configuration) -> Iterator[str]:
    told: set[str] = set()
    for name in sorted(configuration.queues):
        way = [name]
        while (after := configuration.queues[way[-1]].overflow) in configuration.queues and after not in way:
            way.append(after)
        if after in way and after not in told:
            ring = way[way.index(after) :]
            told.update(ring)
            way_round = " -> ".join([*ring, after])
            yield f"queues overflow in a ring: {way_round}: a contact may go round, up to {CHAIN_CONTACTS} times"
