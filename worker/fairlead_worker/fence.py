"""The fence around handlers: whatever comes out of one is its contact's failure, and nothing else's.

Not only exceptions: a handler may exit the program, interrupt it, cancel itself. The worker's own end comes from
signals alone.
"""

import asyncio
import inspect
from collections.abc import Awaitable
from concurrent.futures import Executor
from typing import Any

from fairlead_worker.contact import Contact
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
    try:
        return handler(contact), ""
    except BaseException as failure:  # noqa: BLE001  # the fence
        return None, describe(failure)


async def _awaited(work: Awaitable[Any]) -> str:
    try:
        await work
    except BaseException as failure:  # noqa: BLE001  # the fence; who was cancelled by its desk is not asked any more
        return describe(failure)
    return ""
