"""`fairlead work`: represent agents with this process."""

import os
import sys
import threading
import time
from contextlib import suppress
from functools import partial
from typing import Annotated

import typer

from fairlead.cli.context import InstanceOption, RedisOption
from fairlead.cli.options import DAY_S, ProfileOption, checked_number
from fairlead.cli.outage import ASK_AGAIN_S, Outage
from fairlead.cli.output import print_error, say
from fairlead.domain.names import checked_name
from fairlead.errors import FairleadError
from fairlead.server.finding import find_server
from fairlead.service.identity import worker_name
from fairlead.service.opening import prepare_store
from fairlead.store.transitions.working import LEASE_MS
from fairlead_worker.handlers import BUILT_IN, Handler, load_handler
from fairlead_worker.logs import LEVELS, LogFormat, configure_logs
from fairlead_worker.patience import ANSWERED
from fairlead_worker.process import DRAIN_LIMIT_S, WorkerOptions, WorkerProcess
from fairlead_worker.running import run_to_end


def work(
    agent: Annotated[list[str], typer.Option(help="Agent that this process represents; may be repeated.")],
    handler: Annotated[str, typer.Option(help=f"package.module:function, or one of {BUILT_IN}.")],
    profile: ProfileOption = "",
    name: Annotated[str, typer.Option(help="Name of the worker. Default: host and process number.")] = "",
    take_over: Annotated[bool, typer.Option("--take-over", help="End a live session of the agents first.")] = False,
    concurrency: Annotated[
        int, typer.Option(min=0, help="Largest number of contacts of an agent; 0: set by its profile.")
    ] = 0,
    lease: Annotated[float, typer.Option(help="Seconds until the session of a dead process ends.")] = LEASE_MS / 1e3,
    drain_limit: Annotated[float, typer.Option(help="Seconds to finish contacts when stopping.")] = DRAIN_LIMIT_S,
    log_format: Annotated[LogFormat, typer.Option(help="auto: pretty on a terminal, else JSON.")] = "auto",
    log_level: Annotated[str, typer.Option(help=f"One of {', '.join(LEVELS)}; info logs each contact.")] = "info",
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Sign agents in and handle their contacts.

    SIGTERM or Ctrl-C drains: the worker takes no new contacts, finishes those that it holds and signs its agents out.
    A second SIGTERM or Ctrl-C gives the held contacts back at once.
    """
    configure_logs(log_format, log_level)
    checked = partial(
        WorkerOptions,
        name=checked_name("worker", name or worker_name()),
        agents=[checked_name("agent", one) for one in dict.fromkeys(agent)],
        handler=_own_handler(handler),
        take_over=take_over,
        capacity=concurrency,
        profile=checked_name("routing profile", profile) if profile else "",
        lease_ms=round(checked_number("--lease", lease, 0.5, DAY_S) * 1_000),
        drain_limit_s=checked_number("--drain-limit", drain_limit, 0, DAY_S),
    )
    _prepare(redis, instance)
    server = find_server(redis, instance)
    options = checked(url=server.url, instance=server.instance)
    try:
        run_to_end(_work(options))
    except FairleadError as failure:
        if _is_kept():
            print_error(failure)
            _leave(failure.exit_code)
        raise
    if _is_kept():
        _leave(0)


def _prepare(redis: str | None, instance: str | None) -> None:
    """Make the instance, once Redis serves. Where none answers, the address may be wrong, which is told at once."""
    outage = Outage(say)
    while True:
        try:
            prepare_store(redis, instance).close()
        except ANSWERED as failure:
            outage.note(failure)
            time.sleep(ASK_AGAIN_S)
        else:
            outage.note(None)
            return


def _own_handler(name: str) -> Handler:
    """The handler of that name, also from a module in the current folder: an installed command does not look there."""
    sys.path.insert(0, os.getcwd())
    return load_handler(name)


async def _work(options: WorkerOptions) -> None:
    await WorkerProcess(options).run()


def _is_kept() -> bool:
    """Whether threads that handlers have left behind would keep the process from ending."""
    main = threading.main_thread()
    return any(thread is not main and not thread.daemon for thread in threading.enumerate())


def _leave(code: int) -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # a handler may have closed it
            stream.flush()
    os._exit(code)
