"""Queueing formulas of one group of agents: Erlang B, C and A. Pure functions; rates are per second.

Contacts arrive by a Poisson process, handle times are exponential, and so is patience, if any. `load` is the offered
load in erlangs: rate x mean handle time.

Sources: A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in automatic telephone
exchanges" (1917), for B and C; C. Palm, "Research on telephone traffic carried by full availability groups" (1957), for
A; S. Zeltyn and A. Mandelbaum, "Call centers with impatient customers: many-server asymptotics of the M/M/n+G queue",
Queueing Systems 51 (2005), for the form of A that is used here.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

MOST_AGENTS = 100_000


@dataclass(frozen=True, slots=True)
class Demand:
    """What one group of agents has to cope with; `patience_s` None: nobody gives up."""

    rate_per_s: float
    handle_s: float
    patience_s: float | None = None

    @property
    def load(self) -> float:
        """The offered load, in erlangs."""
        return self.rate_per_s * self.handle_s


@dataclass(frozen=True, slots=True)
class Performance:
    """What a number of agents makes of a demand in the long run. Shares are from 0 to 1.

    `share_waiting`: who does not find a free agent; `mean_wait_s`: of all, whether answered or not;
    `abandon_rate`: who gives up; `occupancy`: of the agents.
    """

    agents: int
    share_waiting: float
    mean_wait_s: float
    abandon_rate: float
    occupancy: float
    _longer: Callable[[float], float]

    def service_level(self, within_s: float) -> float:
        """Of all who left the queue, answered or not, the share of those that had waited at most so long."""
        return 1 - self._longer(within_s)

    def quantile_s(self, share: float) -> float:
        """How long so many wait at most."""
        low_s, high_s = 0.0, 1.0
        while self.service_level(high_s) < share:
            high_s *= 2
        while high_s - low_s > 1e-6 * high_s and self.service_level(0) < share:
            middle_s = (low_s + high_s) / 2
            low_s, high_s = (middle_s, high_s) if self.service_level(middle_s) < share else (low_s, middle_s)
        return low_s


def erlang_b(agents: int, load: float) -> float:
    """The share of contacts lost when nobody can wait: B(n) = a B(n-1) / (n + a B(n-1)), B(0) = 1."""
    blocked = 1.0
    for number in range(1, agents + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def erlang_c(agents: int, load: float) -> float:
    """The share of contacts that wait when nobody gives up: C = B / (1 - (a/n)(1 - B)); 1 when the load is too much."""
    if load >= agents:
        return 1.0
    blocked = erlang_b(agents, load)
    return blocked / (1 - load / agents * (1 - blocked))


def performance(agents: int, demand: Demand) -> Performance:
    """Erlang A when customers give up, else Erlang C."""
    return _with_patience(agents, demand, demand.patience_s) if demand.patience_s else _without_patience(agents, demand)


def _without_patience(agents: int, demand: Demand) -> Performance:
    """M/M/n: P(W > t) = C exp(-(n/h - r) t), E[W] = C / (n/h - r)."""
    spare_per_s = agents / demand.handle_s - demand.rate_per_s
    if spare_per_s <= 0:
        return Performance(agents, 1.0, math.inf, 0.0, 1.0, lambda _: 1.0)
    waiting = erlang_c(agents, demand.load)
    occupancy = demand.load / agents
    return Performance(
        agents, waiting, waiting / spare_per_s, 0.0, occupancy, lambda t_s: waiting * math.exp(-spare_per_s * t_s)
    )


def _with_patience(agents: int, demand: Demand, patience_s: float) -> Performance:
    """M/M/n+M, by Zeltyn and Mandelbaum (2005), section 3.

    With J(t) the integral from t of exp(r H(x) - x n/h), H(x) = p (1 - exp(-x/p)), and 1/e = B(n-1):
    P(V > t) = r J(t) / (e + r J(0)) for the wait V that an infinitely patient customer would have,
    P(abandon) = (1 + (r - n/h) J(0)) / (e + r J(0)), and E[W] = p P(abandon).
    Who waits longer than t has V > t and a patience above t.
    """
    rate, log_rate = demand.rate_per_s, math.log(demand.rate_per_s)
    log_j0 = _log_j(0, agents, demand, patience_s)
    log_all = _log_sum(_log_inverse_b(agents - 1, demand.load), log_rate + log_j0)
    give_up = math.exp(-log_all) + (rate - agents / demand.handle_s) * math.exp(log_j0 - log_all)
    abandon_rate = min(1.0, max(0.0, give_up))

    def longer(t_s: float) -> float:
        return math.exp(log_rate + _log_j(t_s, agents, demand, patience_s) - log_all - t_s / patience_s)

    return Performance(
        agents,
        share_waiting=math.exp(log_rate + log_j0 - log_all),
        mean_wait_s=abandon_rate * patience_s,
        abandon_rate=abandon_rate,
        occupancy=min(1.0, demand.load * (1 - abandon_rate) / agents),
        _longer=longer,
    )


def _log_j(t_s: float, agents: int, demand: Demand, patience_s: float) -> float:
    """The logarithm of J(t): with s = n p / h and x = r p exp(-t/p) it is an incomplete gamma function, by its series.

    J(t) = p exp(r p - x - t n/h) (1/s + x/(s(s+1)) + x^2/(s(s+1)(s+2)) + ...)
    """
    s = agents * patience_s / demand.handle_s
    x = demand.rate_per_s * patience_s * math.exp(-t_s / patience_s)
    term, total, log_scale, number = 1 / s, 1 / s, 0.0, 0
    while term > 1e-17 * total:
        number += 1
        term *= x / (s + number)
        total += term
        if total > 1e200:
            term, total, log_scale = term / 1e200, total / 1e200, log_scale + 200 * math.log(10)
    exponent = demand.rate_per_s * patience_s - x - t_s * agents / demand.handle_s
    return math.log(patience_s) + exponent + math.log(total) + log_scale


def _log_inverse_b(agents: int, load: float) -> float:
    """The logarithm of 1/B(n), by 1/B(n) = 1 + (n/a) / B(n-1)."""
    inverse, log_scale = 1.0, 0.0
    for number in range(1, agents + 1):
        inverse = math.exp(-log_scale) + number / load * inverse
        if inverse > 1e200:
            inverse, log_scale = inverse / 1e200, log_scale + 200 * math.log(10)
    return math.log(inverse) + log_scale


def _log_sum(one: float, other: float) -> float:
    """The logarithm of exp(one) + exp(other)."""
    return max(one, other) + math.log1p(math.exp(-abs(one - other)))


@dataclass(frozen=True, slots=True)
class Target:
    """`share` of the contacts (0 to 1) wait at most `within_s`, whether they are then answered or give up.

    `most_abandoned`: how many may give up: where customers are impatient, few wait long, answered or not;
    `most_occupancy`: for how much of the time an agent may be busy.
    """

    share: float
    within_s: int
    most_abandoned: float = 1.0
    most_occupancy: float = 1.0


def smallest_staffing(demand: Demand, target: Target) -> int:
    """The smallest number of agents that reaches a target.

    More agents never serve worse, so that it is found by halving. Raises ValueError when even 100,000 do not suffice.
    """

    def suffices(agents: int) -> bool:
        found = performance(agents, demand)
        is_quick = found.service_level(target.within_s) >= target.share
        return is_quick and found.abandon_rate <= target.most_abandoned and found.occupancy <= target.most_occupancy

    high = max(1, math.ceil(demand.load))
    while not suffices(high):
        if high >= MOST_AGENTS:
            raise ValueError(f"{MOST_AGENTS:,} agents do not reach the target")
        high = min(MOST_AGENTS, high + max(1, high // 8))
    low = 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if suffices(middle) else (middle, high)
    return high
