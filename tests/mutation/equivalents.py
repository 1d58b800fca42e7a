"""Mutants that change nothing which anybody can see, each with the reason."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from mutation.mutant import Mutant

LISTED = Path(__file__).parent / "equivalents.toml"


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A mutant is named by its file and the lines that differ, not by a number that would move."""

    file: str
    was: str
    becomes: str
    why: str


def listed() -> list[Equivalent]:
    return [Equivalent(**row) for row in tomllib.loads(LISTED.read_text())["equivalent"]]


def why_equivalent(mutant: Mutant) -> str:
    """The reason for which nothing can kill the mutant; "" when none is listed."""
    same = (one for one in listed() if (one.file, one.was, one.becomes) == (mutant.file, mutant.was, mutant.becomes))
    return next((one.why for one in same), "")
