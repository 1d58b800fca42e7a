"""`fairlead work`: represent agents with this process."""

import os
import sys
import threading
from typing import Annotated

import typer

from fairlead.cli.context import InstanceOption, RedisOption, find_server, open_store
from fairlead.domain.names import checked_name
from fairlead.store.session import LEASE_MS
from worker.handlers import BUILT_IN, load_handler
from worker.identity import worker_name
from worker.logs import LogFormat, configure_logs
from worker.process import DRAIN_LIMIT_S, WorkerOptions, WorkerProcess
from worker.running import run_to_end


def work(
    agent: Annotated[list[str], typer.Option(help="An agent that this process represents; may be repeated.")],
    handler: Annotated[str, typer.Option(help=f"package.module:function, or one of {BUILT_IN}.")],
    profile: Annotated[str, typer.Option(help="Make unknown agents, on this routing profile.")] = "",
    name: Annotated[str, typer.Option(help="The worker's name; else host and process number.")] = "",
    take_over: Annotated[bool, typer.Option("--take-over", help="End a live session that an agent has.")] = False,
    concurrency: Annotated[int, typer.Option(min=0, help="Most contacts an agent holds; 0: as its profile says.")] = 0,
    lease: Annotated[float, typer.Option(min=0.5, help="Seconds a session outlives its process.")] = LEASE_MS / 1e3,
    drain_limit: Annotated[float, typer.Option(min=0, help="Seconds to finish what is held.")] = DRAIN_LIMIT_S,
    log_format: Annotated[LogFormat, typer.Option(help="auto is pretty on a terminal, else JSON.")] = "auto",
    log_level: Annotated[str, typer.Option(help="debug tells each contact.")] = "info",
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Sign agents in and handle their contacts.

    SIGTERM or Ctrl-C drains: nothing new is taken, what is held is finished, the agents are signed out. A second one
    hands back at once what is held.
    """
    sys.path.insert(0, os.getcwd())
    configure_logs(log_format, log_level)
    open_store(redis, instance).client.close()
    server = find_server(redis, instance)
    options = WorkerOptions(
        url=server.url,
        instance=server.instance,
        name=checked_name("worker", name or worker_name()),
        agents=[checked_name("agent", one) for one in dict.fromkeys(agent)],
        handler=load_handler(handler),
        profile=profile,
        take_over=take_over,
        capacity=concurrency,
        lease_ms=int(lease * 1_000),
        drain_limit_s=drain_limit,
    )
    run_to_end(_work(options))
    _leave()


async def _work(options: WorkerOptions) -> None:
    await WorkerProcess(options).run()


def _leave() -> None:
    """End the process although a plain handler that was handed back still runs in its thread."""
    if any(thread.name.startswith("handler") and thread.is_alive() for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
