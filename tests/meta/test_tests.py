"""The tests themselves are easy to find one's way in."""

from pathlib import Path

TESTS = Path(__file__).parents[1]
MOST_LINES = 400
"""A longer file has more than one subject."""


def test_no_file_of_tests_is_longer_than_a_subject() -> None:
    lines = {str(file.relative_to(TESTS)): len(file.read_text().splitlines()) for file in TESTS.rglob("*.py")}

    assert {name: many for name, many in lines.items() if many > MOST_LINES} == {}
