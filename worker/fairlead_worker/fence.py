"""The fence around handlers: whatever comes out of one is its contact's failure, and nothing else's.

Not only exceptions: a handler may exit the program, interrupt it, cancel itself. The worker's own end comes from
signals alone. A child that a handler has forked does not come out at all.
"""

import asyncio
import inspect
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from typing import Any

from fairlead.service.contact import Contact
from fairlead_worker.handlers import Handler, describe, describe_with_text, is_async, is_quick


class Fence:
    """Runs one handler. Answers "" or what it failed of: type and place; `keeps_text`: and what the error says.

    A plain handler runs in a thread. `is_quick`: this one need not, and is called on the event loop.
    """

    def __init__(
        self, handler: Handler, threads: Executor, *, quick: bool = False, keeps_text: bool = False
    ) -> None:
        self._describe = describe_with_text if keeps_text else describe
        self._handler: Any = handler
        self._threads = threads
        self._is_async = is_async(handler)
        self.is_quick = (quick or is_quick(handler)) and not self._is_async

    async def run(self, contact: Contact) -> str:
        """Run the handler to its end."""
        if self._is_async:
            return await self._awaited(lambda: self._handler(contact))
        loop = asyncio.get_running_loop()
        answer, error = await loop.run_in_executor(self._threads, self.call, contact)
        return error or await self.finish(answer)

    def call(self, contact: Contact) -> tuple[Any, str]:
        """What a plain handler answers, and what it failed of.

        Raises nothing: an exception that cannot cross from a thread into a coroutine would let it wait for ever.
        """
        pid = os.getpid()
        try:
            answer, error = self._handler(contact), ""
        except BaseException as failure:  # noqa: BLE001  # the fence
            answer, error = None, self._describe(failure)
        _end_if_forked(pid, error)
        return answer, error

    async def finish(self, answer: Any) -> str:
        """Wait for what a plain handler has answered: it may be still to be awaited. Answers what that failed of."""
        return await self._awaited(lambda: answer) if inspect.isawaitable(answer) else ""

    async def _awaited(self, begin: Callable[[], Awaitable[Any]]) -> str:
        pid, error = os.getpid(), ""
        try:
            await begin()
        except BaseException as failure:  # noqa: BLE001  # the fence; who was cancelled by its desk is asked no more
            error = self._describe(failure)
        _end_if_forked(pid, error)
        return error


def _end_if_forked(pid: int, error: str) -> None:
    """A child that a handler has forked ends here: it would be this worker once more, on the same connections."""
    if os.getpid() != pid:
        os._exit(1 if error else 0)
