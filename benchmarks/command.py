"""`python -m benchmarks run` and `scale` measure, `agree` compares two runs, `docs` writes the page of the results."""

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich import print_json
from rich.console import Console
from rich.markdown import Markdown
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks import agreement, bench, results, scale, size, tables
from benchmarks.page import BEFORE, LATEST, PAGE, SCALE, write_page
from benchmarks.systems import peers_named
from benchmarks.workloads import WORKLOADS, workloads_named

app = typer.Typer(add_completion=False, no_args_is_help=True)
SIZES = {"full": size.FULL, "quick": size.QUICK, "tiny": size.TINY}

OnlyOption = Annotated[
    list[str], typer.Option("--only", help=f"One of {', '.join(one.NAME for one in WORKLOADS)}; may be repeated.")
]


@app.callback()
def forget_settings() -> None:
    """How fast Fairlead is, beside other queues on Redis."""
    for name in [name for name in os.environ if name.startswith("FAIRLEAD_")]:
        del os.environ[name]  # what is measured is not what this shell is set to


@app.command()
def run(
    kind: Annotated[str, typer.Option("--size", help="full, quick, or tiny: just to see that all runs.")] = "full",
    only: OnlyOption = [],  # noqa: B006  # typer reads it, nobody changes it
    peers: Annotated[str, typer.Option(help="all, none, or names with commas between.")] = "all",
    rounds: Annotated[int, typer.Option(min=0, help="Rounds through everything; 0: as the size has.")] = 0,
    json: Annotated[Path | None, typer.Option(help="Write the result to this file.")] = None,
) -> None:
    """Measure, and print tables; the exit code is 1 when something did not come to an end."""
    if kind not in SIZES:
        raise typer.BadParameter(f"no such size {kind!r}; there are {', '.join(SIZES)}", param_hint="--size")
    try:
        workloads, others = workloads_named(only), peers_named(peers)
    except ValueError as refusal:
        raise typer.BadParameter(str(refusal)) from refusal
    chosen = replace(SIZES[kind], rounds=rounds, within_s=math.inf) if rounds else SIZES[kind]
    console = Console(stderr=True)
    with _progress(console) as progress:
        found = bench.run(kind, chosen, workloads, others, progress)
    if json:
        results.write(found, json)
    _show(found)
    if found.rounds < chosen.rounds:
        told = f"{found.rounds} of {chosen.rounds} rounds: another one would not have ended within"
        console.print(f"{told} {chosen.within_s / 60:.0f} minutes", markup=False, highlight=False)
    for failure in found.failures:
        console.print(failure, style="red", markup=False)
    raise typer.Exit(bool(found.failures))


app.command()(scale.scale)


@app.command()
def agree(
    first: Annotated[Path, typer.Argument(help="The result of a run.", exists=True, dir_okay=False)],
    second: Annotated[Path, typer.Argument(help="The result of another one.", exists=True, dir_okay=False)],
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Compare two runs; the exit code is 1 when a figure that a goal is about is not the same within its spread."""
    one, other = (_read(file) for file in (first, second))
    if json:
        print_json(data=agreement.as_json(one, other))
    else:
        commits = [found.machine.get("commit", "unknown") for found in (one, other)]
        if commits[0] != commits[1]:
            typer.echo(f"These are of different commits, {commits[0]} and {commits[1]}.", err=True)
        _print(agreement.report(one, other))
    raise typer.Exit(not all(compared.agree for compared in agreement.ratios(one, other)))


def _read(file: Path) -> results.Results:
    try:
        return results.read(file)
    except (ValueError, KeyError, TypeError) as failure:
        raise typer.BadParameter(f"{file} is no result of `python -m benchmarks run --json`: {failure}") from failure


@app.command()
def docs(
    file: Annotated[Path | None, typer.Argument(help="A result that becomes the committed one.")] = None,
    before: Annotated[Path | None, typer.Option(help="The same, of the run before, to compare with.")] = None,
    million: Annotated[Path | None, typer.Option("--scale", help="The same, of `scale`.")] = None,
) -> None:
    """Write docs/performance.md and its pictures from the committed results."""
    for new, known in ((file, LATEST), (before, BEFORE), (million, SCALE)):
        if new:
            known.write_bytes(new.read_bytes())
    write_page()
    typer.echo(f"wrote {PAGE}")


def _show(found: results.Results) -> None:
    machine = ", ".join(f"{name} {value}" for name, value in found.machine.items())
    parts = [f"{found.kind} run, {found.rounds} rounds, {found.seconds:.0f} s; {machine}", tables.system_table(found)]
    parts += [f"## {title}\n\n{table}" for title, table in tables.every_table(found)]
    _print("\n\n".join([*parts, "## Goals", tables.goal_table(found)]))


def _print(text: str) -> None:
    """Tables for a reader on a terminal; Markdown for a file."""
    console = Console()
    if console.is_terminal:
        console.print(Markdown(text))
    else:
        typer.echo(text)


@contextmanager
def _progress(console: Console) -> Iterator[bench.Progress]:
    """A bar on a terminal, else a line for each measurement."""
    if not console.is_terminal:
        yield lambda what, number, of: console.print(f"{number + 1}/{of} {what}", markup=False, highlight=False)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, number, of: bar.update(task, description=what, completed=number, total=of)
