"""The events: when each is written, and what its fields mean. Which fields it has, the Lua files say (`-- EMITS`)."""

from collections.abc import Iterator, Mapping
from functools import cache

from fairlead.store.contracts import Emitted, read_header
from fairlead.store.sources import floors, function_source, names, source

WHEN: Mapping[str, str] = {
    "agent.lost": "a session is over without being signed out: its lease or its process has ended, or it was replaced",
    "agent.profile_changed": "a configuration gave a known agent another routing profile",
    "agent.resumed": "a live session goes on with another holder, under a new epoch; an absent agent is present",
    "agent.signed_in": "a session begins; the agent is Available",
    "agent.signed_out": "a session is signed out, by itself or by a supervisor",
    "agent.status_changed": "the status, the next status, the presence or a kept slot of a signed-in agent has changed",
    "contact.abandoned": "the customer has left while the contact waited or was being offered",
    "contact.accepted": "the agent has answered an offer; the contact is connected",
    "contact.acw_started": "the agent is done with the contact; after-contact work begins",
    "contact.completed": "the contact is over: finished by its agent, or stopped by a supervisor",
    "contact.connected": "an agent was given the contact, and it is connected without an offer",
    "contact.expired": "the contact has waited too long, or a callback has had its last attempt",
    "contact.forgotten": "what tells of the customer was erased from the contact's record",
    "contact.held": "the customer is put on hold",
    "contact.missed": "an offer was not answered in time; the contact goes back to its place, or rings on at others",
    "contact.offered": "an agent is being offered the contact",
    "contact.overflowed": "the contact goes to another queue by a rule or by hand, with its rank kept or in front",
    "contact.parked": "the contact is out of routing until it is put back by hand",
    "contact.paused": "a connected task is paused",
    "contact.queued": "the contact enters its queue: new, due or to be called back",
    "contact.rejected": "the agent has refused an offer; the contact goes back to its place, or rings on at others",
    "contact.requeued": "the contact goes back to its place in line",
    "contact.rescinded": "one of several agents at whom the contact rang is asked no more, and has not missed it",
    "contact.resumed": "a contact on hold, or a paused task, is connected again",
    "contact.scheduled": "the contact or callback enters its queue later",
    "contact.step_expired": "a routing step is over; the next one asks for an agent",
    "contact.transferred": "the contact goes to another queue: handed on by its agent, or moved",
    "contact.updated": "the priority, the age adjustment, the criteria or the attributes of a contact have changed",
    "profile.updated": "a configuration added, changed or removed a routing profile",
    "queue.updated": "a configuration added, changed or removed a queue",
    "webhook.changed": "an endpoint has another address, format or choice of events",
    "webhook.created": "an endpoint was made, and gets events from now on",
    "webhook.removed": "an endpoint is no more",
    "webhook.rotated": "an endpoint got a new secret",
    "webhook.switched_off": "an endpoint gets no more events: by_hand, it is gone, or it was failing for five days",
    "webhook.switched_on": "an endpoint gets events again",
}
"""Event -> when it is written."""

MEANING: Mapping[str, tuple[str, str]] = {
    "again_us": ("int", "when the pause after a failed attempt ends; empty: there is none"),
    "agent": ("str", "the agent's name; empty: none had it"),
    "attempt": ("int", "the attempt that this is, the first is 1"),
    "attempts": ("int", "how many attempts have failed or lost their session"),
    "before": ("str", "the routing profile before"),
    "capacity": ("int", "the most contacts that the session holds over all channels; 0: as the profile says"),
    "change": ("str", "added, changed or removed"),
    "changed": ("str", "what has changed: priority, age_adjustment, criteria, attribute:NAME, url, ...; never a value"),
    "channel": ("str", "voice, chat, task or email"),
    "contact": ("str", "the contact's id"),
    "deadline_us": ("int", "when the offer ends; empty: it is connected"),
    "due_us": ("int", "when the contact enters its queue"),
    "entry_priority": ("int", "the priority of the profile's entry by which it was chosen, or by_hand; 0: agent queue"),
    "epoch": ("int", "the session"),
    "error": ("str", "what went wrong, never a byte of a payload"),
    "intake": ("str", "the intake that chose the queue"),
    "intake_version": ("int", "the version of the configuration that changed the intake last"),
    "next_status": ("str", "the status that follows when the last slot is free; empty: none"),
    "priority": ("int", "contact priority, 1 is the highest"),
    "profile": ("str", "the routing profile"),
    "profile_version": ("int", "the version of the configuration that changed the profile last"),
    "queue": ("str", "the queue, or @agent"),
    "queued_us": ("int", "when its real wait in this queue began"),
    "rank_us": ("int", "its place in line, as the time that it ranks from"),
    "read": ("str", "what of the state and the time the rules read, as NAME=VALUE with spaces between"),
    "reason": ("str", "why, in a word; empty: nothing more to say"),
    "rings": ("int", "at how many others the contact rings on"),
    "rule": ("str", "the number of the intake's rule, the first is 1, 0 the default; and its name if it has one"),
    "status": ("str", "the agent's status"),
    "step": ("int", "the routing step that is over, the first is 1"),
    "token": ("int", "the fencing token; empty: no agent had it"),
    "waited_us": ("int", "how long it has really waited in this queue"),
    "webhook": ("str", "the endpoint's id"),
    "worker": ("str", "the worker, for people"),
}
"""Field -> its type and what it means. In the stream all values are text."""


@cache
def emitted() -> dict[str, list[Emitted]]:
    """Each event with the ways in which the Lua files declare it, by name."""
    found: dict[str, list[Emitted]] = {}
    for one in sorted(_declared(), key=lambda one: one.event):
        ways = found.setdefault(one.event, [])
        if one not in ways:
            ways.append(one)
    return found


def _declared() -> Iterator[Emitted]:
    for text in [*map(source, names()), *map(function_source, floors())]:
        yield from read_header(text).emits


def render() -> str:
    """The page of events, in Markdown."""
    parts = [
        "# Events",
        "",
        "Generated from `fairlead/store/events.py` and the `EMITS` lines in `fairlead/store/lua`. Each event also has",
        "`event`, its name, and `at_us`, the engine's time in microseconds; and `actor`, who did it, if anybody did:",
        "`agent:NAME` for what a session asked, else whom the caller named (`cli:USER`). What a sweep does has none.",
    ]
    for event, ways in emitted().items():
        parts += [
            "",
            f"## {event}",
            "",
            f"{WHEN[event][0].upper()}{WHEN[event][1:]}.",
            "",
            "| field | type | meaning |",
        ]
        parts += ["|---|---|---|"]
        always = set.intersection(*(set(way.fields) for way in ways))
        for name in dict.fromkeys(name for way in ways for name in way.fields):
            kind, meaning = MEANING[name]
            parts += [f"| {name} | {kind} | {meaning}{'' if name in always else '; may be left out'} |"]
    return "\n".join(parts) + "\n"
