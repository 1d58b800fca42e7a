"""Files to import, read into what is in them; what cannot be read is refused with the place and what to do."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from fairlead.errors import InvalidConfiguration

MOST_DEEP = 100
"""Levels of nesting; what people write has ten."""

MOST_WIDE = 1_000_000
"""Objects and lists on one level."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file by its name, with its text."""

    name: str
    text: str


def json_documents(source: Source) -> Iterator[Any]:
    """The JSON values of a file: one, or several one after the other. Raises InvalidConfiguration."""
    decoder, place, text = json.JSONDecoder(), 0, source.text
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        try:
            value, place = decoder.raw_decode(text, place)
        except (json.JSONDecodeError, RecursionError, ValueError) as failure:
            why = f"line {failure.lineno}: not JSON: {failure.msg}" if isinstance(failure, json.JSONDecodeError) else (
                f"not JSON: {failure}"
            )  # fmt: skip
            raise InvalidConfiguration(f"{source.name}: {why}") from None
        check_depth(source, value)
        yield value


def check_depth(source: Source, value: Any) -> None:
    """Refuse what is nested so deep, or repeats itself so often, that nobody wrote it. Raises InvalidConfiguration."""
    if not isinstance(value, dict | list):
        return
    level = [value]
    for _ in range(MOST_DEEP):
        inner = (one for each in level for one in (each.values() if isinstance(each, dict) else each))
        level = list(islice((one for one in inner if isinstance(one, dict | list)), MOST_WIDE))
        if not level:
            return
        if len(level) == MOST_WIDE:
            break
    raise InvalidConfiguration(f"{source.name}: is nested too deep, or refers to itself")


def mapping(value: Any) -> dict[str, Any]:
    """A value that should be an object: itself, the only one of a list of blocks, or an empty one."""
    if isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, dict) else {}


def mappings(value: Any) -> list[dict[str, Any]]:
    """A value that should be a list of objects: those of its members that are some."""
    listed = value if isinstance(value, list) else [value]
    return [one for one in listed if isinstance(one, dict)]


def text(value: Any) -> str:
    """A value that should be a text: itself, or nothing."""
    return value.strip() if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""


def whole(value: Any) -> Any:
    """A value that should be a whole number: that number where it is one, also in quotes; else itself."""
    given = text(value)
    if isinstance(value, bool) or len(given) > 15:
        return value
    try:
        number = float(given)
    except ValueError:
        return value
    return int(number) if number.is_integer() else value


def truth(value: Any) -> bool | None:
    """A value that should be true or false, also in words; None: neither."""
    given = str(value).strip().casefold()
    if given in ("true", "yes", "on", "1", "y"):
        return True
    return False if given in ("false", "no", "off", "0", "n", "none", "") else None
