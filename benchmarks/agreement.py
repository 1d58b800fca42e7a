"""Whether two runs say the same: each figure's spread over the rounds of one run meets that of the other."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.goals import goals
from benchmarks.results import Results
from benchmarks.sample import Sample, Spread
from benchmarks.tables import NONE, number, table


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of two runs."""

    what: str
    first: Spread
    second: Spread

    @property
    def agree(self) -> bool:
        return self.first.lowest <= self.second.highest and self.second.lowest <= self.first.highest


def figures(first: Results, second: Results) -> list[Compared]:
    """Of all that both have measured in more than one round: a figure that was measured once has no spread."""
    ours, theirs = _spreads(first), _spreads(second)
    return [Compared(", ".join(filter(None, what)), ours[what], theirs[what]) for what in ours if what in theirs]


def ratios(first: Results, second: Results) -> list[Compared]:
    """The figures that the goals are about: of a whole run, with the lowest and the highest of its rounds."""
    ours, theirs = _goal_spreads(first), _goal_spreads(second)
    return [Compared(what, ours[what], theirs[what]) for what in ours if what in theirs]


def report(first: Results, second: Results) -> str:
    """The comparison as Markdown."""
    met = {goal.what: (goal.is_met, again.is_met) for goal, again in zip(goals(first), goals(second), strict=True)}
    rows = [
        (one.what, *_cells(one.first), *_cells(one.second), _met(met[one.what]), "yes" if one.agree else "**no**")
        for one in ratios(first, second)
    ]
    head = ("goal", "one run", "its rounds", "the other run", "its rounds", "met", "agree")
    found = figures(first, second)
    others = [one for one in found if not one.agree]
    text = (
        f"{len(found) - len(others)} of {len(found)} figures agree: the spread over the rounds of one run meets that\n"
        "of the other. Of figures that are the same, one in a hundred or so does not by chance, with five rounds each."
    )
    parts = [table(head, rows), text]
    if others:
        apart = [(one.what, *_cells(one.first), *_cells(one.second)) for one in others]
        parts.append(table(("not these", *head[1:5]), apart))
    return "\n\n".join(parts)


def as_json(first: Results, second: Results) -> dict[str, Any]:
    """The same for programs."""

    def told(compared: list[Compared]) -> list[dict[str, Any]]:
        sides = ("first", "second")
        values = ("median", "lowest", "highest")
        return [
            {"what": one.what, "agree": one.agree}
            | {side: {value: getattr(getattr(one, side), value) for value in values} for side in sides}
            for one in compared
        ]

    return {"goals": told(ratios(first, second)), "figures": told(figures(first, second))}


def _spreads(results: Results) -> dict[tuple[str, str, str, str], Spread]:
    found: dict[tuple[str, str, str, str], list[float]] = {}
    for sample in results.samples:
        for name, value in sample.values.items():
            found.setdefault((sample.workload, sample.system, sample.case, name), []).append(value)
    return {what: Spread.of(values) for what, values in found.items() if len(values) > 1}


def _goal_spreads(results: Results) -> dict[str, Spread]:
    by_round = [{goal.what: goal.found for goal in goals(one)} for one in _rounds(results)]
    spreads = {}
    for goal in goals(results):
        found = [value for one in by_round if (value := one[goal.what]) is not None]
        if goal.found is not None and len(set(found)) > 1:
            spreads[goal.what] = Spread(goal.found, min(goal.found, *found), max(goal.found, *found))
    return spreads


def _rounds(results: Results) -> Iterator[Results]:
    """Each round as results of its own; what was measured in one round only stands in all of them."""
    of_cell: dict[tuple[str, str, str], list[Sample]] = {}
    for sample in results.samples:
        of_cell.setdefault((sample.workload, sample.system, sample.case), []).append(sample)
    for number_of_round in range(results.rounds):
        yield replace(results, samples=[
            sample for samples in of_cell.values() for sample in _of_round(samples, number_of_round, results.rounds)
        ])  # fmt: skip


def _of_round(samples: list[Sample], number_of_round: int, rounds: int) -> list[Sample]:
    each, left = divmod(len(samples), rounds)
    return samples if left or not each else samples[number_of_round * each : (number_of_round + 1) * each]


def _cells(spread: Spread) -> tuple[str, str]:
    return _precise(spread.median), f"{_precise(spread.lowest)}..{_precise(spread.highest)}"


def _precise(value: float) -> str:
    """Ratios are small: with two decimals below ten."""
    return f"{value:.2f}" if value < 10 else number(value)


def _met(both: tuple[bool | None, bool | None]) -> str:
    if None in both:
        return NONE
    return {(True, True): "both", (False, False): "**neither**"}.get((bool(both[0]), bool(both[1])), "one")
