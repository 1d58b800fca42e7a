"""One run: every round goes through every workload and, within it, through every system, on a fresh server each."""

import os
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from benchmarks.machine import Busy, cores, described
from benchmarks.redis_server import running_server
from benchmarks.results import Described, Results
from benchmarks.sample import Sample
from benchmarks.size import Size
from benchmarks.systems import OURS
from benchmarks.systems.system import System
from benchmarks.workloads.workload import Measurement, Workload

Progress = Callable[[str, int, int], None]
"""Told before each measurement: what it is, its number, and how many there are."""


def run(kind: str, size: Size, workloads: Sequence[Workload], peers: Sequence[System], progress: Progress) -> Results:
    """Measure; the systems that are not installed are left out, and named."""
    began, date, busy = time.monotonic(), datetime.now(UTC), Busy.now()
    pinned = cores()
    if pinned:
        os.sched_setaffinity(0, {pinned[1]})
    try:
        rounds, samples, failures = _measured(_plan(size, workloads, peers), size.within_s, pinned, progress)
    finally:
        if pinned:
            os.sched_setaffinity(0, set(pinned))
    return Results(
        date=date.strftime("%Y-%m-%d %H:%M UTC"),
        kind=kind,
        rounds=rounds,
        contacts=size.contacts,
        seconds=round(time.monotonic() - began, 1),
        machine=described(pinned) | {"CPU taken by": Busy.now().by_others_since(busy)},
        systems=[_described(system) for system in (*OURS, *peers)],
        samples=samples,
        failures=failures,
    )


_Round: TypeAlias = Sequence[tuple[str, Measurement]]


def _plan(size: Size, workloads: Sequence[Workload], peers: Sequence[System]) -> list[_Round]:
    there = [peer for peer in peers if not peer.missing()]
    return [
        [
            (f"round {number + 1}: {workload.TITLE}: {one.system.name}", one)
            for workload in workloads
            for one in workload.measurements(size, there)
            if one.every_round or number == 0
        ]
        for number in range(size.rounds)
    ]


def _measured(
    plan: Sequence[_Round], within_s: float, pinned: tuple[int, int] | None, progress: Progress
) -> tuple[int, list[Sample], list[str]]:
    """How many rounds there was time for, and what they have found."""
    samples: list[Sample] = []
    failures: list[str] = []
    rounds, number, of, began_s = 0, 0, sum(map(len, plan)), time.monotonic()
    for one_round in plan:
        round_began_s = time.monotonic()
        for what, one in one_round:
            progress(what, number, of)
            number += 1
            try:
                with running_server(pinned[0] if pinned else None) as server:
                    samples += one.measure(server)
            except Exception as failure:  # noqa: BLE001  # whatever one system does must not cost the whole run
                failures.append(f"{what}: {type(failure).__name__}: {failure}")
        rounds += 1
        now_s = time.monotonic()
        if now_s - began_s + (now_s - round_began_s) > within_s:
            break
    return rounds, samples, failures


def _described(system: System) -> Described:
    return Described(system.name, system.version(), system.setup, system.ranks, system.missing())
