"""The mutants of `make mutants` are small changes that can run, and those that nothing can kill say why."""

import ast

import pytest
from lupa import lua51
from mutation import in_lua, in_python
from mutation.equivalents import listed
from mutation.mutant import mutated
from mutation.run import all_mutants, drawn

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
    assert drawn(["lua"], 7, 20) == drawn(["lua"], 7, 20)
    assert drawn(["lua"], 7, 20) != drawn(["lua"], 8, 20)


def test_a_mutant_that_is_listed_as_equivalent_still_exists_and_says_why() -> None:
    known = {(one.file, one.was, one.becomes) for kind in ("domain", "lua") for one in all_mutants(kind)}

    assert [one for one in listed() if (one.file, one.was, one.becomes) not in known] == []
    assert all(len(one.why) > 20 for one in listed())
