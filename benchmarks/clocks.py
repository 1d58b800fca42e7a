"""CPU time and wall time, as every process here reads them.

Waits are measured on CLOCK_MONOTONIC, which all processes of a machine share, and which Node reads as well.
"""

import time
from dataclasses import dataclass
from pathlib import Path


def server_cpu_s(pid: int) -> float:
    """CPU seconds of the main thread of a redis-server, which runs every command; on Linux only, else 0."""
    try:
        return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[0]) / 1e9
    except (OSError, IndexError):
        return 0.0


@dataclass(frozen=True, slots=True)
class Moment:
    """The clocks at one moment."""

    wall_s: float
    server_s: float
    client_s: float

    @classmethod
    def now(cls, server_pid: int) -> "Moment":
        return cls(time.monotonic(), server_cpu_s(server_pid), time.process_time())


def rates(begin: Moment, end: Moment, contacts: int) -> dict[str, float]:
    """Contacts a second, and the CPU microseconds that each of them cost on either side."""
    return {
        "rate": contacts / max(end.wall_s - begin.wall_s, 1e-9),
        "server_us": (end.server_s - begin.server_s) * 1e6 / contacts,
        "client_us": (end.client_s - begin.client_s) * 1e6 / contacts,
    }
