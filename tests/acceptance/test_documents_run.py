"""What the documents tell a user to type works as written, page after page, on one machine."""

import asyncio
import json
import os
import re
import runpy
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from conftest import eventually

from fairlead.service.contact import Contact, Outcome

ROOT = Path(__file__).parents[2]


class Machine:
    """One home, one shell environment, and the commands that run in terminals of their own."""

    def __init__(self, home: Path, folder: Path = ROOT) -> None:
        self._folder = folder
        self._environment = {key: value for key, value in os.environ.items() if not key.startswith("FAIRLEAD_")}
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        self._environment |= {"FAIRLEAD_HOME": str(home), "PATH": path}

    def type(self, command: str) -> str:
        """What a command prints; it must end well."""
        if exported := re.fullmatch(r"export (\w+)=(\w+)", command):
            self._environment[exported[1]] = exported[2]
            return ""
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            capture_output=True, text=True, cwd=self._folder, env=self._environment,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    @contextmanager
    def terminal(self, command: str, printed: Path) -> Iterator[None]:
        """A terminal in which a command runs until Ctrl-C, when it must end well. What it prints goes into a file."""
        with (
            printed.open("a") as out,
            subprocess.Popen(
                ["bash", "-c", f"exec {command}"],
                stdout=out, stderr=subprocess.DEVNULL, cwd=self._folder, env=self._environment,
            ) as process,
        ):  # fmt: skip
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
    return [line.partition("  #")[0].strip() for line in lines if not line.startswith(("make ", "pip "))]


def python_of(page: str) -> str:
    return "\n".join(re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL))


def printed_of(page: str) -> list[str]:
    """What a page shows first as printed, line by line."""
    return re.findall(r"```text\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)[0].splitlines()


def follow(machine: Machine, page: str, terminals: ExitStack, printed: Path) -> None:
    """Type every command of a page; a worker runs in a terminal of its own until the end of the page."""
    for command in commands_of(page):
        if command.startswith("fairlead work "):
            terminals.enter_context(machine.terminal(command, printed))
        else:
            with printed.open("a") as out:
                out.write(machine.type(command))


@pytest.mark.timeout(1_200)  # some fifty processes, one after the other
def test_the_readme_the_tutorial_and_the_worked_example_run_one_after_the_other(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "home")
    printed = tmp_path / "printed"

    follow_the_readme(tmp_path, printed)
    with ExitStack() as terminals:
        follow(machine, "docs/tutorial.md", terminals, printed)
        eventually(lambda: machine.completed("Sales") > 0)
    with ExitStack() as terminals:
        follow(machine, "docs/worked-example.md", terminals, printed)
    assert machine.completed("Cards") == 1


def follow_the_readme(folder: Path, printed: Path) -> None:
    """In a folder of one's own, with the README's module in it: all that it shows first is printed."""
    (folder / "shop.py").write_text(python_of("README.md"))
    machine = Machine(folder / "home", folder)
    with ExitStack() as terminals:
        follow(machine, "README.md", terminals, printed)
        eventually(lambda: machine.completed("BasicQueue") == 2)
        assert "Available" in machine.type("fairlead agents list")
    assert set(printed_of("README.md")) <= set(printed.read_text().splitlines())


def test_the_page_on_handlers_books_an_order_once_and_never_backwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shop.py").write_text(python_of("docs/handlers.md"))
    machine = Machine(tmp_path / "home", tmp_path)
    with ExitStack() as terminals:
        follow(machine, "docs/handlers.md", terminals, tmp_path / "printed")
        eventually(lambda: machine.completed("BasicQueue") == 1)
    monkeypatch.chdir(tmp_path)
    shop = runpy.run_path("shop.py")
    (_, token, _), *others = booked(tmp_path / "orders.db")

    shop["book"](contact_with({"item": "newer"}, token=token + 2))
    shop["book"](contact_with({"item": "overtaken"}, token=token + 1))

    assert booked(tmp_path / "orders.db") == [("order-4712", token + 2, "newer")]
    assert not others


def booked(file: Path) -> list[tuple[str, int, str]]:
    with closing(sqlite3.connect(file)) as database:
        return database.execute("select * from orders").fetchall()


@pytest.mark.parametrize(
    ("payload", "attributes", "outcome"),
    [
        ("hello", {}, Outcome.COMPLETE),
        ("not now", {}, Outcome.RELEASE),
        ("bonjour", {"language": "French"}, Outcome.TRANSFER),
    ],
)
def test_the_page_on_handlers_shows_each_outcome(payload: str, attributes: dict[str, str], outcome: Outcome) -> None:
    shop: dict[str, object] = {}
    exec(python_of("docs/handlers.md"), shop)
    contact = contact_with(payload, attributes=attributes)

    asyncio.run(shop["sort"](contact))  # type: ignore[operator]

    assert contact.outcome is outcome


def contact_with(payload: object, *, token: int = 1, attributes: dict[str, str] | None = None) -> Contact:
    return Contact(
        contact_id="order-4712", queue="BasicQueue", channel="chat", priority=5, token=token, attempt=1, agent="ana",
        direction="inbound", customer="", attributes=attributes or {}, headers={}, payload=payload,
    )  # fmt: skip


def test_the_page_on_python_prints_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "page.py").write_text(python_of("docs/python.md"))

    printed = Machine(tmp_path / "home", tmp_path).type("python page.py")

    assert printed.splitlines() == printed_of("docs/python.md")


@pytest.mark.timeout(600)  # seven simulations
def test_the_page_on_simulation_prints_what_it_says_and_draws_the_picture(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    machine = Machine(tmp_path / "home", tmp_path)

    printed = [line for command in commands_of("docs/simulation.md") for line in machine.type(command).splitlines()]

    recording, *shown = re.findall(r"```text\n(.*?)```", (ROOT / "docs/simulation.md").read_text(), re.DOTALL)
    assert [line for block in shown for line in block.splitlines() if line not in printed] == []
    assert (ROOT / "examples/simulation/calls.csv").read_text().startswith(recording)
    assert (tmp_path / "both.svg").exists()


@pytest.mark.timeout(600)  # some ten processes, and a simulation
def test_the_page_on_importing_brings_a_centre_over_and_routes_its_first_call(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    machine = Machine(tmp_path / "home", tmp_path)

    printed = [machine.type(command) for command in commands_of("docs/import.md")]

    shown = re.findall(r"```toml\n(.*?)```", (ROOT / "docs/import.md").read_text(), re.DOTALL)
    assert shown
    assert all(block in (tmp_path / "centre.toml").read_text() for block in shown)
    assert "priority = 2, delay_s = 20" in (tmp_path / "centre.toml").read_text()
    assert "completed, voice in support-desk" in printed[-1]
    assert machine.completed("support-desk") == 1


def test_the_example_of_a_worker_in_ones_own_program_handles_what_it_makes(tmp_path: Path) -> None:
    printed = Machine(tmp_path / "home").type("python examples/embedding.py 2> /dev/null")

    answers = [f"ana answers order-{number}: {{'order': {number}}}" for number in range(3)]
    assert sorted(printed.splitlines()) == [*answers, "ana is signed out"]


@pytest.mark.parametrize("source", ["docs/testing.md", "examples/test_handler.py"])
def test_tests_of_handlers_that_the_documents_show_pass(source: str, tmp_path: Path) -> None:
    shown = python_of(source) if source.endswith(".md") else (ROOT / source).read_text()
    (tmp_path / "test_handler.py").write_text(shown)

    printed = Machine(tmp_path / "home", tmp_path).type("python -m pytest -q -W error -p no:asyncio test_handler.py")

    assert re.search(r"^\d+ passed in", printed, re.MULTILINE), printed


def patterns_of_the_demo() -> list[str]:
    """The lines that README shows of the demo, but for who got what, which differs; a number stands for any."""
    block = re.findall(r"```text\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[-1]
    told = [line for line in block.splitlines() if re.match(r"[A-Z0-9]|agent  ", line)]
    return [re.sub(r"\d+(?! of)", r"\\d+", re.escape(line)).replace("contact\\ in", "contacts?\\ in") for line in told]


def test_the_demo_handles_every_contact_once_and_ends_as_the_readme_says() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "demo.py")], capture_output=True, text=True, timeout=110
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "160 of 160 contacts were handled, each once" in done.stdout
    assert done.stdout.rstrip().endswith("make demo-web, then open http://127.0.0.1:8080/")
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
