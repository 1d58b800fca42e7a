"""`fairlead simulate`."""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from fairlead.cli.context import JsonOption
from fairlead.cli.grid import Output, print_lines, width_of
from fairlead.cli.output import print_json, say, stderr
from fairlead.cli.recordings import pair_of_column, recorded
from fairlead.cli.simulated import agent_lines, queue_lines
from fairlead.domain.configuration import Configuration
from fairlead.errors import BadInput
from fairlead.service.rows import Arrival, Columns, Reject, parse_priorities
from fairlead.simulation.course import Course
from fairlead.simulation.engine import Tell
from fairlead.simulation.intervals import differences_of, intervals_of
from fairlead.simulation.pictures import Picture, check_drawable, draw
from fairlead.simulation.recorded import complete
from fairlead.simulation.running import Task, run_once, run_replications
from fairlead.simulation.scenario import read_scenario
from fairlead.simulation.server import Kind, private_server
from fairlead.simulation.summary import Summary

MOST_REASONS = 20
"""How many lines that are no contacts are told."""


ServerOption = Annotated[
    Kind, typer.Option("--instance-server", help="Server that is started for the simulation alone.")
]
SeedOption = Annotated[int | None, typer.Option(min=0, help="Seed of all chances. Default: that of the scenario.")]


@dataclass(frozen=True, slots=True)
class _Result:
    """A task and what came of its runs; the course of the first, when it ran in this process."""

    name: str
    task: Task
    summaries: list[Summary]
    course: Course | None = None


def simulate(
    scenario: Annotated[Path, typer.Argument(help="Scenario or configuration file, in TOML.")],
    seed: SeedOption = None,
    replications: Annotated[int, typer.Option(min=1, help="Number of runs with different chances.")] = 1,
    compare: Annotated[Path | None, typer.Option(help="Second scenario, run on the same contacts.")] = None,
    plot: Annotated[
        Path | None, typer.Option(help="File for a picture, .svg or .png; needs `pip install 'fairlead[plot]'`.")
    ] = None,
    instance_server: ServerOption = Kind.EMBEDDED,
    contacts: Annotated[
        Path | None, typer.Option(help="CSV or JSONL file of recorded contacts, instead of the scenario's.")
    ] = None,
    file_format: Annotated[str, typer.Option("--format", help="csv or jsonl. Default: by the file name.")] = "",
    where: Annotated[str | None, typer.Option(help="COLUMN=VALUE: only these rows, for example one day.")] = None,
    queue_column: Annotated[str, typer.Option(help="Column with the queue.")] = "queue",
    channel: Annotated[str | None, typer.Option(help="Channel of all rows. Default: the column `channel`.")] = None,
    priority_column: Annotated[str, typer.Option(help="Column with the priority.")] = "priority",
    priorities: Annotated[str, typer.Option(help="VALUE=PRIORITY,... with * for all others: 2=1,*=5.")] = "",
    id_column: Annotated[str | None, typer.Option(help="Column with the id. Default: made of file and line.")] = None,
    time_columns: Annotated[str, typer.Option(help="Columns whose sum is the arrival time: day+arrived_s.")] = "at_s",
    handle_column: Annotated[str, typer.Option(help="Column with the seconds that an agent spent.")] = "handle_s",
    patience_column: Annotated[str | None, typer.Option(help="Column with the seconds waited.")] = None,
    leaves: Annotated[str | None, typer.Option(help="COLUMN=VALUE: customers of these rows gave up.")] = None,
    stays: Annotated[
        bool, typer.Option("--stays", help="Customers who were answered would have waited for ever.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Run a day of contacts in virtual time over the real transitions, and measure what comes of it.

    Nothing that works is affected: the simulation has a server of its own. The same seed gives the same run.
    """
    end_as_by_ctrl_c()
    if plot:
        _check_plot(plot, replications)
    files = [scenario, *([compare] if compare else [])]
    columns = Columns(
        queue=queue_column, fixed_channel=channel, priority=priority_column, priorities=parse_priorities(priorities),
        contact_id=id_column, time=tuple(time_columns.split("+")), patience=patience_column,
        leaves=pair_of_column("--leaves", leaves) if leaves else None, handle=handle_column,
    )  # fmt: skip
    scenarios = [read_scenario(file) for file in files]
    chance = scenarios[0].day.seed if seed is None else seed
    recording = None
    if contacts:
        rows = recorded(contacts, file_format, columns, pair_of_column("--where", where) if where else None)
        known = [one.configuration for one in scenarios]
        recording = complete(_accepted(rows, known), chance, is_patience_estimated=not stays)
    elif not any(one.day.contacts or one.day.arrivals for one in scenarios):
        raise BadInput(f"{scenario} has neither contacts nor arrivals: add some, or give recorded ones by --contacts")
    tasks = [Task(one, chance, recording) for one in scenarios]
    tell = _print_event if as_json and replications == 1 and not compare else None
    results = [
        _run(file.name, task, replications, instance_server, tell) for file, task in zip(files, tasks, strict=True)
    ]
    _show(results, as_json)
    if plot:
        draw([Picture(one.name, one.course, one.task.scenario.configuration) for one in results if one.course], plot)
        say(f"{plot} is drawn")


def _check_plot(file: Path, replications: int) -> None:
    """Refuse before anything is run what could not be drawn afterwards."""
    if replications > 1:
        raise BadInput("--plot draws a single run: leave --replications out")
    check_drawable(file)


def end_as_by_ctrl_c() -> None:
    """Let SIGTERM end the command as Ctrl-C does, so that the simulation's server and its folder go with it."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def _accepted(rows: Iterator[Arrival | Reject], configurations: Sequence[Configuration]) -> Iterator[Arrival]:
    """The arrivals; what is no contact, or is of a queue that not all know, is told and left out."""
    count = 0
    for row in rows:
        if isinstance(row, Arrival) and all(row.contact.queue in one.queues for one in configurations):
            yield row
            continue
        count += 1
        if count <= MOST_REASONS:
            say(_told(row))
    if count:
        say(f"{count:,} lines were left out")


def _told(row: Arrival | Reject) -> str:
    if isinstance(row, Reject):
        return f"line {row.line}: {row.reason}"
    return f"contact {row.contact.contact_id}: no queue {row.contact.queue!r} in the scenario"


def _run(name: str, task: Task, replications: int, server: Kind, tell: Tell | None) -> _Result:
    if replications > 1:
        with progress_bar(name, "runs", replications) as advance:
            return _Result(name, task, run_replications(task, replications, server, advance))
    with private_server(server) as client, progress_bar(name, "contacts", len(task.day().arrivals)) as advance:
        course, summary = run_once(client, task, tell=tell, progress=advance)
    return _Result(name, task, [summary], course)


@contextmanager
def progress_bar(name: str, what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, and nothing else; gives a function that takes how many are done."""
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
    with Progress(*columns, console=stderr, transient=True, disable=not stderr.is_terminal) as progress:
        task = progress.add_task(f"{name}: {what}", total=total)
        yield lambda done: progress.update(task, completed=done)


def _print_event(event: Any) -> None:
    typer.echo(orjson.dumps(event))


def _show(results: Sequence[_Result], as_json: bool) -> None:
    runs = [result.summaries for result in results]
    if not as_json:
        names = [result.name for result in results]
        width = width_of(Output.FIT)
        print_lines(queue_lines(runs, names, width))
        for result in results:
            name = result.name if len(results) > 1 else ""
            print_lines([Text(), *agent_lines(result.summaries, name, width)])
        return
    documents = [_document(result.summaries) for result in results]
    if len(results) == 1:
        print_json({"summary": documents[0]})
    else:
        both = {result.name: document for result, document in zip(results, documents, strict=True)}
        print_json({"summary": both, "differences": differences_of(*runs)})


def _document(summaries: Sequence[Summary]) -> Any:
    return asdict(summaries[0]) if len(summaries) == 1 else intervals_of(summaries)
