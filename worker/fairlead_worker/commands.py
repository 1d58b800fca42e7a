"""`fairlead work`: represent agents with this process."""

import os
import sys
import threading
from contextlib import suppress
from typing import Annotated

import typer

from fairlead.cli.completing import completes
from fairlead.cli.context import InstanceOption, RedisOption
from fairlead.cli.options import ProfileOption
from fairlead.cli.output import print_error
from fairlead.errors import FairleadError
from fairlead.settings import DAY_S, checked_number
from fairlead.store.transitions.working import LEASE_MS
from fairlead.telemetry import export_what_is_left, instrument_by_environment
from fairlead_worker.handlers import BUILT_IN
from fairlead_worker.limits import read_limits
from fairlead_worker.logs import LEVELS, LogFormat, configure_logs
from fairlead_worker.process import WorkerProcess
from fairlead_worker.running import run_to_end
from fairlead_worker.worker import DRAIN_LIMIT_S


def work(
    agent: Annotated[
        list[str],
        typer.Option(help="Agent that this process represents; may be repeated.", autocompletion=completes("agent")),
    ],
    handler: Annotated[str, typer.Option(help=f"package.module:function, or one of {BUILT_IN}.")],
    profile: ProfileOption = "",
    name: Annotated[str, typer.Option(help="Name of the worker. Default: host and process number.")] = "",
    take_over: Annotated[bool, typer.Option("--take-over", help="End a live session of the agents first.")] = False,
    concurrency: Annotated[
        int, typer.Option(min=0, help="Largest number of contacts of an agent; 0: set by its profile.")
    ] = 0,
    quick_handler: Annotated[
        bool,
        typer.Option("--quick-handler", help="Run a plain handler on the event loop: it returns within a millisecond."),
    ] = False,
    lease: Annotated[float, typer.Option(help="Seconds until the session of a dead process ends.")] = LEASE_MS / 1e3,
    drain_limit: Annotated[float, typer.Option(help="Seconds to finish contacts when stopping.")] = DRAIN_LIMIT_S,
    handler_limit: Annotated[
        list[str] | None,
        typer.Option(
            help="Seconds that the handler may take: 30, or as voice=600, Sales:chat=90, Sales:*=60; may be repeated."
        ),
    ] = None,
    keep_error_text: Annotated[
        bool, typer.Option("--keep-error-text", help="Keep what the handler's errors say, which may be payloads.")
    ] = False,
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
    instrument_by_environment("fairlead-work")
    sys.path.insert(0, os.getcwd())  # an installed command does not look into the current folder
    worker = WorkerProcess(
        agent,
        handler,
        url=redis,
        instance=instance,
        profile=profile,
        name=name,
        take_over=take_over,
        capacity=concurrency,
        quick=quick_handler,
        lease_s=checked_number("--lease", lease, 0.5, DAY_S),
        drain_limit_s=checked_number("--drain-limit", drain_limit, 0, DAY_S),
        handler_limits_s=read_limits(handler_limit or ()),
        keep_error_text=keep_error_text,
    )
    _run(worker)


def _run(worker: WorkerProcess) -> None:
    """Run the worker to its end, and end the process with it, whatever its handlers have left running."""
    try:
        run_to_end(worker.run())
    except FairleadError as failure:
        if _is_kept():
            print_error(failure)
            _leave(failure.exit_code)
        raise
    if _is_kept():
        _leave(0)


def _is_kept() -> bool:
    """Whether threads that handlers have left behind would keep the process from ending."""
    main = threading.main_thread()
    return any(thread is not main and not thread.daemon for thread in threading.enumerate())


def _leave(code: int) -> None:
    export_what_is_left()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # a handler may have closed it
            stream.flush()
    os._exit(code)
