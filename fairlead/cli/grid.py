"""Tables whose names stay whole: where a terminal is too narrow, columns are left out, and no cell is cut or folded."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypeAlias

import typer
from rich.text import Text

from fairlead.cli.output import stdout

Cell: TypeAlias = str | Text

GAP = "  "


class Output(StrEnum):
    """How wide a table may be."""

    FIT = "fit"
    WIDE = "wide"


OutputOption = Annotated[
    Output, typer.Option("--output", "-o", help="wide: every column, however narrow the terminal is.")
]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. `rank`: 0 always stays; of the others the highest rank is left out first."""

    heading: str
    rank: int = 0
    is_number: bool = False


def table(
    columns: Sequence[Column], rows: Sequence[Sequence[Cell]], width: int | None = None, title: str = ""
) -> list[Text]:
    """The lines of a table, with the columns that fit into the width; None: all of them."""
    cells = [[cell if isinstance(cell, Text) else Text(cell) for cell in row] for row in rows]
    widths = [
        max([len(column.heading), *(row[place].cell_len for row in cells)]) for place, column in enumerate(columns)
    ]
    shown = _fitting(columns, widths, width)

    def line(row: Sequence[Text], style: str = "") -> Text:
        parts = [_padded(row[place], widths[place], columns[place].is_number) for place in shown]
        whole = Text(GAP, style=style, no_wrap=True).join(parts)
        whole.rstrip()
        return whole

    headings = line([Text(column.heading, style="bold") for column in columns])
    return [*([Text(title, style="italic")] if title else []), headings, *(line(row) for row in cells)]


def _fitting(columns: Sequence[Column], widths: Sequence[int], width: int | None) -> list[int]:
    """The places of the columns that fit; those that always stay are there whether they fit or not."""
    shown = list(range(len(columns)))
    while width is not None and sum(widths[place] + len(GAP) for place in shown) - len(GAP) > width:
        last = max(shown, key=lambda place: (columns[place].rank, place))
        if not columns[last].rank:
            break
        shown.remove(last)
    return shown


def _padded(cell: Text, width: int, is_number: bool) -> Text:
    padded = cell.copy()
    if is_number:
        padded.pad_left(width - cell.cell_len)
    else:
        padded.pad_right(width - cell.cell_len)
    return padded


def width_of(output: Output) -> int | None:
    """The width that a table may have: the terminal's. None when it is to be wide, or goes into a pipe."""
    return stdout.width if output is Output.FIT and sys.stdout.isatty() else None


def print_lines(lines: Sequence[Text]) -> None:
    """Print each line whole; one that is wider than the terminal is broken by the terminal, and copied as one."""
    for line in lines:
        stdout.print(line, soft_wrap=True)
