"""A client of a real server for what gains nothing from a second kind, and the two commands."""

import sys
from collections.abc import Callable, Iterator

import pytest
import redis
from commands import Done, Run
from conftest import RealServer

from fairlead.cli.main import run as run_command


@pytest.fixture
def real_client(server: RealServer) -> Iterator[redis.Redis]:
    client = server.client()
    yield client
    client.close()


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Run `fairlead ARGUMENTS` in this process."""

    def run(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["fairlead", *arguments])
        monkeypatch.setenv("COLUMNS", "200")
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            run_command()
        return Done(int(end.value.code or 0), *capsys.readouterr())

    return run


@pytest.fixture
def staff(command: Run) -> Run:
    return lambda *arguments: command("staff", *arguments)


@pytest.fixture
def simulate(command: Run) -> Run:
    return lambda *arguments: command("simulate", *arguments)
