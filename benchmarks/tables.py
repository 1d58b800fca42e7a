"""The results as Markdown tables, which a terminal shows as well."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from benchmarks.goals import Goal, goals, life
from benchmarks.results import Results
from benchmarks.sample import Spread
from benchmarks.systems import FAIRLEAD
from benchmarks.workloads import WORKLOADS

RATES = ("push", "push-bulk", "work", "work-best")
NONE = "-"


def every_table(results: Results) -> Iterator[tuple[str, str]]:
    """Titles and tables, of what was measured."""
    titles = {workload.NAME: workload.TITLE for workload in WORKLOADS}
    for workload in RATES:
        if results.measured(workload):
            yield titles[workload], rates(results, workload)
    makers: dict[str, Callable[[Results, str], str]] = {
        "arrival": latencies, "profile-change": latencies, "memory": memory, "depth": depth, "matching": matching,
        "looks": looks, "idle": idle,
    }  # fmt: skip
    for workload, make in makers.items():
        if results.measured(workload):
            yield titles[workload], make(results, workload)
    if any(life(results, system.name) for system in results.systems):
        yield "Server time of a contact's life", lives(results)


def rates(results: Results, workload: str) -> str:
    ours = results.median(workload, FAIRLEAD.name, "rate")
    rows = []
    for name in results.measured(workload):
        rate = results.spread(workload, name, "rate")
        assert rate
        rows.append(
            (
                name, *_spread(rate), _ratio(ours, rate.median),
                *(number(results.median(workload, name, value)) for value in ("server_us", "client_us")),
            )
        )  # fmt: skip
    return table(("system", "/s", "min..max", "Fairlead is", "server us", "client us"), rows)


def latencies(results: Results, workload: str) -> str:
    rows = []
    for name in results.measured(workload):
        values = [results.spread(workload, name, value) for value in ("p50_us", "p99_us")]
        rows.append((name, *(cell for value in values if value for cell in _spread(value))))
    return table(("system", "p50 us", "min..max", "p99 us", "min..max"), rows)


def memory(results: Results, workload: str) -> str:
    rows = [(name, number(results.median(workload, name, "bytes"))) for name in results.measured(workload)]
    return table(("system", "bytes"), rows)


def depth(results: Results, workload: str) -> str:
    rows = []
    for name in results.measured(workload):
        for case in results.cases(workload, name):
            values = [results.spread(workload, name, f"{side}_server_us", case) for side in ("push", "take")]
            rows.append((name, f"{int(case):,}", *(cell for value in values if value for cell in _spread(value))))
    return table(("system", "waiting", "push, server us", "min..max", "take, server us", "min..max"), rows)


def matching(results: Results, workload: str) -> str:
    rows = []
    for case in results.cases(workload, FAIRLEAD.name):
        cost = results.spread(workload, FAIRLEAD.name, "server_us", case)
        assert cost
        rows.append((case, *_spread(cost)))
    return table(("centre", "match, server us", "min..max"), rows)


def looks(results: Results, workload: str) -> str:
    rows = []
    for case in results.cases(workload, FAIRLEAD.name):
        found = (results.spread(workload, FAIRLEAD.name, value, case) for value in ("server_ms", "client_ms", "all_ms"))
        rows.append((case, *(cell for value in found if value for cell in _spread(value))))
    return table(("look", "server ms", "min..max", "client ms", "min..max", "in all, ms", "min..max"), rows)


def idle(results: Results, workload: str) -> str:
    rows = []
    for case in results.cases(workload, FAIRLEAD.name):
        values = (results.median(workload, FAIRLEAD.name, value, case) for value in ("commands_each", "server_percent"))
        rows.append((case, *(f"{value:.2f}" for value in values)))
    return table(("agents", "commands/s each", "redis-server CPU %"), rows)


def lives(results: Results) -> str:
    found = [(system.name, life(results, system.name)) for system in results.systems]
    return table(("system", "server us"), [(name, number(cost)) for name, cost in found if cost])


def goal_table(results: Results) -> str:
    rows = [(goal.what, _bound(goal), _found(goal), _verdict(goal)) for goal in goals(results)]
    return table(("goal", "bound", "this run", ""), rows, is_text=True)


def system_table(results: Results) -> str:
    rows = [
        (one.name, one.version or NONE, one.ranks, f"**not measured**: {one.missing}" if one.missing else one.setup)
        for one in results.systems
    ]
    return table(("system", "version", "priorities", "set-up"), rows, is_text=True)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, is_text: bool = False) -> str:
    """The first column is text, and the others are numbers, unless all are text."""
    lines = [head, ["---", *(["---" if is_text else "---:"] * (len(head) - 1))], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _spread(value: Spread) -> tuple[str, str]:
    return number(value.median), f"{number(value.lowest)}..{number(value.highest)}"


def number(value: float | None) -> str:
    """Whole from a hundred on."""
    if value is None:
        return NONE
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"


def _ratio(ours: float | None, theirs: float) -> str:
    return f"{ours / theirs:.2f} x" if ours else NONE


def _bound(goal: Goal) -> str:
    return f"{'<=' if goal.is_most else '>='} {goal.bound:g} {goal.unit}"


def _found(goal: Goal) -> str:
    return NONE if goal.found is None else f"{goal.found:.2f} {goal.unit}" if goal.found < 100 else f"{goal.found:,.0f}"


def _verdict(goal: Goal) -> str:
    return {None: "not measured", True: "met", False: "**missed**"}[goal.is_met]
