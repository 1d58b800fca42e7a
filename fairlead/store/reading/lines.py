"""Lines of contacts: the sorted sets in which those of a queue and channel wait or are offered."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from fairlead.domain.channel import CHANNELS, Channel
from fairlead.domain.names import agent_queue
from fairlead.store.keys import PAUSE_TRACK
from fairlead.store.members import contact_at, queued_at
from fairlead.store.procedure import BATCH, Command, Source, Steps, ask_each
from fairlead.store.reading.plain import names

Pair: TypeAlias = tuple[str, Channel]
"""A queue and a channel."""

_KEYS_A_PROBE = 50
"""Most lines are empty: so many are asked about at once, and one by one only where there is any."""

_SHORT = 32
"""A line of at most so many contacts is read whole, which costs less than to look at each of its priorities."""

MOST_PRIORITIES = 100
"""How many contact priorities in use of a longer line are looked at for the contact that has waited longest."""

MOST_HEADS = 20_000
"""And how many in all lines: a look is bounded, whatever waits."""


def all_pairs(source: Source) -> Steps[list[Pair]]:
    """Every queue and channel that there may be, standard queues first, then agent queues."""
    queues = yield from names(source.keys.queues)
    queues += [agent_queue(name) for name in (yield from names(source.keys.agents))]
    return [(queue, channel) for queue in queues for channel in CHANNELS]


def waiting_lines(source: Source, pairs: Sequence[Pair]) -> Steps[dict[Pair, list[str]]]:
    """The keys of the lines in which contacts of each pair wait: the plain one and, where any wait aside, that of those
    in a pause and each track.
    """
    keys, asked = source.keys, [":".join(pair) for pair in pairs]
    batches = (asked[first : first + BATCH] for first in range(0, len(asked), BATCH))
    replies = yield from ask_each(("HMGET", keys.aside, *batch) for batch in batches)
    aside = [pair for pair, many in zip(pairs, (many for reply in replies for many in reply), strict=True) if many]
    lines = {pair: [keys.waiting(*pair)] for pair in pairs}
    replies = yield from ask_each(("HVALS", keys.tracks(*pair)) for pair in aside)
    for pair, tracks in zip(aside, replies, strict=True):
        lines[pair] += [keys.waiting(*pair, track) for track in (PAUSE_TRACK, *sorted(map(bytes.decode, tracks)))]
    return lines


def sizes_of(lines: Iterable[str]) -> Steps[dict[str, int]]:
    """How many contacts stand in each of the lines that are not empty."""
    asked = list(lines)
    probes = [asked[first : first + _KEYS_A_PROBE] for first in range(0, len(asked), _KEYS_A_PROBE)]
    hits = yield from ask_each(("EXISTS", *probe) for probe in probes)
    used = [line for probe, hit in zip(probes, hits, strict=True) if hit for line in probe]
    sizes = yield from ask_each(("ZCARD", line) for line in used)
    return {line: size for line, size in zip(used, sizes, strict=True) if size}


def oldest_of(sizes: Mapping[str, int]) -> Steps[dict[str, int]]:
    """When the contact of each line that has waited longest was enqueued. Of a long line with many priorities in use
    not all of them are looked at; in each the first one is taken, which only an adjusted rank can bring before it.
    """
    short = [line for line, size in sizes.items() if size <= _SHORT]
    replies = yield from ask_each(("ZRANGE", line, 0, _SHORT - 1) for line in short)
    oldest = {line: min(map(queued_at, members)) for line, members in zip(short, replies, strict=True) if members}
    above = {line: "-inf" for line, size in sizes.items() if size > _SHORT}
    left = MOST_HEADS
    for _ in range(MOST_PRIORITIES):
        heads = yield from ask_each(_heads(above))
        left -= len(above)
        found = {line: head[0] for line, head in zip(above, heads, strict=True) if head}
        for line, (member, _priority) in found.items():
            queued_us = queued_at(member)
            oldest[line] = min(oldest.get(line, queued_us), queued_us)
        above = {line: f"({priority:.0f}" for line, (_member, priority) in found.items()}
        if not above or left < 0:
            break
    return oldest


def entered_since(source: Source, lines: Sequence[str]) -> Steps[dict[str, int]]:
    """When that contact of each line which is longest in its queue came into it, of the first ones in a long line: an
    agent's transfer keeps the time at which a contact was first enqueued, and begins its wait in the queue.
    """
    replies = yield from ask_each(("ZRANGE", line, 0, _SHORT - 1) for line in lines)
    members = {line: found for line, found in zip(lines, replies, strict=True) if found}
    keys = [source.keys.contact(contact_at(member)) for found in members.values() for member in found]
    entered = iter((yield from ask_each(("HGET", key, "entered_us") for key in keys)))
    return {
        line: min(int(next(entered) or queued_at(member)) for member in found) for line, found in members.items()
    }


def _heads(above: Mapping[str, str]) -> Iterator[Command]:
    for line, least in above.items():
        yield ("ZRANGEBYSCORE", line, least, "+inf", "WITHSCORES", "LIMIT", 0, 1)


def used_pairs(source: Source, pairs: Sequence[Pair], *, offered: bool) -> Steps[dict[Pair, list[str]]]:
    """The pairs in which contacts wait, or are being offered, with the keys of the lines in which they are."""
    lines = (
        {pair: [source.keys.offered(*pair)] for pair in pairs}
        if offered
        else (yield from waiting_lines(source, pairs))
    )
    sizes = yield from sizes_of(line for its_lines in lines.values() for line in its_lines)
    used = {pair: [line for line in its_lines if line in sizes] for pair, its_lines in lines.items()}
    return {pair: its_lines for pair, its_lines in used.items() if its_lines}
