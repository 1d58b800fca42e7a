"""One producer that has many contacts at hand and pushes them as fast as its client can, 500 at a time."""

from collections.abc import Iterator, Sequence
from functools import partial

from benchmarks.processes import prepare, push
from benchmarks.redis_server import Server
from benchmarks.sample import Sample
from benchmarks.size import Size
from benchmarks.systems import FAIRLEAD, FLOOR
from benchmarks.systems.system import System
from benchmarks.workloads.workload import Measurement

NAME = "push-bulk"
TITLE = "Push, in bulk"


def measurements(size: Size, peers: Sequence[System]) -> Iterator[Measurement]:
    for system in (FAIRLEAD, FLOOR, *peers):
        if system.pushes_in_bulk:
            yield Measurement(system, partial(measure, size, system))


def measure(size: Size, system: System, server: Server) -> Iterator[Sample]:
    prepare(system, server)
    yield Sample(NAME, system.name, push(system, server, size.share(system.share), role="push_bulk"))
