"""A scenario run once or several times, each time with other chances, side by side in processes."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import redis

from fairlead.simulation.arrivals import arrivals_of
from fairlead.simulation.course import Course
from fairlead.simulation.engine import Day, Tell, simulate
from fairlead.simulation.recorded import Recording
from fairlead.simulation.scenario import Scenario
from fairlead.simulation.server import Kind, private_server
from fairlead.simulation.summary import Summary, summarise

CHUNKS_A_CORE = 4
"""How many pieces of work each core gets: few, since each starts a server, and enough to show progress."""


@dataclass(frozen=True, slots=True)
class Task:
    """A scenario with a seed (None: its own) and, instead of its contacts, recorded ones."""

    scenario: Scenario
    seed: int | None = None
    recording: Recording | None = None

    def day(self, replication: int = 0) -> Day:
        """What is simulated in one replication."""
        scenario, day = self.scenario, self.scenario.day
        until_us = None if day.until_s is None else round(day.until_s * 1e6)
        if self.recording:
            arrivals, begins_us = self.recording.arrivals, self.recording.begins_us
        else:
            arrivals, begins_us = tuple(arrivals_of(day, self.seed, replication)), scenario.begins_us
        return Day(scenario.configuration, arrivals, scenario.shifts, begins_us, until_us)


def run_once(
    client: redis.Redis,
    task: Task,
    replication: int = 0,
    tell: Tell | None = None,
    progress: Callable[[int], None] | None = None,
) -> tuple[Course, Summary]:
    """One run, and its measures."""
    course = simulate(client, task.day(replication), tell, progress)
    return course, summarise(course, task.scenario.configuration, task.scenario.day.warm_up_s)


def run_replications(task: Task, count: int, kind: Kind, progress: Callable[[int], None]) -> list[Summary]:
    """The measures of `count` runs, in order; `progress` gets how many are done."""
    chunks = list(_chunks(count))
    found: list[Summary] = []
    with ProcessPoolExecutor(_cores(), mp_context=get_context("spawn")) as pool:
        for summaries in pool.map(_run_chunk, [task] * len(chunks), chunks, [kind] * len(chunks)):
            found += summaries
            progress(len(found))
    return found


def _run_chunk(task: Task, replications: range, kind: Kind) -> list[Summary]:
    with private_server(kind) as client:
        return [run_once(client, task, replication)[1] for replication in replications]


def _chunks(count: int) -> Iterator[range]:
    size = max(1, count // (_cores() * CHUNKS_A_CORE))
    for first in range(0, count, size):
        yield range(first, min(count, first + size))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
