"""Synthetic arrivals: a Poisson process for each queue or intake and channel; the same seed makes the same ones."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal, TypeAlias

from fairlead.domain.channel import Channel, checked_channel
from fairlead.errors import BadInput
from fairlead.service.recorded.arrivals import Arrival
from fairlead.store.new_contact import NewContact

Target: TypeAlias = Literal["queue", "intake"]


@dataclass(frozen=True, slots=True)
class Stream:
    """Contacts of one channel for the queue or the intake `name`, so many a minute."""

    name: str
    channel: Channel
    per_minute: float
    target: Target = "queue"


def parse_stream(text: str, target: Target = "queue") -> Stream:
    """`Sales:voice=30` as a stream. Raises BadInput."""
    place, equals, rate = text.partition("=")
    name, colon, channel = place.partition(":")
    try:
        per_minute = float(rate)
    except ValueError:
        per_minute = 0.0
    if not (equals and colon and per_minute > 0):
        raise BadInput(f"arrivals {text!r}: write {target.upper()}:CHANNEL=PER_MINUTE, as in Sales:voice=30")
    return Stream(name, checked_channel(channel), per_minute, target)


def poisson(
    streams: Sequence[Stream], duration_s: float, seed: int, patience_s: float | None,
    attributes: Mapping[str, str] | None = None,
) -> Iterator[Arrival]:  # fmt: skip
    """Arrivals in order of time, all with the same attributes; patience is exponential with the given mean.

    The ids are those of a run with the same arguments, and of no other one.
    """
    run = blake2b(repr((streams, duration_s, seed, patience_s, attributes)).encode(), digest_size=6).hexdigest()
    chance = random.Random(seed)  # noqa: S311  # arrivals, not secrets
    next_s = [chance.expovariate(stream.per_minute / 60) for stream in streams]
    number = 0
    while min(next_s) < duration_s:
        place = next_s.index(min(next_s))
        stream, at_s = streams[place], next_s[place]
        next_s[place] = at_s + chance.expovariate(stream.per_minute / 60)
        contact = NewContact(
            stream.name if stream.target == "queue" else "",
            stream.channel,
            b'{"synthetic": true}',
            contact_id=f"s{run}-{number}",
            attributes=attributes or {},
            intake=stream.name if stream.target == "intake" else "",
        )
        yield Arrival(contact, at_s, chance.expovariate(1 / patience_s) if patience_s else None)
        number += 1
