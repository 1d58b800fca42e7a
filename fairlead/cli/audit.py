"""`fairlead audit`."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from fairlead.cli.context import InstanceOption, JsonOption, RedisOption
from fairlead.cli.output import print_json, stdout
from fairlead.errors import BadInput
from fairlead.service.history import Finding, History, as_lines, check_history, read_history
from fairlead.service.supervisor import Supervisor

_SHOWN = 100
"""Findings that are listed for people."""


def audit(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE]...", help="Recordings; - for standard input. Default: the running instance."),
    ] = None,
    save: Annotated[str, typer.Option(metavar="FILE", help="Also write what was checked as a recording.")] = "",
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Check what has happened against the rules: replay the events, and compare. The exit code is 1 for a finding.

    Each event must be possible after those before it, and the rules must choose what was chosen. FILE has lines of
    JSON: of `audit --save`, of `events --json`, and what clients were told (see the page on guarantees).
    """
    history = read_history(_lines(files)) if files else Supervisor.connect(redis, instance).record_history()
    if save:
        _write(save, history)
    found = check_history(history)
    if as_json:
        print_json([asdict(one) for one in found])
    else:
        _show(history, found)
    if found:
        raise typer.Exit(1)


def _lines(files: Sequence[str]) -> Iterator[bytes]:
    for file in files:
        try:
            yield from sys.stdin.buffer if file == "-" else Path(file).read_bytes().splitlines()
        except OSError as failure:
            raise BadInput(f"{file} cannot be read: {failure.strerror}") from failure


def _write(file: str, history: History) -> None:
    try:
        with Path(file).open("wb") as out:
            out.writelines(as_lines(history))
    except OSError as failure:
        raise BadInput(f"{file} cannot be written: {failure.strerror}") from failure


def _show(history: History, found: Sequence[Finding]) -> None:
    for one in found[:_SHOWN]:
        stdout.print(f"[red]{one.kind:13}[/] ", end="")
        stdout.print(f"{one.found} ({one.event_id or 'at the end'})", markup=False, soft_wrap=True)
    if len(found) > _SHOWN:
        stdout.print(f"... and {len(found) - _SHOWN:,} more: --json tells all")
    for lacking in _lacks(history):
        stdout.print(f"note: {lacking}", style="dim", soft_wrap=True)
    kinds = ", ".join(f"{many} {kind}" for kind, many in sorted(Counter(one.kind for one in found).items()))
    stdout.print(f"{len(history.events):,} events, {len(history.told):,} answers to clients: {kinds or 'all is well'}")


def _lacks(history: History) -> Iterator[str]:
    if not history.is_whole:
        yield "the events do not go back to the beginning: what was there before is not judged"
    if not history.configured:
        yield "no configuration is recorded: order and capacity are not judged"
    if not history.told:
        yield "what clients were told is not recorded: leases that nobody was told of are not found"
