"""Plain reads of an instance: pipelined, in bounded batches, without a script.

They are not one moment's picture to the microsecond, but they never stand in the way of the transitions.
"""

from fairlead.store.reading.agents import AgentState, Slot, read_agent_states
from fairlead.store.reading.configuration import read_configuration
from fairlead.store.reading.contacts import ContactRecord, ids_in_line, list_contacts, read_contact
from fairlead.store.reading.events import Event, last_events, read_events
from fairlead.store.reading.plain import engine_now_us
from fairlead.store.reading.queues import QueueState, position_of, read_minutes, read_queue_states, read_totals

__all__ = [
    "AgentState", "ContactRecord", "Event", "QueueState", "Slot", "engine_now_us", "ids_in_line",
    "last_events", "list_contacts", "position_of", "read_agent_states", "read_configuration", "read_contact",
    "read_events", "read_minutes", "read_queue_states", "read_totals",
]  # fmt: skip
