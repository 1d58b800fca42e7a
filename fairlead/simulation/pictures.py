"""Pictures of runs: queue length, waits and service level over the day, and occupancy by agent; two runs side by side.

Lines differ in style and in grey as well as in colour (Okabe and Ito's, which the colour-blind tell apart), so that a
print in black and white can be read, too.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fairlead.domain.configuration import Configuration
from fairlead.errors import BadInput
from fairlead.service.recorded.times import midnight_before
from fairlead.simulation.course import AgentTime, Course, Visit
from fairlead.simulation.recorded_staffing import StaffedInterval
from fairlead.simulation.summary import LEFT, quantile_s, share, threshold_s

STYLES = [
    ("#0072B2", "-"), ("#D55E00", "--"), ("#009E73", "-."), ("#CC79A7", ":"),
    ("#E69F00", (0, (5, 1))), ("#56B4E9", (0, (3, 1, 1, 1))), ("#000000", (0, (1, 1))),
]  # fmt: skip
"""Okabe and Ito's colours, each with a line style of its own."""

MARKERS = ("o", "s", "^", "D")
"""Where there are more queues than styles, their dots differ."""

HOUR_US = 3_600_000_000
INTERVALS_A_DAY = 48
FEWEST_INTERVALS = 8
MOST_AGENTS = 30
FORMATS = (".svg", ".png")


@dataclass(frozen=True, slots=True)
class Picture:
    """A run under its name."""

    name: str
    course: Course
    configuration: Configuration


def check_drawable(file: Path) -> None:
    """Raises BadInput when no picture can be written to a file of this name, or nothing is there to draw with."""
    if file.suffix.lower() not in FORMATS:
        raise BadInput(f"{file}: a picture is .svg or .png")
    _matplotlib()


def draw(runs: Sequence[Picture], file: Path) -> None:
    """Write a picture of one run, or of several side by side. Raises BadInput when that is not possible."""
    check_drawable(file)
    plt = _matplotlib()
    figure, axes = plt.subplots(
        4, len(runs), figsize=(1 + 7 * len(runs), 13), squeeze=False, sharey="row", layout="constrained"
    )
    for column, run in enumerate(runs):
        _draw_run(run, [row[column] for row in axes], is_named=len(runs) > 1)
    _save(plt, figure, file)


def draw_staffing(
    intervals: Sequence[StaffedInterval], interval_s: int, file: Path, zone: ZoneInfo | None = None
) -> None:
    """Write a picture of what came and the agents that it takes, a line for each queue and channel. Raises BadInput."""
    check_drawable(file)
    plt = _matplotlib()
    figure, (came, agents) = plt.subplots(2, 1, figsize=(8, 7), sharex=True, layout="constrained")
    groups: defaultdict[tuple[str, str], list[StaffedInterval]] = defaultdict(list)
    for one in intervals:
        groups[one.queue, one.channel].append(one)
    first_s = midnight_before(min((one.from_s for one in intervals), default=0), zone)
    for place, (pair, of_pair) in enumerate(sorted(groups.items())):
        colour, style = STYLES[place % len(STYLES)]
        line = {"color": colour, "linestyle": style, "linewidth": 1.8, "label": " ".join(pair)}
        for axis, many in ((came, [one.contacts for one in of_pair]), (agents, [one.agents for one in of_pair])):
            axis.plot(*_steps(of_pair, many, interval_s, first_s), drawstyle="steps-post", **line)
    _name(came, "Contacts that came", f"in {interval_s / 60:.0f} minutes")
    _name(agents, "Agents that it takes", "agents")
    agents.set_xlabel("hours from the first midnight")
    if groups:
        beside = {"loc": "lower right", "bbox_to_anchor": (1.0, 0.98), "ncols": min(4, len(groups))}
        came.legend(frameon=False, fontsize=9, handlelength=3.5, **beside)
    _save(plt, figure, file)


def _steps(
    intervals: Sequence[StaffedInterval], many: Sequence[int], interval_s: int, first_s: float
) -> tuple[list[float], list[float]]:
    """A step for each interval; where nothing came, down to nothing."""
    hours, values = list[float](), list[float]()
    for place, one in enumerate(intervals):
        ends_s = one.from_s + interval_s
        hours.append((one.from_s - first_s) / 3_600)
        values.append(many[place])
        if place + 1 == len(intervals) or intervals[place + 1].from_s > ends_s:
            hours.append((ends_s - first_s) / 3_600)
            values.append(0)
    return hours, values


def _save(plt: Any, figure: Any, file: Path) -> None:
    try:
        figure.savefig(file, dpi=110, metadata={"Date": None} if file.suffix.lower() == ".svg" else None)
    except OSError as failure:
        raise BadInput(f"{file}: cannot be written: {failure.strerror}") from failure
    finally:
        plt.close(figure)


def _matplotlib() -> Any:
    try:
        import matplotlib as mpl
    except ImportError as failure:
        raise BadInput("--plot needs matplotlib: run `pip install 'fairlead[plot]'`") from failure
    mpl.use("agg")
    mpl.rcParams["svg.hashsalt"] = "fairlead"  # the same run, the same file
    from matplotlib import pyplot

    return pyplot


def _draw_run(run: Picture, axes: Sequence[Any], *, is_named: bool) -> None:
    length, waits, levels, occupancy = axes
    groups: defaultdict[tuple[str, str], list[Visit]] = defaultdict(list)
    for visit in run.course.visits:
        groups[visit.queue, visit.channel].append(visit)
    step_us = _step_us(run.course)
    for place, (pair, visits) in enumerate(sorted(groups.items())):
        colour, style = STYLES[place % len(STYLES)]
        line = {"color": colour, "linestyle": style, "linewidth": 1.8, "label": " ".join(pair)}
        dots = {"marker": MARKERS[place // len(STYLES) % len(MARKERS)], "markersize": 4}
        level = partial(_level, within_us=threshold_s(run.configuration, pair[0]) * 1e6)
        length.plot(*_length(visits, step_us, run.course.ended_us), drawstyle="steps-post", **line)
        waits.plot(*_by_interval(visits, step_us, _wait_90_s), **line, **dots)
        levels.plot(*_by_interval(visits, step_us, level), **line, **dots)
    heading = f"{run.name}\n\n" if is_named else ""
    _name(length, f"{heading}Contacts waiting", f"mean of {step_us / 60e6:.0f} minutes")
    _name(waits, "Wait that 90 % do not exceed", "seconds, by arrival")
    _name(levels, "Service level", "%, by arrival")
    levels.set_ylim(-4, 104)
    begins_us = min((visit.entered_us for visit in run.course.visits), default=0) // step_us * step_us
    for axis in (length, waits, levels):
        axis.set_xlim(begins_us / HOUR_US, max(run.course.ended_us / HOUR_US, 0.01))
        axis.set_xlabel("hours from the beginning")
    if groups:
        beside = {"loc": "lower right", "bbox_to_anchor": (1.0, 0.98), "ncols": min(4, len(groups))}
        length.legend(frameon=False, fontsize=9, handlelength=3.5, **beside)
    _draw_occupancy(occupancy, run.course.agents)


def _name(axis: Any, title: str, unit: str) -> None:
    axis.set_title(title, loc="left", fontsize=11)
    axis.set_ylabel(unit)
    axis.set_ylim(bottom=0)
    axis.grid(visible=True, color="0.9")
    axis.set_axisbelow(True)
    axis.spines[["top", "right"]].set_visible(False)


def _draw_occupancy(axis: Any, agents: Mapping[str, AgentTime]) -> None:
    """A bar for each agent; of many only the busiest."""
    shares = {name: _occupancy(time) for name, time in agents.items() if time.staffed}
    shown = sorted(shares, key=lambda name: -shares[name])[:MOST_AGENTS]
    names = [name for name in shares if name in shown]
    axis.bar(names, [shares[name] for name in names], color="#56B4E9", edgecolor="black", linewidth=0.8)
    more = f" (the {MOST_AGENTS} busiest of {len(shares)})" if len(shares) > MOST_AGENTS else ""
    _name(axis, f"Occupancy by agent{more}", "% of the time at work")
    axis.set_ylim(0, 104)
    axis.grid(visible=False, axis="x")
    axis.tick_params(axis="x", labelrotation=90 if len(names) > 8 else 0)


def _occupancy(time: AgentTime) -> float:
    busy_us, staffed_us = (sum(to_us - from_us for from_us, to_us in spans) for spans in (time.busy, time.staffed))
    return share(busy_us, staffed_us) or 0


def _step_us(course: Course) -> int:
    """The length of an interval: half an hour, or less in a short run."""
    return max(60_000_000, min(24 * HOUR_US // INTERVALS_A_DAY, course.ended_us // FEWEST_INTERVALS))


def _length(visits: Sequence[Visit], step_us: int, ended_us: int) -> tuple[list[float], list[float]]:
    """The mean queue length of each interval: all the time that was waited in it, divided by its length."""
    count = ended_us // step_us + 1
    waited_us = [0] * (count + 1)
    for visit in visits:
        for place, part_us in _parts(visit.entered_us, ended_us if visit.left_us is None else visit.left_us, step_us):
            waited_us[min(place, count)] += part_us
    return [place * step_us / HOUR_US for place in range(count)], [one / step_us for one in waited_us[:count]]


def _parts(from_us: int, to_us: int, step_us: int) -> Iterator[tuple[int, int]]:
    while from_us < to_us:
        place = from_us // step_us
        ends_us = min(to_us, (place + 1) * step_us)
        yield place, ends_us - from_us
        from_us = ends_us


def _by_interval(visits: Sequence[Visit], step_us: int, measure: Any) -> tuple[list[float], list[float]]:
    """A measure of those who entered in each interval, at its middle."""
    groups: defaultdict[int, list[Visit]] = defaultdict(list)
    for visit in visits:
        groups[visit.entered_us // step_us].append(visit)
    found = {place: measure(group) for place, group in sorted(groups.items())}
    known = {(place + 0.5) * step_us / HOUR_US: value for place, value in found.items() if value is not None}
    return list(known), list(known.values())


def _wait_90_s(visits: Sequence[Visit]) -> float | None:
    return quantile_s(sorted(visit.wait_us for visit in visits if visit.outcome == "answered"), 90)


def _level(visits: Sequence[Visit], within_us: float) -> float | None:
    left = [visit for visit in visits if visit.outcome in LEFT]
    return share(sum(visit.wait_us <= within_us for visit in left), len(left))
