"""From the push of a contact to the start of its handler in another process, which was idle."""

from collections.abc import Iterator, Sequence
from functools import partial

from benchmarks.processes import arrivals, prepare
from benchmarks.redis_server import Server
from benchmarks.sample import Sample
from benchmarks.size import Size
from benchmarks.systems import FAIRLEAD, WAKE_UP
from benchmarks.systems.system import System
from benchmarks.workloads.workload import Measurement

NAME = "arrival"
TITLE = "From arrival to handler, worker idle"


def measurements(size: Size, peers: Sequence[System]) -> Iterator[Measurement]:
    for system in (FAIRLEAD, WAKE_UP, *peers):
        yield Measurement(system, partial(measure, size, system))


def measure(size: Size, system: System, server: Server) -> Iterator[Sample]:
    prepare(system, server)
    yield arrivals(NAME, system, server, size.arrivals)
