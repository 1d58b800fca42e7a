"""Measures in intervals: what was counted in each minute, added up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fairlead.domain import measures
from fairlead.domain.measures import MINUTE_US, Counts
from fairlead.domain.queue import SERVICE_LEVEL_S
from fairlead.store import reading
from fairlead.store.procedure import Source, Steps, procedure
from fairlead.store.reading import AgentState


@dataclass(frozen=True, slots=True)
class Interval:
    """One subject, `queue:channel` or an agent, in one interval. `starts_us`: on the engine's clock."""

    starts_us: int
    subject: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A queue and channel in an interval; shares in %, times in seconds, None where there is nothing to measure.

    Service level and abandon rate are of those that left the queue in the interval; `left_ringing`: how many customers
    left while they were being offered, `answered_elsewhere`: how many offers another agent answered first; neither is
    non-response.
    """

    starts_us: int
    queue: str
    channel: str
    queued: int
    answered: int
    abandoned: int
    callbacks: int
    completed: int
    service_level: float | None
    abandon_rate: float | None
    answer_speed_s: float | None
    handle_s: float | None
    wait_90_s: int | None
    non_response: float | None
    left_ringing: int
    answered_elsewhere: int


@dataclass(frozen=True, slots=True)
class AgentRow:
    """An agent in an interval. `handled`: parts of contacts that it has handled, however they ended; `handle_s`: the
    average handle time.

    Occupancy: on contact / (on contact + idle), wall clock; non-response: offers that were missed, rejected or failed /
    offers, in %; `left_ringing`: offers whose customer left; `answered_elsewhere`: offers that another agent answered
    first.
    """

    starts_us: int
    agent: str
    handled: int
    handle_s: float | None
    contact_s: float
    idle_s: float
    occupancy: float | None
    offers: int
    missed: int
    rejected: int
    failed: int
    left_ringing: int
    answered_elsewhere: int
    non_response: float | None


@procedure
def read_intervals(source: Source, interval_min: int, since_min: int, *, of_agents: bool) -> Steps[list[Interval]]:
    """What was counted over the last `since_min` minutes, in intervals of `interval_min` that begin on the round clock:
    of queues, or of agents, where what they do right now is counted up to now.
    """
    now_us = yield from reading.now_us().steps(source)
    last = now_us // MINUTE_US
    first = (last - since_min) // interval_min * interval_min
    minutes = dict(enumerate((yield from reading.minutes(first, last).steps(source)), first))
    if of_agents:
        agents = yield from reading.agents_signed_in("activity", "activity_us").steps(source)
        _count_what_goes_on(agents, now_us, minutes)
    intervals: list[Interval] = []
    for start in range(first, last + 1, interval_min):
        rows = [minutes.get(minute, {}) for minute in range(start, start + interval_min)]
        for subject in sorted({one for row in rows for one in row if (":" not in one) == of_agents}):
            counts = measures.added(row.get(subject, {}) for row in rows)
            intervals.append(Interval(start * MINUTE_US, subject, counts))
    return intervals


def _count_what_goes_on(
    agents: Iterable[AgentState], now_us: int, minutes: Mapping[int, dict[str, dict[str, int]]]
) -> None:
    """The stretch that each agent is in has not been counted yet: add it, minute by minute."""
    for agent in agents:
        if not agent.activity:
            continue
        for minute, row in minutes.items():
            begins_us = max(agent.activity_us, minute * MINUTE_US)
            spent_us = min(now_us, (minute + 1) * MINUTE_US) - begins_us
            if spent_us > 0:
                counts = row.setdefault(agent.name, {})
                counter = f"{agent.activity}_us"
                counts[counter] = counts.get(counter, 0) + spent_us


@procedure
def read_report(
    source: Source, interval_min: int = 15, since_min: int = 480, queue: str | None = None, within_s: int | None = None
) -> Steps[list[QueueRow]]:
    """The measures of queues over the last `since_min` minutes in intervals of `interval_min`, of one queue or all.

    `within_s`: threshold of the service level; None for each queue's own.
    """
    configuration, _ = yield from reading.configuration_without_agents().steps(source)
    rows: list[QueueRow] = []
    for one in (yield from read_intervals(interval_min, since_min, of_agents=False).steps(source)):
        subject = one.subject.partition(":")[0]
        if queue in (None, subject):
            settings = configuration.queues.get(subject)
            rows.append(queue_row(one, within_s or (settings.service_level_s if settings else SERVICE_LEVEL_S)))
    return rows


@procedure
def read_agent_report(source: Source, interval_min: int = 15, since_min: int = 480) -> Steps[list[AgentRow]]:
    """The measures of agents over the last `since_min` minutes in intervals of `interval_min`."""
    intervals = yield from read_intervals(interval_min, since_min, of_agents=True).steps(source)
    return [agent_row(one) for one in intervals]


def queue_row(interval: Interval, within_s: int) -> QueueRow:
    """The measures of a queue and channel; `within_s`: the service level's threshold."""
    queue, _, channel = interval.subject.partition(":")
    counts = interval.counts
    return QueueRow(
        starts_us=interval.starts_us,
        queue=queue,
        channel=channel,
        queued=counts.get("queued", 0),
        answered=measures.total(counts, "a"),
        abandoned=measures.total(counts, "x"),
        callbacks=measures.total(counts, "c"),
        completed=measures.completed(counts),
        service_level=measures.service_level(counts, within_s),
        abandon_rate=measures.abandon_rate(counts),
        answer_speed_s=measures.average_speed_of_answer_s(counts),
        handle_s=measures.average_handle_time_s(counts),
        wait_90_s=measures.percentile_s(measures.histogram(counts, "a"), 90),
        non_response=measures.non_response(counts),
        left_ringing=counts.get("left", 0),
        answered_elsewhere=counts.get("rescinded", 0),
    )


def agent_row(interval: Interval) -> AgentRow:
    """The measures of an agent."""
    counts = interval.counts
    return AgentRow(
        starts_us=interval.starts_us,
        agent=interval.subject,
        handled=counts.get("handled", 0),
        handle_s=measures.average_handle_time_s(counts),
        contact_s=counts.get("contact_us", 0) / 1e6,
        idle_s=counts.get("idle_us", 0) / 1e6,
        occupancy=measures.occupancy(counts),
        offers=counts.get("offers", 0),
        missed=counts.get("missed", 0),
        rejected=counts.get("rejected", 0),
        failed=counts.get("error", 0),
        left_ringing=counts.get("left", 0),
        answered_elsewhere=counts.get("rescinded", 0),
        non_response=measures.non_response(counts),
    )
