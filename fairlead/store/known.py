"""What the rules and the Lua transitions both know. Each value stands once, in Python; a script asks for it by name.

A Lua file says `-- KNOWS CHAIN_CONTACTS`, and the loader writes 12 wherever it says CHAIN_CONTACTS.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TypeAlias

from fairlead.domain import agent, channel, choose, configuration, contact, measures, queue, slots
from fairlead.domain.channel import Channel
from fairlead.store.keys import LAYOUT, OFFERED_TRACK, PAUSE_TRACK
from fairlead.store.members import RANK_DIGITS

PAUSE_US = 3_000_000
"""Longer than workers leave between two sweeps. By less than this, Redis' clock may differ from a monotonic one."""

MOST_CALLS = 1_000
"""How often a script that works in bounded steps asks Redis before it takes no further step; a step asks less often."""

AT_ONCE = {
    "AGENTS_READ": 20,
    "CONTACTS_AT_ONCE": 100,
    "COUNTERS_AT_ONCE": 5_000,
    "COUNTERS_READ": 500,
    "FORGIVEN_AT_ONCE": 20,
    "LINE_READ": 32,
    "LONG_LINE_READ": 1_000,
    "MINUTES_AT_ONCE": 100,
    "MOST_CALLS": MOST_CALLS,
    "QUEUES_AT_ONCE": 50,
    "STARTS_AT_ONCE": 20,
    "STEPS_AT_ONCE": 50,
    "TAKEN_AT_ONCE": 30,
    "TRACKS_AT_ONCE": 200,
    "VALUES_AT_ONCE": 4_000,
}
"""How much of what it goes through a script reads or does at once. What is left is read or done next, so that the
outcome is the same whatever stands here.
"""

AGENTS_ASKED = 100
"""Of how many of a profile's agents, those available longest, a queue's choice prefers one."""

AGENTS_TRIED = 30
"""How many of a profile's available agents are looked at for one who is there by the clock."""

MOST_POOLS = 400
"""How many pools of agents that others have left a script matches together; more are matched in turns."""

OLDEST_LOOKS = 60
"""How often a script looks for the contact of a queue that has waited longest, as another one comes."""

CALENDAR_LASTS_DAYS = 400
"""How far ahead the times at which queues open and close are written."""

CALENDAR_AGAIN_S = 100 * 86_400
"""How long after it was written a calendar is written anew, by whoever sweeps then."""

BARE_FIELDS = 6
"""A contact that waits has a state, a queue, a channel, a priority, a rank and a digest."""

KEPT_INSTANCES = 20
"""Of so many instances a server's transitions keep what they have read of the configuration (kept_of)."""

Value: TypeAlias = int | str | Sequence[str] | AbstractSet[str] | Mapping[Channel, int]

KNOWN: Mapping[str, Value] = {
    "AGENTS_ASKED": AGENTS_ASKED,
    "AGENTS_TRIED": AGENTS_TRIED,
    "AGENT_QUEUE_CONTACTS": queue.AGENT_QUEUE_CONTACTS,
    "AVAILABLE": agent.AVAILABLE.name,
    "BARE_FIELDS": BARE_FIELDS,
    "CALENDAR_AGAIN_S": CALENDAR_AGAIN_S,
    "CHAIN_CONTACTS": contact.CHAIN_CONTACTS,
    "CHANNELS": channel.CHANNELS,
    "COARSE_S": measures.COARSE_S,
    "ENDED": frozenset(contact.ENDED),
    "ENDED_RETENTION_S": configuration.ENDED_RETENTION_S,
    "EVENTS_KEPT": configuration.EVENTS_KEPT,
    "EXPIRY_S": queue.EXPIRY_S,
    "FINE_S": measures.FINE_S,
    "HELD": frozenset(contact.HELD),
    "IN_QUEUE": frozenset(contact.IN_QUEUE),
    "KEPT_INSTANCES": KEPT_INSTANCES,
    "LAYOUT": LAYOUT,
    "LONGEST_PAUSE_S": contact.LONGEST_PAUSE_S,
    "LONGEST_SCHEDULE_S": contact.LONGEST_SCHEDULE_S,
    "MAX_ATTEMPTS": queue.MAX_ATTEMPTS,
    "MEASURES_KEPT_S": configuration.MEASURES_KEPT_S,
    "MINUTE_US": measures.MINUTE_US,
    "MOST_ATTRIBUTES": contact.MOST_ATTRIBUTES,
    "MOST_POOLS": MOST_POOLS,
    "OFFER_AGAIN_AFTER_S": queue.OFFER_AGAIN_AFTER_S,
    "OFFER_ENDS": frozenset(measures.OFFER_ENDS),
    "OVERFLOW_AGAIN_S": queue.OVERFLOW_AGAIN_S,
    "OFFERED_TRACK": OFFERED_TRACK,
    "OLDEST_LOOKS": OLDEST_LOOKS,
    "OFFER_WINDOW_MS": channel.OFFER_WINDOW_MS,
    "ON_CONTACT": frozenset(slots.ON_CONTACT),
    "PAUSE_TRACK": PAUSE_TRACK,
    "PAUSE_US": PAUSE_US,
    "RANK_DIGITS": RANK_DIGITS,
    "RANK_FORMAT": f"%0{RANK_DIGITS}d",
    "REFUSALS": frozenset(contact.REFUSALS),
    "RETRY_DELAY_S": queue.RETRY_DELAY_S,
    "SERVED_S": choose.SERVED_S,
    "SHARE_SCALE": choose.SHARE_SCALE,
    "WAITING": frozenset(contact.WAITING),
    "WITH_AGENT": frozenset(slots.WITH_AGENT),
    **AT_ONCE,
}
"""Name -> value. In Lua a sequence is a list, a set has `true` for each member, and a mapping is a table."""


def in_lua(name: str) -> str:
    """A value as Lua writes it. Raises KeyError when nothing is known by that name."""
    return _literal(KNOWN[name])


def _literal(value: Value) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_literal(one)}" for key, one in value.items()) + " }"
    if isinstance(value, AbstractSet):
        return "{ " + ", ".join(f"{one} = true" for one in sorted(value)) + " }"
    return "{ " + ", ".join(map(_literal, value)) + " }"
