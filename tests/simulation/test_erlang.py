"""The formulas against known values and against each other, and simulated waits against the formulas."""

import math

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st
from simulated import arrivals, centre_of

from fairlead.simulation.erlang import Demand, Target, erlang_b, erlang_c, performance, smallest_staffing
from fairlead.simulation.intervals import Interval, interval_of
from fairlead.simulation.running import Task, run_once

HANDLE_S = 180.0
RUNS = 6
CONTACTS = 500
WARM_UP = 0.25
WIDER = 4.032 / 2.571
"""From 95 % to 99 % confidence with six runs: some thirty comparisons are made, of which one in a hundred may fail."""

POINTS = [
    (1, 0.5, None), (2, 0.7, None), (4, 0.6, None), (8, 0.85, None), (15, 0.8, None), (30, 0.85, None),
    (1, 0.9, 300), (4, 1.0, 120), (8, 0.8, 60), (10, 1.2, 180), (20, 0.95, 400), (30, 1.1, 90),
]  # fmt: skip


def test_the_formulas_have_the_values_of_the_literature() -> None:
    """Garnett, Mandelbaum and Reiman (2002): 50 agents, 48 calls a minute, 1 minute of service, 2 of patience."""
    without, with_patience = (performance(50, Demand(0.8, 60, patience_s)) for patience_s in (None, 120))

    assert (round(without.mean_wait_s, 1), round(without.quantile_s(0.9), 1)) == (20.8, 58.1)
    assert (round(with_patience.mean_wait_s, 1), round(with_patience.abandon_rate, 3)) == (3.7, 0.031)
    assert (round(without.occupancy, 2), round(with_patience.occupancy, 2)) == (0.96, 0.93)


def test_one_agent_without_patience_is_the_plain_queue() -> None:
    found = performance(1, Demand(0.8, 1))

    assert erlang_b(1, 0.8) == pytest.approx(0.8 / 1.8)
    assert (found.share_waiting, found.mean_wait_s) == (pytest.approx(0.8), pytest.approx(4))
    assert erlang_c(2, 2.5) == 1
    assert performance(2, Demand(2.5, 1)).mean_wait_s == math.inf


@given(
    agents=st.integers(1, 60),
    busy=st.floats(0.05, 1.5),
    handle_s=st.floats(60, 1_000),
    patience_s=st.floats(5, 600),
)
def test_erlang_a_is_the_balance_of_a_birth_and_death_process(
    agents: int, busy: float, handle_s: float, patience_s: float
) -> None:
    demand = Demand(busy * agents / handle_s, handle_s, patience_s)
    weights = [1.0]
    while len(weights) <= agents or weights[-1] > 1e-16 * sum(weights):
        present = len(weights)
        ends = min(present, agents) / handle_s + max(0, present - agents) / patience_s
        weights.append(weights[-1] * demand.rate_per_s / ends)

    found = performance(agents, demand)

    waiting = sum(weights[agents:]) / sum(weights)
    length = sum(max(0, present - agents) * weight for present, weight in enumerate(weights)) / sum(weights)
    assert found.share_waiting == pytest.approx(waiting, rel=1e-6)
    assert found.mean_wait_s == pytest.approx(length / demand.rate_per_s, rel=1e-6, abs=1e-7 * patience_s)
    assert found.service_level(0) == pytest.approx(1 - waiting, rel=1e-6)


@given(busy=st.floats(0.05, 400), handle_s=st.floats(10, 1_000), patience_s=st.none() | st.floats(5, 50_000))
def test_the_smallest_staffing_reaches_its_target_and_one_agent_less_does_not(
    busy: float, handle_s: float, patience_s: float | None
) -> None:
    demand = Demand(busy / handle_s, handle_s, patience_s)

    agents = smallest_staffing(demand, Target(0.8, 20))

    assert performance(agents, demand).service_level(20) >= 0.8
    assert agents == 1 or performance(agents - 1, demand).service_level(20) < 0.8


@pytest.mark.parametrize(("agents", "busy", "patience_s"), POINTS)
def test_simulated_waits_are_those_of_the_formulas(
    real_client: redis.Redis, agents: int, busy: float, patience_s: float | None
) -> None:
    demand = Demand(busy * agents / HANDLE_S, HANDLE_S, patience_s)
    to_s = CONTACTS / demand.rate_per_s
    rows = arrivals(demand.rate_per_s * 3_600, to_s, HANDLE_S, patience_s)
    task = Task(centre_of(agents, rows, first=f"seed = {agents}\nwarm_up_s = {to_s * WARM_UP}\n"))

    measured = [measures(real_client, task, run) for run in range(RUNS)]

    expected = performance(agents, demand)
    waits, waiting, levels, rates = (interval_of(values) for values in zip(*measured, strict=True))
    assert is_in(waits, expected.mean_wait_s)
    assert is_in(waiting, 100 * expected.share_waiting)
    assert is_in(levels, 100 * expected.service_level(20))
    assert is_in(rates, 100 * expected.abandon_rate)


def measures(client: redis.Redis, task: Task, run: int) -> tuple[float, float, float, float]:
    """The mean wait of all who left, who waited, the service level and the abandon rate of a run."""
    (queue,) = run_once(client, task, run)[1].queues
    return queue.mean_stay_s or 0, queue.share_waiting or 0, queue.service_level or 0, queue.abandon_rate or 0


def is_in(interval: Interval, value: float) -> bool:
    assert interval.half is not None
    return abs(interval.mean - value) <= interval.half * WIDER + 1e-9
