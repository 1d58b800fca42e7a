"""Every worker sweeps once a second: the first one that sweeps does what has come due."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from fairlead.domain.hours import read_hours
from fairlead.store.keys import Keys
from fairlead.store.known import PAUSE_US
from fairlead.store.request import Argument, Request
from fairlead.store.transitions.calendars import switch_values

SWEEP_EVERY_S = 1.0
"""The longest that a passed delay, an ended offer or a lost session waits to be noticed."""


def work_off(keys: Keys) -> Request[bool]:
    """Do some of what was too much for the transition that began it. Answers whether more is left."""
    return Request("work_off", keys={"instance": keys.instance}, args={}, read=lambda reply: reply == 1)


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep found due; `more`: sweep again at once."""

    due: int
    more: bool


@dataclass(frozen=True, slots=True)
class _Sight:
    """Redis' clock as one sweep told it, which ran between `sent_us` and `received_us` of the sweeper's own clock."""

    clock_us: int
    judged_us: bytes
    sent_us: int
    received_us: int

    def jump_us(self, before: "_Sight") -> int:
        """How far Redis' clock was set forward since an earlier sight: 0 unless the round trips cannot explain it."""
        moved_us = self.clock_us - before.clock_us
        least_us, most_us = self.sent_us - before.received_us, self.received_us - before.sent_us
        if before.judged_us != self.judged_us or moved_us - most_us <= PAUSE_US:
            return 0
        return moved_us - (least_us + most_us) // 2


class Sweeper:
    """Makes sweeps that guard the engine's clock and carry on its calendars.

    It remembers when, by both clocks, its last two sweeps ran, and brings the calendar that the last one asked for,
    since scripts know no time zones.

    A request says what is certain when it is built, whenever it will run and however often: how long ago the last sweep
    ran at least. How long the way took is known with the answer, and told with the next sweep.
    """

    def __init__(self, keys: Keys, monotonic_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._keys = keys
        self._monotonic_ns = monotonic_ns
        self._before: _Sight | None = None
        self._last: _Sight | None = None
        self._calendar: tuple[Argument, ...] = ()

    def sweep(self) -> Request[Swept]:
        """Do what has come due. It is safe to run one request twice, or not at all."""
        sent_us, last, before = self._monotonic_us(), self._last, self._before

        def read(reply: Any) -> Swept:
            clock_us, judged_us, due, more, *asked = reply
            sight = _Sight(int(clock_us), judged_us, sent_us, self._monotonic_us()) if clock_us else None
            self._before, self._last = last, sight
            self._calendar = _calendar(*asked) if asked else ()
            return Swept(due=due, more=more == 1)

        return Request(
            "sweep",
            keys={"instance": self._keys.instance, "due": self._keys.due, "delayed": self._keys.delayed},
            args={
                "told_us": last.clock_us if last else "",
                "least_us": sent_us - last.received_us if last else "",
                "judged_us": last.judged_us if last else "",
                "jump_us": last.jump_us(before) if last and before else 0,
            },
            read=read,
            rest=self._calendar,
        )

    def _monotonic_us(self) -> int:
        return self._monotonic_ns() // 1_000


def _calendar(name: bytes, text: bytes, at_us: bytes) -> tuple[Argument, ...]:
    """The calendar of the hours that a sweep names, as the next one takes it.

    There is none when the time zone is not known here: then somebody is asked another day.
    """
    try:
        values = tuple(switch_values(read_hours(name.decode(), text.decode()), int(at_us) / 1e6))
    except ZoneInfoNotFoundError:
        return ()
    return (name, text, *values)
