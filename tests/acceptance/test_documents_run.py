"""What the documents tell a user to type works as written, one command after the other."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import eventually

ROOT = Path(__file__).parents[2]


def commands_of(page: str) -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


@pytest.mark.parametrize("page", ["docs/tutorial.md", "docs/worked-example.md"])
def test_the_commands_of_a_page_run_on_the_embedded_server(page: str, tmp_path: Path) -> None:
    commands = commands_of(page)
    assert len(commands) > 5
    environment = {key: value for key, value in os.environ.items() if not key.startswith("FAIRLEAD_")}
    environment |= {"FAIRLEAD_HOME": str(tmp_path), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}

    for command in commands:
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, cwd=ROOT, env=environment
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def test_the_demo_handles_every_contact_once() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "demo.py")], capture_output=True, text=True, timeout=110
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "160 of 160 contacts were handled, each once" in done.stdout
    assert "The Front profile now takes Support chats" in done.stdout


def test_the_commands_of_the_readme_work_in_two_terminals(tmp_path: Path) -> None:
    commands = [line.partition("  #")[0].strip() for line in commands_of("README.md") if line.startswith("fairlead ")]
    work, push, status = commands
    environment = {key: value for key, value in os.environ.items() if not key.startswith("FAIRLEAD_")}
    environment |= {"FAIRLEAD_HOME": str(tmp_path), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}

    def typed(command: str) -> str:
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    with subprocess.Popen(["bash", "-c", f"exec {work}"], stderr=subprocess.DEVNULL, env=environment) as worker:
        try:
            typed(push)
            eventually(lambda: "ana" in typed(status) and "Available" in typed(status))
            eventually(lambda: json.loads(typed(f"{status} --json"))["queues"][0]["completed"] == 1)
        finally:
            worker.terminate()
            assert worker.wait(60) == 0
