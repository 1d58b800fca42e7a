"""`fairlead staff`."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.text import Text

from fairlead.cli.context import JsonOption
from fairlead.cli.grid import Column, Output, print_lines, table, width_of
from fairlead.cli.output import print_json, progress_bar, say, stdout
from fairlead.cli.recordings import (
    ChannelColumnOption,
    ChannelOption,
    DateOrderOption,
    EncodingOption,
    FormatOption,
    IdColumnOption,
    OnDuplicateOption,
    PrioritiesOption,
    PriorityColumnOption,
    QueueColumnOption,
    QueueMapOption,
    TimeColumnsOption,
    TimeZoneOption,
    WhereOption,
    columns_of,
    read_recording,
)
from fairlead.cli.simulate import ServerOption, accepted, end_as_by_ctrl_c
from fairlead.cli.simulated import queue_lines
from fairlead.errors import BadInput
from fairlead.service.recorded.arrivals import Arrival, OnDuplicate
from fairlead.service.recorded.times import local
from fairlead.simulation.arrivals import HOUR_S
from fairlead.simulation.erlang import Demand, Performance, Target, performance, smallest_staffing
from fairlead.simulation.pictures import check_drawable, draw_staffing
from fairlead.simulation.recorded import complete
from fairlead.simulation.recorded_staffing import StaffedInterval, staff_recorded, with_recorded
from fairlead.simulation.scenario import Scenario, read_scenario
from fairlead.simulation.server import Kind, private_server
from fairlead.simulation.staffing import DayPlan, check, intervals_of, parse_target, plan_day
from fairlead.simulation.summary import QueueSummary

AROUND = 2
"""How many agents more and fewer are shown beside the smallest number."""


def staff(
    scenario: Annotated[Path | None, typer.Argument(help="Scenario file, in TOML; without it give the load.")] = None,
    target: Annotated[str, typer.Option(help="PERCENT/SECONDS: 80/20 is 80 % within 20 seconds.")] = "80/20",
    calls_per_hour: Annotated[float | None, typer.Option(min=0.001, help="Contacts an hour.")] = None,
    handle: Annotated[float | None, typer.Option(min=0.1, help="Mean handle time, in seconds.")] = None,
    patience: Annotated[
        float | None, typer.Option(min=0.1, help="Mean seconds after which a waiting customer gives up.")
    ] = None,
    max_occupancy: Annotated[float, typer.Option(min=1, max=100, help="Largest occupancy of agents, in %.")] = 100,
    max_abandoned: Annotated[float, typer.Option(min=0, max=100, help="Largest share that gives up, in %.")] = 100,
    verify: Annotated[bool, typer.Option("--check", help="Simulate what the formulas say, too.")] = False,
    interval: Annotated[int, typer.Option(min=1, max=1_440, help="Length of an interval, in minutes.")] = 30,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the check's chances.")] = 1,
    instance_server: ServerOption = Kind.EMBEDDED,
    contacts: Annotated[
        Path | None,
        typer.Option(help="Recorded contacts to staff for: a file as `fairlead produce replay` takes."),
    ] = None,
    file_format: FormatOption = None,
    encoding: EncodingOption = "",
    where: WhereOption = None,
    queue_column: QueueColumnOption = "queue",
    queue_map: QueueMapOption = "",
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
    plot: Annotated[
        Path | None,
        typer.Option(help="Draw the numbers for --contacts: .svg or .png; needs matplotlib."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Find the smallest number of agents that reaches a service level.

    For one group of agents by the formulas of Erlang: C, or A when customers give up. For recorded contacts the same by
    queue and interval. For the profiles of a scenario by interval, where the formulas only begin and simulation
    confirms; with --contacts for these instead of its own.
    """
    end_as_by_ctrl_c()
    share, within_s = parse_target(target)
    wanted = Target(share, within_s, max_abandoned / 100, max_occupancy / 100)
    if (scenario or contacts) and (calls_per_hour or handle or patience):
        raise BadInput("give a scenario or --contacts, or --calls-per-hour and --handle: not both")
    if plot:
        _check_plot(plot, is_of_record=bool(contacts and not scenario))
    if contacts:
        columns = columns_of(
            queue_column, queue_map, channel, channel_column, priority_column, priorities, id_column, time_columns,
            date_order, time_zone, patience_column, leaves, handle_column,
        )  # fmt: skip
        read = read_recording(contacts, columns, file_format, encoding, where, on_duplicate)
        if scenario:
            found = read_scenario(scenario)
            recording = complete(accepted(read, [found.configuration]), seed, zone=read.zone)
            day = with_recorded(found, recording.arrivals)
            _staff_day(scenario, day, wanted, interval * 60, instance_server, as_json)
        else:
            _staff_recorded(list(accepted(read, [])), wanted, interval * 60, read.zone, plot, as_json)
    elif scenario:
        _staff_day(scenario, read_scenario(scenario), wanted, interval * 60, instance_server, as_json)
    elif calls_per_hour and handle:
        demand = Demand(calls_per_hour / 3_600, handle, patience)
        agents = _smallest(demand, wanted, target)
        simulated = _simulated(demand, agents, within_s, seed, instance_server) if verify else None
        _show_group(demand, agents, target, within_s, simulated, as_json)
    else:
        raise BadInput("give --calls-per-hour and --handle, or a scenario file, or --contacts")


def _smallest(demand: Demand, wanted: Target, told: str) -> int:
    """The smallest number of agents, by the formulas; `told`: the target as the user wrote it."""
    try:
        return smallest_staffing(demand, wanted)
    except ValueError as failure:
        raise BadInput(f"{failure}: is the target {told} meant?") from failure


def _simulated(demand: Demand, agents: int, within_s: int, seed: int, server: Kind) -> QueueSummary:
    with private_server(server) as client:
        return check(client, demand, agents, within_s, seed)


def _show_group(
    demand: Demand, agents: int, target: str, within_s: int, simulated: QueueSummary | None, as_json: bool
) -> None:
    around = [performance(one, demand) for one in range(max(1, agents - AROUND), agents + AROUND + 1)]
    if as_json:
        rows = [_row(one, within_s) for one in around]
        print_json({"agents": agents, "load": demand.load, "formula": rows, "simulated": simulated})
        return
    kind = "A" if demand.patience_s else "C"
    stdout.print(f"{agents} agents reach {target} by Erlang {kind} (load {demand.load:.2f} erlangs)")
    print_lines(_formula_lines(around, agents, within_s, simulated))


def _row(found: Performance, within_s: int) -> dict[str, float]:
    """What the formulas say of a number of agents, in the words and units of a simulation's summary."""
    return {
        "agents": found.agents,
        "service_level": 100 * found.service_level(within_s),
        "share_waiting": 100 * found.share_waiting,
        "mean_wait_s": found.mean_wait_s,
        "abandon_rate": 100 * found.abandon_rate,
        "occupancy": 100 * found.occupancy,
    }


def _formula_lines(
    around: Sequence[Performance], agents: int, within_s: int, simulated: QueueSummary | None
) -> list[Text]:
    headings = ("agents", "service level %", "had to wait %", "mean wait s", "abandoned %", "occupancy %")
    rows: list[tuple[str, ...]] = []
    for found in around:
        number, *rest = _row(found, within_s).values()
        cells = [f"{number:.0f}", *(f"{value:.1f}" for value in rest)]
        rows.append((*cells, "smallest" if found.agents == agents else ""))
    if simulated:
        values = (simulated.service_level, simulated.share_waiting, simulated.mean_stay_s, simulated.abandon_rate)
        rows.append((str(agents), *("-" if value is None else f"{value:.1f}" for value in values), "", "simulated"))
    columns = [*(Column(heading, is_number=True) for heading in headings), Column("")]
    return table(columns, rows, width_of(Output.FIT))


def _check_plot(file: Path, is_of_record: bool) -> None:
    """Refuse before anything is computed what could not be drawn afterwards."""
    if not is_of_record:
        raise BadInput("--plot draws the numbers for recorded contacts: give --contacts, and no scenario")
    check_drawable(file)


def _staff_recorded(
    recorded: Sequence[Arrival], target: Target, interval_s: int, zone: ZoneInfo | None, plot: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    found = staff_recorded(recorded, target, interval_s, zone)
    hours = sum(one.agents for one in found) * interval_s / HOUR_S
    if as_json:
        rows = [_document_of(one, target.within_s, interval_s) for one in found]
        print_json({"intervals": rows, "agent_hours": hours})
    else:
        print_lines(_recorded_lines(found, target.within_s, zone))
        stdout.print(f"\n{len(recorded):,} contacts, {hours:,.1f} agent hours, each agent with one contact at a time")
    if plot:
        draw_staffing(found, interval_s, plot, zone)
        say(f"{plot} is drawn")


def _document_of(one: StaffedInterval, within_s: int, interval_s: int) -> dict[str, Any]:
    counted = {
        "from_s": one.from_s, "to_s": one.from_s + interval_s, "queue": one.queue, "channel": one.channel,
        "contacts": one.contacts, "handle_s": one.handle_s, "load": one.load,
    }  # fmt: skip
    return counted | _row(one.performance, within_s)


def _recorded_lines(found: Sequence[StaffedInterval], within_s: int, zone: ZoneInfo | None) -> list[Text]:
    is_one_day = len({local(one.from_s, zone).date() for one in found}) == 1
    rows = []
    for one in found:
        begins = f"{local(one.from_s, zone):{'%H:%M' if is_one_day else '%Y-%m-%d %H:%M'}}"
        formula = _row(one.performance, within_s)
        shown = (formula["service_level"], formula["abandon_rate"], formula["occupancy"])
        counts = (f"{one.contacts:,}", f"{one.handle_s:,.0f}", f"{one.load:.1f}", f"{one.agents:,}")
        rows.append((begins, one.queue, one.channel, *counts, *(f"{value:.1f}" for value in shown)))
    headings = (
        ("contacts", 0), ("handle s", 0), ("load", 3), ("agents", 0), ("SL %", 0), ("abandoned %", 2), ("busy %", 1),
    )  # fmt: skip
    columns = [Column("from"), Column("queue"), Column("channel", 1)]
    columns += [Column(heading, rank, is_number=True) for heading, rank in headings]
    return table(columns, rows, width_of(Output.FIT))


def _staff_day(file: Path, scenario: Scenario, target: Target, interval_s: int, server: Kind, as_json: bool) -> None:
    count = len(list(intervals_of(scenario.day, interval_s)))
    if not count:
        raise BadInput(f"{file} has neither contacts nor arrivals: there is nothing to staff for")
    with private_server(server) as client, progress_bar(str(file), "intervals", count) as advance:
        plan = plan_day(client, scenario, target, interval_s, advance)
    if as_json:
        print_json(_document(plan))
        return
    print_lines(_plan_lines(plan))
    stdout.print(f"\n{plan.agent_hours:.1f} agent hours. The day's own contacts, simulated with these agents:\n")
    print_lines(queue_lines([[plan.summary]], [file.name], width_of(Output.FIT)))


def _document(plan: DayPlan) -> dict[str, Any]:
    intervals = [
        {
            "from_s": one.from_s,
            "to_s": one.to_s,
            "by_formula": one.by_formula,
            "agents": one.agents,
            "service_levels": [
                {"queue": queue, "channel": channel, "service_level": level}
                for (queue, channel), level in one.levels.items()
            ],
        }
        for one in plan.intervals
    ]
    return {"intervals": intervals, "agent_hours": plan.agent_hours, "summary": asdict(plan.summary)}


def _plan_lines(plan: DayPlan) -> list[Text]:
    profiles = list(dict.fromkeys(name for one in plan.intervals for name in one.agents))
    rows = []
    for one in plan.intervals:
        begins = f"{int(one.from_s) // 3_600:02}:{int(one.from_s) % 3_600 // 60:02}"
        cells = (f"{one.agents.get(name, 0)} ({one.by_formula.get(name, 0)})" for name in profiles)
        worst = min(one.levels, key=lambda pair: one.levels[pair], default=None)
        level = f"{one.levels[worst]:.1f} % {worst[0]} {worst[1]}" if worst else "-"
        rows.append((begins, *cells, level))
    columns = [Column("from"), *(Column(name, is_number=True) for name in profiles), Column("lowest service level")]
    return table(columns, rows, width_of(Output.FIT), "Agents by interval (in brackets: by the formulas alone)")
