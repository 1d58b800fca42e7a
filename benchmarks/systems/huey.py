"""huey, with the storage that has priorities and waits in BZPOPMIN."""

from collections.abc import Iterable
from typing import Any

from benchmarks.systems.system import Job, Options, System


def handled(payload: dict[str, Any]) -> None:
    from benchmarks.counting import handle

    handle(payload)


class Huey(System):
    name = "huey"
    setup = (
        "`PriorityRedisHuey`, whose consumer blocks in BZPOPMIN; one thread, at its best 8; no results, no periodic "
        "tasks; it takes without acknowledgement: a crash loses what was taken"
    )
    package = "huey"
    ranks = "yes"
    at_best = 8

    def _open(self, options: Options) -> tuple[Any, Any]:
        from huey import PriorityRedisHuey

        app = PriorityRedisHuey("bench", url=options.url, results=False)
        return app, app.task()(handled)

    def push(self, options: Options, jobs: Iterable[Job]) -> None:
        _, task = self._open(options)
        for job in jobs:
            task(job.payload, priority=-job.priority)  # the largest goes first

    def work(self, options: Options) -> None:
        app, _ = self._open(options)
        app.create_consumer(workers=options.at_once, periodic=False, check_worker_health=False).run()
