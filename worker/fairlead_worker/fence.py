"""The fence around handlers: whatever comes out of one is its contact's failure, and nothing else's.

Not only exceptions: a handler may exit the program, interrupt it, cancel itself. The worker's own end comes from
signals alone. A child that a handler has forked does not come out at all.
"""

import asyncio
import inspect
import os
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from fairlead.errors import InvalidSetting
from fairlead.service.contact import Contact
from fairlead_worker.handlers import TOOK_TOO_LONG, Handler, describe, describe_with_text, is_async, is_quick
from fairlead_worker.limits import Limits
from fairlead_worker.logs import get_logger
from fairlead_worker.threads import Threads

log = get_logger()

CANCELLED_ENDS_WITHIN_S = 2.0
"""How long a handler that has reached its limit may take to end after it was cancelled."""


class Fence:
    """Runs one handler. Answers "" or what it failed of: type and place; `keeps_text`: and what the error says.

    A plain handler runs in a thread. `is_quick`: this one need not, and is called on the event loop, where nothing can
    end it: raises InvalidSetting when there are limits, too.
    """

    def __init__(
        self,
        handler: Handler,
        threads: Threads,
        *,
        quick: bool = False,
        keeps_text: bool = False,
        limits: Limits | None = None,
    ) -> None:
        self._describe = describe_with_text if keeps_text else describe
        self._handler: Any = handler
        self._threads = threads
        self._is_async = is_async(handler)
        self._limits = limits or Limits()
        self.is_quick = (quick or is_quick(handler)) and not self._is_async
        if self.is_quick and self._limits:
            raise InvalidSetting("a quick handler runs on the event loop, where no limit can end it: leave one out")

    async def run(self, contact: Contact) -> str:
        """Run the handler to its end, or to its limit."""
        limit_s = self._limits.of(contact.queue, contact.channel)
        return await (self._run(contact) if limit_s is None else self._run_for(limit_s, contact))

    async def _run(self, contact: Contact, begun: asyncio.Event | None = None) -> str:
        if self._is_async:
            if begun:
                begun.set()
            return await self._awaited(lambda: self._handler(contact))
        answer, error = await self._threads.run(partial(self.call, contact), contact.token, begun)
        return error or await self.finish(answer)

    async def _run_for(self, limit_s: float, contact: Contact) -> str:
        """Its time runs from when a thread has it. Whoever is still there after it was cancelled is waited for no more:
        a thread cannot be ended at all.
        """
        begun = asyncio.Event()
        handling, beginning = asyncio.create_task(self._run(contact, begun)), asyncio.create_task(begun.wait())
        try:
            await asyncio.wait({handling, beginning}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({handling}, timeout=limit_s)
        except asyncio.CancelledError:
            handling.cancel()
            return await handling
        finally:
            beginning.cancel()
        if handling.done():
            return handling.result()
        handling.cancel()
        await asyncio.wait({handling}, timeout=CANCELLED_ENDS_WITHIN_S)
        if not handling.done() or self._threads.is_left_behind(contact.token):
            log.warning("runs on after its limit", agent=contact.agent, contact=contact.contact_id, limit_s=limit_s)
        return f"{TOOK_TOO_LONG} of {limit_s:g} s"

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
