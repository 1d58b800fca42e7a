"""Queues: what waits in them, in which order, and what was counted."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from fairlead.domain.channel import CHANNELS, Channel
from fairlead.domain.names import AGENT_QUEUE_PREFIX, agent_queue
from fairlead.store.keys import PAUSE_TRACK, Keys
from fairlead.store.members import place_of, read_place
from fairlead.store.procedure import Command, Source, Steps, ask, ask_each, ask_one, procedure
from fairlead.store.reading.contacts import ContactRecord
from fairlead.store.reading.plain import names, now_us, tracks_of

MOST_OPEN_MINUTES = 60
"""How many minutes that no sweep has added to the totals yet are read; more are open only when nobody sweeps."""

MOST_PRIORITIES = 100
"""How many contact priorities in use are looked at for the contact that has waited longest."""


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
    """Every queue and channel that has or had contacts, standard queues first, then agent queues with contacts."""
    keys = source.keys
    at_us = yield from now_us().steps(source)
    queues = [only] if only else (yield from names(keys.queues))
    if only is None:
        queues += [agent_queue(name) for name in (yield from names(keys.agents))]
    pairs: list[tuple[str, Channel]] = [(queue, channel) for queue in queues for channel in CHANNELS]
    sizes = yield from ask_each(command for pair in pairs for command in _sizes(keys, pair))
    subjects = yield from totals().steps(source)
    states: list[QueueState] = []
    for place, (queue, channel) in enumerate(pairs):
        waiting, paused, offered, tracks = sizes[place * 4 : place * 4 + 4]
        tracked = yield from ask_each(("ZCARD", keys.waiting(queue, channel, track.decode())) for track in tracks)
        waiting += paused + sum(tracked)
        counters = subjects.get(f"{queue}:{channel}", {})
        is_used = waiting or offered or (counters and not queue.startswith(AGENT_QUEUE_PREFIX))
        if not (is_used or only):
            continue
        oldest_us = at_us - (yield from _oldest(source, queue, channel, at_us)) if waiting or offered else 0
        states.append(QueueState(queue, channel, waiting, offered, max(0, oldest_us), counters))
    return states


def _sizes(keys: Keys, pair: tuple[str, str]) -> Iterator[Command]:
    yield ("ZCARD", keys.waiting(*pair))
    yield ("ZCARD", keys.waiting(*pair, PAUSE_TRACK))
    yield ("ZCARD", keys.offered(*pair))
    yield ("HVALS", keys.tracks(*pair))


@procedure
def totals(source: Source) -> Steps[dict[str, dict[str, int]]]:
    """The counters of each subject, `queue:channel` or an agent, since the instance was made."""
    closed, first_open, last = yield from _read_closed(source)
    first = max(int(first_open or last), last - MOST_OPEN_MINUTES)
    rows = yield from ask_each(("HGETALL", source.keys.minute(minute)) for minute in range(first, last + 1))
    return by_subject([closed, *rows])


def _read_closed(source: Source) -> Steps[tuple[dict[bytes, bytes], bytes | None, int]]:
    """The totals, the first minute that they lack and the last one there is, all of one time.

    Not in MULTI, of which Redis refuses whatever it is when its memory is full.
    """
    instance = source.keys.instance
    while True:
        before, closed, (first_open, last) = yield from ask(
            ("HGET", instance, "closed_minute"),
            ("HGETALL", source.keys.totals),
            ("HMGET", instance, "closed_minute", "minute"),
        )
        if before == first_open:
            return closed, first_open, int(last or 0)


@procedure
def minutes(source: Source, first: int, last: int) -> Steps[list[dict[str, dict[str, int]]]]:
    """The counters of each subject in each Unix minute from `first` to `last`, both included."""
    rows = yield from ask_each(("HGETALL", source.keys.minute(minute)) for minute in range(first, last + 1))
    return [by_subject([row]) for row in rows]


def by_subject(rows: Iterable[Mapping[bytes, bytes]]) -> dict[str, dict[str, int]]:
    """`subject counter` -> value, added up, as subject -> counter -> value."""
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        for field_name, value in row.items():
            subject, _, counter = field_name.decode().partition(" ")
            counters = found.setdefault(subject, {})
            counters[counter] = counters.get(counter, 0) + int(value)
    return found


def _oldest(source: Source, queue: str, channel: str, at_us: int) -> Steps[int]:
    """When the contact that has waited longest was enqueued: the oldest of the heads of the priorities in use."""
    oldest_us = at_us
    tracks = yield from tracks_of(source, queue, channel)
    lines = [source.keys.waiting(queue, channel, track) for track in tracks]
    for line in (*lines, source.keys.offered(queue, channel)):
        above = "-inf"
        for _ in range(MOST_PRIORITIES):
            head = yield from ask_one("ZRANGEBYSCORE", line, above, "+inf", "WITHSCORES", "LIMIT", 0, 1)
            if not head:
                break
            member, priority = head[0]
            oldest_us = min(oldest_us, read_place(member.decode())[1])
            above = f"({priority:.0f}"
    return oldest_us


@procedure
def position_of(source: Source, contact: ContactRecord) -> Steps[int]:
    """The contact's place among those that wait in its queue on its channel: 1 is the next."""
    member = place_of(contact.rank_us, contact.queued_us, contact.contact_id).encode()
    before = 0
    for track in (yield from tracks_of(source, contact.queue, contact.channel)):
        line = source.keys.waiting(contact.queue, contact.channel, track)
        first, last = yield from ask(
            ("ZCOUNT", line, "-inf", f"({contact.priority}"), ("ZCOUNT", line, "-inf", contact.priority)
        )
        while first < last:  # members of one priority are in order, so that the place among them is found by halves
            middle = (first + last) // 2
            found = yield from ask_one("ZRANGE", line, middle, middle)
            first, last = (middle + 1, last) if found and found[0] < member else (first, middle)
        before += first
    return before + 1
