"""In one queue each simulated wait is that of the recursion of Kiefer and Wolfowitz, to the microsecond."""

import heapq
from collections.abc import Sequence

import pytest
import redis
from simulated import arrivals, centre_of

from fairlead.service.recorded.arrivals import Arrival
from fairlead.simulation.running import Task, run_once


def waits_by_recursion(contacts: Sequence[Arrival], agents: int) -> list[int]:
    """Kiefer and Wolfowitz (1955): each contact waits for the agent who is free first."""
    free_us = [0] * agents
    waits = []
    for contact in contacts:
        at_us, handle_us = round(contact.at_s * 1e6), round((contact.handle_s or 0) * 1e6)
        begins_us = max(at_us, heapq.heappop(free_us))
        heapq.heappush(free_us, begins_us + handle_us)
        waits.append(begins_us - at_us)
    return waits


@pytest.mark.parametrize(("agents", "rate_per_hour"), [(1, 15), (3, 55), (10, 230)])
def test_each_wait_is_that_of_the_recursion(client: redis.Redis, agents: int, rate_per_hour: float) -> None:
    task = Task(centre_of(agents, arrivals(rate_per_hour, to_s=120_000 / rate_per_hour * 5, handle_s=150)))

    course, _ = run_once(client, task)

    assert len(course.visits) > 100
    assert [visit.wait_us for visit in course.visits] == waits_by_recursion(task.day().arrivals, agents)
    assert sum(visit.wait_us > 0 for visit in course.visits) > 20
