"""How a worker is told to stop, and that it does stop.

The first SIGTERM or SIGINT drains; a second one, or the end of the drain limit, hands back at once what is held. A
worker whose event loop is blocked by a handler can do neither: a thread of its own then ends the process.
"""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import structlog

log = structlog.get_logger()

GRACE_S = 5.0
"""How much longer than its limits a worker may take before it is ended, whatever it does."""

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stopping:
    """The stop of one worker. `hurry` is set when what is held is to be handed back at once.

    Python's own signal handlers run in the main thread between two of its instructions, even while a handler of
    contacts keeps the event loop from running; those of the event loop do not.
    """

    def __init__(self, drain_limit_s: float, sign_out_limit_s: float, drain: Callable[[], None]) -> None:
        self.hurry = asyncio.Event()
        self.is_asked = False
        self._drain_limit_s = drain_limit_s
        self._sign_out_limit_s = sign_out_limit_s
        self._drain = drain
        self._watchdog: threading.Timer | None = None

    @contextmanager
    def by_signals(self) -> Iterator[None]:
        """Listen to the process's signals while the worker runs. From the main thread only."""
        loop = asyncio.get_running_loop()

        def heard(_: int, __: FrameType | None) -> None:
            self._watch(self._sign_out_limit_s + (0 if self.is_asked else self._drain_limit_s) + GRACE_S)
            loop.call_soon_threadsafe(self.stop)

        before = {number: signal.signal(number, heard) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def stop(self) -> None:
        """Drain; when draining already, hand back at once."""
        if self.is_asked:
            self.hurry.set()
            return
        self.is_asked = True
        log.info("draining", limit_s=self._drain_limit_s)
        asyncio.get_running_loop().call_later(self._drain_limit_s, self.hurry.set)
        self._drain()

    def _watch(self, limit_s: float) -> None:
        """End the process when it has not ended by then. The last signal's limit counts."""
        if self._watchdog:
            self._watchdog.cancel()
        self._watchdog = threading.Timer(limit_s, _end, [limit_s])
        self._watchdog.daemon = True
        self._watchdog.start()


def _end(limit_s: float) -> None:
    sys.stderr.write(f"error: the worker did not stop within {limit_s:g} s: a handler blocks it; it is ended\n")
    sys.stderr.flush()
    os._exit(1)
