"""One worker process at its best concurrency: 10 agents with 10 chats each; what suits each of the others."""

from collections.abc import Iterator, Sequence
from functools import partial

from benchmarks.processes import fill, prepare, work
from benchmarks.redis_server import Server
from benchmarks.sample import Sample
from benchmarks.size import Size
from benchmarks.systems import FAIRLEAD
from benchmarks.systems.system import System
from benchmarks.workloads.workload import Measurement

NAME = "work-best"
TITLE = "One worker process, at its best concurrency"


def measurements(size: Size, peers: Sequence[System]) -> Iterator[Measurement]:
    for system in (FAIRLEAD, *peers):
        if system.at_best:
            yield Measurement(system, partial(measure, size, system))


def measure(size: Size, system: System, server: Server) -> Iterator[Sample]:
    prepare(system, server)
    contacts = size.share(system.share)
    fill(system, server, contacts)
    yield Sample(NAME, system.name, work(system, server, contacts, system.at_best))
