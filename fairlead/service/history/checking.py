"""The check of a history: places, rules, clients, and what there was in the end."""

from collections.abc import Iterator, Mapping

from fairlead.domain.contact import ENDED
from fairlead.domain.measures import total
from fairlead.service.history.clients import check_clients
from fairlead.service.history.places import Place, Places
from fairlead.service.history.recording import Ended, History
from fairlead.service.history.rules import Rules
from fairlead.service.history.values import Finding

SLACK_US = 1_500_000
"""How long a contact and an agent who may take it may both wait: until the next sweep, and half a second."""

GRACE_US = 5_000_000
"""How long an agent may hold what it was not told: a worker asks once a second, and may be busy or cut off."""

_BUCKETS = frozenset("ax")
"""Counters that are kept in buckets by duration: answered, abandoned."""


def check_history(
    history: History, slack_us: int = SLACK_US, grace_us: int = GRACE_US, *, are_leases_long: bool = True
) -> list[Finding]:
    """All that is wrong with the history, in order. Without a configuration nothing is judged by the rules.

    `are_leases_long`: no lease lapses within a second in which its agent has acted. Else it is not judged which agent
    got a contact, since no event tells of a lapsed lease before the next sweep.
    """
    return list(_findings(history, slack_us, grace_us, are_leases_long))


def _findings(history: History, slack_us: int, grace_us: int, are_leases_long: bool) -> Iterator[Finding]:
    queues = history.configured[-1].configuration.queues if history.configured else {}
    most_attempts = {name: queue.max_attempts for name, queue in queues.items()}
    most_rings = {name: queue.offer_to for name, queue in queues.items()}
    places = Places(is_whole=history.is_whole, most_attempts=most_attempts, most_rings=most_rings)
    rules = Rules(history, slack_us, judges_agents=are_leases_long) if history.configured else None
    events = history.events
    for place, event in enumerate(events):
        yield from places.happen(event)
        if rules:
            yield from rules.happen(place, event)
        if place + 1 == len(events) or events[place + 1].at_us != event.at_us:
            yield from places.settle(event.event_id)
            if rules:
                yield from rules.settle(event.at_us, event.event_id)
    if history.now:
        if rules:
            yield from rules.end(history.now.at_us)
        yield from _check_end(history.now, places)
    yield from check_clients(history, places, grace_us)


def _check_end(now: Ended, places: Places) -> Iterator[Finding]:
    for contact_id, (state, agent, token) in now.contacts.items():
        place = places.contacts[contact_id]
        if state == "" and place.state in ENDED:
            continue  # its record has expired
        is_same = place.state == state and (state in ENDED or (place.agent, place.token) == (agent, token))
        if not is_same:
            is_ = f"{state or 'gone'} with {agent or 'nobody'}, token {token}"
            yield Finding("state", "", f"{contact_id} is {is_}; the events say: {_shown(place)}")
    yield from _check_slots(now, places)
    if now.totals and places.is_whole:
        for subject, counted in sorted(places.counted.items()):
            kept = now.totals.get(subject, {})
            for name, many in sorted(counted.items()):
                has = total(kept, name) if name in _BUCKETS else kept.get(name, 0)
                if has != many:
                    yield Finding("counter", "", f"{subject} counts {has} {name}; the events say: {many}")


def _check_slots(now: Ended, places: Places) -> Iterator[Finding]:
    for name, slots in now.slots.items():
        held = {(token, one): kind for token, kind, one in slots if kind not in ("missed", "error")}
        held = {pair: kind for pair, kind in held.items() if kind != "acw" or not _has_gone_on(places, *pair)}
        told: Mapping[tuple[int, str], str] = {
            (one.holders()[name], one.contact): one.state for one in places.contacts.values() if name in one.holders()
        }
        if held != told and places.is_whole:
            yield Finding("state", "", f"{name} holds {_listed(held)}; the events say: {_listed(told)}")


def _has_gone_on(places: Places, token: int, contact_id: str) -> bool:
    """Whether the agent works on after a contact that it has handed on."""
    place = places.contacts.get(contact_id)
    return place is not None and place.token != token


def _listed(held: Mapping[tuple[int, str], str]) -> str:
    return ", ".join(f"{one} {kind}" for (_, one), kind in sorted(held.items())) or "nothing"


def _shown(place: Place) -> str:
    return f"{place.state} with {place.agent or 'nobody'}, token {place.token}"
