"""Tables of simulated runs: one or several, of one scenario or of two side by side."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from fairlead.cli.grid import Column, table
from fairlead.simulation.intervals import Interval, difference, interval_of, values_of
from fairlead.simulation.summary import Summary

MOST_AGENTS = 40

_QUEUE_MEASURES = {
    "offered": "offered", "answered": "answered", "abandoned": "abandoned", "overflowed": "overflowed",
    "refused": "refused", "expired": "expired", "waiting": "still waiting", "service_level": "service level %",
    "abandon_rate": "abandoned %", "share_waiting": "had to wait %", "mean_wait_s": "mean wait s",
    "wait_50_s": "half within s", "wait_90_s": "90 % within s", "wait_95_s": "95 % within s",
}  # fmt: skip
_SELDOM = ("overflowed", "refused", "expired", "waiting")
"""Shown where there were some."""

_COUNTS = {"offered", "answered", "abandoned", "overflowed", "refused", "expired", "waiting", "handled"}


def queue_lines(runs: Sequence[Sequence[Summary]], names: Sequence[str], width: int | None) -> list[Text]:
    """The measures of each queue and channel, a line each: a column for each scenario, and their difference."""
    headings = [*names, "difference"] if len(runs) > 1 else ["value"]
    columns = [Column("queue"), Column("channel"), Column("measure")]
    columns += [Column(heading, is_number=True) for heading in headings]
    return table(columns, list(_queue_rows(runs)), width, "Queues")


def _queue_rows(runs: Sequence[Sequence[Summary]]) -> Iterator[tuple[str, ...]]:
    of_each = [values_of(summaries, "queues") for summaries in runs]
    for pair in sorted({key[:2] for values in of_each for key in values}):
        for measure, shown in _QUEUE_MEASURES.items():
            values = [found.get((*pair, measure), []) for found in of_each]
            if measure in _SELDOM and not any(map(any, values)):
                continue
            cells = [_cell(one, measure) for one in values]
            if len(values) > 1:
                cells.append(_shown(difference(*values), measure, sign="+") if all(values) else "-")
            yield (*pair, shown, *cells)


def agent_lines(summaries: Sequence[Summary], name: str, width: int | None) -> list[Text]:
    """Handled contacts and occupancy of each agent; `name`: of which scenario, when there are several."""
    values = values_of(summaries, "agents")
    agents = list(dict.fromkeys(key[0] for key in values))
    rows = [
        (
            agent,
            _cell(values[agent, "handled"], "handled"),
            _cell([staffed_s / 3_600 for staffed_s in values[agent, "staffed_s"]], "hours"),
            _cell(values.get((agent, "occupancy"), []), "occupancy"),
        )
        for agent in agents[:MOST_AGENTS]
    ]
    columns = [Column("agent"), *(Column(one, is_number=True) for one in ("handled", "at work h", "occupancy %"))]
    lines = table(columns, rows, width, f"Agents ({name})" if name else "Agents")
    if len(agents) > MOST_AGENTS:
        lines.append(Text(f"and {len(agents) - MOST_AGENTS} more: --json has them all"))
    return lines


def _cell(values: Sequence[float], measure: str) -> str:
    return _shown(interval_of(values), measure) if values else "-"


def _shown(interval: Interval, measure: str, sign: str = "") -> str:
    digits = 0 if measure in _COUNTS and interval.half is None else 1
    text = f"{interval.mean:{sign},.{digits}f}"
    return text if interval.half is None else f"{text} ± {interval.half:,.1f}"
