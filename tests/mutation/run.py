"""Mutants of the rules and of the transitions, and the tests that kill them: `make mutants`.

Each mutant is the tree with one small change, in a copy of its own. A test that fails kills it; one that survives shows
what no test asks about. The same seed draws the same mutants from the same tree. (Libraries for mutants of Python draw
no sample by a seed, and know no Lua.)
"""

import json
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue
from typing import Annotated, Literal

import typer
from mutation import in_lua, in_python
from mutation.equivalents import why_equivalent
from mutation.mutant import Mutant, mutants_of
from mutation.trial import Copy, Measured, Result
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]
LEAST_KILLED_PERCENT = 95
Kind = Literal["domain", "lua"]


def all_mutants(kind: Kind) -> list[Mutant]:
    if kind == "domain":
        return mutants_of(ROOT, (ROOT / "fairlead/domain").rglob("*.py"), in_python.edits_of)
    return mutants_of(ROOT, (ROOT / "fairlead/store/lua").rglob("*.lua"), in_lua.edits_of)


def drawn(kinds: Sequence[Kind], seed: int, count: int) -> list[tuple[Kind, Mutant]]:
    """So many mutants of each kind, by chance."""
    return [(kind, one) for kind in kinds for one in random.Random(seed).sample(all_mutants(kind), count)]


def results(chosen: Sequence[tuple[Kind, Mutant]], jobs: int) -> Iterator[Result]:
    """The mutants' results, in order, as they come."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder, ThreadPoolExecutor(jobs) as pool:
        copies: SimpleQueue[Copy] = SimpleQueue()
        measured = Measured()
        for job in range(jobs):
            copies.put(Copy(ROOT, Path(folder) / str(job), measured))

        def tried(pair: tuple[Kind, Mutant]) -> Result:
            kind, mutant = pair
            if why := why_equivalent(mutant):
                return Result(mutant, "equivalent", why)
            copy = copies.get()
            try:
                return copy.tried(mutant, kind)
            finally:
                copies.put(copy)

        first = copies.get()
        first.measure(sorted({kind for kind, _ in chosen}))
        copies.put(first)
        yield from pool.map(tried, chosen)


def table_of(tried: Sequence[Result]) -> Table:
    table = Table("verdict", "mutant", "by", show_lines=True)
    for one in tried:
        mutant = one.mutant
        change = f"{mutant.file}:{mutant.line} ({mutant.kind})\n- {mutant.was}\n+ {mutant.becomes or '(left out)'}"
        table.add_row(one.verdict, change, one.by)
    return table


def report_of(tried: Sequence[Result]) -> str:
    """The results as JSON, without the texts of the files."""
    rows = [asdict(one) for one in tried]
    for row in rows:
        del row["mutant"]["text"]
    return json.dumps(rows, indent=1)


def main(
    seed: Annotated[int, typer.Option(help="Draws the mutants.")] = 1,
    count: Annotated[int, typer.Option(help="Number of mutants of each kind.", min=1)] = 30,
    only: Annotated[Kind | None, typer.Option(help="One kind alone: rules in Python or transitions in Lua.")] = None,
    jobs: Annotated[int, typer.Option(help="Number of mutants that are tried at the same time.", min=1)] = 1,
    json_file: Annotated[Path | None, typer.Option("--json", help="File that gets the results as JSON.")] = None,
) -> None:
    """Try mutants; exit with 1 when too many survive."""
    console = Console(width=160, highlight=False, markup=False)
    kinds: Sequence[Kind] = (only,) if only else ("domain", "lua")
    chosen = drawn(kinds, seed, count)
    console.print(f"{len(chosen)} mutants by seed {seed}; first the tests without a mutant")
    tried = []
    for place, one in enumerate(results(chosen, jobs), 1):
        tried.append(one)
        where = f"{one.mutant.file}:{one.mutant.line}"
        console.print(f"{place}/{len(chosen)} {one.verdict} {where} {one.by} ({one.took_s:.0f} s)")
    console.print(table_of(tried))
    survivors = [one.mutant for one in tried if one.verdict == "survived"]
    for mutant in survivors:
        console.print(mutant.diff(ROOT))
    counted = sum(one.verdict != "equivalent" for one in tried)
    percent = 100 * (counted - len(survivors)) / counted if counted else 100
    console.print(f"{counted - len(survivors)} of {counted} killed: {percent:.0f} % ({LEAST_KILLED_PERCENT} % wanted)")
    if json_file:
        json_file.write_text(report_of(tried))
    sys.exit(percent < LEAST_KILLED_PERCENT)


if __name__ == "__main__":
    typer.run(main)
