"""Who holds a session: this process, told apart from an earlier one that had the same number."""

import os
import re
import socket
from pathlib import Path

from fairlead.errors import AgentSignedIn


def host() -> str:
    """This machine's name, as it may stand in a name."""
    return re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname())[:40] or "host"


def holder() -> str:
    """This process as host/pid/start."""
    return f"{host()}/{os.getpid()}/{_started(os.getpid())}"


def worker_name() -> str:
    """A name for this worker that no other process of now has."""
    return f"{host()}-{os.getpid()}"


def is_dead(refusal: AgentSignedIn) -> bool:
    """Whether the process that holds the session was of this machine and is gone: its session may be replaced."""
    their_host, _, rest = refusal.holder.partition("/")
    pid, _, started = rest.partition("/")
    return their_host == host() and pid.isdigit() and _started(int(pid)) != started


def _started(pid: int) -> str:
    """When a process started, in clock ticks since boot; empty when there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return _alive_without_proc(pid)
    fields = stat.rpartition(")")[2].split()
    state, started = fields[0], fields[19]
    return "" if state == "Z" else started


def _alive_without_proc(pid: int) -> str:
    if Path("/proc/self").exists():
        return ""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass
    return "alive"
