"""The results as pictures, in SVG, for the page."""

from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.results import Results
from benchmarks.systems import FAIRLEAD
from benchmarks.tables import RATES
from benchmarks.workloads import WORKLOADS

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999")
"""Okabe and Ito's, which the colour-blind tell apart; Fairlead has the first."""
STYLES = ("-", "--", "-.", ":")


def draw(results: Results, scale: dict[str, Any] | None, folder: Path, digest: str) -> None:
    """Write every picture that there is something for. `digest`: of the results, kept in each picture."""
    from matplotlib import pyplot, rcParams

    rcParams.update({"svg.hashsalt": "fairlead", "svg.fonttype": "none", "font.size": 9, "axes.axisbelow": True})
    for name, wanted in pictures(results, scale).items():
        figure = wanted(pyplot)
        metadata = {"Date": None, "Creator": None, "Description": digest}
        figure.savefig(folder / f"{name}.svg", metadata=metadata)
        pyplot.close(figure)


def pictures(results: Results, scale: dict[str, Any] | None) -> dict[str, Callable[[Any], Any]]:
    """What there is something to draw for, by name."""
    wanted: dict[str, tuple[bool, Callable[[Any], Any]]] = {
        "rates": (any(map(results.measured, RATES)), lambda plt: _rates(plt, results)),
        "arrival": (bool(results.measured("arrival")), lambda plt: _arrival(plt, results)),
        "growth": (bool(results.measured("depth") or results.measured("matching")), lambda plt: _growth(plt, results)),
        "memory": (bool(results.measured("memory")), lambda plt: _memory(plt, results)),
        "million": (bool(scale and scale["points"]), lambda plt: _million(plt, scale)),
    }
    return {name: draw for name, (is_there, draw) in wanted.items() if is_there}


def _rates(plt: Any, results: Results) -> Any:
    titles = {workload.NAME: workload.TITLE for workload in WORKLOADS}
    shown = [workload for workload in RATES if results.measured(workload)]
    rows, columns = -(-len(shown) // 2), min(len(shown), 2)
    figure, axes = plt.subplots(rows, columns, figsize=(10, 3.5 * rows), squeeze=False, layout="constrained")
    for axis in axes.flat[len(shown) :]:
        axis.remove()
    for axis, workload in zip(axes.flat, shown, strict=False):
        names = results.measured(workload)[::-1]
        spreads = [results.spread(workload, name, "rate") for name in names]
        middles = [spread.median for spread in spreads if spread]
        reach = [[spread.median - spread.lowest, spread.highest - spread.median] for spread in spreads if spread]
        axis.barh(names, middles, xerr=list(zip(*reach, strict=True)), color=[_colour_of(name) for name in names])
        axis.set_title(titles[workload])
        axis.xaxis.set_major_locator(plt.MaxNLocator(5))
        axis.set_xlabel("contacts a second: median, lowest and highest round")
        axis.grid(axis="x", alpha=0.3)
    return figure


def _arrival(plt: Any, results: Results) -> Any:
    figure, axis = plt.subplots(figsize=(10, 5), layout="constrained")
    for place, name in enumerate(results.measured("arrival")):
        points = [median(values) for values in zip(*results.curves("arrival", name), strict=True)]
        style = {"color": COLOURS[place % len(COLOURS)], "linestyle": STYLES[place // 3 % len(STYLES)]}
        axis.plot(points, range(1, 100), label=name, linewidth=2.5 if name == FAIRLEAD.name else 1.2, **style)
    axis.set_xscale("log")
    axis.set_xlabel("microseconds from push to handler (logarithmic)")
    axis.set_ylabel("% of the contacts that had begun by then")
    axis.grid(alpha=0.3)
    axis.legend()
    return figure


def _growth(plt: Any, results: Results) -> Any:
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.5), layout="constrained")
    for name in results.measured("depth"):
        cases = results.cases("depth", name)
        for side, style in (("push", "-"), ("take", "--")):
            costs = [results.median("depth", name, f"{side}_server_us", case) for case in cases]
            label = f"{name}: {side}"
            left.plot(list(map(int, cases)), costs, style, marker="o", color=_colour_of(name), label=label)
    left.set_xscale("log")
    left.set_xlabel("contacts that wait (logarithmic)")
    left.set_ylabel("server microseconds")
    left.set_ylim(bottom=0)
    cases = results.cases("matching", FAIRLEAD.name)[::-1]
    costs = [results.median("matching", FAIRLEAD.name, "server_us", case) for case in cases]
    right.barh([case.replace("; ", ";\n") for case in cases], costs, color=COLOURS[0])
    right.set_xlabel("server microseconds of a push that finds its agent")
    for axis in (left, right):
        axis.grid(alpha=0.3)
    if results.measured("depth"):
        left.set_ylim(0, left.get_ylim()[1] * 1.3)
        left.legend(loc="upper left")
    return figure


def _memory(plt: Any, results: Results) -> Any:
    figure, axis = plt.subplots(figsize=(10, 4), layout="constrained")
    names = results.measured("memory")[::-1]
    many = [results.median("memory", name, "bytes") for name in names]
    axis.barh(names, many, color=[_colour_of(name) for name in names])
    axis.set_xlabel("bytes of redis-server's memory for each waiting contact")
    axis.grid(axis="x", alpha=0.3)
    return figure


def _million(plt: Any, scale: dict[str, Any] | None) -> Any:
    assert scale
    points = scale["points"]
    figure, axis = plt.subplots(figsize=(10, 4), layout="constrained")
    seconds = [point["s"] for point in points]
    axis.plot(seconds, [point["rate"] for point in points], color=COLOURS[0], label="contacts a second")
    axis.set_ylim(bottom=0)
    axis.set_xlabel("seconds")
    axis.set_ylabel("contacts a second")
    memory = axis.twinx()
    memory.plot(seconds, [point["used_mb"] for point in points], "--", color=COLOURS[1], label="memory")
    memory.set_ylim(bottom=0)
    memory.set_ylabel("redis-server's memory, MB (dashed)")
    axis.grid(alpha=0.3)
    return figure


def _colour_of(system: str) -> str:
    if system.startswith(FAIRLEAD.name):
        return COLOURS[0]
    return COLOURS[-1] if system.startswith("floor") else COLOURS[5]
