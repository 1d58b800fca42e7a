"""Faults are drawn by a seed, what is left of a run that failed is kept, and what was seen is told in the end."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from faults.storm import Storm

KEPT = Path(__file__).parents[2] / ".faults"
SEEN: list[str] = []


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--seed"))


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[[Mapping[str, object]], None]:
    """Figures that are shown when all tests have run."""

    def tell(figures: Mapping[str, object]) -> None:
        SEEN.append(f"{request.node.name}: {', '.join(f'{value} {name}' for name, value in figures.items())}")

    return tell


@pytest.fixture
def storm(request: pytest.FixtureRequest, tmp_path: Path, seed: int) -> Iterator[Storm]:
    """Logs, what clients were told and the data of the server are kept in .faults when it fails."""
    failed = request.session.testsfailed
    print(f"seed {seed}")  # noqa: T201  # pytest shows it with a failure
    storm = Storm(tmp_path, seed)
    yield storm
    storm.close()
    if request.session.testsfailed > failed:
        shutil.copytree(
            tmp_path, KEPT / f"{request.node.name}-{seed}", dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.sock")
        )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if SEEN:
        terminalreporter.section(f"faults by seed {config.getoption('--seed')}")
        for line in SEEN:
            terminalreporter.write_line(line)
