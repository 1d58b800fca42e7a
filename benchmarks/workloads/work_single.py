"""One worker process that handles one contact at a time: take, handler, complete."""

from collections.abc import Iterator, Sequence
from functools import partial

from benchmarks.processes import fill, prepare, work
from benchmarks.redis_server import Server
from benchmarks.sample import Sample
from benchmarks.size import Size
from benchmarks.systems import CRITERIA, FAIRLEAD, FLOOR
from benchmarks.systems.system import System
from benchmarks.workloads.workload import Measurement

NAME = "work"
TITLE = "One worker process, one at a time"


def measurements(size: Size, peers: Sequence[System]) -> Iterator[Measurement]:
    for system in (FAIRLEAD, CRITERIA, FLOOR, *peers):
        yield Measurement(system, partial(measure, size, system))


def measure(size: Size, system: System, server: Server) -> Iterator[Sample]:
    prepare(system, server)
    contacts = size.share(system.share)
    fill(system, server, contacts)
    yield Sample(NAME, system.name, work(system, server, contacts, 1))
