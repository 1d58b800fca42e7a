"""A copy of the tree in which one mutant after the other is tried by the tests that concern it, the quickest first."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Literal

from mutation.mutant import Mutant

AGREEMENT = "tests/store/test_agreement.py"
FEW_EXAMPLES = (AGREEMENT, "--hypothesis-profile=few")
MANY_EXAMPLES = (AGREEMENT, "--hypothesis-profile=found")
REST_OF_STORE = ("tests/store", f"--ignore={AGREEMENT}", "--hypothesis-profile=found")
STAGES: dict[str, tuple[Sequence[str], ...]] = {
    "domain": (("tests/domain", "--hypothesis-profile=found"), FEW_EXAMPLES, ("tests/configuration", *REST_OF_STORE)),
    "lua": (FEW_EXAMPLES, REST_OF_STORE, MANY_EXAMPLES),
}
"""What is run for a mutant of each kind, until something fails."""

NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "site", "dist", "node_modules")
HANGS_AFTER_S = 60
"""A stage hangs when it takes so long and three times what it takes without a mutant."""

Verdict = Literal["killed", "survived", "equivalent"]


@dataclass(frozen=True, slots=True)
class Result:
    """`by`: the test that failed, or for an equivalent mutant the reason."""

    mutant: Mutant
    verdict: Verdict
    by: str = ""
    took_s: float = 0.0


class Copy:
    """The tree in a folder of its own; `usual_s`: how long each stage takes without a mutant."""

    def __init__(self, root: Path, folder: Path, usual_s: dict[Sequence[str], float]) -> None:
        self._folder, self._usual_s = folder, usual_s
        shutil.copytree(root, folder, ignore=NOT_COPIED)

    def measure(self, kind: str) -> None:
        """Raises RuntimeError when the tests fail without any mutant."""
        for stage in STAGES[kind]:
            if stage not in self._usual_s:
                began_s = monotonic()
                if failed := self._first_failure(stage, limit_s=900):
                    raise RuntimeError(f"{failed} fails without a mutant: mend it first")
                self._usual_s[stage] = monotonic() - began_s

    def tried(self, mutant: Mutant, kind: str) -> Result:
        began_s = monotonic()
        with self._mutated(mutant):
            for stage in STAGES[kind]:
                if failed := self._first_failure(stage, HANGS_AFTER_S + 3 * self._usual_s[stage]):
                    return Result(mutant, "killed", failed, monotonic() - began_s)
        return Result(mutant, "survived", took_s=monotonic() - began_s)

    @contextmanager
    def _mutated(self, mutant: Mutant) -> Iterator[None]:
        file = self._folder / mutant.file
        text = file.read_text()
        file.write_text(mutant.text)
        yield
        file.write_text(text)

    def _first_failure(self, stage: Sequence[str], limit_s: float) -> str:
        """The test that fails first in a stage; "" when none does."""
        shutil.rmtree(self._folder / ".hypothesis", ignore_errors=True)  # what one mutant taught helps no other
        command = [
            sys.executable, "-m", "pytest", "-x", "--fakeredis", "--tb=no", "-rfE", "-p", "no:cacheprovider",
            "-p", "no:randomly", "--hypothesis-seed=0", *stage,
        ]  # fmt: skip
        try:
            done = subprocess.run(
                command, cwd=self._folder, env=self._environment(), text=True, timeout=limit_s, check=False,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return f"{stage[0]} (it hangs)"
        if done.returncode == 0:
            return ""
        failed = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
        return failed[1] if failed else f"{stage[0]} ({' '.join(done.stdout.splitlines()[-1:])})"

    def _environment(self) -> dict[str, str]:
        """The copy's packages come before those of the tree; no bytecode is kept, so that none is stale."""
        packages = [self._folder, *(self._folder / program for program in ("worker", "producers", "web"))]
        return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, packages)), "PYTHONDONTWRITEBYTECODE": "1"}
