"""A mutant: one file of the tree with one small change in it, and where such changes may be made."""

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Edit:
    """What stands from `start` to `end` of a text is replaced."""

    kind: str
    start: int
    end: int
    by: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """`was` and `becomes` are the lines that differ, so that a mutant is recognised when the lines around it change."""

    file: str
    line: int
    kind: str
    was: str
    becomes: str
    text: str = field(repr=False)

    def diff(self) -> str:
        before = (ROOT / self.file).read_text().splitlines(keepends=True)
        after = self.text.splitlines(keepends=True)
        return "".join(difflib.unified_diff(before, after, self.file, self.file, n=2))


def another_number(text: str) -> str:
    """One more; of a factor between units, as 1,000 or 1,000,000, ten times as many."""
    number = float(text)
    is_factor = number >= 1_000 and str(int(number)).strip("0") == "1"
    return f"{number * 10 if is_factor else number + 1:.15g}"


def mutants_of(files: Iterable[Path], edits_of: Callable[[str], Iterable[Edit]]) -> list[Mutant]:
    """All that may be changed in the files, in a fixed order."""
    return [
        mutated(str(file.relative_to(ROOT)), text, edit)
        for file in sorted(files)
        for text in [file.read_text()]
        for edit in sorted(edits_of(text), key=lambda edit: (edit.start, edit.end, edit.kind))
    ]


def mutated(file: str, text: str, edit: Edit) -> Mutant:
    """The text with the edit made."""
    first = text.rfind("\n", 0, edit.start) + 1
    last = text.find("\n", edit.end)
    last = len(text) if last < 0 else last
    line = text[first : edit.start] + edit.by + text[edit.end : last]
    return Mutant(
        file,
        text.count("\n", 0, edit.start) + 1,
        edit.kind,
        _one_line(text[first:last]),
        _one_line(line),
        text[:first] + line + text[last:],
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
