"""`fairlead apply`, `export` and `schema`."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from fairlead.cli.context import InstanceOption, JsonOption, RedisOption
from fairlead.cli.output import print_json, stdout
from fairlead.configuration.document import json_schema
from fairlead.configuration.plan import Change
from fairlead.configuration.reading import parse_configuration
from fairlead.configuration.writing import render
from fairlead.errors import BadInput, InvalidConfiguration
from fairlead.service.administrator import Administrator
from fairlead.service.opening import open_store
from fairlead.service.supervisor import Supervisor

_SIGNS = {"added": ("+", "green"), "changed": ("~", "yellow"), "removed": ("-", "red")}


def apply(
    file: Annotated[Path, typer.Argument(help="Configuration file, in TOML.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Apply without asking. Only a terminal is asked.")] = False,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Apply a configuration file: show what changes and which agents and contacts it affects, then do it all at once.

    FILE is the whole configuration: what it does not contain is removed. A dry run is refused, with the same exit
    code, when applying would be refused.
    """
    target = parse_configuration(_text_of(file), str(file))
    administrator = Administrator(open_store(redis, instance)) if dry_run else Administrator.connect(redis, instance)
    planned = administrator.plan(target)
    plan, version = planned.plan, planned.version
    if not as_json:
        for change in plan.changes:
            stdout.print(_line(change), soft_wrap=True)
        for warning in plan.warnings:
            stdout.print(Text(f"! {warning}", style="yellow"), soft_wrap=True)
    if planned.refusal:
        raise planned.refusal
    is_applied = bool(plan) and not dry_run and (yes or as_json or _is_agreed())
    if is_applied:
        version = administrator.apply(target, version)
    if as_json:
        changes = [asdict(change) for change in plan.changes]
        print_json({"changes": changes, "warnings": plan.warnings, "applied": is_applied, "version": version})
        return
    outcome = "Applied" if is_applied else "Nothing was changed" if plan else "Nothing to change"
    stdout.print(f"{outcome}{' (--dry-run)' * dry_run}: the configuration is at version {version}.")
    if plan and not dry_run and not is_applied:
        raise typer.Exit(1)


def _is_agreed() -> bool:
    """Whether the person at the terminal agrees; a program, which cannot be asked, has agreed by asking."""
    return not (sys.stdin.isatty() and stdout.is_terminal) or typer.confirm("Apply this?")


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        raise InvalidConfiguration(f"{file}: cannot be read: {failure}") from failure


def _line(change: Change) -> Text:
    sign, colour = _SIGNS[change.kind]
    line = Text(f"{sign} {change.what} {change.name}".rstrip(), style=colour)
    for detail in change.details:
        line.append(f"\n    {detail}", style="default")
    if change.affects:
        line.append(f"\n    {change.affects}", style="bold")
    return line


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
