"""What a system that is compared has to be able to do, and what it is given."""

import json
import sys
from collections.abc import Coroutine, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, ClassVar, TypeVar

from benchmarks.machine import package_version

T = TypeVar("T")

QUEUES = tuple(f"Queue{number}" for number in range(1, 6))
PRIORITIES = 10
PAYLOAD_BYTES = 200
BATCH = 500
"""How many contacts one bulk call pushes; what comes before the contacts that count fills whole batches."""

_TEXT = "x" * (PAYLOAD_BYTES - len('{"text":""}'))


@dataclass(frozen=True, slots=True)
class Job:
    """The contact of this number. `at`: when it was pushed, where that is what is measured."""

    number: int
    at: int = 0

    @property
    def queue(self) -> str:
        return QUEUES[self.number % len(QUEUES)]

    @property
    def priority(self) -> int:
        """1, the first, to 10."""
        return self.number * 7 % PRIORITIES + 1

    @property
    def payload(self) -> dict[str, Any]:
        """200 bytes as JSON without spaces."""
        if not self.at:
            return {"text": _TEXT}
        at = f'"at":{self.at},'
        return {"at": self.at, "text": _TEXT[: -len(at)]}


@dataclass(frozen=True, slots=True)
class Options:
    """What the process of a system is told. `begun`: a file that the worker makes with its first contact."""

    url: str
    server_pid: int = 0
    skipped: int = 0
    contacts: int = 0
    begun: str = ""
    at_once: int = 1

    @property
    def path(self) -> str:
        """The socket of the server."""
        return self.url.removeprefix("unix://")


class System:
    """One system. It is made anew in each process, and a process either pushes or works.

    `setup`: how it is used here, for the reader; `ranks`: whether a worker takes by priority; `at_best`: contacts that
    one worker process handles at once at its best, 0 when it does one at a time; `pushes_in_bulk`; `share`: the part of
    the contacts that it is given, smaller for a slow one; `log_keys`: keys of a bounded log, which are no part of what
    a waiting contact needs.
    """

    name: ClassVar[str]
    setup: ClassVar[str]
    package: ClassVar[str] = ""
    ranks: ClassVar[str] = "no"
    at_best: ClassVar[int] = 0
    pushes_in_bulk: ClassVar[bool] = False
    share: ClassVar[float] = 1.0
    log_keys: ClassVar[str] = ""

    def version(self) -> str:
        """The version that would run; empty when it is not installed."""
        return package_version(self.package)

    def missing(self) -> str:
        """What has to be done before it can run; empty when it can."""
        return "" if self.version() else f"{self.package} is not installed: pip install 'fairlead[bench]'"

    def command(self, role: str, options: Options) -> list[str]:
        """The process that plays a role: push, push_bulk, arrive (push to a worker that waits), work."""
        return [sys.executable, "-m", "benchmarks.child", self.name, role, json.dumps(asdict(options))]

    def prepare(self, options: Options) -> None:
        """Make a fresh server ready; nothing by default."""

    def push(self, options: Options, jobs: Iterable[Job]) -> Coroutine[Any, Any, None] | None:
        """Push one by one."""
        raise NotImplementedError

    def push_bulk(self, options: Options, jobs: Iterable[Job]) -> Coroutine[Any, Any, None] | None:
        """Push as many at once as it can, in batches of BATCH."""
        raise NotImplementedError

    def work(self, options: Options) -> Coroutine[Any, Any, None] | None:
        """Work until the process is ended: `at_once` contacts at a time, each given to `counting.handle`."""
        raise NotImplementedError


def batches(things: Iterable[T]) -> Iterator[list[T]]:
    left = iter(things)
    while batch := list(islice(left, BATCH)):
        yield batch
