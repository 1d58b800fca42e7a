"""Plain reads of an instance, as values: in bounded round trips, without a script."""

from fairlead.store.reading.agents import SHOWN, AgentState, Slot, agent_states, agents_followed, agents_signed_in
from fairlead.store.reading.configuration import configuration_in_force, configuration_without_agents
from fairlead.store.reading.contacts import ContactRecord, contact, contacts_by_id, contacts_in, ids_in_line, open_ids
from fairlead.store.reading.counters import minutes, totals
from fairlead.store.reading.events import (
    Event,
    EventFilter,
    EventPage,
    events_after,
    find_events,
    has_all_events,
    newest_events,
)
from fairlead.store.reading.facts import ServerFacts, server, version
from fairlead.store.reading.finding import ContactFilter, ContactPage, find_contacts
from fairlead.store.reading.objects import object_in_force, versions
from fairlead.store.reading.plain import last_stamp, now_us
from fairlead.store.reading.queues import (
    QueueState,
    closed_queues,
    is_anybody_free,
    names_of,
    position_of,
    position_of_next,
    queue_states,
)
from fairlead.store.reading.state import Now, agents_of, alike_now, pairs_of_agent, state_now

__all__ = [
    "SHOWN",
    "AgentState",
    "ContactFilter",
    "ContactPage",
    "ContactRecord",
    "Event",
    "EventFilter",
    "EventPage",
    "Now",
    "QueueState",
    "ServerFacts",
    "Slot",
    "agent_states",
    "agents_followed",
    "agents_of",
    "agents_signed_in",
    "alike_now",
    "closed_queues",
    "configuration_in_force",
    "configuration_without_agents",
    "contact",
    "contacts_by_id",
    "contacts_in",
    "events_after",
    "find_contacts",
    "find_events",
    "has_all_events",
    "ids_in_line",
    "is_anybody_free",
    "last_stamp",
    "minutes",
    "names_of",
    "newest_events",
    "now_us",
    "object_in_force",
    "open_ids",
    "pairs_of_agent",
    "position_of",
    "position_of_next",
    "queue_states",
    "server",
    "state_now",
    "totals",
    "version",
    "versions",
]  # fmt: skip
