"""`fairlead status` and `fairlead top`."""

import sys
import time
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.live import Live

from fairlead.cli.context import InstanceOption, JsonOption, RedisOption, open_store
from fairlead.cli.outage import Outage
from fairlead.cli.output import print_json, say, stdout
from fairlead.cli.tables import screen
from fairlead.service.snapshot import Snapshot, agent_measures, queue_measures_of, rates, take_snapshot


def snapshot_as_json(snapshot: Snapshot) -> dict[str, Any]:
    """The snapshot for programs; times in microseconds on the engine's clock, waits in seconds."""
    return {
        "at_us": snapshot.at_us,
        "configuration_version": snapshot.version,
        "parked": snapshot.parked,
        "measures": asdict(agent_measures(snapshot)),
        "queues": [asdict(queue) for queue in queue_measures_of(snapshot)],
        "agents": [asdict(agent) | {"status_type": snapshot.status_type(agent)} for agent in snapshot.agents],
    }


def status(as_json: JsonOption = False, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """Show the present state of queues and agents."""
    snapshot = take_snapshot(open_store(redis, instance))
    if as_json:
        print_json(snapshot_as_json(snapshot))
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
    store = open_store(redis, instance)
    before = take_snapshot(store)
    if once or not sys.stdout.isatty():
        time.sleep(every)
        now = take_snapshot(store)
        stdout.print(screen(now, rates(before, now)))
        return
    try:
        outage = Outage(say)
        with Live(screen(before), console=stdout, screen=True, auto_refresh=False, redirect_stderr=False) as live:
            while True:
                time.sleep(every)
                now = outage.outlast(lambda: take_snapshot(store))
                live.update(screen(now, rates(before, now)), refresh=True)
                before = now
    except KeyboardInterrupt:
        return
