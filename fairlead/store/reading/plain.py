"""What all reads share: the engine's clock, names and texts."""

from collections.abc import Mapping

from fairlead.store.keys import PAUSE_TRACK
from fairlead.store.known import PAUSE_US
from fairlead.store.procedure import Source, Steps, ask, ask_one, procedure

_MELTS_US = 2_000_000
"""After so long without a sweep, no more of the clock's offset melts."""


@procedure
def now_us(source: Source) -> Steps[int]:
    """The engine's clock, as scripts read it (lua/base/read_clock.lua): the store's own when it has one."""
    if source.clock:
        return source.clock()
    (seconds, microseconds), (offset, swept, doubt, stamp) = yield from ask(
        ("TIME",), ("HMGET", source.keys.instance, "offset_us", "clock_us", "doubt", "stamp")
    )
    raw_us, offset_us = int(seconds) * 1_000_000 + int(microseconds), int(offset or 0)
    swept_us = int(swept or raw_us)
    believed_us, known_us = raw_us + _melted_us(offset_us, raw_us - swept_us), swept_us + offset_us
    is_ahead = believed_us >= known_us
    stamp_us = int(stamp or 0)
    if stamp_us > (believed_us if is_ahead else known_us) + PAUSE_US:
        stamp_us = 0
    if stamp_us > known_us:
        known_us = min(stamp_us, believed_us) if is_ahead else stamp_us
    if is_ahead and (believed_us <= known_us + PAUSE_US or not (yield from _has_sessions(source))):
        return max(believed_us, stamp_us)
    since_us, from_us = map(int, doubt.split()) if doubt else (raw_us + 1, known_us)
    if raw_us < since_us:
        told_us = yield from _last_told_us(source)
        is_near = known_us < told_us <= (believed_us if is_ahead else known_us + PAUSE_US)
        since_us, from_us = raw_us, told_us if is_near else known_us
    if is_ahead and raw_us - since_us > PAUSE_US:
        return max(believed_us, stamp_us)
    return max(from_us + raw_us - since_us, stamp_us)


def _melted_us(offset_us: int, passed_us: int) -> int:
    """What is left of the offset that the last sweep left, so long after it (lua/base/melt.lua)."""
    most_us = max(0, min(passed_us, _MELTS_US)) // 20
    return offset_us - max(-most_us, min(offset_us, most_us))


def _last_told_us(source: Source) -> Steps[int]:
    """The time of the last event."""
    entries = yield from ask_one("XREVRANGE", source.keys.events, "+", "-", "COUNT", 1)
    return int(entries[0][1][b"at_us"]) if entries else 0


def _has_sessions(source: Source) -> Steps[bool]:
    online = [source.keys.online(profile) for profile in (yield from names(source.keys.profiles))]
    return bool(online and (yield from ask_one("EXISTS", *online)))


@procedure
def last_stamp(source: Source) -> Steps[bytes | None]:
    """The last stamp that was given (lua/base/next_stamp.lua): whatever is given to an agent has one of its own."""
    stamp: bytes | None = yield from ask_one("HGET", source.keys.instance, "stamp")
    return stamp


def names(key: str) -> Steps[list[str]]:
    """The names in one of the sets of names, sorted."""
    return sorted(name.decode() for name in (yield from ask_one("SMEMBERS", key)))


def texts(row: Mapping[bytes, bytes]) -> dict[str, str]:
    return {key.decode(): value.decode() for key, value in row.items()}


def tracks_of(source: Source, queue: str, channel: str) -> Steps[list[str]]:
    """The tracks in which contacts of a queue and channel wait; "" is the plain line, one is of those in a pause."""
    tracks = yield from ask_one("HVALS", source.keys.tracks(queue, channel))
    return ["", PAUSE_TRACK, *sorted(track.decode() for track in tracks)]
