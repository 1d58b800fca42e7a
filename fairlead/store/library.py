"""All transitions as one library of Redis Functions, for servers that have them: Redis 7.0 and Valkey.

A script's functions are made anew each time that it runs; those of a library are made once. Its name tells its content,
so that programs of two versions side by side use each its own, and a library that is there already is the right one.

What a run leaves behind, the next one finds: so shared functions keep nothing outside of their arguments, but for the
calls that `spent` counts, which begin anew with each run, and for what `kept_of` keeps of a configuration as long as it
is the same. Scripts whose functions count have these for themselves.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources

from fairlead.store.joining import COUNTING, body_of, header_of, in_order, made, tables_of, written
from fairlead.store.known import KNOWN, in_lua
from fairlead.store.scripts import Script, load
from fairlead.store.sources import floors, function_source, names

PREFIX = "fairlead_"
"""What the name of each library begins with."""

WRITERS = ("contracts", "joining", "library")
"""The files of fairlead/store that say how the library's text is made."""

_BEGINS_ANEW = "calls = 0"
"""Nothing has been counted yet: `calls` is a local of lua/base/spent.lua."""


@dataclass(frozen=True)
class Library:
    """The transitions of one version."""

    scripts: tuple[Script, ...]

    @cached_property
    def name(self) -> str:
        """Tells everything of which the text is made. It is found quickly: a short program asks for no more."""
        parts = [one.source for one in self.scripts] + [function_source(name) for name in floors()]
        parts += [f"{name} = {in_lua(name)}" for name in KNOWN]
        store = resources.files("fairlead.store")
        parts += [(store / f"{module}.py").read_text(encoding="utf-8") for module in WRITERS]
        digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=6).hexdigest()
        return f"{PREFIX}{digest}"

    def function(self, script: str) -> str:
        """The name by which FCALL runs a script."""
        return f"{self.name}_{script}"

    @cached_property
    def text(self) -> str:
        """As FUNCTION LOAD takes it. While it is loaded Redis knows no names but `redis`: the rest is made by who is
        first called.
        """
        count = [one for one in self.scripts if COUNTING in _used_by([one])]
        others = [one for one in self.scripts if one not in count]
        parts = [f"#!lua name={self.name}", "local made", "local function make()"]
        parts += ["local redis, string, tonumber, T = redis, string, tonumber, {}"]
        parts += [line for some in (others, count) for line in _group(some)]
        parts += ["return T", "end"]
        for script in self.scripts:
            name, flags = script.header.name, ", ".join(f"'{flag}'" for flag in script.header.flags)
            parts += [f"redis.register_function{{ function_name = '{self.function(name)}', flags = {{ {flags} }},"]
            parts += ["callback = function(keys, args)", "made = made or make()"]
            parts += [f"return made.{name}(keys, args)", "end }"]
        return "\n".join(parts) + "\n"


@cache
def library() -> Library:
    """The transitions of this version."""
    return Library(tuple(load(name) for name in names()))


def _used_by(some: Sequence[Script]) -> list[str]:
    """The functions of some scripts, each after what it uses."""
    asked = {one for script in some for one in script.header.uses + script.header.rarely}
    return in_order(sorted(asked), with_rare=True)


def _group(some: Sequence[Script]) -> list[str]:
    """Scripts as fields of T behind one table of all functions and values that they use."""
    used = _used_by(some)
    counts = COUNTING in used
    known = sorted({name for one in (*[script.header for script in some], *map(header_of, used)) for name in one.knows})
    parts = ["do", "local F", *([written(header_of(COUNTING), function_source(COUNTING))] if counts else []), "F = {"]
    parts += [f"{name} = {literal}," for name, literal in tables_of(known).items()]
    parts += [f"{one} = {COUNTING if one == COUNTING else made(one)}," for one in used]
    parts += ["}"]
    for script in some:
        header = script.header
        parts += [f"function T.{header.name}(KEYS, ARGV)", *([_BEGINS_ANEW] if counts else [])]
        parts += [written(header, body_of(header, script.source)), "end"]
    return [*parts, "end"]
