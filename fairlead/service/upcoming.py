"""What comes next by an instance's own clock, for those who move it."""

from collections import defaultdict
from collections.abc import Mapping

from fairlead.domain.channel import CHANNELS
from fairlead.domain.configuration import Configuration
from fairlead.store import reading
from fairlead.store.procedure import Source, Steps, ask, ask_one, procedure

_S = 1_000_000
_FULL_EVERY_US = _S // 2
"""A sweep looks at waits only when the last that did was at least so long ago."""

_LONG_US = 1_000_000 * _S
_ALL = 1_000_000


@procedure
def last_stamp(source: Source) -> Steps[int]:
    """What happens at one moment is a microsecond apart, so that it is in order: the clock may have to catch up."""
    return int((yield from ask_one("HGET", source.keys.instance, "stamp")) or 0)


@procedure
def next_us(source: Source, now_us: int) -> Steps[int]:
    """When a sweep finds something to do next: what is due, or a wait that a full sweep has not seen and will."""
    due, swept = yield from ask(
        ("ZRANGE", source.keys.due, 0, 0, "WITHSCORES"), ("HGET", source.keys.instance, "swept_us")
    )
    due_us = int(due[0][1]) if due else now_us + _LONG_US
    swept_us = int(swept or 0)
    waits = [us for us in (yield from _noticed_waits_us(source)) if us > swept_us]
    return max(now_us + 1, min([due_us, *(max(us, swept_us + _FULL_EVERY_US) for us in waits)]))


def _noticed_waits_us(source: Source) -> Steps[list[int]]:
    """When waiting contacts will have waited for a delay or for relief: these stand in no list of due times."""
    configuration, _ = yield from reading.configuration_without_agents().steps(source)
    noticed_s = _noticed_s(configuration)
    waiting = (yield from reading.contacts_in("queued", _ALL).steps(source)) if noticed_s else []
    return [one.queued_us + wait_s * _S for one in waiting for wait_s in noticed_s.get((one.queue, one.channel), ())]


def _noticed_s(configuration: Configuration) -> Mapping[tuple[str, str], set[int]]:
    """Queue and channel -> the waits after which something changes."""
    noticed: dict[tuple[str, str], set[int]] = defaultdict(set)
    for profile in configuration.profiles.values():
        for entry in profile.entries:
            if entry.delay_s:
                noticed[entry.queue, entry.channel].add(entry.delay_s)
    for queue in configuration.queues.values():
        for channel in CHANNELS:
            noticed[queue.name, channel] |= {wait for wait in (queue.raise_after_s, queue.overflow_after_s) if wait}
    return {where: waits for where, waits in noticed.items() if waits}
