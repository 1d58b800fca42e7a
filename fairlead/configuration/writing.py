"""Writes a configuration as the file that reads back to it."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import tomlkit
from tomlkit.items import InlineTable, Table

from fairlead.configuration.converting import document_of
from fairlead.domain.configuration import Configuration

LONGEST_COMMENT = 110
"""Characters of a line of a comment."""

Comments: TypeAlias = Mapping[tuple[str, str], Sequence[str]]
"""What to write below the heading of an object, by section and name; at the top of the file by two empty texts."""


def render(configuration: Configuration, comments: Comments | None = None) -> str:
    """TOML that `parse` turns into the same configuration; defaults are left out."""
    told = comments or {}
    plain = document_of(configuration).model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    document = tomlkit.document()
    for line in _lines(told.get(("", ""), ())):
        document.add(tomlkit.comment(line))
    if document:
        document.add(tomlkit.nl())
    for section in ("instance", "hours", "statuses", "queues", "profiles", "agents", "intakes"):
        table = plain.get(section) or {}
        if section == "instance":
            if table:
                document.add(section, tomlkit.item(table))
            continue
        if not table:
            continue
        block = tomlkit.table(is_super_table=True)
        for name, values in table.items():
            block.add(name, _table(values, told.get((section, name), ())))
        document.add(section, block)
    return tomlkit.dumps(document)


def _lines(texts: Sequence[str]) -> Iterator[str]:
    """Lines of comments: short, and of what a file can show."""
    for text in texts:
        plain = "".join(one if one.isprintable() else " " for one in text)
        yield from textwrap.wrap(plain, LONGEST_COMMENT, subsequent_indent="  ")


def _table(values: dict[str, object], comments: Sequence[str] = ()) -> Table:
    """One queue, profile, agent or status; what is nested in it stays on one line each."""
    table = tomlkit.table()
    for line in _lines(comments):
        table.add(tomlkit.comment(line))
    for key, value in values.items():
        if key in ("entries", "rules") and isinstance(value, list):
            entries = tomlkit.array()
            for entry in value:
                entries.append(_inline(_rule_first(entry) if key == "rules" else entry))
            table.add(key, entries.multiline(True))
        elif key == "channels" and isinstance(value, dict):
            table.add(key, _inline({name: _inline(one) for name, one in value.items()}))
        elif isinstance(value, dict):
            table.add(key, _inline(value))
        else:
            table.add(key, value)
    return table


def _rule_first(rule: dict[str, object]) -> dict[str, object]:
    """A rule with its condition in front, which is written without escapes where it can be."""
    when = str(rule["when"])
    is_literal = '"' in when and "'" not in when and when.isprintable()
    first = {"when": tomlkit.string(when, literal=is_literal), **{key: rule[key] for key in ("name",) if key in rule}}
    return first | {key: value for key, value in rule.items() if key not in first}


def _inline(values: dict[str, object]) -> InlineTable:
    inline = tomlkit.inline_table()
    inline.update(values)
    return inline
