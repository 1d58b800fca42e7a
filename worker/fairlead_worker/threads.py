"""The threads in which plain handlers run."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from types import TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")

MOST_THREADS = 64


class Threads:
    """Up to 64 calls at a time. A thread cannot be ended: one whose call nobody waits for any more is left behind, and
    when half of them are, new ones take the places of all.
    """

    def __init__(self) -> None:
        self._pool = _new_pool()
        self._left_behind: dict[object, Future[Any]] = {}

    async def run(self, call: Callable[[], T], name: object = None, begun: asyncio.Event | None = None) -> T:
        """What the call returns; it has the context of whoever asks. `name`: by which `is_left_behind` knows it.

        `begun` is set once a thread has it.
        """
        loop = asyncio.get_running_loop()

        def begin() -> T:
            if begun:
                loop.call_soon_threadsafe(begun.set)
            return call()

        while True:
            pool = self._pool
            called = pool.submit(copy_context().run, begin)
            try:
                return await asyncio.wrap_future(called)
            except asyncio.CancelledError:
                if called.running():
                    self._leave_behind(name, called)
                    raise
                if self._pool is pool:
                    raise

    def is_left_behind(self, name: object) -> bool:
        """Whether the call of that name runs on, although nobody waits for it."""
        return name in self._left_behind and not self._left_behind[name].done()

    def _leave_behind(self, name: object, called: "Future[Any]") -> None:
        still = {one: other for one, other in self._left_behind.items() if not other.done()}
        self._left_behind = {**still, name: called}
        if len(self._left_behind) >= MOST_THREADS // 2:
            self._pool.shutdown(wait=False, cancel_futures=True)  # what waits for a thread begins in a new one
            self._pool, self._left_behind = _new_pool(), {}

    def close(self) -> None:
        """Nothing more runs; what does goes on."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _new_pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="handler")
