"""What a waiting contact of 200 bytes takes of redis-server's memory, its bounded log of events left out."""

from collections.abc import Iterator, Sequence
from functools import partial

from benchmarks.processes import fill, prepare
from benchmarks.redis_server import Server
from benchmarks.sample import Sample
from benchmarks.size import Size
from benchmarks.systems import FAIRLEAD, FLOOR, VOICE
from benchmarks.systems.system import BATCH, System
from benchmarks.workloads.workload import Measurement

NAME = "memory"
TITLE = "Memory of a waiting contact"


def measurements(size: Size, peers: Sequence[System]) -> Iterator[Measurement]:
    for system in (FAIRLEAD, VOICE, FLOOR, *peers):
        yield Measurement(system, partial(measure, size, system), every_round=False)


def measure(size: Size, system: System, server: Server) -> Iterator[Sample]:
    prepare(system, server)
    fill(system, server, BATCH)  # scripts and what is there once
    before = _used(system, server)
    fill(system, server, size.contacts)
    yield Sample(NAME, system.name, {"bytes": (_used(system, server) - before) / size.contacts})


def _used(system: System, server: Server) -> int:
    log = server.client.memory_usage(system.log_keys, samples=0) if system.log_keys else 0
    return server.used_bytes() - int(log or 0)
