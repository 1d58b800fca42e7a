"""The `fairlead` command in this process, and its subcommands by what they ask of Redis."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]
"""`run(URL, *ARGUMENTS)`."""

READING: list[tuple[str, ...]] = [
    ("status",), ("status", "--json"), ("top", "--once", "--every", "0.2"), ("doctor",),
    *(
        ("contacts", "list", "--state", state)
        for state in ("scheduled", "queued", "offered", "connected", "on_hold", "paused", "acw", "parked")
    ),
    ("contacts", "parked"), ("contacts", "show", "c1"), ("contacts", "show", "c1", "--payload", "--json"),
    ("explain", "contact", "c1"), ("explain", "agent", "ana"),
    ("contacts", "timeline", "c1"),
    ("agents", "list"), ("agents", "show", "ana"), ("agents", "worklist", "ana"), ("queues", "list"),
    ("queues", "show", "Sales"), ("report",), ("report", "--agents"), ("events",), ("export",), ("intake", "list"),
    ("audit",),
]  # fmt: skip
"""What looks at an instance that has the queue Sales, the agent ana and the contact c1, and changes nothing."""
