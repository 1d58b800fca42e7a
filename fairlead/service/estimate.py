"""When a contact that waits, or would come now, will probably be answered, by what is read from the instance."""

from dataclasses import dataclass

from fairlead.domain import measures
from fairlead.domain.channel import Channel
from fairlead.domain.contact import DEFAULT_PRIORITY
from fairlead.domain.measures import MINUTE_US, SOME_ANSWERS, Estimate
from fairlead.errors import WrongState
from fairlead.store import reading
from fairlead.store.procedure import Source, Steps, procedure, side_by_side
from fairlead.store.refusals import unknown_object

OVER_MINUTES = 15
"""How far back answers are counted: long enough for a few, short enough to follow the day."""


@procedure
def estimate_wait(source: Source, contact_id: str) -> Steps[Estimate]:
    """The position and the estimated wait of a queued contact. Raises UnknownContact, WrongState.

    The rate of answering is that since the first minute, of the last 15, in which there was an answer.
    """
    contact = yield from reading.contact(contact_id).steps(source)
    if contact.state != "queued":
        raise WrongState(f"contact {contact_id!r} is {contact.state}: only a queued one has a position in its queue")
    pair = (contact.queue, contact.channel)
    position, rate, agents = yield from side_by_side(
        reading.position_of(contact).steps(source), rate_of(source, *pair), count_serving(source, *pair)
    )
    return estimate_from(position, rate, agents)


@procedure
def estimate_queue(
    source: Source, queue: str, channel: Channel = "voice", priority: int = DEFAULT_PRIORITY
) -> Steps[Estimate]:
    """The position and the estimated wait of a contact of that priority, if it were pushed into the queue now.

    Raises UnknownQueue.
    """
    configuration, _ = yield from reading.configuration_without_agents().steps(source)
    if queue not in configuration.queues:
        raise unknown_object("queue", queue)
    position = yield from reading.position_of_next(queue, channel, priority).steps(source)
    if queue in (yield from reading.closed_queues().steps(source)):
        return Estimate(position, None, "the queue is closed", "low")
    at_once = [
        (profile.name, entry)
        for profile in configuration.profiles.values()
        for entry in profile.entries
        if (entry.queue, entry.channel) == (queue, channel) and not entry.manual_only and entry.delay_s == 0
    ]
    if position == 1 and (yield from reading.is_anybody_free(at_once).steps(source)):
        return Estimate(1, 0.0, "an agent is free", "high")
    rate = yield from rate_of(source, queue, channel)
    agents = 0 if rate.answers >= SOME_ANSWERS else (yield from count_serving(source, queue, channel))
    return estimate_from(position, rate, agents)


@dataclass(frozen=True, slots=True)
class Rate:
    """How many contacts of a queue and channel were answered in so many seconds, and how long one was handled."""

    answers: int
    over_s: float
    handle_s: float | None


def rate_of(source: Source, queue: str, channel: str) -> Steps[Rate]:
    """How contacts of a queue and channel were answered lately."""
    now_us = yield from reading.now_us().steps(source)
    minute = now_us // MINUTE_US
    subject = f"{queue}:{channel}"
    rows = yield from reading.minutes(minute - OVER_MINUTES, minute, subject).steps(source)
    counts = measures.added(row.get(subject, {}) for row in rows)
    answered = [place for place, row in enumerate(rows) if measures.total(row.get(subject, {}), "a")]
    over_s = (len(rows) - 1 - (answered[0] if answered else 0)) * 60 + now_us % MINUTE_US / 1e6
    return Rate(measures.total(counts, "a"), over_s, measures.average_handle_time_s(counts))


def estimate_from(position: int, rate: Rate, agents: int) -> Estimate:
    """The estimate at a position, with so many agents who are routable and serve the queue and channel."""
    return measures.estimate(position, rate.answers, rate.over_s, agents, rate.handle_s)


def count_serving(source: Source, queue: str, channel: str) -> Steps[int]:
    """How many agents are routable and have a profile that routes contacts of the queue and channel to them."""
    configuration, _ = yield from reading.configuration_without_agents().steps(source)
    serving = {
        profile.name
        for profile in configuration.profiles.values()
        if any((one.queue, one.channel) == (queue, channel) and not one.manual_only for one in profile.entries)
    }
    routable = configuration.routable_statuses()
    agents = yield from reading.agents_signed_in("status", of=serving).steps(source)
    return sum(agent.status in routable for agent in agents)
