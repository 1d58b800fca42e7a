"""The mutants of `make mutants` are small changes that can run, and those that nothing can kill say why."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from lupa import lua51
from mutation import in_lua, in_python
from mutation.equivalents import listed, why_equivalent
from mutation.lines import places_in
from mutation.measured import Measured, Usual
from mutation.mutant import ROOT, Mutant, mutated
from mutation.run import all_mutants, drawn

from fairlead.store.scripts import load

PYTHON = """
def shorter(one: int = 1000, *, other: bool | None = True) -> int | None:
    if not one or other is None:
        raise ValueError(f"{one + 1}")
    return min(one, len("ab") - 1)
"""
LUA = """
-- shorter: 1 < 2
local function shorter(engine, one)
  if one < -1 and true then
    redis.call('HSET', engine.key, 'a-1', math.min(one, #one + 1))
    wake(engine)
  elseif engine.later then return not one end
end
"""


def lines_of(text: str, edits: list) -> set[str]:
    return {mutated("file", text, edit).becomes for edit in edits}


def test_python_is_changed_in_each_way_but_not_in_its_types_and_messages() -> None:
    assert lines_of(PYTHON, list(in_python.edits_of(PYTHON))) == {
        "def shorter(one: int = 10000, *, other: bool | None = True) -> int | None:",
        "def shorter(one: int = 1000, *, other: bool | None = False) -> int | None:",
        "if one or other is None:",
        "if not one and other is None:",
        "if not one or other is not None:",
        "if not (not one or other is None):",
        "pass",
        "return None",
        'return max(one, len("ab") - 1)',
        'return min(one, len("ab") + 1)',
        'return min(one, len("ab") - 2)',
    }


def test_lua_is_changed_in_each_way_but_not_in_its_comments_and_strings() -> None:
    assert lines_of(LUA, list(in_lua.edits_of(LUA))) == {
        "if one <= -1 and true then",
        "if one < 1 and true then",
        "if one < -2 and true then",
        "if one < -1 or true then",
        "if one < -1 and false then",
        "redis.call('HSET', engine.key, 'a-1', math.max(one, #one + 1))",
        "redis.call('HSET', engine.key, 'a-1', math.min(one, #one - 1))",
        "redis.call('HSET', engine.key, 'a-1', math.min(one, #one + 2))",
        "elseif not (engine.later) then return not one end",
        "elseif engine.later then return one end",
        "",
    }


@pytest.mark.parametrize("kind", ["domain", "lua"])
def test_every_mutant_can_be_read_by_its_language(kind: str) -> None:
    complaint_about = lua51.LuaRuntime().eval("function(text) return select(2, loadstring(text)) end")

    for mutant in all_mutants(kind):
        if kind == "lua":
            assert complaint_about(mutant.text) is None, mutant
        else:
            ast.parse(mutant.text)


def test_a_seed_draws_the_same_mutants_again() -> None:
    assert drawn("lua", 7, 20) == drawn("lua", 7, 20)
    assert drawn("lua", 7, 20) != drawn("lua", 8, 20)


def test_a_mutant_that_is_listed_as_equivalent_still_exists_and_says_why() -> None:
    known = {(one.file, one.was, one.becomes) for kind in ("domain", "lua") for one in all_mutants(kind)}

    assert [one for one in listed() if (one.file, one.was, one.becomes) not in known] == []
    assert all(len(one.why) > 20 for one in listed())


def test_a_reply_that_nobody_reads_may_be_another_one_and_no_other_reply_may() -> None:
    other_reply = {
        Path(one.file).stem: bool(why_equivalent(one))
        for one in all_mutants("lua")
        if (one.was, one.becomes) == ("return 1", "return 2")
    }

    assert other_reply["forget_contact"]
    assert not other_reply["switch_webhook"]


def keywords(line: str) -> list[str]:
    """What the loader does not write anew."""
    return re.findall(r"\b(?:if|then|else|for|while|do|end|return)\b|--.*", line)


def test_the_file_and_line_are_known_from_which_each_line_of_a_script_comes() -> None:
    code = load("set_status").plain_text

    places = places_in(code.encode())

    lines = code.splitlines()
    assert {f"fairlead/store/lua/{one}.lua" for one in ("set_status", "match/fill")} < {
        file for file, _ in places.values()
    }
    for place, (file, line) in places.items():
        source = (ROOT / file).read_text().splitlines()[line - 1]
        assert keywords(lines[place - 1]) == keywords(source)


@pytest.mark.parametrize(("line", "tests"), [(1, ["quick", "slow"]), (2, ["slow"]), (9, ["quick", "slow"])])
def test_a_mutant_of_lua_is_tried_by_the_tests_that_run_its_line_or_of_a_line_that_none_runs_its_file(
    line: int, tests: list[str]
) -> None:
    ran = {"slow": (2, {"a.lua": [1, 2]}), "other": (1, {"b.lua": [1]}), "quick": (1, {"a.lua": [1], "b.lua": [2]})}
    measured = Measured({test: Usual(took_s, lines) for test, (took_s, lines) in ran.items()})

    assert measured.concerned(Mutant("a.lua", line, "constant", "", "", "")) == tests


CLOSED = "tests/store/test_names.py::test_a_contact_that_comes_to_a_closed_queue_leaves_nothing_to_be_done"


@pytest.mark.parametrize(
    ("line", "test", "verdicts"),
    [
        (
            "lua/base/is_closed.lua: if settings.hours",
            CLOSED,
            {
                "if settings.hours ~= '' then return false end": ("killed", f"{CLOSED}[fakeredis]"),
                "if settings.hours == '' then return true end": ("survived", ""),
            },
        ),
        (
            "domain/choose.py: return entry.priority, 0",
            "tests/domain/test_choice.py",
            {
                "return entry.priority, 1": ("equivalent", "compared only among"),
                "return None": ("killed", "tests/domain/test_choice.py::test_"),
            },
        ),
    ],
)
def test_mutants_are_killed_or_survive_or_are_known_as_equivalent(
    line: str, test: str, verdicts: dict[str, tuple[str, str]], tmp_path: Path
) -> None:
    file = tmp_path / "mutants.json"

    done = subprocess.run(
        [sys.executable, "-m", "mutation.run", "--within", line, "--tests", test, "--json", str(file)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": "tests"}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    tried = {one["mutant"]["becomes"]: one for one in json.loads(file.read_text())}
    assert {becomes: one["verdict"] for becomes, one in tried.items()} == {
        becomes: verdict for becomes, (verdict, _) in verdicts.items()
    }
    assert all(by in tried[becomes]["by"] for becomes, (_, by) in verdicts.items())
    survivors = [becomes for becomes, (verdict, _) in verdicts.items() if verdict == "survived"]
    assert done.returncode == bool(survivors)
    assert all(f"+  {becomes}" in done.stdout for becomes in survivors)
