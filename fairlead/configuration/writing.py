"""Writes a configuration as the file that reads back to it."""

import tomlkit
from tomlkit.items import InlineTable, Table

from fairlead.configuration.converting import document_of
from fairlead.domain.configuration import Configuration


def render(configuration: Configuration) -> str:
    """TOML that `parse` turns into the same configuration; defaults are left out."""
    plain = document_of(configuration).model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    document = tomlkit.document()
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
            block.add(name, _table(values))
        document.add(section, block)
    return tomlkit.dumps(document)


def _table(values: dict[str, object]) -> Table:
    """One queue, profile, agent or status; what is nested in it stays on one line each."""
    table = tomlkit.table()
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
