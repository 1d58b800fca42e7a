"""`fairlead status` and `fairlead top`."""

import sys
import time
from typing import Annotated

import typer
from rich.live import Live

from fairlead.cli.context import InstanceOption, JsonOption, RedisOption
from fairlead.cli.grid import Output, OutputOption, print_lines, width_of
from fairlead.cli.keyboard import Keyboard
from fairlead.cli.outage import Outage
from fairlead.cli.output import print_json, say, stdout
from fairlead.cli.tables import overview
from fairlead.cli.view import View
from fairlead.service.snapshot import Snapshot, described, rates
from fairlead.service.supervisor import Supervisor


def status(
    output: OutputOption = Output.FIT,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Show the present state of queues and agents."""
    snapshot = Supervisor.connect(redis, instance).snapshot("all" if as_json else "shown")
    if as_json:
        print_json(described(snapshot))
    else:
        print_lines(overview(snapshot, None, width_of(output)))


def top(
    every: Annotated[float, typer.Option(min=0.2, help="Seconds between two updates.")] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Show the rates of one interval and end.")] = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Watch queues, agents and rates live: keys sort, filter and scroll, and q ends.

    Without a terminal one look is printed. While Redis is away the last look stays.
    """
    supervisor = Supervisor.connect(redis, instance)
    before = supervisor.snapshot("shown")
    if once or not sys.stdout.isatty():
        time.sleep(every)
        now = supervisor.snapshot("shown")
        print_lines(overview(now, rates(before, now), width_of(Output.FIT)))
        return
    try:
        _watch(supervisor, before, every)
    except KeyboardInterrupt:
        return


def _watch(supervisor: Supervisor, before: Snapshot, every_s: float) -> None:
    """Show one snapshot after the other until the person presses q."""
    outage, view, now = Outage(say), View(), before
    with Keyboard() as keyboard, Live(console=stdout, screen=True, auto_refresh=False, redirect_stderr=False) as live:
        while True:
            due_s = time.monotonic() + every_s
            while (left_s := due_s - time.monotonic()) > 0:
                rated = None if now is before else rates(before, now)
                live.update(view.screen(now, rated, stdout.width, stdout.height), refresh=True)
                if not all(view.press(key) for key in keyboard.read(left_s)):
                    return
            before, now = now, outage.outlast(lambda: supervisor.snapshot("shown"))
