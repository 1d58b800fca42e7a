"""The fence around handlers: whatever comes out of one is its contact's failure, and nothing else's.

Not only exceptions: a handler may exit the program, interrupt it, cancel itself. The worker's own end comes from
signals alone. A child that a handler has forked does not come out at all.
"""

import asyncio
import inspect
import os
from collections.abc import Awaitable
from concurrent.futures import Executor
from typing import Any

from fairlead.service.contact import Contact
from fairlead_worker.handlers import Handler, describe, is_async


async def run_fenced(handler: Handler, contact: Contact, threads: Executor) -> str:
    """Run a handler on a contact; a plain one runs in a thread. Answers "" or what it failed of: type and place."""
    if is_async(handler):
        return await _awaited(handler(contact))
    answer, error = await asyncio.get_running_loop().run_in_executor(threads, _called, handler, contact)
    if not error and inspect.isawaitable(answer):
        return await _awaited(answer)
    return error


def _called(handler: Handler, contact: Contact) -> tuple[Any, str]:
    """Raises nothing: an exception that cannot cross from a thread into a coroutine would let it wait for ever."""
    pid = os.getpid()
    try:
        answer, error = handler(contact), ""
    except BaseException as failure:  # noqa: BLE001  # the fence
        answer, error = None, describe(failure)
    _end_if_forked(pid, error)
    return answer, error


async def _awaited(work: Awaitable[Any]) -> str:
    pid, error = os.getpid(), ""
    try:
        await work
    except BaseException as failure:  # noqa: BLE001  # the fence; who was cancelled by its desk is not asked any more
        error = describe(failure)
    _end_if_forked(pid, error)
    return error


def _end_if_forked(pid: int, error: str) -> None:
    """A child that a handler has forked ends here: it would be this worker once more, on the same connections."""
    if os.getpid() != pid:
        os._exit(1 if error else 0)
