"""dramatiq."""

import os
import time
from collections.abc import Iterable
from typing import Any

from benchmarks.systems.system import Job, Options, System

PREFETCH = 100


def handled(payload: dict[str, Any]) -> None:
    from benchmarks.counting import handle

    handle(payload)


class Dramatiq(System):
    name = "dramatiq"
    setup = (
        f"its Redis broker polls: worker_timeout 1 ms, the shortest, and a prefetch of {PREFETCH}; one thread, at its "
        "best 8"
    )
    package = "dramatiq"
    at_best = 8
    share = 0.4

    def _open(self, options: Options) -> tuple[Any, Any]:
        os.environ["dramatiq_queue_prefetch"] = str(PREFETCH)  # noqa: SIM112  # its own name, read on import
        import dramatiq
        from dramatiq.brokers.redis import RedisBroker

        broker = RedisBroker(url=options.url)
        dramatiq.set_broker(broker)
        return broker, dramatiq.actor(handled)

    def push(self, options: Options, jobs: Iterable[Job]) -> None:
        _, actor = self._open(options)
        for job in jobs:
            actor.send(job.payload)

    def work(self, options: Options) -> None:
        broker, _ = self._open(options)
        from dramatiq import Worker

        Worker(broker, worker_threads=options.at_once, worker_timeout=1).start()
        while True:
            time.sleep(1)
