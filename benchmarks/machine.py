"""What the figures were measured on, and which core does what."""

import os
import platform
import subprocess
import time
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks import ROOT
from fairlead.server.embedded import server_binary


@dataclass(frozen=True, slots=True)
class Busy:
    """CPU seconds up to one moment: of every process of this machine, of those of this run that have ended and the run
    itself, and what the host of a virtual machine took away. Linux tells all but the second; else they are 0.
    """

    wall_s: float
    all_s: float
    ours_s: float
    taken_s: float

    @classmethod
    def now(cls) -> "Busy":
        try:
            words = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
        except OSError:
            words = ["0"] * 8
        user, nice, system, _, _, irq, softirq, steal = (int(word) / os.sysconf("SC_CLK_TCK") for word in words[:8])
        ours = os.times()
        ours_s = ours.user + ours.system + ours.children_user + ours.children_system
        return cls(time.monotonic(), user + nice + system + irq + softirq, ours_s, steal)

    def by_others_since(self, before: "Busy") -> str:
        """Which share of all cores others have had meanwhile: what a run was disturbed by."""
        whole_s = max(self.wall_s - before.wall_s, 1e-9) * (os.cpu_count() or 1)
        processes_s = max(self.all_s - before.all_s - (self.ours_s - before.ours_s), 0.0)
        return f"{processes_s / whole_s:.1%} other processes, {(self.taken_s - before.taken_s) / whole_s:.1%} the host"


def cores() -> tuple[int, int] | None:
    """The core of redis-server and the core of everybody else; None where they cannot be told apart."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    allowed = sorted(os.sched_getaffinity(0))
    return (allowed[0], allowed[1]) if len(allowed) >= 2 else None


def described(pinned: tuple[int, int] | None) -> dict[str, str]:
    """The machine for a reader of the results."""
    placing = f"redis-server on core {pinned[0]}, everything else on core {pinned[1]}" if pinned else "not pinned"
    return {
        "commit": _commit(),
        "CPU": _cpu_model(),
        "cores": str(os.cpu_count()),
        "memory": _memory(),
        "kernel": f"{platform.system()} {platform.release()}",
        "Redis": _first_line(server_binary(), "--version"),
        "Python": platform.python_version(),
        "redis-py": version("redis"),
        "Node": _first_line("node", "--version") or "none",
        "placing": placing,
    }


def package_version(name: str) -> str:
    """The installed version, or nothing."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _commit() -> str:
    """Of Fairlead; `-dirty` when files have been changed since."""
    return _first_line("git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude", "*") or "unknown"


def _cpu_model() -> str:
    return _value_of("/proc/cpuinfo", "model name") or platform.processor() or platform.machine()


def _memory() -> str:
    kilobytes = _value_of("/proc/meminfo", "MemTotal").partition(" ")[0]
    return f"{int(kilobytes) / 1024**2:.0f} GiB" if kilobytes else "unknown"


def _value_of(file: str, name: str) -> str:
    try:
        lines = Path(file).read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def _first_line(*command: str) -> str:
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
    return told.partition("\n")[0].partition(" sha=")[0].removeprefix("Redis server v=").strip()
