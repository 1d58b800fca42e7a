"""What the tests do without a mutant."""

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from mutation.mutant import Mutant


@dataclass(frozen=True, slots=True)
class Usual:
    """How long a test computes, and which lines of which Lua files it runs: see lines.py."""

    took_s: float
    lines: dict[str, list[int]]


@dataclass(frozen=True, slots=True)
class Measured:
    """What each test does."""

    tests: dict[str, Usual]

    @classmethod
    def read(cls, file: Path) -> Self:
        return cls({test: Usual(**usual) for test, usual in json.loads(file.read_text()).items()})

    def took_s(self, test: str) -> float:
        return self.tests[test].took_s if test in self.tests else 0.0

    def concerned(self, mutant: Mutant) -> list[str]:
        """The tests that can tell that a mutant of Lua is there: those that run its line.

        Of a line that none runs, those that run its file. The quickest come first, each module of tests in its turn.
        """
        lines_of = {test: self.tests[test].lines.get(mutant.file, []) for test in sorted(self.tests, key=self.took_s)}
        run_it = [test for test, lines in lines_of.items() if mutant.line in lines]
        spent_s: dict[str, float] = defaultdict(float)

        def turn_s(test: str) -> float:
            module = test.partition("::")[0]
            spent_s[module] += self.took_s(test)
            return spent_s[module]

        return sorted(run_it or [test for test, lines in lines_of.items() if lines], key=turn_s)
