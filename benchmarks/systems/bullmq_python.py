"""BullMQ's Python edition."""

import asyncio
from collections.abc import Iterable
from typing import Any

from benchmarks.systems.system import Job, Options, System, batches


async def handled(job: Any, _: str) -> None:
    from benchmarks.counting import handle

    handle(job.data)


class BullMqPython(System):
    name = "BullMQ (Python)"
    setup = "waits in BZPOPMIN; at its best 100 at once"
    package = "bullmq"
    ranks = "yes"
    at_best = 100
    pushes_in_bulk = True
    share = 0.5
    log_keys = "bull:bench:events"

    def _open(self, options: Options) -> Any:
        from bullmq import Queue

        return Queue("bench", {"connection": options.url})

    async def push(self, options: Options, jobs: Iterable[Job]) -> None:
        queue = self._open(options)
        for job in jobs:
            await queue.add("handled", job.payload, {"priority": job.priority})
        await queue.close()

    async def push_bulk(self, options: Options, jobs: Iterable[Job]) -> None:
        queue = self._open(options)
        for batch in batches(jobs):
            await queue.addBulk(
                [{"name": "handled", "data": job.payload, "opts": {"priority": job.priority}} for job in batch]
            )
        await queue.close()

    async def work(self, options: Options) -> None:
        from bullmq import Worker

        Worker("bench", handled, {"connection": options.url, "concurrency": options.at_once})
        await asyncio.Event().wait()
