"""A pytest plugin: which lines of which Lua files each test runs on fakeredis, and how long the test computes.

A test that does not run the line of a mutant cannot tell that it is there.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from lupa import lua51

from fairlead.store import client, sources

LUA = "fairlead/store/lua"
CALLS_FUNCTIONS = client._Dialect.calls_functions
COUNTS_LINES = """
function(seen)
  debug.sethook(function(_, line) seen[line] = true end, 'l')
end
"""


class WatchedRuntime(lua51.LuaRuntime):
    """Lua as fakeredis runs it, and which lines of a script it comes to."""

    run: set[tuple[str, int]] = set()  # noqa: RUF012  # of the test that runs: all servers fill it

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._seen = self.table()
        self.eval(COUNTS_LINES)(self._seen)

    def execute(self, code: bytes | str, *args: Any) -> Any:
        if isinstance(code, str):  # fakeredis' own
            return super().execute(code, *args)
        places = places_in(code)
        for line in list(self._seen):
            self._seen[line] = None
        try:
            return super().execute(code, *args)
        finally:
            self.run.update(places[line] for line in self._seen if line in places)


@cache
def places_in(code: bytes) -> dict[int, tuple[str, int]]:
    """The file and line from which each line of a script comes."""
    text, places = code.decode(), {}
    shared = {f"{floor}/{name}": sources.function_source(name) for name, floor in sources.floors().items()}
    for name, part in {**shared, **{name: sources.source(name) for name in sources.names()}}.items():
        first_line = part[: part.index("\n") + 1]  # its name and purpose: the loader writes code anew, line by line
        if (start := text.find(first_line)) >= 0:
            first = text.count("\n", 0, start) + 1
            for line in range(1, part.count("\n") + 1):
                places[first + line - 1] = f"{LUA}/{name}.lua", line
    return places


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--lines-to", type=Path, help="file that gets the lines of Lua that each test runs")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(_Lines(config.getoption("lines_to")))


class _Lines:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._found: dict[str, Any] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        lua51.LuaRuntime = WatchedRuntime  # here, since whoever imports the tests' conftest sets another one
        is_watched = "fakeredis" in item.nodeid  # then as scripts; servers of their own have functions as ever
        client._Dialect.calls_functions = False if is_watched else CALLS_FUNCTIONS
        WatchedRuntime.run.clear()
        began_s = process_time()
        result = yield
        lines = defaultdict(list)
        for file, line in WatchedRuntime.run:
            lines[file].append(line)
        self._found[item.nodeid] = {"took_s": process_time() - began_s, "lines": lines}
        return result

    def pytest_sessionfinish(self) -> None:
        self._file.write_text(json.dumps(self._found))
