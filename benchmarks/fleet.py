"""Many agents in a few worker processes."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from benchmarks.processes import BenchmarkFailed, started
from benchmarks.redis_server import Server
from benchmarks.systems.fairlead import work_command
from fairlead import Supervisor

PATIENCE_S = 120.0


@contextmanager
def fleet(server: Server, agents: int, processes: int, pause_s: float = 0.2) -> Iterator[None]:
    """Agents, equally many in each process, once all have signed in. Each process writes its warnings to a log.

    `pause_s`: between two looks whether they have.
    """
    with ExitStack() as stack:
        for place in range(processes):
            names = [f"agent{number}" for number in range(place, agents, processes)]
            command = work_command(server.url, names, "echo", "--log-level", "warning", "--log-format", "json")
            stack.enter_context(started(command, server.folder / f"worker{place}.log"))
        until(lambda: signed_in(server) == agents, f"{agents} agents to sign in", pause_s)
        yield


def signed_in(server: Server) -> int:
    with Supervisor.connect(server.url) as supervisor:
        return sum(agent.is_signed_in for agent in supervisor.agents())


def until(is_so: Callable[[], bool], what: str, pause_s: float = 0.2) -> None:
    ends_s = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > ends_s:
            raise BenchmarkFailed(f"waited {PATIENCE_S:.0f} s for {what}")
        time.sleep(pause_s)
