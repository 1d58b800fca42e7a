"""Runs a worker's event loop to its end."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any

from fairlead.errors import WorkerFailed
from fairlead_worker.handlers import describe
from fairlead_worker.logs import get_logger

log = get_logger()

END_WITHIN_S = 2.0
"""How long what handlers have left running may take to end after it was cancelled."""


def run_to_end(main: Coroutine[Any, Any, None]) -> None:
    """Run the worker. A handler's task that exits, interrupts or stops the program does not end it: signals do.

    Raises what `main` raises, and WorkerFailed when somebody has cancelled it.
    """
    loop = _new_loop()
    asyncio.set_event_loop(loop)
    task = loop.create_task(main)
    try:
        while not task.done():
            try:
                loop.run_until_complete(task)
            except BaseException as failure:  # noqa: BLE001  # what the worker itself raises is its task's result, below
                if not task.done():
                    log.error("a handler, or a task that it began, tried to end the worker", error=describe(failure))
        if task.cancelled():
            raise WorkerFailed("a handler cancelled the worker's own tasks, without which it cannot go on")
        task.result()
    finally:
        _end_what_is_left(loop)
        asyncio.set_event_loop(None)
        loop.close()


def _new_loop() -> asyncio.AbstractEventLoop:
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop

    return uvloop.new_event_loop()


def _end_what_is_left(loop: asyncio.AbstractEventLoop) -> None:
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.wait(left, timeout=END_WITHIN_S))
