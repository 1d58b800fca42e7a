"""What all reads share: pipelines in bounded batches, the engine's clock, names and texts."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from fairlead.store.client import Store
from fairlead.store.keys import PAUSE_TRACK
from fairlead.store.known import PAUSE_US

T = TypeVar("T")

BATCH = 500
"""How many things one round trip reads."""


def engine_now_us(store: Store) -> int:
    """The engine's clock, as scripts read it (lua/base/read_clock.lua): the store's own when it has one."""
    if store.clock:
        return store.clock()
    pipeline = store.client.pipeline(transaction=False)
    pipeline.time()
    pipeline.hmget(store.keys.instance, "offset_us", "clock_us", "doubt", "stamp")
    (seconds, microseconds), (offset, swept, doubt, stamp) = pipeline.execute()
    raw_us, offset_us = int(seconds) * 1_000_000 + int(microseconds), int(offset or 0)
    believed_us, known_us = raw_us + offset_us, int(swept or raw_us) + offset_us
    is_ahead = believed_us >= known_us
    if known_us < int(stamp or 0) <= (believed_us if is_ahead else known_us + PAUSE_US):
        known_us = int(stamp)
    if is_ahead and (believed_us <= known_us + PAUSE_US or not _has_sessions(store)):
        return believed_us
    since_us, from_us = map(int, doubt.split()) if doubt else (raw_us, known_us)
    if raw_us < since_us:
        since_us, from_us = raw_us, known_us
    if is_ahead and raw_us - since_us > PAUSE_US:
        return believed_us
    return from_us + raw_us - since_us


def _has_sessions(store: Store) -> bool:
    profiles = names(store, store.keys.profiles)
    return any(read_each(store, profiles, lambda pipeline, profile: pipeline.smembers(store.keys.online(profile))))


def names(store: Store, key: str) -> list[str]:
    """The names in one of the sets of names, sorted."""
    return sorted(name.decode() for name in store.client.smembers(key))


def _batches(values: Iterable[T]) -> Iterator[list[T]]:
    left = iter(values)
    while batch := list(islice(left, BATCH)):
        yield batch


def read_each(store: Store, names: Iterable[T], ask: Callable[[Any, T], Any]) -> list[Any]:
    """One reply for each name, in order, asked for in pipelines."""
    replies: list[Any] = []
    for batch in _batches(names):
        pipeline = store.client.pipeline(transaction=False)
        for name in batch:
            ask(pipeline, name)
        replies += pipeline.execute()
    return replies


def texts(row: Mapping[bytes, bytes]) -> dict[str, str]:
    return {key.decode(): value.decode() for key, value in row.items()}


def tracks_of(store: Store, queue: str, channel: str) -> list[str]:
    """The tracks in which contacts of a queue and channel wait; "" is the plain line, one is of those in a pause."""
    return ["", PAUSE_TRACK, *sorted(track.decode() for track in store.client.hvals(store.keys.tracks(queue, channel)))]
