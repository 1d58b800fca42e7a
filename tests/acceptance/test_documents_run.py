"""What the documents tell a user to type works as written, page after page, on one machine."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from conftest import eventually

ROOT = Path(__file__).parents[2]


class Machine:
    """One home, one shell environment, and the commands that run in terminals of their own."""

    def __init__(self, home: Path) -> None:
        self._environment = {key: value for key, value in os.environ.items() if not key.startswith("FAIRLEAD_")}
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        self._environment |= {"FAIRLEAD_HOME": str(home), "PATH": path}

    def type(self, command: str) -> str:
        """What a command prints; it must end well."""
        if exported := re.fullmatch(r"export (\w+)=(\w+)", command):
            self._environment[exported[1]] = exported[2]
            return ""
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, cwd=ROOT, env=self._environment
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    @contextmanager
    def terminal(self, command: str) -> Iterator[None]:
        """A terminal in which a command runs until Ctrl-C, when it must end well."""
        shell = ["bash", "-c", f"exec {command}"]
        with subprocess.Popen(shell, stderr=subprocess.DEVNULL, cwd=ROOT, env=self._environment) as process:
            try:
                yield
            finally:
                process.send_signal(signal.SIGINT)
                assert process.wait(60) == 0, command

    def completed(self, queue: str) -> int:
        queues = json.loads(self.type("fairlead status --json"))["queues"]
        return sum(row["completed"] for row in queues if row["queue"] == queue)


def commands_of(page: str) -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    lines = [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    return [line.partition("  #")[0].strip() for line in lines if not line.startswith("make ")]


def python_of(page: str) -> str:
    (block,) = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    return block


def follow(machine: Machine, page: str, terminals: ExitStack) -> None:
    """Type every command of a page; a worker runs in a terminal of its own until the end of the page."""
    for command in commands_of(page):
        if command.startswith("fairlead work "):
            terminals.enter_context(machine.terminal(command))
        else:
            machine.type(command)


@pytest.mark.timeout(1_200)  # some fifty processes, one after the other
def test_the_readme_the_tutorial_and_the_worked_example_run_one_after_the_other(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "home")
    script = tmp_path / "block.py"
    script.write_text(python_of("README.md"))

    with ExitStack() as terminals:
        follow(machine, "README.md", terminals)
        machine.type(f"python {script}")
        eventually(lambda: machine.completed("BasicQueue") == 2)
        assert "Available" in machine.type("fairlead agents list")
    with ExitStack() as terminals:
        follow(machine, "docs/tutorial.md", terminals)
        eventually(lambda: machine.completed("Sales") > 0)
    with ExitStack() as terminals:
        follow(machine, "docs/worked-example.md", terminals)
    assert machine.completed("Cards") == 1


def test_the_python_block_runs_before_anything_else_did(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "home")
    script = tmp_path / "block.py"
    script.write_text(python_of("README.md"))

    printed = machine.type(f"python {script}")

    assert printed == "queued\n"
    assert "order-4711" in machine.type("fairlead contacts list")


def patterns_of_the_demo() -> list[str]:
    """The lines that README shows of the demo, but for who got what, which differs; a number stands for any."""
    (block,) = re.findall(r"```text\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    told = [line for line in block.splitlines() if re.match(r"[A-Z0-9]|agent  ", line)]
    return [re.sub(r"\d+(?! of)", r"\\d+", re.escape(line)).replace("contact\\ in", "contacts?\\ in") for line in told]


def test_the_demo_handles_every_contact_once_and_ends_as_the_readme_says() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "demo.py")], capture_output=True, text=True, timeout=110
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "160 of 160 contacts were handled, each once" in done.stdout
    for pattern in patterns_of_the_demo():
        assert re.search(pattern, done.stdout), pattern


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_says_so_in_one_line_and_leaves_nothing(number: signal.Signals, tmp_path: Path) -> None:
    environment = os.environ | {"TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, str(ROOT / "examples" / "demo.py")],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
    ) as demo:  # fmt: skip
        assert demo.stdout is not None
        assert "An embedded Redis runs" in demo.stdout.readline()
        eventually(lambda: "Eight agents have signed in" in demo.stdout.readline())

        demo.send_signal(number)
        rest = demo.stdout.read()

    assert demo.returncode == 130
    assert rest.splitlines()[-1] == "stopped: the workers and the embedded Redis have ended"
    assert "Traceback" not in rest
    eventually(lambda: not processes_that_name(str(tmp_path)))
    assert list(tmp_path.iterdir()) == []


def processes_that_name(text: str) -> list[str]:
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if text in line and "pytest" not in line.split()[:3]]
