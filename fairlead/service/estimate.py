"""When a waiting contact will probably be answered: what the rule needs, read from the instance."""

from fairlead.domain import measures
from fairlead.domain.measures import MINUTE_US, Estimate
from fairlead.errors import WrongState
from fairlead.store import reading
from fairlead.store.procedure import Source, Steps, procedure
from fairlead.store.reading import ContactRecord

OVER_MINUTES = 15
"""How far back answers are counted: long enough for a few, short enough to follow the day."""


@procedure
def estimate_wait(source: Source, contact_id: str) -> Steps[Estimate]:
    """The position and the estimated wait of a queued contact. Raises UnknownContact, WrongState."""
    contact = yield from reading.contact(contact_id).steps(source)
    if contact.state != "queued":
        raise WrongState(f"contact {contact_id!r} is {contact.state}: only a queued one has a position in its queue")
    agents = yield from count_serving(source, contact.queue, contact.channel)
    return (yield from estimate_with(source, contact, agents))


def estimate_with(source: Source, contact: ContactRecord, agents: int) -> Steps[Estimate]:
    """The same of a queued contact that has been read, with so many agents who are routable and serve it."""
    pair = f"{contact.queue}:{contact.channel}"
    now_us = yield from reading.now_us().steps(source)
    minute = now_us // MINUTE_US
    rows = yield from reading.minutes(minute - OVER_MINUTES, minute).steps(source)
    counts = measures.added(row.get(pair, {}) for row in rows)
    over_s = OVER_MINUTES * 60 + now_us % MINUTE_US / 1e6
    return measures.estimate(
        (yield from reading.position_of(contact).steps(source)),
        measures.total(counts, "a"),
        over_s,
        agents,
        measures.average_handle_time_s(counts),
    )


def count_serving(source: Source, queue: str, channel: str) -> Steps[int]:
    """How many agents are routable and have a profile that routes contacts of the queue and channel to them."""
    configuration, _ = yield from reading.configuration_without_agents().steps(source)
    serving = {
        profile.name
        for profile in configuration.profiles.values()
        if any((one.queue, one.channel) == (queue, channel) and not one.manual_only for one in profile.entries)
    }
    routable = {name for name, status in configuration.statuses.items() if status.type == "routable"}
    agents = yield from reading.agents_signed_in("status", of=serving).steps(source)
    return sum(agent.status in routable for agent in agents)
