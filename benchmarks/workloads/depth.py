"""What a push and a take cost when few or many contacts wait already.

Each depth has a server of its own, and a sample is taken of one after the other: what disturbs them disturbs all alike.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from functools import partial

from benchmarks.clocks import Moment, rates
from benchmarks.processes import fill, options_for, prepare
from benchmarks.redis_server import Server, server_beside
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
SAMPLES = 15
AT_A_TIME = 200
"""Contacts that are pushed, and then taken, for one sample: so the depth stays what it is."""

Side = Callable[[Job], object]
Sides = Callable[[Server], AbstractContextManager[tuple[Side, Side]]]
"""What pushes to a server, and what takes from it."""


def measurements(size: Size, peers: Sequence[System]) -> Iterator[Measurement]:
    yield Measurement(FAIRLEAD, partial(_at_each_depth, size, FAIRLEAD, fairlead), every_round=False)
    yield Measurement(FLOOR, partial(_at_each_depth, size, FLOOR, floor), every_round=False)


@contextmanager
def fairlead(server: Server) -> Iterator[tuple[Side, Side]]:
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

        yield push, take


@contextmanager
def floor(server: Server) -> Iterator[tuple[Side, Side]]:
    with closing(Store(connect(options_for(server).url))) as store:
        ended = ""

        def take(_: Job) -> None:
            nonlocal ended
            job = store.run(turn(ended))
            ended = job[0].decode() if job else ""

        def push(job: Job) -> None:
            store.run(push_jobs([job]))

        yield push, take


def _at_each_depth(size: Size, system: System, sides: Sides, first: Server) -> Iterator[Sample]:
    with ExitStack() as stack:
        others = [stack.enter_context(server_beside(first)) for _ in size.depths[1:]]
        servers = dict(zip(size.depths, [first, *others], strict=True))
        for depth, server in servers.items():
            prepare(system, server)
            fill(system, server, depth)
        ready = [(depth, server, *stack.enter_context(sides(server))) for depth, server in servers.items()]
        for _, server, push, take in ready:
            _timed(server, push, range(20)), _timed(server, take, range(20))
        for number in range(SAMPLES):
            jobs = range(number * AT_A_TIME, (number + 1) * AT_A_TIME)
            for depth, server, push, take in ready:
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
