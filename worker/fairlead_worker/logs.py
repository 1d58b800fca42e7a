"""Logs: one JSON object a line for programs, or coloured lines for people. Never a byte of a payload."""

import logging
import os
import sys
from contextlib import suppress
from typing import Any, Literal, TextIO, TypeAlias

import structlog
from structlog.typing import EventDict

from fairlead.errors import InvalidSetting

LogFormat: TypeAlias = Literal["auto", "json", "pretty"]

LEVELS = ("debug", "info", "warning", "error", "critical")

_FIRST = ("timestamp", "level", "event", "contact", "agent", "queue")
"""What a person looks for first, in this order; the rest follows as it was logged."""


def configure_logs(log_format: LogFormat, level: str) -> None:
    """Set up the process's logs on stderr; `auto` is pretty on a terminal. Raises InvalidSetting."""
    if level.lower() not in LEVELS:
        raise InvalidSetting(f"log level {level!r} does not exist: choose one of {', '.join(LEVELS)}")
    is_terminal = sys.stderr.isatty()
    is_pretty = log_format == "pretty" or (log_format == "auto" and is_terminal)
    structlog.configure(
        processors=[structlog.processors.add_log_level, *(_for_people(is_terminal) if is_pretty else _FOR_PROGRAMS)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(_Lines(sys.stderr)),  # type: ignore[arg-type]  # all that it calls
        cache_logger_on_first_use=True,
    )


def get_logger() -> Any:
    """Where the worker's events go: to structlog as the program has configured it, else to `logging` as a line."""
    return _Log()


class _Log:
    """Decides with each event: a program may configure its logs after it has imported the worker."""

    def hears_info(self) -> bool:
        """Whether anybody hears what is told of each contact: it need not be made up for nobody."""
        return _is_heard(logging.INFO)

    def __getattr__(self, name: str) -> Any:
        return getattr(_configured if structlog.is_configured() else _standard, name)


def _is_heard(level: int) -> bool:
    if not structlog.is_configured():
        return _logger.isEnabledFor(level)
    kind = structlog.get_config()["wrapper_class"]
    is_enabled_for = getattr(kind, "is_enabled_for", None)  # structlog's own filtering loggers have it
    return is_enabled_for is None or bool(is_enabled_for(kind, level))


def _as_line(_logger: Any, _name: str, event: EventDict) -> str:
    about = (f"{name}={event[name]}" for name in event if name != "event")
    return " ".join([str(event["event"]), *about])


_logger = logging.getLogger("fairlead_worker")
_configured = structlog.get_logger()
_standard = structlog.wrap_logger(
    _logger,
    processors=[structlog.stdlib.filter_by_level, _as_line],
    wrapper_class=structlog.stdlib.BoundLogger,
)


class _Lines:
    """Where lines go. What cannot be written is dropped: a full disk or a reader that has gone ends no worker.

    The lines have a file descriptor of their own, so that nothing goes astray when a handler closes standard error.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = _duplicate(stream)

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()


def _duplicate(stream: TextIO) -> TextIO:
    try:
        return open(os.dup(stream.fileno()), "w", encoding=stream.encoding, errors="backslashreplace")
    except (OSError, ValueError):  # it is no file, or closed
        return stream


_FOR_PROGRAMS = (structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.JSONRenderer())


def _for_people(has_colours: bool) -> tuple[structlog.typing.Processor, ...]:
    return (
        structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False),
        _in_order,
        structlog.dev.ConsoleRenderer(colors=has_colours, sort_keys=False, pad_event_to=12),
    )


def _in_order(_logger: Any, _name: str, event: EventDict) -> EventDict:
    return {name: event[name] for name in _FIRST if name in event} | dict(event)
