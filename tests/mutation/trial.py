"""Each mutant in a process of its own, where the tests that concern it run until one fails, the quickest first.

The processes are forked: for a mutant of the rules from one that has not read them yet, for one of the transitions from
one that has collected all tests.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_AS, RLIMIT_CPU, setrlimit
from tempfile import TemporaryDirectory
from time import monotonic, process_time
from types import CodeType
from typing import Literal

import pytest
from mutation.equivalents import why_equivalent
from mutation.measured import Measured
from mutation.mutant import ROOT, Mutant

RULES = "tests/domain"
FEW_EXAMPLES = ("tests/store/test_agreement.py", "--hypothesis-profile=few")
TESTS = (RULES, "tests/configuration", "tests/store", "tests/web/webhooks/test_endpoints.py")
FOUND = "--hypothesis-profile=found"
OPTIONS = (
    "--fakeredis", "-s", "-qq", "--no-summary", "-p", "no:cacheprovider", "-p", "no:randomly", "--hypothesis-seed=0",
)  # fmt: skip

HANGS_AFTER_S = 10
"""A test hangs when it computes so long and three times what it does without a mutant; a busy machine is no hang."""
MOST_BYTES = 4 << 30
FAILED, BROKEN = 3, 4
"""What a process ends with in which a test has failed, or that could not do what it should."""

Verdict = Literal["killed", "survived", "equivalent"]


@dataclass(frozen=True, slots=True)
class Result:
    """`by`: the test that failed, or for an equivalent mutant the reason."""

    mutant: Mutant
    verdict: Verdict
    by: str = ""
    took_s: float = 0.0


def measured(tests: Sequence[str], kept: Path | None = None) -> Measured:
    """What the tests do without a mutant; `kept`: a file that gets it. Raises RuntimeError when one of them fails."""
    with TemporaryDirectory(prefix="mutants-") as folder:
        file, note = kept or Path(folder, "lines.json"), Path(folder, "note")
        lines = ("-p", "mutation.lines", f"--lines-to={file}")
        child = _forked(note, lambda: _run((*tests, FOUND, *lines), _FirstFailure(note, None)))
        if _failed(os.waitpid(child, 0)[1], note):
            raise RuntimeError(f"{note.read_text()} fails without a mutant: mend it first")
        return Measured.read(file)


def try_rules(mutants: Iterable[Mutant], tests: Sequence[str], known: Measured, jobs: int) -> Iterator[Result]:
    """The results of mutants of Python, as they come."""
    stages = [(RULES, FOUND), FEW_EXAMPLES, (*tests, FOUND)] if RULES in tests else [(*tests, FOUND)]

    def run(mutant: Mutant, note: Path) -> None:
        sys.meta_path.insert(0, _Instead(mutant))
        for stage in stages:
            _run(stage, _FirstFailure(note, known))

    return _each_forked(mutants, jobs, run)


def try_transitions(
    mutants: Iterable[Mutant], tests: Sequence[str], known: Measured, jobs: int, tell: Callable[[Result], None]
) -> None:
    """Tell the results of mutants of Lua, as they come."""
    _run((*tests, FOUND), _Collected(mutants, known, jobs, tell))


class _Collected:
    """Tries mutants of Lua instead of the tests' loop."""

    def __init__(
        self, mutants: Iterable[Mutant], known: Measured, jobs: int, tell: Callable[[Result], None]
    ) -> None:
        self._mutants, self._known, self._jobs, self._tell = mutants, known, jobs, tell

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}

        def run(mutant: Mutant, note: Path) -> None:
            _write_in_lua(mutant)
            session.config.pluginmanager.register(_FirstFailure(note, self._known))
            concerned = [items[test] for test in self._known.concerned(mutant)]
            for item, following in zip(concerned, [*concerned[1:], None], strict=False):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)

        for result in _each_forked(self._mutants, self._jobs, run):
            self._tell(result)
        return True


class _FirstFailure:
    """Ends the process when a test fails; the note names the test that began last."""

    def __init__(self, note: Path, known: Measured | None) -> None:
        self._note, self._known = note, known

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        self._note.write_text(item.nodeid)
        if self._known:
            ends_s = process_time() + HANGS_AFTER_S + 3 * self._known.took_s(item.nodeid)
            setrlimit(RLIMIT_CPU, (int(ends_s), RLIM_INFINITY))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            os._exit(FAILED)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._note.write_text(f"{report.nodeid} (it cannot be read)")
            os._exit(FAILED)


def _run(arguments: Sequence[str], plugin: object) -> None:
    """Raises RuntimeError when pytest refuses the arguments."""
    if (code := pytest.main([*OPTIONS, *arguments], plugins=[plugin])) != pytest.ExitCode.OK:
        raise RuntimeError(f"pytest {' '.join(arguments)} ends with {code!r}")


def _each_forked(mutants: Iterable[Mutant], jobs: int, run: Callable[[Mutant, Path], None]) -> Iterator[Result]:
    """Run tests of so many mutants at a time."""
    running: dict[int, tuple[Mutant, Path, float]] = {}

    def ended() -> Result:
        child, status = os.wait()
        mutant, note, began_s = running.pop(child)
        failed = _failed(status, note)
        return Result(mutant, "killed" if failed else "survived", failed, monotonic() - began_s)

    with TemporaryDirectory(prefix="mutants-") as folder:
        for place, mutant in enumerate(mutants):
            if why := why_equivalent(mutant):
                yield Result(mutant, "equivalent", why)
                continue
            note = Path(folder, str(place))
            child = _forked(note, partial(run, mutant, note))
            running[child] = mutant, note, monotonic()
            if len(running) == jobs:
                yield ended()
        while running:
            yield ended()


def _forked(note: Path, act: Callable[[], None]) -> int:
    """The number of a silent process that does no more than this; an error stands in the note."""
    sys.stdout.flush()
    if child := os.fork():
        return child
    try:
        setrlimit(RLIMIT_AS, (MOST_BYTES, RLIM_INFINITY))
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        act()
    except BaseException as error:  # noqa: BLE001  # nothing of it may go on as its parent
        note.write_text(repr(error))
        os._exit(BROKEN)
    os._exit(0)


def _failed(status: int, note: Path) -> str:
    """The test that failed in a process that has ended; "" when none did. Raises RuntimeError when it broke."""
    if os.WIFSIGNALED(status):
        return f"{note.read_text()} (it hangs)"
    if os.WEXITSTATUS(status) == BROKEN:
        raise RuntimeError(note.read_text())
    return note.read_text() if status else ""


def _write_in_lua(mutant: Mutant) -> None:
    """From now on scripts are loaded with the mutant."""
    from fairlead.store import scripts, sources
    from fairlead.store.library import library

    original, file = sources.source, ROOT / mutant.file
    sources.source = lambda name: mutant.text if file.match(f"store/lua/{name}.lua") else original(name)
    scripts.load.cache_clear()
    library.cache_clear()


class _Instead(SourceFileLoader):
    """Finds one module, and reads the mutant in its place."""

    def __init__(self, mutant: Mutant) -> None:
        module = mutant.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        super().__init__(module, str(ROOT / mutant.file))
        self._text = mutant.text

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return spec_from_file_location(name, self.path, loader=self) if name == self.name else None

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._text, self.path, "exec")
