"""The fastest way to be woken by Redis: a process that waits in BZPOPMIN. It loses what it holds when it dies."""

from collections.abc import Iterable

import orjson
import redis

from benchmarks.counting import handle
from benchmarks.systems.system import Job, Options, System


class Bzpopmin(System):
    name = "floor: BZPOPMIN"
    setup = "ZADD, and a worker blocked in BZPOPMIN; redis-py"
    ranks = "yes"

    def version(self) -> str:
        return "-"

    def push(self, options: Options, jobs: Iterable[Job]) -> None:
        client = redis.Redis(unix_socket_path=options.path)
        for job in jobs:
            client.zadd("bare", {orjson.dumps(job.payload): job.priority})

    def work(self, options: Options) -> None:
        client = redis.Redis(unix_socket_path=options.path, socket_timeout=60)
        while True:
            got = client.bzpopmin("bare", 5)
            if got:
                handle(orjson.loads(got[1]))
