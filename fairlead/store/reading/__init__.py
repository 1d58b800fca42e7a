"""Plain reads of an instance, as values: in bounded round trips, without a script."""

from fairlead.store.reading.agents import AgentState, Slot, agent_states
from fairlead.store.reading.configuration import configuration_in_force
from fairlead.store.reading.contacts import ContactRecord, contact, contacts_by_id, contacts_in, ids_in_line
from fairlead.store.reading.events import Event, EventFilter, EventPage, events_after, find_events, newest_events
from fairlead.store.reading.facts import ServerFacts, server
from fairlead.store.reading.finding import ContactFilter, ContactPage, find_contacts
from fairlead.store.reading.objects import object_in_force, versions
from fairlead.store.reading.plain import now_us
from fairlead.store.reading.queues import QueueState, minutes, position_of, queue_states, totals

__all__ = [
    "AgentState", "ContactFilter", "ContactPage", "ContactRecord", "Event", "EventFilter", "EventPage",
    "QueueState", "ServerFacts", "Slot", "agent_states", "configuration_in_force", "contact", "contacts_by_id",
    "contacts_in", "events_after", "find_contacts", "find_events", "ids_in_line", "minutes", "newest_events",
    "now_us", "object_in_force", "position_of", "queue_states", "server", "totals", "versions",
]  # fmt: skip
