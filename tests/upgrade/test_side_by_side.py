"""Workers of the version before and of this one work side by side while they are restarted one after the other, and
producers of both push.
"""

import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from conftest import RealServer, eventually
from processes import is_signed_in, state_of, without_settings
from store.consistency import check

from fairlead.service.history import check_history, record_history
from fairlead.service.producer import Producer
from fairlead.store.client import Store
from fairlead.store.keys import LAYOUT

ROOT = Path(__file__).parents[2]
BEFORE = "e1831838a077846ab2d7bacfb1b3063b7d3532c7"
"""The version before, as long as there is no tag, and no other one is asked for by --before."""
PROGRAMS = ("worker", "producers", "web")
HANDLER = """
import time
def note(contact):
    time.sleep(0.01)
    with open("answered", "a") as file:
        file.write(f"{contact.contact_id}\\n")
"""
PUSHER = """
import itertools, os, sys, time
from fairlead.service.producer import Producer
with Producer.connect(sys.argv[1]) as producer:
    for number in itertools.takewhile(lambda _: not os.path.exists("enough"), itertools.count()):
        contact_id = f"{sys.argv[2]}-{number}"
        producer.push("BasicQueue", contact_id, channel="task", contact_id=contact_id)
        print(contact_id, flush=True)
        time.sleep(0.04)
"""
PAIRS = (("ana", "bo"), ("cem", "dora"))


@pytest.fixture(scope="module")
def before(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the version before. It cannot be had from an archive of the sources, or a clone without history."""
    tag = subprocess.run(["git", "describe", "--tags", "--abbrev=0", "--match", "v*"], cwd=ROOT, capture_output=True)
    version = request.config.getoption("--before") or tag.stdout.decode().strip() or BEFORE
    made = subprocess.run(["git", "archive", version, "fairlead", *PROGRAMS], cwd=ROOT, capture_output=True)
    if made.returncode:
        pytest.skip(f"NOT TESTED: no {version} here to work beside: {made.stderr.decode().strip()}")
    folder = tmp_path_factory.mktemp("before")
    with tarfile.open(fileobj=BytesIO(made.stdout)) as archive:
        archive.extractall(folder, filter="data")
    assert f"\nLAYOUT = {LAYOUT}\n" in (folder / "fairlead" / "store" / "keys.py").read_text()
    return folder


def python(home: Path, *words: str) -> tuple[list[str], dict[str, str]]:
    """A command of the version in a folder, and its environment."""
    folders = ":".join(str(folder) for folder in (home, *(home / name for name in PROGRAMS)))
    return [sys.executable, *words], without_settings() | {"PYTHONPATH": folders}


StartWorker = Callable[[tuple[str, ...], bool], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(server: RealServer, before: Path, tmp_path: Path) -> Iterator[StartWorker]:
    """Start a worker of either version for some agents."""
    (tmp_path / "shop.py").write_text(HANDLER)
    started: list[subprocess.Popen[bytes]] = []

    def start(agents: tuple[str, ...], is_before: bool) -> "subprocess.Popen[bytes]":
        work = ("-m", "fairlead.cli.main", "work", "--handler", "shop:note", "--redis", server.url)
        named = [word for agent in agents for word in ("--agent", agent)]
        options = (*named, "--profile", "BasicRoutingProfile", "--log-format", "json")
        command, environment = python(before if is_before else ROOT, *work, *options)
        log = (tmp_path / f"worker{len(started)}.log").open("wb")
        started.append(subprocess.Popen(command, cwd=tmp_path, stderr=log, env=environment))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


class Flow:
    """Producers of both versions push all the time, until it is ended."""

    def __init__(self, url: str, before: Path, folder: Path) -> None:
        self._enough = folder / "enough"
        self._files = [folder / name for name in ("before", "today")]
        self._producers: list[subprocess.Popen[bytes]] = []
        for file, home in zip(self._files, (before, ROOT), strict=True):
            command, environment = python(home, "-c", PUSHER, url, file.name)
            with file.open("wb") as told, (folder / f"{file.name}.log").open("wb") as log:
                self._producers.append(subprocess.Popen(command, cwd=folder, stdout=told, stderr=log, env=environment))

    @property
    def pushed(self) -> list[str]:
        """What was acknowledged."""
        return [contact_id for file in self._files for contact_id in file.read_text().split()]

    def passes(self, many: int) -> None:
        """Wait until so many more have come of each version."""
        for file in self._files:
            least = len(file.read_text().split()) + many
            eventually(lambda file=file, least=least: len(file.read_text().split()) >= least)  # type: ignore[misc]

    def end(self) -> None:
        self._enough.touch()
        assert [producer.wait(60) for producer in self._producers] == [0, 0]


def test_a_rolling_restart_to_this_version_and_back_handles_each_contact_once(
    server: RealServer, before: Path, start: StartWorker, tmp_path: Path
) -> None:
    Producer.connect(server.url).close()
    store = Store(server.client())
    workers = [start(pair, True) for pair in PAIRS]
    eventually(lambda: all(is_signed_in(store, agent) for pair in PAIRS for agent in pair))

    flow = Flow(server.url, before, tmp_path)
    for is_before in (False, True):
        for place, pair in enumerate(PAIRS):
            flow.passes(10)
            workers[place].terminate()
            assert workers[place].wait(30) == 0
            workers[place] = start(pair, is_before)
            eventually(lambda pair=pair: all(is_signed_in(store, agent) for agent in pair))  # type: ignore[misc]
    flow.end()
    eventually(lambda: all(state_of(store, one) == "completed" for one in flow.pushed))
    history = store.run(record_history())
    for worker in workers:
        worker.terminate()
        worker.wait()

    answered = Counter((tmp_path / "answered").read_text().split())
    assert answered.keys() == set(flow.pushed)
    assert [one for one, many in answered.items() if many > 1] == []
    assert check_history(history) == []
    check(store)
