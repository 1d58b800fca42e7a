"""Starts the processes of the systems, and collects what they have measured."""

import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from benchmarks import ROOT
from benchmarks.counting import Count
from benchmarks.redis_server import Server
from benchmarks.sample import Sample, latency
from benchmarks.systems.system import BATCH, Options, System

PATIENCE_S = 600.0
"""For what a million contacts take to be pushed."""
DONE_WITHIN_S = 180.0


class BenchmarkFailed(Exception):
    """A process of a system ended, or did not end, before it had done its part."""


def options_for(server: Server, **further: Any) -> Options:
    return Options(server.url, server.pid, **further)


def prepare(system: System, server: Server) -> None:
    system.prepare(options_for(server))


def fill(system: System, server: Server, contacts: int) -> None:
    """Let contacts wait."""
    push(system, server, contacts, role="push_bulk" if system.pushes_in_bulk else "push", skipped=0)


def push(system: System, server: Server, contacts: int, *, role: str, skipped: int = BATCH) -> dict[str, float]:
    """Push so many contacts, after others that do not count; the rate and the CPU time."""
    command = system.command(role, options_for(server, skipped=skipped, contacts=contacts))
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        raise BenchmarkFailed(f"{system.name} did not push {contacts} contacts in {PATIENCE_S:.0f} s") from None
    if done.returncode:
        raise BenchmarkFailed(f"{system.name} failed to push: {done.stderr[-2000:]}")
    values: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return values


def work(system: System, server: Server, contacts: int, at_once: int) -> dict[str, float]:
    """Work off so many waiting contacts, of which the first fifth does not count: Node compiles while it runs."""
    skipped = contacts // 5
    count = count_of(server, skipped, contacts - skipped)
    with worker(system, server, count, at_once) as process:
        values: dict[str, float] = result_of(system, [process], count)["values"]
    return values


def arrivals(workload: str, system: System, server: Server, contacts: int) -> Sample:
    """The waits from push to handler of contacts that come one by one to a worker which is idle."""
    skipped = max(contacts // 10, 2)
    count = count_of(server, skipped, contacts)
    with worker(system, server, count, 1) as process:
        options = options_for(server, skipped=skipped, contacts=contacts, begun=count.begun)
        with started(system.command("arrive", options), server.folder / "arriving.log") as producer:
            result = result_of(system, [process, producer], count)
    return latency(workload, system.name, result["waits_us"])


def count_of(server: Server, skipped: int, counted: int) -> Count:
    return Count(skipped, counted, server.pid, str(server.folder / "begun"), str(server.folder / "result.json"))


@contextmanager
def worker(system: System, server: Server, count: Count, at_once: int) -> Iterator[subprocess.Popen[bytes]]:
    command = system.command("work", replace(options_for(server), at_once=at_once))
    with started(command, server.folder / "working.log", count.environment()) as process:
        yield process


def result_of(system: System, processes: Sequence[subprocess.Popen[bytes]], count: Count) -> Any:
    """What the worker has measured; `processes` are those without which it will not come."""
    ends_s = time.monotonic() + DONE_WITHIN_S
    result = Path(count.result)
    while not result.exists():
        if any(process.poll() for process in processes) or time.monotonic() > ends_s:
            logs = "".join(file.read_text()[-2000:] for file in result.parent.glob("*.log"))
            raise BenchmarkFailed(f"{system.name} did not do its part: {logs}")
        time.sleep(0.02)
    return json.loads(result.read_text())


@contextmanager
def started(
    command: list[str], log: Path, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is killed with the block: its server goes with it, so there is nothing to finish."""
    with log.open("wb") as written, _popen(command, written, environment) as process:
        try:
            yield process
        finally:
            process.kill()


def _popen(command: list[str], log: IO[bytes], environment: dict[str, str] | None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, env=environment)
