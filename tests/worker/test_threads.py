"""Plain handlers share a bounded number of threads, and none of them waits behind one that hangs."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fairlead_worker.fence import Fence
from fairlead_worker.limits import Limits
from fairlead_worker.threads import MOST_THREADS, Threads

from fairlead import Contact

CONTACT = Contact("c1", "Q", "voice", 5, 1, 1, "ana", "inbound", "", {}, {}, None)


@asynccontextmanager
async def all_taken(threads: Threads) -> AsyncIterator[tuple[list[asyncio.Task[bool]], threading.Event]]:
    """Calls that hold every thread, until what they wait for is set; at the end it is."""
    opened, begun = threading.Event(), [asyncio.Event() for _ in range(MOST_THREADS)]
    holding = [asyncio.create_task(threads.run(opened.wait, number, one)) for number, one in enumerate(begun)]
    try:
        for one in begun:
            await one.wait()
        yield holding, opened
    finally:
        opened.set()
        await asyncio.wait(holding)


async def test_the_time_of_a_handler_does_not_run_while_it_waits_for_a_thread() -> None:
    with Threads() as threads:
        fence = Fence(lambda contact: None, threads, limits=Limits(0.1))
        async with all_taken(threads) as (_, opened):
            handling = asyncio.create_task(fence.run(CONTACT))

            waited, _ = await asyncio.wait({handling}, timeout=0.5)
            opened.set()

            assert not waited
            assert await handling == ""


async def test_a_call_that_waits_for_a_thread_begins_when_those_before_it_are_left_behind() -> None:
    with Threads() as threads:
        async with all_taken(threads) as (holding, _):
            waiting = asyncio.create_task(threads.run(lambda: "answered"))
            await asyncio.sleep(0)

            for one in holding[: MOST_THREADS // 2]:
                one.cancel()

            assert await asyncio.wait_for(waiting, 60) == "answered"


async def test_a_call_that_is_cancelled_before_it_has_a_thread_never_begins() -> None:
    begun = list[str]()
    with Threads() as threads:
        async with all_taken(threads) as (holding, opened):
            waiting = asyncio.create_task(threads.run(lambda: begun.append("late")))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.wait({waiting})
            opened.set()
            await asyncio.wait(holding)

        assert waiting.cancelled()
        assert await threads.run(lambda: "next") == "next"
    assert not begun
