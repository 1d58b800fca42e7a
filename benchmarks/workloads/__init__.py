"""What each system has to do, a module each."""

from benchmarks.workloads import (
    arrival,
    depth,
    idle,
    looks,
    matching,
    memory,
    profile_change,
    push_bulk,
    push_single,
    work_best,
    work_single,
)
from benchmarks.workloads.workload import Workload

WORKLOADS: tuple[Workload, ...] = (
    push_single, push_bulk, work_single, work_best, arrival, profile_change, memory, depth, matching, looks,
    idle,
)  # fmt: skip


def workloads_named(names: list[str]) -> tuple[Workload, ...]:
    """Those of these names; all when there are none. Raises ValueError for a name that is none."""
    known = {workload.NAME: workload for workload in WORKLOADS}
    for name in names:
        if name not in known:
            raise ValueError(f"no such workload {name!r}; there are {', '.join(known)}")
    return tuple(workload for workload in WORKLOADS if not names or workload.NAME in names)
