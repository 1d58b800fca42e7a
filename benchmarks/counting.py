"""What every worker does with a contact: it counts it. Of the first and of the last that count it notes the clocks.

The worker's process is told in the environment what to count; it writes a file when all is counted.
"""

import itertools
import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.clocks import Moment, rates

VARIABLE = "BENCH_COUNT"


@dataclass(frozen=True, slots=True)
class Count:
    """What a worker counts: after `skipped` contacts, `counted` more; where it says that it has begun, and the result.

    `server_pid`: the process of redis-server, whose CPU time is measured.
    """

    skipped: int
    counted: int
    server_pid: int
    begun: str
    result: str

    def environment(self) -> dict[str, str]:
        return os.environ | {VARIABLE: json.dumps(asdict(self))}


class Counter:
    def __init__(self, count: Count) -> None:
        self._count = count
        self._numbers = itertools.count(1)  # its `next` is atomic: some workers have several threads
        self._begin: Moment | None = None
        self._waits_us: list[float] = []

    def add(self, body: Mapping[str, Any]) -> None:
        number, count = next(self._numbers), self._count
        if "at" in body and number > count.skipped:
            self._waits_us.append((time.monotonic_ns() - body["at"]) / 1e3)
        if number == 1:
            Path(count.begun).touch()
        if number == max(count.skipped, 1):
            self._begin = Moment.now(count.server_pid)
        if number == count.skipped + count.counted:
            self._finish()

    def _finish(self) -> None:
        assert self._begin
        values = rates(self._begin, Moment.now(self._count.server_pid), self._count.counted)
        unfinished = Path(self._count.result + ".part")
        unfinished.write_text(json.dumps({"values": values, "waits_us": self._waits_us}))
        unfinished.rename(self._count.result)


@cache
def counter() -> Counter:
    return Counter(Count(**json.loads(os.environ[VARIABLE])))


def handle(body: Mapping[str, Any]) -> None:
    """The handler of every system in Python."""
    counter().add(body)


def handle_contact(contact: Any) -> None:
    """The handler of `fairlead work`."""
    counter().add(contact.payload)
