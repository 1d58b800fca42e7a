"""The Lua files as they stand: a script in each file of `lua/`, a function that they share in each file of a floor."""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

FLOORS = ("base", "line", "agent", "match", "contact", "time", "configure")
"""The floors of the shared functions, from the ground: each uses itself and those before it.

base: keys, numbers, time, events; line: contacts in their places; agent: sessions, slots, availability; match: who gets
what; contact: what becomes of a contact; time: what comes due; configure: what an administrator applies.
"""


def names() -> list[str]:
    """The names of all scripts, sorted."""
    return _names(resources.files("fairlead.store") / "lua")


@cache
def floors() -> Mapping[str, str]:
    """The floor of each shared function, by its name, sorted by floor and name."""
    lua = resources.files("fairlead.store") / "lua"
    return {name: floor for floor in FLOORS for name in _names(lua / floor)}


def function_source(name: str) -> str:
    """The text of a shared function. Raises KeyError when there is none of that name."""
    return source(f"{floors()[name]}/{name}")


def _names(folder: Any) -> list[str]:
    return sorted(file.name.removesuffix(".lua") for file in folder.iterdir() if file.name.endswith(".lua"))


def commands() -> frozenset[str]:
    """The Redis commands that the scripts call, in capitals."""
    every = [source(name) for name in names()] + [function_source(name) for name in floors()]
    return frozenset(found for text in every for found in re.findall(r"redis\.call\('([A-Z]+)'", text))


@cache
def source(name: str) -> str:
    """The text of `lua/<name>.lua`."""
    return (resources.files("fairlead.store") / "lua" / f"{name}.lua").read_text(encoding="utf-8")
