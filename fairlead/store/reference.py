"""Writes docs/redis.md from the keyspace's docstring and the scripts' headers: `python -m fairlead.store.reference`."""

import sys
from inspect import cleandoc

from fairlead.store import keys
from fairlead.store.scripts import FLOORS, Field, floors, function_source, load, names, read_header


def render() -> str:
    """The page, in Markdown."""
    parts = [
        "# Keys and scripts",
        "",
        "Generated from `fairlead/store/keys.py` and the headers in `fairlead/store/lua`.",
    ]
    parts += ["", "## Keys", "", "```text", cleandoc(keys.__doc__ or ""), "```", "", "## Transitions"]
    for name in names():
        header = load(name).header
        parts += ["", f"### {name}", "", header.purpose, ""]
        parts += _rows("KEYS", header.keys) + _rows("ARGV", header.args) + _rows("repeated", header.repeated)
        parts += [f"- reply: {header.reply}", *(f"- refuses: {error}" for error in header.errors)]
    parts += ["", "## Shared functions", "", "On seven floors: a function uses its own floor and those before it.", ""]
    for floor in FLOORS:
        parts += [f"### {floor}", ""]
        on_it = [name for name, its_floor in floors().items() if its_floor == floor]
        parts += [f"- **{name}**: {_escaped(read_header(function_source(name)).purpose)}" for name in on_it] + [""]
    return "\n".join(parts) + "\n"


def _escaped(text: str) -> str:
    """Square brackets as such: two of them in a row would be a link to a reference."""
    return text.replace("[", r"\[")


def _rows(kind: str, fields: tuple[Field, ...]) -> list[str]:
    return [f"- {kind} `{field.name}` ({field.type}): {field.meaning}" for field in fields]


if __name__ == "__main__":
    sys.stdout.write(render())
