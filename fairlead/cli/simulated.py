"""Tables of simulated runs: one or several, of one scenario or of two side by side."""

from collections.abc import Sequence

from rich.table import Table

from fairlead.simulation.intervals import Interval, difference, interval_of, values_of
from fairlead.simulation.summary import Summary

MOST_ROWS = 40

_QUEUE_MEASURES = {
    "offered": "offered", "answered": "answered", "abandoned": "abandoned", "overflowed": "overflowed",
    "refused": "refused", "expired": "expired", "waiting": "still waiting", "service_level": "service level %",
    "abandon_rate": "abandoned %", "share_waiting": "had to wait %", "mean_wait_s": "mean wait s",
    "wait_50_s": "half within s", "wait_90_s": "90 % within s", "wait_95_s": "95 % within s",
}  # fmt: skip
_SELDOM = ("overflowed", "refused", "expired", "waiting")
"""Shown where there were some."""


def queues_table(runs: Sequence[Sequence[Summary]], names: Sequence[str]) -> Table:
    """The measures of each queue and channel: a row each, a column for each scenario, and their difference."""
    table = _table("Queues", ["queue", "channel", "measure"])
    of_each = [values_of(summaries, "queues") for summaries in runs]
    for name in names if len(runs) > 1 else ["value"]:
        table.add_column(name, justify="right")
    if len(runs) > 1:
        table.add_column("difference", justify="right")
    pairs = sorted({key[:2] for values in of_each for key in values})
    for pair in pairs:
        for measure, shown in _QUEUE_MEASURES.items():
            values = [found.get((*pair, measure), []) for found in of_each]
            if measure in _SELDOM and not any(map(any, values)):
                continue
            cells = [_cell(one, measure) for one in values]
            if len(values) == 2:
                cells.append(_shown(difference(*values), measure, sign="+") if all(values) else "-")
            table.add_row(*pair, shown, *cells)
        table.add_section()
    return table


def agents_table(summaries: Sequence[Summary], name: str) -> Table:
    """Handled contacts and occupancy of each agent; the title names the scenario when there are several."""
    table = _table(f"Agents ({name})" if name else "Agents", ["agent"])
    for heading in ("handled", "at work h", "occupancy %"):
        table.add_column(heading, justify="right")
    values = values_of(summaries, "agents")
    agents = list(dict.fromkeys(key[0] for key in values))
    for agent in agents[:MOST_ROWS]:
        hours = [staffed_s / 3_600 for staffed_s in values[agent, "staffed_s"]]
        table.add_row(
            agent,
            _cell(values[agent, "handled"], "handled"),
            _cell(hours, "hours"),
            _cell(values.get((agent, "occupancy"), []), "occupancy"),
        )
    if len(agents) > MOST_ROWS:
        table.caption = f"and {len(agents) - MOST_ROWS} more: --json has them all"
    return table


def _table(title: str, names: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name in names:
        table.add_column(name)
    return table


_COUNTS = {"offered", "answered", "abandoned", "overflowed", "refused", "expired", "waiting", "handled"}


def _cell(values: Sequence[float], measure: str) -> str:
    return _shown(interval_of(values), measure) if values else "-"


def _shown(interval: Interval, measure: str, sign: str = "") -> str:
    digits = 0 if measure in _COUNTS and interval.half is None else 1
    text = f"{interval.mean:{sign},.{digits}f}"
    return text if interval.half is None else f"{text} ± {interval.half:,.1f}"
