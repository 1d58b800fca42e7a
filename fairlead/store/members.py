"""How members of sorted sets and values of hashes are spelled, as the Lua transitions spell them.

In Lua: base/digits_of.lua for ranks, line/place_of.lua and line/read_place.lua for places in line, base/due_of.lua and
base/read_due.lua for what comes due, base/slots_text.lua and base/read_slots.lua for slots, base/entries_of.lua for
entries, base/save_special.lua for what few instances have, contact/merge_attributes.lua for attributes,
line/advance_steps.lua for routing steps.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

import orjson

from fairlead.domain.channel import Channel, checked_channel
from fairlead.domain.criteria import Step, steps_of
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile

RANK_DIGITS = 16
"""How many digits a time in microseconds has in a member, so that members sort by it."""


def place_of(rank_us: int, queued_us: int, contact_id: str, *, expires_by_itself: bool = False) -> str:
    """A contact's member among those that wait: its rank, when its wait began, its id.

    The second is left out when it is the first, unless the contact has an expiry of its own.
    """
    adjusted = "" if rank_us == queued_us and not expires_by_itself else f"~{queued_us:0{RANK_DIGITS}}"
    return f"{rank_us:0{RANK_DIGITS}}{adjusted}{contact_id}"


def contact_at(place: bytes) -> str:
    """The id of the contact at a place."""
    return place[2 * RANK_DIGITS + 1 if _is_adjusted(place) else RANK_DIGITS :].decode()


def queued_at(place: bytes) -> int:
    """When the real wait of the contact at a place began in this queue."""
    return int(place[RANK_DIGITS + 1 : 2 * RANK_DIGITS + 1] if _is_adjusted(place) else place[:RANK_DIGITS])


def _is_adjusted(place: bytes) -> bool:
    return place[RANK_DIGITS : RANK_DIGITS + 1] == b"~"


def due_member(kind: str, name: str) -> str:
    """What comes due, and whose: session and an agent, start and a contact, ..."""
    return f"{kind}:{name}"


def read_slots(text: str) -> Iterator[tuple[int, Channel, str, str, str]]:
    """Token, channel, kind, contact and queue of each slot of an agent, in the order of their tokens."""
    for slot in filter(None, text.split(";")):
        token, channel, kind, contact_id, queue, _ = slot.split(" ")
        yield int(token), channel, kind, contact_id, queue  # type: ignore[misc]  # ours


def channels_text(channels: Mapping[Channel, Concurrency]) -> str:
    """A profile's channels, each as "channel slots allows_others;"."""
    return "".join(f"{name} {one.slots} {int(one.allows_others)};" for name, one in sorted(channels.items()))


def by_channel_text(values: Mapping[Channel, int | str]) -> str:
    """What an agent's record has by channel: "channel=value ..."."""
    return " ".join(f"{channel}={value}" for channel, value in sorted(values.items()))


def read_by_channel(text: str) -> dict[Channel, str]:
    """What an agent's record has by channel; the inverse of by_channel_text."""
    return dict(one.split("=") for one in text.split())  # type: ignore[return-value]  # ours


def read_channels(text: str) -> dict[Channel, Concurrency]:
    """A profile's channels; the inverse of channels_text."""
    rows = (one.split(" ") for one in text.split(";") if one)
    return {name: Concurrency(int(slots), others == "1") for name, slots, others in rows}  # type: ignore[misc]  # ours


def entries_text(entries: Iterable[Entry]) -> str:
    """Entries of a profile, in order: "priority delay_us channel weight queue;".

    Neighbours that differ in their queues alone stand together, each queue behind the other.
    """
    groups = groupby(entries, lambda one: f"{one.priority} {one.delay_s * 1_000_000} {one.channel} {one.weight}")
    return ";".join(" ".join([alike, *(one.queue for one in some)]) for alike, some in groups)


def read_entries(text: str, by_hand: bool, limits: str = "") -> Iterator[Entry]:
    """Entries of a profile; the inverse of entries_text, and of limits_text."""
    most = read_limits(limits)
    for group in filter(None, text.split(";")):
        priority, delay_us, channel, weight, *queues = group.split(" ")
        for queue in queues:
            yield Entry(
                queue, checked_channel(channel), int(priority), int(delay_us) // 1_000_000, by_hand, int(weight),
                most.get(lane_of(queue, channel)),
            )  # fmt: skip


def served_text(entry: Entry) -> str:
    """What is noted of a profile that serves a queue and channel by an entry: its delay, and whether it is limited."""
    return f"{entry.delay_s * 1_000_000}" + " limited" * (entry.max_contacts is not None)


def lane_of(queue: str, channel: str) -> str:
    """In what an agent may be offered: that it has not reached the limit of a queue on a channel."""
    return f"{queue}:{channel}"


def limits_text(profile: RoutingProfile) -> str:
    """The limits of a profile's queues: " queue:channel=most ... "; empty for none."""
    return "".join(f" {lane_of(*pair)}={most}" for pair, most in sorted(profile.limits().items()))


def read_limits(text: str) -> dict[str, int]:
    """The limits of a profile, by lane."""
    return {lane: int(most) for lane, most in (one.split("=") for one in text.split())}


class Special(NamedTuple):
    """What few instances have: queues with tracks as queue:channel, queues that are closed, queue=choice of those that
    choose agents otherwise, queue*many of those that offer to several, and holders that are dead.
    """

    tracked: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()
    choices: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()


def read_special(text: bytes | None) -> Special:
    """What few instances have, from the field `special`; the inverse of base/save_special.lua."""
    return Special(*(frozenset(line.split()) for line in (text or b"").decode().split("\n")))


def chosen_by(word: str) -> str:
    """The queue of which a word of `choices` tells."""
    return word.split("=")[0].split("*")[0]


def read_rings(text: str) -> tuple[tuple[str, int], ...]:
    """At whom else a contact rings, each with its token, as its record has it."""
    pairs = (ring.split(" ") for ring in text.split(";") if ring)
    return tuple((agent, int(token)) for agent, token in pairs)


def json_text(text: str) -> str:
    """A text as JSON, which has no line ends."""
    return orjson.dumps(text).decode()


def named_texts(texts: Mapping[str, str]) -> str:
    """Names and texts, a line each: scripts read the names alone."""
    return "\n".join(f"{name} {json_text(text)}" for name, text in texts.items())


def read_named_texts(lines: str) -> dict[str, str]:
    """Names and texts; the inverse of named_texts."""
    if not lines:
        return {}
    pairs = [line.partition(" ") for line in lines.split("\n") if line]
    return {name: orjson.loads(text) for name, _, text in pairs}


def criteria_text(steps: Sequence[Step]) -> str:
    """The steps as the store keeps them: a line each, `expiry_us expression`, with "-" for never."""
    return "\n".join(
        f"{'-' if one.expiry_s is None else one.expiry_s * 1_000_000} {one.expression.text()}" for one in steps
    )


def other_criteria(criteria: Sequence[Step | str] | None) -> str:
    """New routing steps, or their texts, as the scripts take them: "-" for none; empty: as they are."""
    return "" if criteria is None else criteria_text(steps_of(criteria)) or "-"
