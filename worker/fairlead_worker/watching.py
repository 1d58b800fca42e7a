"""Keeps the parts of a worker running: one that dies is told and started again, or ends the worker."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from fairlead.errors import FairleadError, WorkerFailed
from fairlead_worker.handlers import describe
from fairlead_worker.link import pause_s
from fairlead_worker.logs import get_logger

log = get_logger()

MOST_DEATHS = 5
"""How often a part may die, each time soon after its start, before the worker ends: by then it is no accident."""

STEADY_S = 60.0
"""A part that has run so long has got over what killed it before."""

CANCEL_AGAIN_S = 0.1


async def keep_running(name: str, part: Callable[[], Awaitable[None]]) -> None:
    """Run a part of the worker; it is started again when it dies of what nobody has thought of.

    Returns when the part returns. Raises the FairleadError with which the part gives up, and WorkerFailed when it has
    died too often.
    """
    deaths = 0
    while True:
        began_s = time.monotonic()
        try:
            return await part()
        except FairleadError:
            raise
        except asyncio.CancelledError as failure:
            if _is_cancelled():
                raise
            error = describe(failure)
        except Exception as failure:  # noqa: BLE001  # whatever kills it is told, and it is started again
            error = describe(failure)
        deaths = 1 if time.monotonic() - began_s > STEADY_S else deaths + 1
        if deaths >= MOST_DEATHS:
            raise WorkerFailed(
                f"part {name!r} of the worker has failed {deaths} times, last with {error}: report this as a bug"
            )
        log.error("failed, and is started again", part=name, error=error)
        await asyncio.sleep(pause_s(deaths))


async def end_tasks(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks until they have ended: redis-py loses a cancellation that comes just when its answer does."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        ended, left = await asyncio.wait(left, timeout=CANCEL_AGAIN_S)
        for task in ended:
            if not task.cancelled():
                task.exception()  # it has been told, or comes too late to matter


def _is_cancelled() -> bool:
    """Whether somebody has asked this task to end; a CancelledError may also come out of a library by accident."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
