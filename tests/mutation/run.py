"""Mutants of the rules and of the transitions, and the tests that kill them: `make mutants`.

Each mutant is the tree with one small change, in a process of its own. A test that fails kills it; one that survives
shows what no test asks about. The same seed draws the same mutants from the same tree. (Libraries for mutants of Python
draw no sample by a seed, and know no Lua.)
"""

import json
import random
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer
from mutation import in_lua, in_python
from mutation.measured import Measured
from mutation.mutant import ROOT, Mutant, mutants_of
from mutation.trial import TESTS, Result, measured, try_rules, try_transitions
from rich.console import Console
from rich.table import Table

LEAST_KILLED_PERCENT = 95
Kind = Literal["domain", "lua"]


def all_mutants(kind: Kind) -> list[Mutant]:
    if kind == "domain":
        return mutants_of((ROOT / "fairlead/domain").rglob("*.py"), in_python.edits_of)
    return mutants_of((ROOT / "fairlead/store/lua").rglob("*.lua"), in_lua.edits_of)


def drawn(kind: Kind, seed: int, count: int, within: str = "") -> list[Mutant]:
    """So many mutants of a kind, by chance, of those with `within` in "FILE: LINE"; all when there are fewer."""
    some = [one for one in all_mutants(kind) if within in f"{one.file}: {one.was}"]
    return random.Random(seed).sample(some, min(count, len(some)))


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
    within: Annotated[str, typer.Option(help="Only mutants of lines with this in FILE: LINE.")] = "",
    tests: Annotated[list[str] | None, typer.Option(help="Try these tests alone; may be given several times.")] = None,
    jobs: Annotated[int, typer.Option(help="Number of mutants that are tried at the same time.", min=1)] = 1,
    known: Annotated[Path | None, typer.Option(help="File of what the tests do in this tree, made if missing.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="File that gets the results as JSON.")] = None,
) -> None:
    """Try mutants; exit with 1 when too many survive."""
    console = Console(width=160, highlight=False, markup=False)
    rules = drawn("domain", seed, count, within) if only != "lua" else []
    transitions = drawn("lua", seed, count, within) if only != "domain" else []
    many = len(rules) + len(transitions)
    console.print(f"{many} mutants by seed {seed}")
    tried: list[Result] = []

    def tell(one: Result) -> None:
        tried.append(one)
        where = f"{one.mutant.file}:{one.mutant.line}"
        console.print(f"{len(tried)}/{many} {one.verdict} {where} {one.by} ({one.took_s:.0f} s)")

    asked = tests or TESTS
    usual = Measured.read(known) if known and known.exists() else measured(asked, known)
    for result in try_rules(rules, asked, usual, jobs):
        tell(result)
    try_transitions(transitions, asked, usual, jobs, tell)

    console.print(table_of(tried))
    survivors = [one.mutant for one in tried if one.verdict == "survived"]
    for mutant in survivors:
        console.print(mutant.diff())
    counted = sum(one.verdict != "equivalent" for one in tried)
    percent = 100 * (counted - len(survivors)) / counted if counted else 100
    console.print(f"{counted - len(survivors)} of {counted} killed: {percent:.0f} % ({LEAST_KILLED_PERCENT} % wanted)")
    if json_file:
        json_file.write_text(report_of(tried))
    sys.exit(percent < LEAST_KILLED_PERCENT)


if __name__ == "__main__":
    typer.run(main)
