"""Each promise is proved by a test that there is."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "guarantees.md").read_text()
WRITTEN = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))


def rows_of(heading: str) -> list[str]:
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n##")[0]
    return re.findall(r"^\| (?!-|fault \||what was seen \|)[^\n]+", section, re.MULTILINE)


@pytest.mark.parametrize("heading", ["What may break", "What once broke"])
def test_each_row_names_a_test(heading: str) -> None:
    rows = rows_of(heading)

    assert len(rows) > 12
    assert [row for row in rows if not re.search(r"\btest_\w+[^|]*\|$", row)] == []


def test_every_test_that_is_named_exists() -> None:
    named = set(re.findall(r"\btest_\w+\b", PAGE))

    assert len(named) > 40
    assert {name for name in named if f"def {name}(" not in WRITTEN} == set()
