"""How commands speak: tables and colour for people, JSON for programs, errors on stderr."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

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


@contextmanager
def progress_bar(name: str, what: str, total: int | None = None) -> Iterator[Callable[..., None]]:
    """A bar on a terminal, and nothing else; gives a function that takes how many are done, and of how many."""
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
    with Progress(*columns, console=stderr, transient=True, disable=not stderr.is_terminal) as progress:
        task = progress.add_task(f"{name}: {what}", total=total)
        yield lambda done, of=total: progress.update(task, completed=done, total=of)
