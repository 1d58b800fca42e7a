"""`fairlead doctor`."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from fairlead.cli.context import InstanceOption, JsonOption, RedisOption
from fairlead.cli.output import print_json, progress_bar, stdout
from fairlead.service.doctor import Check
from fairlead.service.supervisor import Supervisor
from fairlead.store.checking import Examined

_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}

DeepOption = Annotated[
    bool,
    typer.Option(
        "--deep", help="Also compare every key of the instance with all that must agree with it, while work goes on."
    ),
]


def doctor(
    deep: DeepOption = False, as_json: JsonOption = False, redis: RedisOption = None, instance: InstanceOption = None
) -> None:
    """Examine the server and the instance, and say what to do. The exit code is 1 when a check fails.

    It changes one thing: the functions that transitions run as are loaded when the server has not got them, and this
    user may.

    With --deep it reads the whole instance in small steps. What differs is looked at again at one moment: only what is
    wrong for certain is told, with the key, what stands there, what should, and what to do.
    """
    supervisor = Supervisor.connect(redis, instance)
    checks = supervisor.examine()
    if not as_json:
        _show_checks(checks)
    state = _examined(supervisor) if deep else None
    if as_json:
        told = [asdict(check) for check in checks]
        print_json({"checks": told, "state": asdict(state)} if state else told)
    elif state:
        _show_state(state)
    if any(check.verdict == "fail" for check in checks) or (state and state.findings):
        raise typer.Exit(1)


def _examined(supervisor: Supervisor) -> Examined:
    with progress_bar("state", "keys and members") as advance:
        return supervisor.examine_state(advance)


def _show_checks(checks: Sequence[Check]) -> None:
    for check in checks:
        _show(check.verdict, check.name, check.found)
        if check.advice:
            stdout.print(f"{'':18} {check.advice}", markup=False, soft_wrap=True)


def _show_state(state: Examined) -> None:
    for one in state.findings:
        _show("fail", "state", one.key)
        for what, text in (("stands", one.stands), ("should", one.should), ("do", one.advice)):
            stdout.print(f"{'':18} {what:7} {text}", markup=False, soft_wrap=True)
    if not state.findings:
        _show("ok", "state", f"{state.seen:,} keys and members agree")
    elif not state.is_whole:
        stdout.print(f"{'':18} the rest is not examined", markup=False)


def _show(verdict: str, name: str, found: str) -> None:
    stdout.print(f"[{_COLOURS[verdict]}]{verdict:5}[/] {name:12} {escape(found)}", soft_wrap=True)
