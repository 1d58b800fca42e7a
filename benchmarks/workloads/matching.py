"""What it costs to give an arriving contact to the agent available longest, of few or of very many agents."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import TypeVar

from benchmarks.clocks import Moment, rates
from benchmarks.redis_server import Server
from benchmarks.sample import Sample
from benchmarks.size import Size
from benchmarks.systems import FAIRLEAD
from benchmarks.systems.fairlead import configuration
from benchmarks.systems.system import QUEUES, Job, System, batches
from benchmarks.workloads.workload import Measurement
from fairlead import Administrator, Producer, parse_configuration
from fairlead.errors import FairleadError
from fairlead.server.connection import connect
from fairlead.store.client import Store
from fairlead.store.request import Request
from fairlead.store.transitions.working import Session

T = TypeVar("T")

NAME = "matching"
TITLE = "Cost of a match against the number of agents"
SAMPLES = 10
AT_A_TIME = 20
"""Contacts of one sample: fewer than the slots of the smallest centre, whose agents end them before the next sample."""

HOUR_MS = 3_600_000


def measurements(size: Size, peers: Sequence[System]) -> Iterator[Measurement]:
    for agents, profiles, serving in size.centres:
        yield Measurement(FAIRLEAD, partial(centre, agents, profiles, serving), every_round=False)


def centre(agents: int, profiles: int, serving: int, server: Server) -> Iterator[Sample]:
    names = [f"Profile{number}" for number in range(profiles)]
    text = configuration("chat", names[:serving]) + "\n" + _elsewhere(names[serving:])
    with Administrator.connect(server.url) as administrator:
        administrator.apply(parse_configuration(text, "benchmark"))
    case = f"{agents:,} agents; {serving} of {profiles} profiles serve"
    with closing(Store(connect(server.url))) as store, Producer.connect(server.url) as producer:
        sessions = [
            Session(store.keys, f"agent{number}", "bench", "bench", lease_ms=HOUR_MS, inbox="bench")
            for number in range(agents)
        ]
        in_turn(store, [session.sign_in(profile=names[n % profiles]) for n, session in enumerate(sessions)])
        for number in range(SAMPLES + 1):
            values = _matched(server, producer, number)
            if number:  # the first loads the scripts
                yield Sample(NAME, FAIRLEAD.name, values, case)
            answers = in_turn(store, [session.take() for session in sessions])
            holding = [(session, answer.offers) for session, answer in zip(sessions, answers, strict=True)]
            in_turn(store, [session.complete(offers) for session, offers in holding if offers])


def _elsewhere(profiles: Sequence[str]) -> str:
    """Profiles that serve another queue."""
    if not profiles:
        return ""
    _, _, served = configuration("chat", profiles, ["Elsewhere"]).partition(f"[queues.{QUEUES[-1]}]\n")
    return f"[queues.Elsewhere]\n{served}"


def _matched(server: Server, producer: Producer, number: int) -> dict[str, float]:
    begin = Moment.now(server.pid)
    receipts = [
        producer.push(job.queue, job.payload, channel="chat", priority=job.priority)
        for job in map(Job, range(number * AT_A_TIME, (number + 1) * AT_A_TIME))
    ]
    values = rates(begin, Moment.now(server.pid), AT_A_TIME)
    assert all(receipt.state in ("offered", "connected") for receipt in receipts), "a contact found no agent"
    return values


def in_turn(store: Store, requests: Sequence[Request[T]]) -> list[T]:
    """The answers to very many requests, some hundred in a round trip."""
    return [_answered(answer) for batch in batches(requests) for answer in store.run_many(batch)]


def _answered(answer: T | FairleadError) -> T:
    if isinstance(answer, FairleadError):
        raise answer
    return answer
