"""`fairlead simulate`."""

import signal
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.text import Text

from fairlead.cli.context import JsonOption
from fairlead.cli.grid import Output, print_lines, width_of
from fairlead.cli.output import print_json, progress_bar, say
from fairlead.cli.recordings import (
    MOST_REASONS,
    AttributeColumnsOption,
    ChannelColumnOption,
    ChannelOption,
    DateOrderOption,
    EncodingOption,
    FormatOption,
    IdColumnOption,
    IntakeOption,
    OnDuplicateOption,
    PrioritiesOption,
    PriorityColumnOption,
    QueueColumnOption,
    QueueMapOption,
    Recorded,
    TimeColumnsOption,
    TimeZoneOption,
    WhereOption,
    columns_of,
    read_recording,
    tell_rejects,
)
from fairlead.cli.simulated import agent_lines, queue_lines
from fairlead.domain.configuration import Configuration
from fairlead.errors import BadInput
from fairlead.files.rows import Reject
from fairlead.service.recorded.arrivals import Arrival, OnDuplicate
from fairlead.simulation.course import Course
from fairlead.simulation.engine import Tell
from fairlead.simulation.intervals import differences_of, intervals_of
from fairlead.simulation.pictures import Picture, check_drawable, draw
from fairlead.simulation.recorded import Recording, complete, staffed
from fairlead.simulation.running import Task, run_once, run_replications
from fairlead.simulation.scenario import Scenario, read_scenario
from fairlead.simulation.server import Kind, private_server
from fairlead.simulation.summary import Summary

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
    plot: Annotated[Path | None, typer.Option(help="File for a picture, .svg or .png; needs matplotlib.")] = None,
    instance_server: ServerOption = Kind.EMBEDDED,
    contacts: Annotated[
        Path | None,
        typer.Option(help="Recorded contacts instead of the scenario's: a file as `fairlead produce replay` takes."),
    ] = None,
    file_format: FormatOption = None,
    encoding: EncodingOption = "",
    where: WhereOption = None,
    queue_column: QueueColumnOption = "queue",
    queue_map: QueueMapOption = "",
    intake: IntakeOption = "",
    attribute_columns: AttributeColumnsOption = "",
    channel: ChannelOption = None,
    channel_column: ChannelColumnOption = "channel",
    priority_column: PriorityColumnOption = "priority",
    priorities: PrioritiesOption = "",
    id_column: IdColumnOption = None,
    on_duplicate: OnDuplicateOption = OnDuplicate.REJECT,
    time_columns: TimeColumnsOption = "at_s",
    date_order: DateOrderOption = None,
    time_zone: TimeZoneOption = "",
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
    columns = columns_of(
        queue_column, queue_map, channel, channel_column, priority_column, priorities, id_column, time_columns,
        date_order, time_zone, patience_column, leaves, handle_column, intake, attribute_columns,
    )  # fmt: skip
    scenarios = [read_scenario(file) for file in files]
    chance = scenarios[0].day.seed if seed is None else seed
    recording = None
    if contacts:
        read = read_recording(contacts, columns, file_format, encoding, where, on_duplicate)
        recording = _completed(read, scenarios, chance, is_patience_estimated=not stays)
        scenarios = [_staffed(one, recording, read) for one in scenarios]
    elif not any(one.day.contacts or one.day.arrivals for one in scenarios):
        raise BadInput(f"{scenario} has neither contacts nor arrivals: add some, or give recorded ones by --contacts")
    tasks = [Task(one, chance, recording) for one in scenarios]
    tell = _print_event if as_json and replications == 1 and not compare else None
    results = [
        _run(file.name, task, replications, instance_server, tell) for file, task in zip(files, tasks, strict=True)
    ]
    _show(results, as_json)
    if plot:
        _draw(results, plot)


def _check_plot(file: Path, replications: int) -> None:
    """Refuse before anything is run what could not be drawn afterwards."""
    if replications > 1:
        raise BadInput("--plot draws a single run: leave --replications out")
    check_drawable(file)


def end_as_by_ctrl_c() -> None:
    """Let SIGTERM end the command as Ctrl-C does, so that the simulation's server and its folder go with it."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def accepted(read: Recorded, configurations: Sequence[Configuration]) -> Iterator[Arrival]:
    """The arrivals; what is no contact, or is of a queue that not all know, is told and left out.

    Raises BadInput at an intake that not all have.
    """
    left_out = []
    for row in read.rows:
        if isinstance(row, Reject):
            left_out.append(row)
        elif row.contact.intake:
            if not all(row.contact.intake in one.intakes for one in configurations):
                raise BadInput(f"no intake {row.contact.intake!r} in the scenario: --intake names one that it has")
            yield row
        elif all(row.contact.queue in one.queues for one in configurations):
            yield row
        else:
            reason = f"no queue {row.contact.queue!r} in the scenario: --queue-map leads it to one that is there"
            left_out.append(Reject(row.line, row.contact.contact_id, reason))
    tell_rejects(left_out)
    if left_out or read.duplicates:
        duplicates = f", and {read.duplicates:,} duplicates" if read.duplicates else ""
        say(f"{len(left_out):,} lines were left out{duplicates}")


def _completed(
    read: Recorded, scenarios: Sequence[Scenario], seed: int, *, is_patience_estimated: bool
) -> Recording:
    """The recorded contacts that all scenarios know, with what the file does not tell of them drawn by the seed."""
    known = accepted(read, [one.configuration for one in scenarios])
    return complete(known, seed, is_patience_estimated=is_patience_estimated, zone=read.zone)


def _staffed(scenario: Scenario, recording: Recording, read: Recorded) -> Scenario:
    """The scenario with agents at work when the file says so, where it does; who is not known is told."""
    found, unknown = staffed(scenario, recording, read.statuses)
    if unknown:
        say(f"agents of the file that the scenario does not have: {', '.join(sorted(unknown)[:MOST_REASONS])}")
    return found


def _run(name: str, task: Task, replications: int, server: Kind, tell: Tell | None) -> _Result:
    if replications > 1:
        with progress_bar(name, "runs", replications) as advance:
            return _Result(name, task, run_replications(task, replications, server, advance))
    with private_server(server) as client, progress_bar(name, "contacts", len(task.day().arrivals)) as advance:
        course, summary = run_once(client, task, tell=tell, progress=advance)
    return _Result(name, task, [summary], course)


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


def _draw(results: Sequence[_Result], file: Path) -> None:
    draw([Picture(one.name, one.course, one.task.scenario.configuration) for one in results if one.course], file)
    say(f"{file} is drawn")


def _document(summaries: Sequence[Summary]) -> Any:
    return asdict(summaries[0]) if len(summaries) == 1 else intervals_of(summaries)
