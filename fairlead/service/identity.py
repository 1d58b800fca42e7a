"""Who holds a session: this process, told apart from every other one, and whether another one is certainly dead."""

import hashlib
import os
import re
import secrets
import socket
from pathlib import Path

from fairlead.errors import AgentSignedIn

_UNKNOWN = "-"
_NAME_LENGTH = 64
_ONLY_HERE = "x" + secrets.token_hex(8)
"""Stands for the start time where the system does not tell it, so that no other process is taken for this one."""


def host() -> str:
    """This machine's name, as it may stand in a name."""
    return re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname()).lstrip("-.")[:40] or "host"


def holder() -> str:
    """This process as host/pid/start/place: no other one has had or will have this name, and people find it by it.

    `place` stands for the boot of the machine and the namespaces of the process: only there pid and start mean
    something.
    """
    state_and_start = _state_and_start("self")
    return f"{host()}/{os.getpid()}/{state_and_start[1] if state_and_start else _ONLY_HERE}/{_place()}"


def worker_name() -> str:
    """A name for this worker that no other process has: host, pid, and an id, since containers share both."""
    return f"{host()}-{os.getpid()}-{secrets.token_hex(3)}"


def inbox_name(name: str) -> str:
    """A new inbox for a worker: its name, as far as it fits, and an id that no other process has."""
    own_id = secrets.token_hex(8)
    return f"{name[: _NAME_LENGTH - 1 - len(own_id)]}.{own_id}"


def is_dead(refusal: AgentSignedIn) -> bool:
    """Whether the process that holds the session has certainly ended: its session may be replaced at once.

    What cannot be known from here is not dead: a process of another machine, boot or container, whatever its name.
    """
    parts = refusal.holder.split("/")
    if len(parts) != 4 or not re.fullmatch(r"[1-9][0-9]{0,9}", parts[1]):
        return False
    _, pid, started, place = parts
    if place == _UNKNOWN or place != _place():
        return False
    return not _is_there(int(pid)) or _is_zombie_or_another(pid, started)


def _is_there(pid: int) -> bool:
    """Whether this process' own namespace has such a pid, whatever /proc shows or hides."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _is_zombie_or_another(pid: str, started: str) -> bool:
    if not _is_proc_ours():
        return False
    now = _state_and_start(pid)
    return now is not None and (now[0] in "ZX" or (started.isdigit() and now[1] != started))


def _state_and_start(pid: str) -> tuple[str, str] | None:
    """A process' state and when it started, in clock ticks since boot; None where that is not told."""
    stat = _read(f"/proc/{pid}/stat")
    fields = stat.rpartition(")")[2].split()
    return (fields[0], fields[19]) if len(fields) > 19 else None


def _is_proc_ours() -> bool:
    """Whether /proc counts processes as this one does; after `unshare --pid` alone it shows those outside."""
    found = re.search(r"^NSpid:\t(\d+)$", _read("/proc/self/status"), re.MULTILINE)
    return found is not None and int(found[1]) == os.getpid()


def _place() -> str:
    """The boot of this machine and the namespaces in which a pid and a start time mean something; - where unknown."""
    boot = _read("/proc/sys/kernel/random/boot_id").strip()
    spaces = [_link(f"/proc/self/ns/{kind}") for kind in ("pid", "time")]
    if not boot or not spaces[0]:
        return _UNKNOWN
    return hashlib.sha256(" ".join([boot, *spaces]).encode()).hexdigest()[:16]


def _read(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""
