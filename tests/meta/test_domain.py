"""The rules are functions of what is given: import-linter keeps I/O out, this keeps the clock out."""

import re
from pathlib import Path

DOMAIN = Path(__file__).parents[2] / "fairlead" / "domain"


def test_no_rule_asks_what_time_it_is() -> None:
    asking = re.compile(r"\.(now|today|utcnow)\(")

    found = [path.name for path in DOMAIN.rglob("*.py") if asking.search(path.read_text())]

    assert found == []
