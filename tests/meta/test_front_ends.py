"""Front ends are thin: what they use of the library is what it offers to everybody."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PUBLIC = {"fairlead.testing", "fairlead_worker.testing"}
EXAMPLES = sorted(ROOT.glob("examples/*.py"))


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (one.name for one in node.names)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda file: file.name)
def test_an_example_imports_nothing_deeper_than_what_is_public(example: Path) -> None:
    deeper = [name for name in imported(example) if name.startswith("fairlead") and "." in name and name not in PUBLIC]

    assert deeper == []


def test_the_demo_is_an_example() -> None:
    assert ROOT / "examples" / "demo.py" in EXAMPLES
