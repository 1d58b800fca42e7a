"""RQ, with the worker that does not fork."""

from collections.abc import Iterable
from typing import Any

from benchmarks.systems.system import Job, Options, System, batches


def handled(payload: dict[str, Any]) -> None:
    from benchmarks.counting import handle

    handle(payload)


class Rq(System):
    name = "rq"
    setup = "`SimpleWorker`, which runs jobs in its own process; JSON; one list; results are not kept"
    package = "rq"
    pushes_in_bulk = True
    share = 0.1

    def _open(self, options: Options) -> Any:
        from redis import Redis
        from rq import Queue
        from rq.serializers import JSONSerializer

        return Queue("bench", connection=Redis(unix_socket_path=options.path), serializer=JSONSerializer)

    def push(self, options: Options, jobs: Iterable[Job]) -> None:
        queue = self._open(options)
        for job in jobs:
            queue.enqueue(handled, job.payload, result_ttl=0)

    def push_bulk(self, options: Options, jobs: Iterable[Job]) -> None:
        queue = self._open(options)
        for batch in batches(jobs):
            queue.enqueue_many([queue.prepare_data(handled, (job.payload,), result_ttl=0) for job in batch])

    def work(self, options: Options) -> None:
        from rq import SimpleWorker
        from rq.serializers import JSONSerializer

        queue = self._open(options)
        worker = SimpleWorker([queue], connection=queue.connection, serializer=JSONSerializer)
        worker.work(logging_level="ERROR")
