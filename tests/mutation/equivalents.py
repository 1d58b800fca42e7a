"""Mutants that change nothing which anybody can see, each with the reason."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from mutation.mutant import Mutant

LISTED = Path(__file__).parent / "equivalents.toml"
ONLY_SUCCEEDS = "-- REPLY   1\n"
"""In the header of a script whose reply nobody reads: it is done, or refused."""


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
    """The reason for which nothing can kill the mutant; "" when none is known."""
    if ONLY_SUCCEEDS in mutant.text and mutant.becomes == mutant.was.replace("return 1", "return 2"):
        return "nobody reads the reply of a script that only succeeds or refuses"
    same = (one for one in listed() if (one.file, one.was, one.becomes) == (mutant.file, mutant.was, mutant.becomes))
    return next((one.why for one in same), "")
