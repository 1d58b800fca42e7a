"""Queues: what waits in them, in which order, and what was counted."""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Literal

from fairlead.domain.channel import CHANNELS, Channel
from fairlead.domain.names import AGENT_QUEUE_PREFIX
from fairlead.domain.profile import Entry
from fairlead.store.members import lane_of, place_of, read_special
from fairlead.store.procedure import Source, Steps, ask_each, ask_one, procedure
from fairlead.store.reading.contacts import ContactRecord
from fairlead.store.reading.counters import Counters, queue_totals
from fairlead.store.reading.lines import Pair, all_pairs, entered_since, oldest_of, sizes_of, waiting_lines
from fairlead.store.reading.plain import names, now_us, tracks_of


@dataclass(frozen=True, slots=True)
class QueueState:
    """One queue and channel now. `oldest_us`: the real wait of the contact that has waited longest; `totals`: counters
    since the instance was made, as domain/measures.py names them.
    """

    queue: str
    channel: Channel
    waiting: int
    offered: int
    oldest_us: int
    totals: Mapping[str, int]


@procedure
def queue_states(source: Source, only: str | None = None) -> Steps[list[QueueState]]:
    """Every queue and channel that has or had contacts, standard queues first, then agent queues with contacts.

    It costs what has or had contacts: whatever enters a queue is counted, so that no other one need be looked at.
    """
    at_us = yield from now_us().steps(source)
    counted, is_whole = yield from queue_totals(source)
    if only is not None:
        pairs: list[Pair] = [(only, channel) for channel in CHANNELS]
    elif is_whole:
        pairs = list(_counted_pairs(counted, set((yield from names(source.keys.queues)))))
    else:
        pairs = yield from all_pairs(source)
    waiting = yield from waiting_lines(source, pairs)
    offered = {pair: source.keys.offered(*pair) for pair in pairs}
    plain, others = [lines[0] for lines in waiting.values()], [one for lines in waiting.values() for one in lines[1:]]
    sizes = yield from sizes_of([*plain, *others, *offered.values()])
    oldest = yield from oldest_of(sizes)
    got = [pair for pair in pairs if counted.get(":".join(pair), {}).get("transferred")]
    handed_on = [line for pair in got for line in (*waiting[pair], offered[pair]) if line in sizes]
    oldest |= yield from entered_since(source, handed_on)
    states: list[QueueState] = []
    for pair in pairs:
        queue, channel = pair
        counters, lines = counted.get(f"{queue}:{channel}", {}), [*waiting[pair], offered[pair]]
        sized = [sizes.get(line, 0) for line in lines]
        is_used = any(sized) or (counters and not queue.startswith(AGENT_QUEUE_PREFIX))
        if is_used or only is not None:
            waits_us = [at_us - oldest[line] for line in lines if line in oldest]
            states.append(QueueState(queue, channel, sum(sized[:-1]), sized[-1], max([0, *waits_us]), counters))
    return states


def _counted_pairs(counted: Counters, queues: Set[str]) -> Iterator[Pair]:
    """The pairs that anything was counted of, of the queues that there are and of any agent's, in order."""
    of_queues: dict[str, list[str]] = {}
    for subject in counted:
        queue, _, channel = subject.partition(":")
        if queue in queues or queue.startswith(AGENT_QUEUE_PREFIX):
            of_queues.setdefault(queue, []).append(channel)
    for queue in sorted(of_queues, key=lambda one: (one.startswith(AGENT_QUEUE_PREFIX), one)):
        for channel in CHANNELS:
            if channel in of_queues[queue]:
                yield queue, channel


@procedure
def position_of(source: Source, contact: ContactRecord) -> Steps[int]:
    """The contact's place among those that wait in its queue on its channel: 1 is the next."""
    member = place_of(
        contact.rank_us, contact.queued_us, contact.contact_id, expires_by_itself=contact.expires_by_itself
    ).encode()
    tracks = yield from tracks_of(source, contact.queue, contact.channel)
    lines = [source.keys.waiting(contact.queue, contact.channel, track) for track in tracks]
    bounds = (f"({contact.priority}", contact.priority)
    counts: list[int] = yield from ask_each(("ZCOUNT", line, "-inf", bound) for line in lines for bound in bounds)
    within = dict(zip(lines, zip(counts[::2], counts[1::2], strict=True), strict=True))
    while probes := list(_probes(within)):  # members of one priority are in order
        replies = yield from ask_each(("ZRANGE", line, place, place) for line, place in probes)
        for (line, place), found in zip(probes, replies, strict=True):
            first, last = within[line]
            is_before = found and found[0] < member
            within[line] = (place + 1, last) if is_before else (first, min(last, place))
    return sum(first for first, _ in within.values()) + 1


_PROBES = 32
"""So many places of a line are looked at in one round trip: two find a place among a thousand, four among a million."""


def _probes(within: Mapping[str, tuple[int, int]]) -> Iterator[tuple[str, int]]:
    """Of each line, places between two that a place is looked for between, evenly spread."""
    for line, (first, last) in within.items():
        for place in range(first, last, max(1, -(-(last - first) // _PROBES))):
            yield line, place


@procedure
def position_of_next(source: Source, queue: str, channel: Channel, priority: int) -> Steps[int]:
    """The place that a contact of that priority would get in line now, behind all that are as urgent: 1 is the next."""
    lines = [source.keys.waiting(queue, channel, track) for track in (yield from tracks_of(source, queue, channel))]
    counts: list[int] = yield from ask_each(("ZCOUNT", line, "-inf", priority) for line in lines)
    return sum(counts) + 1


@procedure
def is_anybody_free(source: Source, serving: Iterable[tuple[str, Entry]]) -> Steps[bool]:
    """Whether any agent of these profiles, each with an entry, may be offered contacts of that entry now."""
    lanes = [(name, lane_of(one.queue, one.channel) if one.max_contacts else one.channel) for name, one in serving]
    counts = yield from ask_each(("ZCARD", source.keys.available(*lane)) for lane in lanes)
    return any(counts)


@procedure
def names_of(source: Source, kind: Literal["agent", "queue", "profile"]) -> Steps[list[str]]:
    """The names of the agents, queues or profiles that are configured."""
    keys = {"agent": source.keys.agents, "queue": source.keys.queues, "profile": source.keys.profiles}
    return (yield from names(keys[kind]))


@procedure
def closed_queues(source: Source) -> Steps[frozenset[str]]:
    """The queues that hold what is in them, by their hours of operation."""
    return read_special((yield from ask_one("HGET", source.keys.instance, "special"))).closed
