"""`fairlead apply`, `export` and `schema`."""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from fairlead.cli.context import InstanceOption, JsonOption, RedisOption
from fairlead.cli.grid import Column, Output, print_lines, table, width_of
from fairlead.cli.output import print_json, stdout
from fairlead.cli.times import duration
from fairlead.configuration.document import json_schema
from fairlead.configuration.plan import Change, Plan
from fairlead.configuration.reading import parse_configuration
from fairlead.configuration.writing import render
from fairlead.domain.configuration import Configuration
from fairlead.errors import BadInput
from fairlead.files.text import bytes_of, text_of
from fairlead.service.administrator import Administrator
from fairlead.service.opening import open_store
from fairlead.service.supervisor import Supervisor
from fairlead.service.what_if import WhatIf

_SIGNS = {"added": ("+", "green"), "changed": ("~", "yellow"), "removed": ("-", "red")}


def apply(
    file: Annotated[Path, typer.Argument(help="Configuration file, in TOML; - for standard input.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    what_if: Annotated[
        bool,
        typer.Option("--what-if", help="A dry run that shows which contacts would go to whom, and who serves no more."),
    ] = False,
    first: Annotated[
        bool, typer.Option("--first", help="Apply it to an instance that nobody has configured; else change nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Apply without asking. Only a terminal is asked.")] = False,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Apply a configuration file: show what changes and which agents and contacts it affects, then do it all at once.

    FILE is the whole configuration: what it does not contain is removed. A dry run is refused, with the same exit
    code, when applying would be refused.
    """
    target = parse_configuration(text_of(bytes_of(file), str(file), "utf-8"), str(file))
    is_dry = dry_run or what_if
    administrator = Administrator(open_store(redis, instance)) if is_dry else Administrator.connect(redis, instance)
    if first and administrator.is_configured():
        _say_configured(administrator, as_json)
        return
    planned = administrator.plan(target)
    plan, version = planned.plan, planned.version
    if not as_json:
        _say(plan)
    if planned.refusal:
        raise planned.refusal
    if plan and not (is_dry or yes):
        _expect_something(target, file)
    would = administrator.what_if(target) if what_if else None
    is_applied = bool(plan) and not is_dry and (yes or as_json or _is_agreed())
    if is_applied:
        version = administrator.apply(target, version)
    if as_json:
        changes = [asdict(change) for change in plan.changes]
        answer = {"changes": changes, "warnings": plan.warnings, "applied": is_applied, "version": version}
        print_json(answer | ({"what_if": asdict(would)} if would else {}))
        return
    if would:
        print_lines(list(what_if_lines(would)))
    outcome = "Applied" if is_applied else "Nothing was changed" if plan else "Nothing to change"
    asked = " (--what-if)" if what_if else " (--dry-run)" * dry_run
    stdout.print(f"{outcome}{asked}: the configuration is at version {version}.")
    if plan and not is_dry and not is_applied:
        raise typer.Exit(1)


def _say(plan: Plan) -> None:
    for change in plan.changes:
        stdout.print(_line(change), soft_wrap=True)
    for warning in plan.warnings:
        stdout.print(Text(f"! {warning}", style="yellow"), soft_wrap=True)


def _expect_something(target: Configuration, file: Path) -> None:
    if not (target.queues or target.profiles or target.agents):
        raise BadInput(f"{file} holds no queue, profile or agent: if everything is to be removed, add --yes")


def _say_configured(administrator: Administrator, as_json: bool) -> None:
    version = administrator.configuration()[1]
    if as_json:
        print_json({"changes": [], "warnings": [], "applied": False, "version": version})
    else:
        stdout.print(f"Nothing was changed (--first): somebody has configured it, it is at version {version}.")


def _is_agreed() -> bool:
    """Whether the person at the terminal agrees; a program, which cannot be asked, has agreed by asking."""
    return not (sys.stdin.isatty() and stdout.is_terminal) or typer.confirm("Apply this?")


def _line(change: Change) -> Text:
    sign, colour = _SIGNS[change.kind]
    line = Text(f"{sign} {change.what} {change.name}".rstrip(), style=colour)
    for detail in change.details:
        line.append(f"\n    {detail}", style="default")
    if change.affects:
        line.append(f"\n    {change.affects}", style="bold")
    return line


MOST_SHOWN = 20
"""How many contacts are told that would go; --json has them all."""


def what_if_lines(would: WhatIf) -> Iterator[Text]:
    """What would come of a configuration at once."""
    many = len(would.goes)
    goes = f"{many:,} waiting contacts would go at once:" if many else "no waiting contact would go to anybody at once."
    yield Text(f"If it were applied now, {goes}")
    rows = [
        (one.contact, one.queue, one.channel, duration(one.waited_us / 1e6), Text(one.agent, style="green"))
        for one in would.goes[:MOST_SHOWN]
    ]
    columns = (Column("contact"), Column("queue"), Column("channel", 1), Column("waited", 2, is_number=True))
    yield from table((*columns, Column("to")), rows, width_of(Output.FIT)) if rows else ()
    if many > MOST_SHOWN:
        yield Text(f"and {many - MOST_SHOWN:,} more: --json has them all", style="dim")
    for one in would.unserved:
        served = ", ".join(one.agents[:5]) + (f" and {len(one.agents) - 5:,} more" if len(one.agents) > 5 else "")
        text = f"! {one.channel} in {one.queue} would lose its last agent who is signed in (now: {served})"
        others = f", {one.signed_out:,} who are signed out serve it" if one.signed_out else ", nobody else serves it"
        yield Text(f"{text}: {one.waiting:,} contacts wait{others}", style="red")
    if not would.is_whole:
        yield Text("Of a long line only the contacts that stand first were looked at.", style="dim")


def export(
    file: Annotated[Path | None, typer.Argument(help="File to write. Default: standard output.")] = None,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Write the current configuration as a file that `fairlead apply` reads."""
    text = render(Supervisor.connect(redis, instance).configuration()[0])
    if file is None:
        typer.echo(text, nl=False)
    else:
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as failure:
            raise BadInput(f"{file}: cannot be written: {failure.strerror}") from failure


def schema() -> None:
    """Print the JSON schema of the configuration file, for editors."""
    print_json(json_schema())
