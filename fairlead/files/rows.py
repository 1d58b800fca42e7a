"""The rows of a text: CSV with whatever delimiter, JSON lines or a JSON list, each with its line number."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

import orjson

from fairlead.errors import BadInput

Row: TypeAlias = Mapping[str, Any]

LONGEST_CELL = 131_072
"""Characters; the payload of a contact may have half as many."""

LONGEST_SHOWN = 2_000
"""Characters of a rejected line that are kept."""

_DELIMITERS = ",;\t|"


class FileFormat(StrEnum):
    """How a file of contacts is written."""

    CSV = "csv"
    JSONL = "jsonl"
    QUEUE_LOG = "queue_log"


_SUFFIXES = {
    ".csv": FileFormat.CSV, ".tsv": FileFormat.CSV, ".tab": FileFormat.CSV, ".txt": FileFormat.CSV,
    ".jsonl": FileFormat.JSONL, ".ndjson": FileFormat.JSONL, ".json": FileFormat.JSONL,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reject:
    """A line that is no contact, and why."""

    line: int
    text: str
    reason: str


Rows: TypeAlias = Iterator[tuple[int, Row | Reject]]
"""Rows with their line numbers."""


def format_of(file: Path, text: str) -> FileFormat:
    """The format that a file's name tells, else its beginning."""
    if file.name.startswith("queue_log"):
        return FileFormat.QUEUE_LOG
    name = file.with_suffix("") if file.suffix == ".gz" else file
    if name.suffix.lower() in _SUFFIXES:
        return _SUFFIXES[name.suffix.lower()]
    begins = text.lstrip()[:200]
    if begins.startswith(("{", "[")):
        return FileFormat.JSONL
    first = begins.partition("\n")[0].split("|")
    is_log = len(first) >= 5 and first[0].replace(".", "", 1).isdecimal()
    return FileFormat.QUEUE_LOG if is_log else FileFormat.CSV


def json_rows(text: str) -> Rows:
    """The objects of JSON lines, or of one list, whose objects are numbered instead of the lines."""
    if text.lstrip().startswith("["):
        try:
            found = orjson.loads(text)
        except orjson.JSONDecodeError:
            found = None
        if isinstance(found, list) and (not found or any(isinstance(one, dict) for one in found)):
            yield from ((place, _object(place, one, str(one))) for place, one in enumerate(found, 1))
            return
    for number, line in enumerate(io.StringIO(text, newline=""), 1):
        if not line.strip():
            continue
        shown = line.strip()[:LONGEST_SHOWN]
        try:
            yield number, _object(number, orjson.loads(line), shown)
        except orjson.JSONDecodeError as failure:
            yield number, Reject(number, shown, f"not JSON: {failure}")


def _object(number: int, value: Any, shown: str) -> Row | Reject:
    return value if isinstance(value, dict) else Reject(number, shown[:LONGEST_SHOWN], "not a JSON object")


def csv_rows(text: str, name: str) -> tuple[list[str], str, Rows]:
    """The header, the delimiter and the rows of CSV. Raises BadInput when there is no header."""
    lines = io.StringIO(text, newline="")
    skipped, delimiter, first = 0, "", ""
    for first in lines:
        if first.strip() == "" or (first.lower().startswith("sep=") and len(first.strip("\r\n")) == 5):
            skipped, delimiter = skipped + 1, first[4:5].strip("\r\n") or delimiter
            continue
        break
    if not first.strip():
        raise BadInput(f"{name}: is empty; the first line of CSV names the columns")
    delimiter = delimiter or _delimiter_of(first)
    numbered = _cells(_chained(first, lines), delimiter, skipped)
    _, header = next(numbered, (0, Reject(0, "", "its cells are empty")))
    if isinstance(header, Reject):
        raise BadInput(f"{name}: line {skipped + 1} should name the columns: {header.reason}")
    names = _distinct([cell.strip() for cell in header])
    return names, delimiter, _rows(numbered, names, delimiter)


def _chained(first: str, lines: io.StringIO) -> Iterator[str]:
    yield first
    yield from lines


def _delimiter_of(header: str) -> str:
    """The one that divides the header into most cells; a comma, when none does."""
    plain = "".join(header.split('"')[::2])
    return max(_DELIMITERS, key=plain.count)


def _cells(lines: Iterator[str], delimiter: str, skipped: int) -> Iterator[tuple[int, Sequence[str] | Reject]]:
    """The cells of each row, with the line on which it begins."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        begins = reader.line_num + skipped + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as failure:
            yield begins, Reject(begins, "", _why_no_row(str(failure)))
            continue
        if any(row):
            yield begins, row


def _why_no_row(failure: str) -> str:
    if "field larger" in failure:
        return f"a cell is longer than {LONGEST_CELL:,} characters; is a quote opened and never closed?"
    if "unexpected end" in failure:
        return "a quote is opened and never closed: everything below belongs to it"
    return f"not CSV: {failure}; inside a quoted cell a quote is written twice"


def _rows(numbered: Iterator[tuple[int, Sequence[str] | Reject]], names: Sequence[str], delimiter: str) -> Rows:
    for line, cells in numbered:
        if isinstance(cells, Reject):
            yield line, cells
            continue
        text = delimiter.join(cells)
        if len(cells) != len(names):
            reason = f"has {len(cells)} cells, and the header has {len(names)}"
        elif "\0" in text:
            reason = "has a zero byte: the file is damaged, or --encoding is another"
        else:
            yield line, dict(zip(names, cells, strict=True))
            continue
        yield line, Reject(line, text[:LONGEST_SHOWN], reason)


def _distinct(names: list[str]) -> list[str]:
    """The names of the columns; a second column of the same name, or of none, is named by its place."""
    seen: Counter[str] = Counter()
    found = []
    for place, name in enumerate(names, 1):
        seen[name] += 1
        found.append(name if name and seen[name] == 1 else f"{name or 'column'} ({place})")
    return found
