"""What is compared. A system's libraries are imported by the process that uses them, not by whoever lists it."""

from benchmarks.systems.bullmq_node import BullMqNode
from benchmarks.systems.bullmq_python import BullMqPython
from benchmarks.systems.bzpopmin import Bzpopmin
from benchmarks.systems.celery import Celery
from benchmarks.systems.dramatiq import Dramatiq
from benchmarks.systems.fairlead import Fairlead, FairleadCriteria, FairleadVoice
from benchmarks.systems.floor import Floor
from benchmarks.systems.huey import Huey
from benchmarks.systems.rq import Rq
from benchmarks.systems.saq import Saq
from benchmarks.systems.streaq import Streaq
from benchmarks.systems.system import System

FAIRLEAD, VOICE, CRITERIA = Fairlead(), FairleadVoice(), FairleadCriteria()
FLOOR, WAKE_UP = Floor(), Bzpopmin()
OURS: tuple[System, ...] = (FAIRLEAD, VOICE, CRITERIA, FLOOR, WAKE_UP)
"""Fairlead, and what stands below it."""
PEERS: tuple[System, ...] = (
    BullMqNode(), BullMqPython(), Huey(), Saq(), Streaq(), Celery(), Rq(), Dramatiq(),
)  # fmt: skip
EVERY: tuple[System, ...] = (*OURS, *PEERS)


def find(name: str) -> System:
    return next(system for system in EVERY if system.name == name)


def peers_named(names: str) -> tuple[System, ...]:
    """`all`, `none`, or names with commas between. Raises ValueError for a name that is none."""
    if names in ("all", "none"):
        return PEERS if names == "all" else ()
    known = {system.name: system for system in PEERS}
    wanted = [name.strip() for name in names.split(",")]
    for name in wanted:
        if name not in known:
            raise ValueError(f"no such peer {name!r}; there are {', '.join(known)}, all and none")
    return tuple(known[name] for name in wanted)
