"""Tables whose names stay whole: where a terminal is too narrow, columns are left out, and no cell is cut or folded."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypeAlias

import typer
from rich.cells import cell_len
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
    """The lines of a table, with the columns that fit into the width; None: all of them. Without rows it says so."""
    above = [Text(title, style="italic")] if title else []
    if not rows:
        return [*above, Text("none", style="dim")]
    widths = [
        max([len(column.heading), *(_width(row[place]) for row in rows)]) for place, column in enumerate(columns)
    ]
    shown = _fitting(columns, widths, width)

    def line(row: Sequence[Cell]) -> Text:
        whole, styled = "", list[tuple[str, int, int]]()
        for place in shown:
            cell, blank = row[place], " " * (widths[place] - _width(row[place]))
            text = cell.plain if isinstance(cell, Text) else cell
            begins = len(whole) + len(blank) * columns[place].is_number
            if isinstance(cell, Text) and cell.style:
                styled.append((str(cell.style), begins, begins + len(text)))
            whole += (blank + text if columns[place].is_number else text + blank) + GAP
        found = Text(whole.rstrip(), no_wrap=True)
        for style, begins, ends in styled:
            found.stylize(style, begins, ends)
        return found

    headings = line([Text(column.heading, style="bold") for column in columns])
    return [*above, headings, *(line(row) for row in rows)]


def _width(cell: Cell) -> int:
    text = cell.plain if isinstance(cell, Text) else cell
    return len(text) if text.isascii() else cell_len(text)


def _fitting(columns: Sequence[Column], widths: Sequence[int], width: int | None) -> list[int]:
    """The places of the columns that fit; those that always stay are there whether they fit or not."""
    shown = list(range(len(columns)))
    while width is not None and sum(widths[place] + len(GAP) for place in shown) - len(GAP) > width:
        last = max(shown, key=lambda place: (columns[place].rank, place))
        if not columns[last].rank:
            break
        shown.remove(last)
    return shown


def width_of(output: Output) -> int | None:
    """The width that a table may have: the terminal's. None when it is to be wide, or goes into a pipe."""
    return stdout.width if output is Output.FIT and sys.stdout.isatty() else None


def print_lines(lines: Sequence[Text]) -> None:
    """Print each line whole; one that is wider than the terminal is broken by the terminal, and copied as one."""
    if stdout.color_system is None:  # nothing is to be styled, and there may be thousands
        stdout.out("\n".join(line.plain for line in lines), highlight=False)
        return
    with stdout:
        for line in lines:
            stdout.print(line, soft_wrap=True)
