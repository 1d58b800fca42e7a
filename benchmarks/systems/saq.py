"""SAQ."""

import asyncio
from collections.abc import Iterable
from typing import Any

from benchmarks.systems.system import Job, Options, System, batches


async def handled(_: Any, *, payload: dict[str, Any]) -> None:
    from benchmarks.counting import handle

    handle(payload)


class Saq(System):
    name = "saq"
    setup = "waits in BLMOVE; results are not kept; bulk is concurrent calls; at its best 50 at once; one list"
    package = "saq"
    at_best = 50
    pushes_in_bulk = True
    share = 0.4

    def _open(self, options: Options) -> Any:
        from redis.asyncio import Redis
        from saq.queue.redis import RedisQueue

        return RedisQueue(Redis(unix_socket_path=options.path))

    async def push(self, options: Options, jobs: Iterable[Job]) -> None:
        queue = self._open(options)
        for job in jobs:
            await queue.enqueue("handled", payload=job.payload, ttl=-1)
        await queue.disconnect()

    async def push_bulk(self, options: Options, jobs: Iterable[Job]) -> None:
        queue = self._open(options)
        for batch in batches(jobs):
            await asyncio.gather(*(queue.enqueue("handled", payload=job.payload, ttl=-1) for job in batch))
        await queue.disconnect()

    async def work(self, options: Options) -> None:
        from saq import Worker

        await Worker(self._open(options), [handled], concurrency=options.at_once).start()
