"""Logs: one JSON object a line for programs, or coloured lines for people. Never a byte of a payload."""

import logging
import sys
from typing import Literal, TypeAlias

import structlog

LogFormat: TypeAlias = Literal["auto", "json", "pretty"]


def configure_logs(log_format: LogFormat, level: str) -> None:
    """Set up the process's logs on stderr; `auto` is pretty on a terminal."""
    is_pretty = log_format == "pretty" or (log_format == "auto" and sys.stderr.isatty())
    renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()) if is_pretty else None
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer or structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
