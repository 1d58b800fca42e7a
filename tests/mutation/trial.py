"""A copy of the tree in which one mutant after the other is tried by the tests that concern it, the quickest first."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from signal import SIGKILL, SIGXCPU
from time import monotonic
from typing import Any, Literal

from mutation.mutant import Mutant

AGREEMENT = "tests/store/test_agreement.py"
FEW_EXAMPLES = (AGREEMENT, "--hypothesis-profile=few")
RULES = ("tests/domain", "--hypothesis-profile=found")
REST = ("tests/configuration", "tests/store", "--hypothesis-profile=found")
QUICK: dict[str, tuple[Sequence[str], ...]] = {"domain": (RULES, FEW_EXAMPLES), "lua": ()}
"""What is run first for a mutant of each kind, until something fails; then follow those of the rest that concern it."""

NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "site", "dist", "node_modules")
HANGS_AFTER_S = 30
"""A stage hangs when it computes so long and three times what it does without a mutant; a busy machine is no hang."""

Verdict = Literal["killed", "survived", "equivalent"]


@dataclass(frozen=True, slots=True)
class Result:
    """`by`: the test that failed, or for an equivalent mutant the reason."""

    mutant: Mutant
    verdict: Verdict
    by: str = ""
    took_s: float = 0.0


@dataclass(slots=True)
class Measured:
    """What the tests do without a mutant. `rest`: see lines.py; the quickest first."""

    usual_s: dict[Sequence[str], float] = field(default_factory=dict)
    rest: dict[str, Any] = field(default_factory=dict)

    def concerned(self, mutant: Mutant) -> list[str]:
        """The tests of the rest that can tell that the mutant is there: of those of Lua, the ones that run its line."""
        if not mutant.file.endswith(".lua"):
            return [*self.rest]
        lines_of = {test: found["lines"].get(mutant.file, []) for test, found in self.rest.items()}
        run_it = [test for test, lines in lines_of.items() if mutant.line in lines]
        return run_it or [test for test, lines in lines_of.items() if lines]

    def takes_s(self, tests: Sequence[str]) -> float:
        return sum(self.rest[test]["took_s"] for test in tests)


class Copy:
    """The tree in a folder of its own."""

    def __init__(self, root: Path, folder: Path, measured: Measured) -> None:
        self._folder, self._measured = folder, measured
        self._changes = count(1)
        shutil.copytree(root, folder, ignore=NOT_COPIED)

    def measure(self, kinds: Sequence[str]) -> None:
        """Raises RuntimeError when the tests fail without any mutant."""
        for stage in {stage for kind in kinds for stage in QUICK[kind]}:
            began_s = getrusage(RUSAGE_CHILDREN).ru_utime
            self._expect_success(stage)
            self._measured.usual_s[stage] = getrusage(RUSAGE_CHILDREN).ru_utime - began_s
        file = self._folder / "lines.json"
        self._expect_success((*REST, "-p", "mutation.lines", f"--lines-to={file}"))
        found = json.loads(file.read_text())
        self._measured.rest = dict(sorted(found.items(), key=lambda one: one[1]["took_s"]))

    def _expect_success(self, stage: Sequence[str]) -> None:
        if failed := self._first_failure(stage, limit_s=1800):
            raise RuntimeError(f"{failed} fails without a mutant: mend it first")

    def tried(self, mutant: Mutant, kind: str) -> Result:
        began_s = monotonic()
        with self._mutated(mutant):
            failed = next(filter(None, self._stages(mutant, kind)), "")
        return Result(mutant, "killed" if failed else "survived", failed, monotonic() - began_s)

    def _stages(self, mutant: Mutant, kind: str) -> Iterator[str]:
        """What fails first in each stage."""
        for stage in QUICK[kind]:
            yield self._first_failure(stage, HANGS_AFTER_S + 3 * self._measured.usual_s[stage])
        if tests := self._measured.concerned(mutant):
            stage = (*tests, "--hypothesis-profile=found")
            yield self._first_failure(stage, HANGS_AFTER_S + 3 * self._measured.takes_s(tests))

    @contextmanager
    def _mutated(self, mutant: Mutant) -> Iterator[None]:
        file = self._folder / mutant.file
        text = file.read_text()
        self._write(file, mutant.text)
        yield
        self._write(file, text)

    def _write(self, file: Path, text: str) -> None:
        """Each version has its own time, so that no bytecode of another one is taken for its own."""
        file.write_text(text)
        at_s = next(self._changes)
        os.utime(file, (at_s, at_s))

    def _first_failure(self, stage: Sequence[str], limit_s: float) -> str:
        """The test that fails first in a stage; "" when none does."""
        shutil.rmtree(self._folder / ".hypothesis", ignore_errors=True)  # what one mutant taught helps no other
        command = [
            sys.executable, "-m", "pytest", "-x", "--fakeredis", "--tb=no", "-rfE", "-p", "no:cacheprovider",
            "-p", "no:randomly", "--hypothesis-seed=0", *stage,
        ]  # fmt: skip
        done = subprocess.run(
            ["sh", "-c", f'ulimit -t {limit_s:.0f}; exec "$@"', "sh", *command], cwd=self._folder,
            env=self._environment(), text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        if done.returncode in (-SIGXCPU, -SIGKILL):
            return f"{stage[0]} (it hangs)"
        if done.returncode == 0:
            return ""
        failed = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
        return failed[1] if failed else f"{stage[0]} ({' '.join(done.stdout.splitlines()[-1:])})"

    def _environment(self) -> dict[str, str]:
        """The copy's packages come before those of the tree."""
        packages = [self._folder, *(self._folder / part for part in ("worker", "producers", "web", "tests"))]
        return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, packages))}
