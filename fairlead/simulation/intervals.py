"""Confidence intervals over replications."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from math import sqrt
from statistics import NormalDist, fmean, stdev
from typing import Any

from fairlead.simulation.summary import Summary

CONFIDENCE = 0.95

_STUDENT = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
)  # fmt: skip
"""Two-sided 95 % quantiles of Student's t with 1 to 20 degrees of freedom."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over runs, and how far on both sides of it the true one is to be expected, with 95 % confidence."""

    mean: float
    half: float | None
    runs: int

    def __contains__(self, value: float) -> bool:
        return self.half is not None and abs(value - self.mean) <= self.half


def interval_of(values: Sequence[float]) -> Interval:
    """The interval of the mean of independent runs; a single one has none."""
    runs = len(values)
    if runs < 2:
        return Interval(fmean(values), None, runs)
    return Interval(fmean(values), student(runs - 1) * stdev(values) / sqrt(runs), runs)


def student(freedom: int) -> float:
    """The 97.5 % quantile of Student's t; above 20 degrees of freedom by the first term of Fisher's expansion."""
    if freedom <= len(_STUDENT):
        return _STUDENT[freedom - 1]
    z = NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2)
    return z + (z**3 + z) / (4 * freedom)


Key = tuple[str, ...]
"""Of what a number is: queue, channel and measure, or agent and measure."""

_NAMES = {"queues": ("queue", "channel"), "agents": ("agent",)}


def values_of(summaries: Sequence[Summary], part: str) -> dict[Key, list[float]]:
    """Each number of the queues or agents, run by run; a run in which it is missing is left out."""
    found: dict[Key, list[float]] = {}
    for summary in summaries:
        for row in getattr(summary, part):
            names = tuple(getattr(row, name) for name in _NAMES[part])
            for one in fields(row):
                value = getattr(row, one.name)
                if one.name not in _NAMES[part] and value is not None:
                    found.setdefault((*names, one.name), []).append(value)
    return found


def intervals_of(summaries: Sequence[Summary]) -> dict[str, list[dict[str, Any]]]:
    """Each number of the summaries as an interval over the runs."""
    found: dict[str, list[dict[str, Any]]] = {}
    for part, named in _NAMES.items():
        rows: dict[Key, dict[str, Any]] = {}
        for (*names, measure), values in sorted(values_of(summaries, part).items()):
            row = rows.setdefault(tuple(names), dict(zip(named, names, strict=True)))
            row[measure] = interval_of(values)
        found[part] = list(rows.values())
    return found


def differences_of(first: Sequence[Summary], second: Sequence[Summary]) -> list[dict[str, Any]]:
    """How much each measure of a queue is larger in the second of two scenarios, run by run on the same contacts."""
    one, other = values_of(first, "queues"), values_of(second, "queues")
    return [
        {"queue": key[0], "channel": key[1], "measure": key[2], "difference": difference(one[key], other[key])}
        for key in one
        if key in other
    ]


def difference(one: Sequence[float], other: Sequence[float]) -> Interval:
    """The interval of the difference; paired, where both were measured in each run."""
    if len(one) == len(other):
        return interval_of([after - before for before, after in zip(one, other, strict=True)])
    return Interval(fmean(other) - fmean(one), None, min(len(one), len(other)))
