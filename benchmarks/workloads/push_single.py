"""One producer that pushes one contact after the other, each acknowledged by Redis."""

from collections.abc import Iterator, Sequence
from functools import partial

from benchmarks.processes import prepare, push
from benchmarks.redis_server import Server
from benchmarks.sample import Sample
from benchmarks.size import Size
from benchmarks.systems import FAIRLEAD, FLOOR
from benchmarks.systems.system import System
from benchmarks.workloads.workload import Measurement

NAME = "push"
TITLE = "Push, one by one"


def measurements(size: Size, peers: Sequence[System]) -> Iterator[Measurement]:
    for system in (FAIRLEAD, FLOOR, *peers):
        yield Measurement(system, partial(measure, size, system))


def measure(size: Size, system: System, server: Server) -> Iterator[Sample]:
    prepare(system, server)
    yield Sample(NAME, system.name, push(system, server, size.share(system.share), role="push"))
