"""`fairlead status` and `fairlead top`."""

import sys
import time
from typing import Annotated

import typer
from rich.live import Live

from fairlead.cli.context import InstanceOption, JsonOption, RedisOption
from fairlead.cli.outage import Outage
from fairlead.cli.output import print_json, say, stdout
from fairlead.cli.tables import screen
from fairlead.service.snapshot import described, rates
from fairlead.service.supervisor import Supervisor


def status(as_json: JsonOption = False, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """Show the present state of queues and agents."""
    snapshot = Supervisor.connect(redis, instance).snapshot()
    if as_json:
        print_json(described(snapshot))
    else:
        stdout.print(screen(snapshot))


def top(
    every: Annotated[float, typer.Option(min=0.2, help="Seconds between two updates.")] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Show the rates of one interval and end.")] = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Watch queues, agents and rates live; Ctrl-C ends. Without a terminal one look is printed.

    While Redis is away the last look stays.
    """
    supervisor = Supervisor.connect(redis, instance)
    before = supervisor.snapshot()
    if once or not sys.stdout.isatty():
        time.sleep(every)
        now = supervisor.snapshot()
        stdout.print(screen(now, rates(before, now)))
        return
    try:
        outage = Outage(say)
        with Live(screen(before), console=stdout, screen=True, auto_refresh=False, redirect_stderr=False) as live:
            while True:
                time.sleep(every)
                now = outage.outlast(supervisor.snapshot)
                live.update(screen(now, rates(before, now)), refresh=True)
                before = now
    except KeyboardInterrupt:
        return
