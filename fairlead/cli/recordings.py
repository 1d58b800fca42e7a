"""Files of recorded contacts, as options name them."""

import sys
from collections.abc import Iterator
from pathlib import Path

from fairlead.errors import BadInput
from fairlead.service.rows import Arrival, Columns, Reject, arrivals, identity_of, read_rows


def pair_of_column(option: str, text: str) -> tuple[str, str]:
    """`COLUMN=VALUE` as a pair. Raises BadInput."""
    column, equals, value = text.partition("=")
    if not equals:
        raise BadInput(f"{option} {text!r}: write COLUMN=VALUE")
    return column, value


def lines_of(file: Path) -> list[str]:
    """The lines of a file; "-" is standard input. Raises BadInput."""
    try:
        return sys.stdin.readlines() if str(file) == "-" else file.read_text(encoding="utf-8").splitlines(keepends=True)
    except (OSError, UnicodeDecodeError) as failure:
        raise BadInput(f"{file}: cannot be read: {failure}") from failure


def recorded(
    file: Path, file_format: str, columns: Columns, where: tuple[str, str] | None = None
) -> Iterator[Arrival | Reject]:
    """The rows of a file as arrivals or rejects; `where` (column, value): only those in which it holds."""
    rows = read_rows(lines_of(file), file_format or file.suffix.lstrip(".") or "jsonl")
    chosen = (
        (line, row) for line, row in rows if isinstance(row, Reject) or not where or str(row.get(where[0])) == where[1]
    )
    return arrivals(chosen, columns, identity_of(file.name))
