"""Writes docs/redis.md from the keyspace's docstring and the scripts' headers, and docs/events.md.

`python -m fairlead.store.reference > docs/redis.md`, `python -m fairlead.store.reference events > docs/events.md`
"""

import sys
from inspect import cleandoc

from fairlead.store import events, keys
from fairlead.store.contracts import (
    REQUEST_BEGINS,
    REQUEST_ENDS,
    REQUEST_HEADER,
    SESSION_BEGINS,
    SESSION_ENDS,
    SESSION_HEADER,
    SESSION_OPENS,
    Field,
    Header,
    read_header,
)
from fairlead.store.known import KNOWN, in_lua
from fairlead.store.scripts import load
from fairlead.store.sources import FLOORS, floors, function_source, names, source


def render() -> str:
    """The page, in Markdown."""
    parts = [
        "# Keys and scripts",
        "",
        "Generated from `fairlead/store/keys.py` and the headers in `fairlead/store/lua`.",
    ]
    parts += ["", "## Keys", "", "```text", cleandoc(keys.__doc__ or ""), "```", "", "## Transitions", ""]
    parts += [
        "All transitions are one library of Redis Functions, `fairlead_` and a digest of its content, and each is a",
        "function of it: `FCALL fairlead_DIGEST_push_contacts ...`, by which name it stands in SLOWLOG and MONITOR.",
        "Whoever finds that the server does not have the library loads it. Where that cannot be, they run as scripts,",
        "by EVALSHA: on a server before Redis 7.0, for a user without the right, and when memory is full.",
        "",
    ]
    parts += ["SESSION marks a request of an agent's session. It stands for these lines of a header:", ""]
    parts += ["```lua", SESSION_HEADER.rstrip(), "```", "", "these above the script:", ""]
    parts += ["```lua", SESSION_OPENS.rstrip(), SESSION_BEGINS.rstrip(), "```", "", "and this below it:", ""]
    parts += ["```lua", SESSION_ENDS.rstrip(), "```", ""]
    parts += ["FIRST names a function that is asked after the first of these lines: its answer, where it has one, is"]
    parts += ["the reply, and the script is not run.", ""]
    parts += ["REQUEST marks one of somebody without a session, which may be repeated. It stands for these lines:", ""]
    parts += ["```lua", REQUEST_HEADER.rstrip(), "```", "", "and the script stands between these:", ""]
    parts += ["```lua", REQUEST_BEGINS.rstrip(), REQUEST_ENDS.rstrip(), "```"]
    for name in names():
        header = read_header(source(name).replace("-- SESSION\n", "").replace("-- REQUEST\n", ""))
        parts += ["", f"### {name}", "", header.purpose, ""]
        parts += _rows("KEYS", header.keys) + _rows("ARGV", header.args) + _rows("repeated", header.repeated)
        is_session, is_request = load(name).header.is_session, load(name).header.is_request
        parts += ["- REQUEST"] * is_request + (["- SESSION"] if is_session else [f"- reply: {header.reply}"])
        parts += [f"- FIRST: {header.first}"] if header.first else []
        parts += [f"- refuses: {error}" for error in header.errors]
        parts += [f"- knows: {', '.join(header.knows)}"] if header.knows else []
    parts += [
        "",
        "## What scripts know",
        "",
        "Values of the rules, written into each script that needs them, itself or in a function that it uses.",
        "",
    ]
    parts += ["```lua", *(f"{name} = {in_lua(name)}" for name in KNOWN), "```"]
    parts += ["", "## Shared functions", "", "On seven floors: a function uses its own floor and those before it.", ""]
    for floor in FLOORS:
        parts += [f"### {floor}", ""]
        on_it = [name for name, its_floor in floors().items() if its_floor == floor]
        parts += [_line(read_header(function_source(name))) for name in on_it] + [""]
    return "\n".join(parts) + "\n"


def _line(header: Header) -> str:
    knows = f" Knows {', '.join(header.knows)}." if header.knows else ""
    return f"- **{header.name}**: {_escaped(header.purpose)}{knows}"


def _escaped(text: str) -> str:
    """Square brackets as such: two of them in a row would be a link to a reference."""
    return text.replace("[", r"\[")


def _rows(kind: str, fields: tuple[Field, ...]) -> list[str]:
    return [f"- {kind} `{field.name}` ({field.type}): {field.meaning}" for field in fields]


if __name__ == "__main__":
    sys.stdout.write(events.render() if sys.argv[1:] == ["events"] else render())
