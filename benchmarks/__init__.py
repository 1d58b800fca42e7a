"""How fast Fairlead is, beside other queues on Redis and beside what Redis itself allows: `make bench`.

`systems/` holds what is compared, a file each; `workloads/` what each has to do, a file each. A system pushes and works
in processes of its own (`child.py`), which measure themselves; this package starts them, one at a time, each on a fresh
redis-server, and goes round several times, so that a noisy minute meets all alike.
"""

from pathlib import Path

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"
