"""Synthetic arrivals: a Poisson process for each queue and channel; the same seed makes the same contacts."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from fairlead.domain.channel import Channel, checked_channel
from fairlead.errors import BadInput
from fairlead.service.recorded.arrivals import Arrival
from fairlead.store.transitions.producing import NewContact


@dataclass(frozen=True, slots=True)
class Stream:
    """Contacts of one queue and channel, so many a minute."""

    queue: str
    channel: Channel
    per_minute: float


def parse_stream(text: str) -> Stream:
    """`Sales:voice=30` as a stream. Raises BadInput."""
    place, equals, rate = text.partition("=")
    queue, colon, channel = place.partition(":")
    try:
        per_minute = float(rate)
    except ValueError:
        per_minute = 0.0
    if not (equals and colon and per_minute > 0):
        raise BadInput(f"arrivals {text!r}: write QUEUE:CHANNEL=PER_MINUTE, as in Sales:voice=30")
    return Stream(queue, checked_channel(channel), per_minute)


def poisson(streams: Sequence[Stream], duration_s: float, seed: int, patience_s: float | None) -> Iterator[Arrival]:
    """Arrivals in order of time; patience is exponential with the given mean.

    The ids are those of a run with the same arguments, and of no other one.
    """
    run = blake2b(repr((streams, duration_s, seed, patience_s)).encode(), digest_size=6).hexdigest()
    chance = random.Random(seed)  # noqa: S311  # arrivals, not secrets
    next_s = [chance.expovariate(stream.per_minute / 60) for stream in streams]
    number = 0
    while min(next_s) < duration_s:
        place = next_s.index(min(next_s))
        stream, at_s = streams[place], next_s[place]
        next_s[place] = at_s + chance.expovariate(stream.per_minute / 60)
        contact = NewContact(stream.queue, stream.channel, b'{"synthetic": true}', contact_id=f"s{run}-{number}")
        yield Arrival(contact, at_s, chance.expovariate(1 / patience_s) if patience_s else None)
        number += 1
