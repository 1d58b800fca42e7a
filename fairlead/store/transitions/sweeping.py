"""The safety net that every worker runs about once a second: what has come due is done by whoever sweeps first."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fairlead.store.keys import Keys
from fairlead.store.request import Request
from fairlead.store.transitions.producing import given

SWEEP_EVERY_S = 1.0
"""The longest that a passed delay, an ended offer or a lost session waits to be noticed."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep found due; `more`: sweep again at once."""

    due: int
    more: bool


class Sweeper:
    """Makes sweeps that guard the engine's clock: it remembers when, by both clocks, it swept last."""

    def __init__(self, keys: Keys, monotonic_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._keys = keys
        self._monotonic_ns = monotonic_ns
        self._last: tuple[int, int] | None = None

    def sweep(self, now_us: int | None = None) -> Request[Swept]:
        """Do what has come due. Run each request once: it tells how long ago the last sweep was."""
        sent_us = self._monotonic_ns() // 1_000
        seen_us, elapsed_us = ("", "") if self._last is None else (self._last[0], sent_us - self._last[1])

        def read(reply: Any) -> Swept:
            self._last = (int(reply[0]), sent_us)
            return Swept(due=reply[1], more=reply[2] == 1)

        return Request(
            "sweep",
            keys={"instance": self._keys.instance, "due": self._keys.due, "delayed": self._keys.delayed},
            args={"seen_us": seen_us, "elapsed_us": elapsed_us, "now_us": given(now_us)},
            read=read,
        )
