"""streaQ."""

from collections.abc import Iterable
from typing import Any

from benchmarks.systems.system import PRIORITIES, Job, Options, System, batches


async def handled(payload: dict[str, Any]) -> None:
    from benchmarks.counting import handle

    handle(payload)


class Streaq(System):
    name = "streaq"
    setup = "ten named priorities, a stream each; results are not kept; at its best 50 at once"
    package = "streaq"
    ranks = "yes"
    at_best = 50
    pushes_in_bulk = True
    share = 0.3

    def _open(self, options: Options) -> tuple[Any, Any]:
        from streaq import Worker

        lowest_first = [str(priority) for priority in range(PRIORITIES, 0, -1)]
        worker: Any = Worker(redis_url=options.url, concurrency=options.at_once, priorities=lowest_first)
        return worker, worker.task(ttl=0, silent=True)(handled)

    async def push(self, options: Options, jobs: Iterable[Job]) -> None:
        worker, task = self._open(options)
        async with worker:
            for job in jobs:
                await task.enqueue(job.payload).start(priority=str(job.priority))

    async def push_bulk(self, options: Options, jobs: Iterable[Job]) -> None:
        worker, task = self._open(options)
        async with worker:
            for batch in batches(jobs):
                await worker.enqueue_many(
                    [task.enqueue(job.payload).start(priority=str(job.priority)) for job in batch]
                )

    def work(self, options: Options) -> None:
        self._open(options)[0].run_sync()
