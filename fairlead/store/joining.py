"""Joins a script with the functions that it uses and the values that it knows, to one text that Redis runs.

A server that has functions gets all scripts as one library (store/library.py), which makes the shared functions once.
Another makes the functions of a script anew each time that it runs, which costs more the more of them hold each other
as locals: so they are written into one table, and `RARELY` names those that few runs use: each is made when it is first
called.
"""

import re
from collections.abc import Iterable
from functools import cache

from fairlead.store.contracts import Header, read_header, whole
from fairlead.store.known import KNOWN, in_lua
from fairlead.store.sources import function_source

COUNTING = "spent"
"""The function that counts how often a script asks Redis; it stands before all that asks."""


def body_of(header: Header, text: str) -> str:
    """A script with what its header stands for, in which each key and argument is a local of its name."""
    parts = [f"local {key.name}_key = KEYS[{place}]" for place, key in enumerate(header.keys, 1)]
    parts += [f"local {arg.name} = ARGV[{place}]" for place, arg in enumerate(header.args, 1)]
    if header.repeated:
        parts.append(f"local REST = {len(header.args)}")
    return "\n".join([*parts, whole(text)])


def calling(code: str, *functions: str) -> str:
    """A script of one's own that uses shared functions. Raises KeyError when there is none of a name."""
    return joined(Header("", "", uses=functions), code)


def joined(header: Header, code: str) -> str:
    """Code of Lua behind the values that it knows and the functions that it uses, as Redis runs it.

    Raises ValueError when nothing is known by a name.
    """
    always = in_order(header.uses)
    rare = {one for user in (header, *map(header_of, always)) for one in user.rarely}
    seldom = [one for one in in_order(sorted(rare), with_rare=True) if one not in always]
    tables = tables_of(known_to(header))
    counting = [one for one in (*always, *seldom) if one == COUNTING]
    parts = ["local F", *[written(header_of(one), function_source(one)) for one in counting], "F = {"]
    parts += [f"{one} = {one}," for one in counting]
    at_once = {*always, *[name for one in (header, *map(header_of, always)) for name in one.knows]}
    fields = [*tables.items(), *[(one, made(one)) for one in (*always, *seldom) if one != COUNTING]]
    parts += [f"{name} = {value}," for name, value in fields if name in at_once]
    parts += ["}"]
    if later := [f"if name == '{name}' then made =\n{value}" for name, value in fields if name not in at_once]:
        parts += ["setmetatable(F, { __index = function(_, name)", "local made", "\nelse".join(later), "end"]
        parts += ["F[name] = made", "return made", "end })"]
    return "\n".join([*parts, written(header, code)])


def tables_of(names: Iterable[str]) -> dict[str, str]:
    """Those of the values that are tables, as Lua writes them: each is made once, as a field of F."""
    return {name: literal for name, literal in ((name, in_lua(name)) for name in names) if literal.startswith("{")}


def written(header: Header, text: str) -> str:
    """The text with what its header says that it uses and knows: functions and tables as fields of F."""
    literals = [(name, in_lua(name)) for name in header.knows]
    spelled = tuple((name, f"F.{name}" if literal.startswith("{") else literal) for name, literal in literals)
    return _in_one_table(text, frozenset(header.uses + header.rarely), spelled)


def made(function: str) -> str:
    """A shared function as the value of a field of F."""
    text = written(header_of(function), function_source(function))
    return text.replace(f"local function {function}(", "function(")


_TOKEN = re.compile(r"--[^\n]*|'(?:[^'\\\n]|\\.)*'|(?<![\w.])[A-Za-z_]\w*")


@cache
def _in_one_table(text: str, functions: frozenset[str], known: tuple[tuple[str, str], ...]) -> str:
    """The text with shared functions called as fields of F, and with what it knows in place of the names."""
    spelled = dict(known)

    def replaced(token: re.Match[str]) -> str:
        name = token[0]
        is_call = text[token.end() : token.end() + 1] == "(" and not text[: token.start()].endswith("function ")
        return f"F.{name}" if is_call and name in functions else spelled.get(name, name)

    return _TOKEN.sub(replaced, text)


@cache
def header_of(function: str) -> Header:
    """The contract of a shared function."""
    return read_header(function_source(function))


def in_order(functions: Iterable[str], *, with_rare: bool = False) -> list[str]:
    """The functions and all that they use, each after what it uses; `with_rare`: also what they rarely use."""
    order: list[str] = []

    def add(function: str) -> None:
        if function in order:
            return
        header = header_of(function)
        for other in header.uses + (header.rarely if with_rare else ()):
            add(other)
        order.append(function)

    for function in functions:
        add(function)
    return order


def known_to(header: Header) -> list[str]:
    """The names of the values that a script or function needs, it or what it uses, sorted.

    Raises ValueError when nothing is known by one of the names.
    """
    asking = [header, *map(header_of, in_order(header.uses + header.rarely, with_rare=True))]
    for one in asking:
        if unknown := set(one.knows) - KNOWN.keys():
            raise ValueError(f"{one.name} KNOWS {', '.join(sorted(unknown))}: store/known.py has no such value")
    return sorted({name for one in asking for name in one.knows})
