"""Reads a configuration file and reports every problem at once: line, path, value, reason and what is allowed."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from fairlead.configuration.checking import problems_of
from fairlead.configuration.converting import configuration_of
from fairlead.configuration.document import (
    DOCUMENTS,
    SECTIONS,
    ChoiceDocument,
    ConcurrencyDocument,
    Document,
    EntryDocument,
    InstanceDocument,
    RuleDocument,
)
from fairlead.domain.configuration import Configuration
from fairlead.errors import InvalidConfiguration

_Path = Sequence[str | int]


def parse_configuration(text: str, file: str) -> Configuration:
    """The configuration in a TOML text. Raises InvalidConfiguration, which lists every problem with its place."""
    return configuration_in(read_toml(text, file), text, file)


def read_toml(text: str, file: str) -> dict[str, Any]:
    """The tables of a TOML text. Raises InvalidConfiguration."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as failure:
        raise InvalidConfiguration(f"{file}: not TOML: {failure}") from failure


def configuration_in(raw: Mapping[str, Any], text: str, file: str) -> Configuration:
    """The configuration in the tables `raw` of a TOML text, or of no text when that is empty.

    Raises InvalidConfiguration, with every problem.
    """
    try:
        document = Document.model_validate(raw)
    except ValidationError as failure:
        problems = [_problem(text, file, error["loc"], why_refused(error)) for error in failure.errors()]
        raise InvalidConfiguration("\n".join(problems)) from failure
    problems = [_problem(text, file, path, why) for path, why in problems_of(document)]
    if problems:
        raise InvalidConfiguration("\n".join(problems))
    return configuration_of(document)


def _problem(text: str, file: str, path: _Path, why: str) -> str:
    place = f"{file}:{line_of(text, path)}: " if text else ""
    return f"{place}{path_text(path)}: {why}"


def path_text(path: _Path) -> str:
    """A path as people write it: queues.Sales.max_contacts, profiles.P.entries[1].queue."""
    shown = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path if part != "[key]")
    return shown.lstrip(".")


def why_refused(error: Any) -> str:
    """What is wrong by one of pydantic's errors, and what is allowed. Its `loc` begins with the section."""
    given = error.get("input")
    shown = "" if isinstance(given, (dict, list)) else f"{given!r}: "
    if error["type"] == "extra_forbidden":
        known = _known_keys(error["loc"])
        close = get_close_matches(str(error["loc"][-1]), known, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        return f"no such key{hint} Allowed: {', '.join(known)}".replace("key Allowed", "key. Allowed")
    if error["type"] == "string_pattern_mismatch":
        return f"{shown}a name is 1 to 64 letters, digits, '.', '_' and '-', beginning with a letter or digit"
    if error["type"] in _TYPES:
        return shown + _TYPES[error["type"]]
    message: str = error["msg"].removeprefix("Value error, ")
    return message if message.startswith(f"{given!r} ") else shown + message[0].lower() + message[1:]


_TYPES = {
    "int_type": "write a whole number, as in 20",
    "float_type": "write a number, as in 2.5",
    "bool_type": "write true or false",
    "string_type": "write a text, in quotes",
    "list_type": "write a list, in []",
    "dict_type": "write a table, in {}",
    "model_type": "write a table, in {}",
    "missing": "this key is needed, and is missing",
}
"""What to write where a value has another type."""

_TABLES: dict[str, type[BaseModel]] = {SECTIONS[kind]: model for kind, model in DOCUMENTS.items()}


def _known_keys(path: _Path) -> list[str]:
    """The keys that are allowed where an unknown one stands."""
    if len(path) == 1:
        return list(Document.model_fields)
    model: type[BaseModel] = InstanceDocument if path[0] == "instance" else _TABLES[str(path[0])]
    if "entries" in path[:-1]:
        model = EntryDocument
    elif "channels" in path[:-1]:
        model = ConcurrencyDocument
    elif path[0] == "intakes" and list(path[2:3]) == ["rules"] and len(path) > 3:
        model = RuleDocument
    elif path[0] == "intakes" and len(path) > 3:
        model = ChoiceDocument
    return list(model.model_fields)


def line_of(text: str, path: _Path) -> int:
    """The line on which the value of a path stands, or the nearest one above it: 1 for the first line."""
    lines = text.splitlines()
    place = next((place for place, part in enumerate(path) if isinstance(part, int)), len(path))
    names, index = [str(part) for part in path[:place]], path[place] if place < len(path) else None
    if not isinstance(index, int):
        return _line_of_names(lines, names) + 1
    tables = [number for number, line in enumerate(lines) if _header(names, "[[").match(line)]
    if index < len(tables):
        return _line_of_keys(lines, tables[index], [part for part in path[place:] if isinstance(part, str)]) + 1
    return _entry_line(lines, _line_of_names(lines, names), index) + 1


def _header(names: Sequence[str], bracket: str) -> re.Pattern[str]:
    """The line with which a table begins, in one bracket, or in two."""
    dotted = r"\s*\.\s*".join(f"[\"']?{re.escape(name)}[\"']?" for name in names)
    return re.compile(rf"^\s*{re.escape(bracket)}\s*{dotted}\s*\]")


def _line_of_names(lines: Sequence[str], names: Sequence[str]) -> int:
    for depth in range(len(names), 0, -1):
        matches = [place for place, line in enumerate(lines) if _header(names[:depth], "[").match(line)]
        if matches:
            return _line_of_keys(lines, matches[0], names[depth:])
    return _line_of_keys(lines, None, names)


def _line_of_keys(lines: Sequence[str], table: int | None, names: Sequence[str]) -> int:
    """Where, one after the other, keys stand in a table that begins on a line; None: before any table."""
    found, start = table or 0, 0 if table is None else table + 1
    for name in names:
        for place in range(max(start - 1, 0), len(lines)):
            if place >= start and re.match(r"^\s*\[", lines[place]) and found:
                break
            if re.search(rf"(^|[\s{{,.])[\"']?{re.escape(name)}[\"']?\s*[=.]", lines[place]):
                found, start = place, place
                break
    return found


def _entry_line(lines: Sequence[str], first: int, index: int) -> int:
    """The line of the n-th inline table after a line."""
    seen = -1
    for place in range(first, len(lines)):
        seen += lines[place].split("#")[0].count("{")
        if seen >= index:
            return place
    return first
