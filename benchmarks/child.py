"""The process in which a system written in Python pushes or works: `python -m benchmarks.child NAME ROLE OPTIONS`.

Contacts come out of a generator, which notes the clocks when the first that counts is asked for; what comes before it
opens connections and loads scripts.
"""

import asyncio
import inspect
import json
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.clocks import Moment, rates
from benchmarks.systems import find
from benchmarks.systems.system import Job, Options

PAUSE_S = (0.004, 0.008)
"""Between two arrivals, drawn at random, so that no worker's period falls in with them."""


class Jobs:
    """The contacts to push; `begin` is set when the first that counts was asked for."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self.begin: Moment | None = None

    def __iter__(self) -> Iterator[Job]:
        for number in range(self._options.skipped):
            yield Job(number)
        self.begin = Moment.now(self._options.server_pid)
        for number in range(self._options.contacts):
            yield Job(number)


class Arrivals(Jobs):
    """Contacts that come one by one to a worker that waits for them."""

    def __iter__(self) -> Iterator[Job]:
        yield Job(0)
        while not Path(self._options.begun).exists():
            time.sleep(0.01)
        for number in range(1, self._options.skipped + self._options.contacts):
            time.sleep(random.uniform(*PAUSE_S))
            yield Job(number, at=time.monotonic_ns())


def main() -> None:
    name, role, given = sys.argv[1:]
    options = Options(**json.loads(given))
    system = find(name)
    if role == "work":
        _run(system.work(options))
        return
    jobs = Arrivals(options) if role == "arrive" else Jobs(options)
    _run(system.push_bulk(options, jobs) if role == "push_bulk" else system.push(options, jobs))
    if jobs.begin:
        print(json.dumps(rates(jobs.begin, Moment.now(options.server_pid), options.contacts)))


def _run(done: object) -> None:
    """Some systems are asynchronous."""
    if inspect.iscoroutine(done):
        asyncio.run(done)


if __name__ == "__main__":
    main()
