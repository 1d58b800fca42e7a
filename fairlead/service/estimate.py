"""When a waiting contact will probably be answered: what the rule needs, read from the instance."""

from fairlead.domain import measures
from fairlead.domain.measures import MINUTE_US, Estimate
from fairlead.errors import WrongState
from fairlead.store.client import Store
from fairlead.store.reading import (
    engine_now_us,
    position_of,
    read_agent_states,
    read_configuration,
    read_contact,
    read_minutes,
)

OVER_MINUTES = 15
"""How far back answers are counted: long enough for a few, short enough to follow the day."""


def estimate_wait(store: Store, contact_id: str) -> Estimate:
    """The position and the estimated wait of a queued contact. Raises UnknownContact, WrongState."""
    contact = read_contact(store, contact_id)
    if contact.state != "queued":
        raise WrongState(f"contact {contact_id!r} is {contact.state}: only a queued one has a position in its queue")
    pair = f"{contact.queue}:{contact.channel}"
    now_us = engine_now_us(store)
    minute = now_us // MINUTE_US
    rows = read_minutes(store, minute - OVER_MINUTES, minute)
    counts = measures.added(row.get(pair, {}) for row in rows)
    over_s = OVER_MINUTES * 60 + now_us % MINUTE_US / 1e6
    return measures.estimate(
        position_of(store, contact),
        measures.total(counts, "a"),
        over_s,
        _serving(store, contact.queue, contact.channel),
        measures.average_handle_time_s(counts),
    )


def _serving(store: Store, queue: str, channel: str) -> int:
    """How many agents are routable and have a profile that routes contacts of the queue and channel to them."""
    configuration, _ = read_configuration(store)
    serving = {
        profile.name
        for profile in configuration.profiles.values()
        if any((one.queue, one.channel) == (queue, channel) and not one.manual_only for one in profile.entries)
    }
    routable = {name for name, status in configuration.statuses.items() if status.type == "routable"}
    return sum(agent.profile in serving and agent.status in routable for agent in read_agent_states(store))
