"""What a push and a take cost when few or many contacts wait already."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial

from benchmarks.clocks import Moment, rates
from benchmarks.processes import fill, options_for, prepare
from benchmarks.redis_server import Server
from benchmarks.sample import Sample
from benchmarks.size import Size
from benchmarks.systems import FAIRLEAD, FLOOR
from benchmarks.systems.floor import push_jobs, turn
from benchmarks.systems.system import Job, System
from benchmarks.workloads.workload import Measurement
from fairlead import Agent, Producer
from fairlead.server.connection import connect
from fairlead.store.client import Store

NAME = "depth"
TITLE = "Cost against the number of waiting contacts"
SAMPLES = 5
AT_A_TIME = 200
"""Contacts that are pushed, and then taken, for one sample: so the depth stays what it is."""

Side = Callable[[Job], object]


def measurements(size: Size, peers: Sequence[System]) -> Iterator[Measurement]:
    yield Measurement(FAIRLEAD, partial(fairlead, size), every_round=False)
    yield Measurement(FLOOR, partial(floor, size), every_round=False)


def fairlead(size: Size, server: Server) -> Iterator[Sample]:
    prepare(FAIRLEAD, server)
    fill(FAIRLEAD, server, size.depths[0])
    with (
        Producer.connect(server.url) as producer,
        Agent.connect("depth", server.url, auto_accept=True, capacity=1, lease_s=86_400) as agent,
    ):
        offers = agent.sign_in(profile="Bench")

        def push(job: Job) -> None:
            producer.push(job.queue, job.payload, channel="chat", priority=job.priority)

        def take(_: Job) -> None:
            nonlocal offers
            offers = agent.complete(offers).offers

        yield from _at_each_depth(size, FAIRLEAD, server, push, take)


def floor(size: Size, server: Server) -> Iterator[Sample]:
    prepare(FLOOR, server)
    fill(FLOOR, server, size.depths[0])
    with closing(Store(connect(options_for(server).url))) as store:
        ended = ""

        def take(_: Job) -> None:
            nonlocal ended
            job = store.run(turn(ended))
            ended = job[0].decode() if job else ""

        def push(job: Job) -> None:
            store.run(push_jobs([job]))

        yield from _at_each_depth(size, FLOOR, server, push, take)


def _at_each_depth(size: Size, system: System, server: Server, push: Side, take: Side) -> Iterator[Sample]:
    reached = size.depths[0]
    for depth in size.depths:
        if depth > reached:
            fill(system, server, depth - reached)
            reached = depth
        _timed(server, push, range(20)), _timed(server, take, range(20))
        for number in range(SAMPLES):
            jobs = range(number * AT_A_TIME, (number + 1) * AT_A_TIME)
            pushed, taken = _timed(server, push, jobs), _timed(server, take, jobs)
            values = {f"push_{name}": value for name, value in pushed.items()}
            values |= {f"take_{name}": value for name, value in taken.items()}
            yield Sample(NAME, system.name, values, str(depth))


def _timed(server: Server, side: Side, numbers: Iterable[int]) -> dict[str, float]:
    jobs = [Job(number) for number in numbers]
    begin = Moment.now(server.pid)
    for job in jobs:
        side(job)
    return rates(begin, Moment.now(server.pid), len(jobs))
