"""How much is measured: for true, quickly, or just enough to see that everything runs."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """`contacts`: of a rate, in each round; `arrivals`: of a latency; `depths`: waiting contacts; `centres`: agents,
    profiles, and how many of those serve the queue; `idle_agents`, and for how many seconds they are watched. After the
    first round none begins that would not end within `within_s` seconds: a noisy machine gives fewer.
    """

    rounds: int
    contacts: int
    arrivals: int
    depths: tuple[int, ...]
    centres: tuple[tuple[int, int, int], ...]
    idle_agents: int
    idle_s: float
    within_s: float = math.inf

    def share(self, of: float) -> int:
        """So many contacts for a system that is slow."""
        return max(round(self.contacts * of), 10)


FULL = Size(
    rounds=5,
    contacts=10_000,
    arrivals=500,
    depths=(100, 10_000, 100_000, 1_000_000),
    centres=((10, 1, 1), (100, 10, 10), (1_000, 10, 10), (10_000, 100, 100), (10_000, 100, 5)),
    idle_agents=1_000,
    idle_s=20.0,
    within_s=19 * 60,
)
QUICK = Size(
    rounds=1,
    contacts=2_000,
    arrivals=200,
    depths=(100, 10_000),
    centres=((10, 1, 1), (1_000, 10, 10), (1_000, 100, 5)),
    idle_agents=200,
    idle_s=5.0,
)
TINY = Size(
    rounds=1, contacts=40, arrivals=20, depths=(10, 50), centres=((4, 1, 1), (8, 2, 1)), idle_agents=4, idle_s=0.5
)
