"""Queues: what waits in them, in which order, and what was counted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fairlead.domain.channel import CHANNELS, Channel
from fairlead.domain.names import AGENT_QUEUE_PREFIX, agent_queue
from fairlead.store.client import Store
from fairlead.store.keys import PAUSE_TRACK, Keys
from fairlead.store.members import place_of, read_place
from fairlead.store.reading.contacts import ContactRecord
from fairlead.store.reading.plain import engine_now_us, names, read_each, tracks_of

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


def read_queue_states(store: Store, only: str | None = None) -> list[QueueState]:
    """Every queue and channel that has or had contacts, standard queues first, then agent queues with contacts."""
    now_us = engine_now_us(store)
    queues = [only] if only else names(store, store.keys.queues)
    if only is None:
        queues += [agent_queue(name) for name in names(store, store.keys.agents)]
    pairs = [(queue, channel) for queue in queues for channel in CHANNELS]
    sizes = read_each(store, pairs, lambda p, pair: _ask_sizes(p, store.keys, pair))
    totals = read_totals(store)
    states: list[QueueState] = []
    for place, (queue, channel) in enumerate(pairs):
        waiting, paused, offered, tracks = sizes[place * 4 : place * 4 + 4]
        waiting += paused + sum(
            store.client.zcard(store.keys.waiting(queue, channel, track.decode())) for track in tracks
        )
        counters = totals.get(f"{queue}:{channel}", {})
        is_used = waiting or offered or (counters and not queue.startswith(AGENT_QUEUE_PREFIX))
        if not (is_used or only):
            continue
        oldest_us = now_us - _oldest(store, queue, channel, now_us) if waiting or offered else 0
        states.append(QueueState(queue, channel, waiting, offered, max(0, oldest_us), counters))
    return states


def _ask_sizes(pipeline: Any, keys: Keys, pair: tuple[str, str]) -> None:
    pipeline.zcard(keys.waiting(*pair))
    pipeline.zcard(keys.waiting(*pair, PAUSE_TRACK))
    pipeline.zcard(keys.offered(*pair))
    pipeline.hvals(keys.tracks(*pair))


def read_totals(store: Store) -> dict[str, dict[str, int]]:
    """The counters of each subject, `queue:channel` or an agent, since the instance was made."""
    closed, first_open, last = _read_closed(store)
    first = max(int(first_open or last), last - MOST_OPEN_MINUTES)
    rows = read_each(store, range(first, last + 1), lambda p, minute: p.hgetall(store.keys.minute(minute)))
    return by_subject([closed, *rows])


def _read_closed(store: Store) -> tuple[dict[bytes, bytes], bytes | None, int]:
    """The totals, the first minute that they lack and the last one there is, all of one time.

    Not in MULTI, of which Redis refuses whatever it is when its memory is full.
    """
    while True:
        pipeline = store.client.pipeline(transaction=False)
        pipeline.hget(store.keys.instance, "closed_minute")
        pipeline.hgetall(store.keys.totals)
        pipeline.hmget(store.keys.instance, "closed_minute", "minute")
        before, closed, (first_open, last) = pipeline.execute()
        if before == first_open:
            return closed, first_open, int(last or 0)


def read_minutes(store: Store, first: int, last: int) -> list[dict[str, dict[str, int]]]:
    """The counters of each subject in each Unix minute from `first` to `last`, both included."""
    rows = read_each(store, range(first, last + 1), lambda p, minute: p.hgetall(store.keys.minute(minute)))
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


def _oldest(store: Store, queue: str, channel: str, now_us: int) -> int:
    """When the contact that has waited longest was enqueued: the oldest of the heads of the priorities in use."""
    oldest_us = now_us
    keys = [store.keys.waiting(queue, channel, track) for track in tracks_of(store, queue, channel)]
    for key in (*keys, store.keys.offered(queue, channel)):
        above: int | str = "-inf"
        for _ in range(MOST_PRIORITIES):
            head = store.client.zrangebyscore(key, above, "+inf", start=0, num=1, withscores=True)
            if not head:
                break
            member, priority = head[0]
            oldest_us = min(oldest_us, read_place(member.decode())[1])
            above = f"({priority:.0f}"
    return oldest_us


def position_of(store: Store, contact: ContactRecord) -> int:
    """The contact's place among those that wait in its queue on its channel: 1 is the next."""
    member = place_of(contact.rank_us, contact.queued_us, contact.contact_id).encode()
    before = 0
    for track in tracks_of(store, contact.queue, contact.channel):
        key = store.keys.waiting(contact.queue, contact.channel, track)
        first = store.client.zcount(key, "-inf", f"({contact.priority}")
        last = store.client.zcount(key, "-inf", contact.priority)
        while first < last:  # members of one priority are in order, so that the place among them is found by halves
            middle = (first + last) // 2
            found = store.client.zrange(key, middle, middle)
            first, last = (middle + 1, last) if found and found[0] < member else (first, middle)
        before += first
    return before + 1
