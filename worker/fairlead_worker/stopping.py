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
from contextlib import contextmanager, suppress
from types import FrameType

from fairlead_worker.logs import get_logger
from fairlead_worker.shift import SIGN_OUT_LIMIT_S

log = get_logger()

LISTEN_AGAIN_S = 0.1
"""How long a handler may keep the signals that it has taken for itself."""

GRACE_S = 5.0
"""How much longer than its limits a worker may take before it is ended, whatever it does."""

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Signals:
    """The signals of a process that end its worker: each calls `stop`, the first with a limit to drain.

    Python's own signal handlers run in the main thread between two of its instructions, even while a handler of
    contacts keeps the event loop from running; those of the event loop do not.
    """

    def __init__(self, stop: Callable[[], None], drain_limit_s: float) -> None:
        self._stop = stop
        self._drain_limit_s = drain_limit_s
        self._watchdog: threading.Timer | None = None
        self._loop: asyncio.AbstractEventLoop

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen to the process's signals while the worker runs. From the main thread only."""
        self._loop = asyncio.get_running_loop()
        before = {number: signal.signal(number, self._heard) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def keep_listening(self) -> None:
        """Take the signals back from handlers that have taken them, as the runners of many servers do."""
        is_told = False
        while True:
            await asyncio.sleep(LISTEN_AGAIN_S)
            taken = [number for number in SIGNALS if signal.getsignal(number) != self._heard]
            for number in taken:
                signal.signal(number, self._heard)
            if taken and not is_told:
                is_told = True
                log.warning("a handler replaced the worker's signal handlers; the worker has put its own back")

    def _heard(self, _: int, __: FrameType | None) -> None:
        self._watch(SIGN_OUT_LIMIT_S + (0 if self._watchdog else self._drain_limit_s) + GRACE_S)
        self._loop.call_soon_threadsafe(self._stop)

    def _watch(self, limit_s: float) -> None:
        """End the process when it has not ended by then. The last signal's limit counts."""
        if self._watchdog:
            self._watchdog.cancel()
        self._watchdog = threading.Timer(limit_s, _end, [limit_s])
        self._watchdog.daemon = True
        self._watchdog.start()


def _end(limit_s: float) -> None:
    with suppress(OSError, ValueError):  # a handler may have closed it
        sys.stderr.write(f"error: the worker did not stop within {limit_s:g} s: a handler blocks it; it is ended\n")
        sys.stderr.flush()
    os._exit(1)
