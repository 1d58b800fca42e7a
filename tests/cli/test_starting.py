"""A command starts with what it needs alone, and all commands can start so."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from commands import Run

ALONE = """
import io, json, os, sys
from fairlead.cli.commands import Commands
from fairlead.cli.main import main

def start(name):
    "The exit code of `fairlead NAME --help` in a process that has read no command yet, and the rooms that it has read."
    end, told = os.pipe()
    if not (child := os.fork()):
        sys.argv, sys.stdout, code = ["fairlead", name, "--help"], io.StringIO(), 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code
        rooms = sorted({module.partition(".")[0] for module in sys.modules if module.startswith("fairlead")})
        usage = sys.stdout.getvalue().split()[:3]
        os.write(told, json.dumps([code, usage, rooms]).encode())
        os._exit(0)
    os.waitpid(child, 0)
    return json.loads(os.read(end, 65536))

print(json.dumps({name: start(name) for name in Commands().names}))
"""

PROGRAMS = {
    "work": "fairlead_worker", "desk": "fairlead_worker", "produce": "fairlead_producers", "monitor": "fairlead_web",
    "serve": "fairlead_web", "tokens": "fairlead_web", "webhooks": "fairlead_web",
}  # fmt: skip


def test_each_command_starts_by_itself_and_reads_no_program_but_its_own() -> None:
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True)

    started = json.loads(done.stdout)
    assert set(PROGRAMS) < set(started)
    assert started == {
        name: [0, ["Usage:", "fairlead", name], sorted({"fairlead", PROGRAMS.get(name, "fairlead")})]
        for name in started
    }


@pytest.fixture
def broken_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package whose subcommand `phone` wants what is not there."""
    told = tmp_path / "phone-1.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: phone\nVersion: 1\n")
    (told / "entry_points.txt").write_text("[fairlead.commands]\nphone = no_such_module:phone\n")
    monkeypatch.syspath_prepend(tmp_path)


def test_a_program_that_cannot_be_loaded_is_told_and_left_out(broken_program: None, command: Run) -> None:
    all_of_them, itself, another = command("--help"), command("phone"), command("--version")

    warning = "warning: `fairlead phone` (no_such_module:phone) cannot be loaded: No module named 'no_such_module'\n"
    assert all_of_them.err == warning
    assert "work" in all_of_them.out
    assert " phone " not in all_of_them.out
    assert itself.code == 2
    assert itself.err.startswith(warning)
    assert "No such command 'phone'" in itself.err
    assert (another.code, another.err) == (0, "")


@pytest.mark.parametrize(("mistyped", "meant"), [("statsu", "status"), ("wrk", "work")])
def test_who_mistypes_a_command_is_told_which_one_is_close(command: Run, mistyped: str, meant: str) -> None:
    assert f"Did you mean '{meant}'?" in command(mistyped).err
