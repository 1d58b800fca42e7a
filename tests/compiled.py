"""Lua as fakeredis runs it, but each script is compiled once, as real servers do.

Else a script is compiled with each call, which takes four times as long as what it does.
"""

from functools import lru_cache
from typing import Any

from lupa import lua51

SCRIPTS = 200
"""So many are kept by each fake server; there are as many variants as tests change what scripts know."""


class CompiledRuntime(lua51.LuaRuntime):
    """Keeps what it has compiled, and collects garbage when Lua does and not after each script."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._compiled = lru_cache(SCRIPTS)(self.compile)

    def execute(self, code: bytes | str, *args: Any) -> Any:
        if code == "collectgarbage()":
            return None
        try:
            compiled = self._compiled(code)
        except lua51.LuaSyntaxError:
            return super().execute(code, *args)  # which says what is wrong with it
        return compiled(*args)


def compile_once() -> None:
    """Each fake server that is made from now on is quick."""
    lua51.LuaRuntime = CompiledRuntime
