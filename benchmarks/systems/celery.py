"""Celery, with the pool that runs tasks in the worker's own process."""

from collections.abc import Iterable
from typing import Any

from benchmarks.systems.system import PRIORITIES, Job, Options, System


def handled(payload: dict[str, Any]) -> None:
    from benchmarks.counting import handle

    handle(payload)


class Celery(System):
    name = "celery"
    setup = (
        "solo pool; prefetch of 4, late acknowledgement off; results off; no gossip, mingle or heartbeat; priorities "
        "as ten lists, by strict order"
    )
    package = "celery"
    ranks = "by lists"
    share = 0.3

    def _open(self, options: Options) -> tuple[Any, Any]:
        from celery import Celery as App

        app = App("bench", broker=f"redis+socket://{options.path}")
        app.conf.update(
            task_ignore_result=True,
            worker_hijack_root_logger=False,
            broker_connection_retry_on_startup=True,
            broker_transport_options={
                "priority_steps": list(range(PRIORITIES)), "queue_order_strategy": "priority", "sep": ":",
            },
        )  # fmt: skip
        return app, app.task(name="handled")(handled)

    def push(self, options: Options, jobs: Iterable[Job]) -> None:
        _, task = self._open(options)
        for job in jobs:
            task.apply_async((job.payload,), priority=job.priority - 1)

    def work(self, options: Options) -> None:
        app, _ = self._open(options)
        app.worker_main(
            ["worker", "--pool", "solo", "--loglevel", "ERROR", "--without-gossip", "--without-mingle",
             "--without-heartbeat"]
        )  # fmt: skip
