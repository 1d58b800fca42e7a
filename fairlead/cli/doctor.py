"""`fairlead doctor`."""

from dataclasses import asdict

import typer
from rich.markup import escape

from fairlead.cli.context import InstanceOption, JsonOption, RedisOption
from fairlead.cli.output import print_json, stdout
from fairlead.service.supervisor import Supervisor

_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


def doctor(as_json: JsonOption = False, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """Examine the server and the instance, and say what to do. The exit code is 1 when a check fails."""
    checks = Supervisor.connect(redis, instance).examine()
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        for check in checks:
            stdout.print(
                f"[{_COLOURS[check.verdict]}]{check.verdict:5}[/] {check.name:12} {escape(check.found)}", soft_wrap=True
            )
            if check.advice:
                stdout.print(f"{'':18} {check.advice}", markup=False, soft_wrap=True)
    if any(check.verdict == "fail" for check in checks):
        raise typer.Exit(1)
