"""How commands speak: tables and colour for people, JSON for programs, errors on stderr."""

import sys
from typing import Any

import orjson
from rich.console import Console

from fairlead.errors import FairleadError

stdout = Console(highlight=False)
stderr = Console(stderr=True, highlight=False)


def print_json(value: Any) -> None:
    """Print a value as one JSON document, indented on a terminal."""
    options = orjson.OPT_INDENT_2 if sys.stdout.isatty() else 0
    sys.stdout.buffer.write(orjson.dumps(value, option=options | orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS))
    sys.stdout.flush()


def say(text: str) -> None:
    """Tell a person something beside what the command prints."""
    stderr.print(text, markup=False, soft_wrap=True)


def print_error(failure: FairleadError) -> None:
    """Print what went wrong, in red where there is colour."""
    stderr.print("error:", style="bold red", end=" ")
    stderr.print(str(failure), markup=False, soft_wrap=True)
