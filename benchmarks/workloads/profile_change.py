"""From the change of a routing profile to the handler of a contact that has just become its agent's."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from benchmarks.processes import count_of, prepare, result_of, worker
from benchmarks.redis_server import Server
from benchmarks.sample import Sample, latency
from benchmarks.size import Size
from benchmarks.systems import FAIRLEAD
from benchmarks.systems.system import QUEUES, Job, System
from benchmarks.workloads.workload import Measurement
from fairlead import Administrator, Producer, Supervisor
from fairlead.domain.profile import RoutingProfile

NAME = "profile-change"
TITLE = "From the change of a profile to the handler"
HANDLED_WITHIN_S = 0.02
SHARE = 0.2
"""Of the arrivals: each is two changes of the configuration."""


def measurements(size: Size, peers: Sequence[System]) -> Iterator[Measurement]:
    yield Measurement(FAIRLEAD, partial(measure, size))


def measure(size: Size, server: Server) -> Iterator[Sample]:
    prepare(FAIRLEAD, server)
    contacts, before_us = max(round(size.arrivals * SHARE), 4), []
    count = count_of(server, 0, contacts)
    with (
        worker(FAIRLEAD, server, count, 1) as process,
        Administrator.connect(server.url) as administrator,
        Producer.connect(server.url) as producer,
        Supervisor.connect(server.url) as supervisor,
    ):
        whole = supervisor.configuration()[0].profiles["Bench"]
        while not any(agent.is_signed_in for agent in supervisor.agents()):
            time.sleep(0.01)
        for _ in range(contacts):
            administrator.change_object("profile", "Bench", without)
            pushed_ns = time.monotonic_ns()
            producer.push(QUEUES[0], Job(0, pushed_ns).payload, channel="chat")
            before_us.append((time.monotonic_ns() - pushed_ns) / 1e3)
            administrator.change_object("profile", "Bench", lambda _: whole)
            time.sleep(HANDLED_WITHIN_S)
        waits_us = result_of(FAIRLEAD, [process], count)["waits_us"]
    yield latency(NAME, FAIRLEAD.name, [wait - before for wait, before in zip(waits_us, before_us, strict=True)])


def without(profile: RoutingProfile) -> RoutingProfile:
    """The profile that does not serve the first queue."""
    return replace(profile, entries=tuple(entry for entry in profile.entries if entry.queue != QUEUES[0]))
