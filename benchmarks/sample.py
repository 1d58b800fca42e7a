"""What is measured, as values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement. `case`: what was varied, such as the depth; `curve`: the percentiles of a latency, 1 to 99."""

    workload: str
    system: str
    values: dict[str, float]
    case: str = ""
    curve: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of several measurements, with the lowest and the highest."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: Iterable[float]) -> "Spread":
        found = sorted(values)
        return cls(median(found), found[0], found[-1])


def latency(workload: str, system: str, waits_us: Sequence[float]) -> Sample:
    cuts = quantiles(waits_us, n=100)
    return Sample(workload, system, {"p50_us": cuts[49], "p99_us": cuts[98]}, curve=[round(cut, 1) for cut in cuts])
