"""The command as a user types it, on an empty server and in an empty folder, with no settings but its address."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Done, Run
from conftest import RealServer
from processes import without_settings

Typed = Callable[..., Done]
"""`typed(*ARGUMENTS, code=0, typed="", VARIABLE=VALUE)`: how it must end, what is typed, and more environment."""


@pytest.fixture
def fairlead(server: RealServer, tmp_path: Path, command: Run, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Run `fairlead ARGUMENTS` in this process. That each command starts as one is tried by test_starting.py."""
    for name in os.environ.keys() - without_settings().keys():
        monkeypatch.delenv(name)
    monkeypatch.setenv("FAIRLEAD_REDIS_URL", server.url)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, code: int = 0, typed: str = "", **more: str) -> Done:
        with monkeypatch.context() as once:
            for name, value in more.items():
                once.setenv(name, value)
            once.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed.encode())))
            done = command(*arguments)
        assert done.code == code, done
        return done

    return run


@pytest.fixture
def started(server: RealServer, tmp_path: Path) -> Typed:
    """Start `fairlead ARGUMENTS` as a process: for what belongs to one, as its time zone, and who takes it whole."""
    environment = without_settings() | {"FAIRLEAD_REDIS_URL": server.url, "COLUMNS": "200"}

    def run(*arguments: str, code: int = 0, typed: str = "", **more: str) -> Done:
        command = [sys.executable, "-m", "fairlead.cli.main", *arguments]
        ended = subprocess.run(
            command, input=typed, capture_output=True, text=True, cwd=tmp_path, env=environment | more
        )
        done = Done(ended.returncode, ended.stdout, ended.stderr)
        assert done.code == code, done
        assert "Traceback" not in done.err
        return done

    return run
