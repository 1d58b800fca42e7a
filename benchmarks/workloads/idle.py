"""What agents cost who wait in worker processes and get nothing: leases, sweeps, and blocked connections."""

import itertools
import threading
import time
from collections.abc import Iterator, Sequence
from functools import partial

from benchmarks.fleet import fleet
from benchmarks.processes import prepare
from benchmarks.redis_server import Server
from benchmarks.sample import Sample
from benchmarks.size import Size
from benchmarks.systems import FAIRLEAD
from benchmarks.systems.system import System
from benchmarks.workloads.workload import Measurement

NAME = "idle"
TITLE = "Idle agents in worker processes"
PROCESSES = 4


def measurements(size: Size, peers: Sequence[System]) -> Iterator[Measurement]:
    yield Measurement(FAIRLEAD, partial(measure, size), every_round=False)


def measure(size: Size, server: Server) -> Iterator[Sample]:
    prepare(FAIRLEAD, server)
    with fleet(server, size.idle_agents, PROCESSES):
        time.sleep(min(size.idle_s, 3))  # what signing in leaves behind
        used, began = server.cpu_s(), time.monotonic()
        time.sleep(size.idle_s)
        busy = (server.cpu_s() - used) / (time.monotonic() - began)
        commands = count_commands(server, size.idle_s) / size.idle_s
    values = {"commands_each": commands / size.idle_agents, "server_percent": busy * 100}
    yield Sample(NAME, FAIRLEAD.name, values, f"{size.idle_agents:,} agents in {PROCESSES} processes")


def count_commands(server: Server, seconds: float) -> int:
    """The commands that clients send meanwhile; what scripts call is not counted."""
    end = threading.Timer(seconds, server.client.echo, ["end of the count"])
    with server.client.monitor() as monitor:
        end.start()
        sent = (told["command"] for told in monitor.listen() if told["client_type"] != "lua")
        return sum(1 for _ in itertools.takewhile(lambda command: not command.startswith("ECHO"), sent))
