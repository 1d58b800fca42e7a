"""Measures of a run, by queue and channel and by agent, with the words and rules of the reports."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from fairlead.domain.channel import Channel
from fairlead.domain.configuration import Configuration
from fairlead.domain.queue import SERVICE_LEVEL_S
from fairlead.simulation.course import AgentTime, Course, Visit

LEFT = ("answered", "abandoned", "overflowed")
"""Who has left the queue, for its service level."""


@dataclass(frozen=True, slots=True)
class QueueSummary:
    """A queue and channel over a run. Shares are in %; None where there is nothing to measure.

    `offered`: contacts that entered it, those that it refused included; `share_waiting`: of those that left it, how
    many had waited at all; waits are those of answered contacts, `mean_stay_s` that of all that left; `service_level`:
    of those that left, how many had waited at most `service_level_s`; `abandon_rate`: of those that left, how many gave
    up.
    """

    queue: str
    channel: Channel
    offered: int
    answered: int
    abandoned: int
    overflowed: int
    expired: int
    refused: int
    waiting: int
    mean_wait_s: float | None
    wait_50_s: float | None
    wait_90_s: float | None
    wait_95_s: float | None
    mean_stay_s: float | None
    share_waiting: float | None
    abandon_rate: float | None
    service_level: float | None
    service_level_s: int


@dataclass(frozen=True, slots=True)
class AgentSummary:
    """An agent over a run. `occupancy`: of the time in which it was at work, how much on contacts, in %."""

    agent: str
    handled: int
    staffed_s: float
    busy_s: float
    occupancy: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """A whole run; `ended_s`: when nothing was left to happen."""

    queues: tuple[QueueSummary, ...]
    agents: tuple[AgentSummary, ...]
    ended_s: float


def summarise(course: Course, configuration: Configuration, warm_up_s: float = 0) -> Summary:
    """The measures of a run; contacts that entered in the warm-up are left out."""
    groups: defaultdict[tuple[str, Channel], list[Visit]] = defaultdict(list)
    for visit in course.visits:
        if visit.entered_us >= warm_up_s * 1e6:
            groups[visit.queue, visit.channel].append(visit)
    pairs = sorted({*groups, *course.refused})
    queues = [_queue(pair, groups[pair], course.refused[pair], configuration) for pair in pairs]
    agents = [_agent(name, time) for name, time in course.agents.items()]
    return Summary(tuple(queues), tuple(agents), course.ended_us / 1e6)


def threshold_s(configuration: Configuration, queue: str) -> int:
    """The threshold of a queue's service level."""
    settings = configuration.queues.get(queue)
    return settings.service_level_s if settings else SERVICE_LEVEL_S


def _queue(
    pair: tuple[str, Channel], visits: Sequence[Visit], refused: int, configuration: Configuration
) -> QueueSummary:
    outcomes = Counter(visit.outcome for visit in visits)
    left = [visit for visit in visits if visit.outcome in LEFT]
    waits = sorted(visit.wait_us for visit in visits if visit.outcome == "answered")
    within_s = threshold_s(configuration, pair[0])
    return QueueSummary(
        queue=pair[0],
        channel=pair[1],
        offered=len(visits) + refused,
        answered=outcomes["answered"],
        abandoned=outcomes["abandoned"],
        overflowed=outcomes["overflowed"],
        expired=outcomes["expired"],
        refused=refused,
        waiting=outcomes["waiting"],
        mean_wait_s=sum(waits) / len(waits) / 1e6 if waits else None,
        wait_50_s=quantile_s(waits, 50),
        wait_90_s=quantile_s(waits, 90),
        wait_95_s=quantile_s(waits, 95),
        mean_stay_s=sum(visit.wait_us for visit in left) / len(left) / 1e6 if left else None,
        share_waiting=share(sum(visit.wait_us > 0 for visit in left), len(left)),
        abandon_rate=share(outcomes["abandoned"], len(left)),
        service_level=share(sum(visit.wait_us <= within_s * 1e6 for visit in left), len(left)),
        service_level_s=within_s,
    )


def _agent(name: str, time: AgentTime) -> AgentSummary:
    staffed_us, busy_us = (sum(to_us - from_us for from_us, to_us in spans) for spans in (time.staffed, time.busy))
    return AgentSummary(name, time.handled, staffed_us / 1e6, busy_us / 1e6, share(busy_us, staffed_us))


def quantile_s(sorted_us: Sequence[int], percent: float) -> float | None:
    """The smallest of the values that at least so many percent do not exceed, in seconds; None of no values."""
    if not sorted_us:
        return None
    return sorted_us[max(0, ceil(len(sorted_us) * percent / 100) - 1)] / 1e6


def share(part: float, whole: float) -> float | None:
    """A part in %; None of nothing."""
    return 100 * part / whole if whole else None
