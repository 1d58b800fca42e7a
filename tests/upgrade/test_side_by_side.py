"""Workers of the version before and of this one work side by side while they are restarted one after the other."""

import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from threading import Event, Thread

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
"""The version before, as long as there is no tag."""
PROGRAMS = ("worker", "producers", "web")
HANDLER = """
import time
def note(contact):
    time.sleep(0.01)
    with open("answered", "a") as file:
        file.write(f"{contact.contact_id}\\n")
"""
PAIRS = (("ana", "bo"), ("cem", "dora"))


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the version before. It cannot be had from an archive of the sources, or a clone without history."""
    tag = subprocess.run(["git", "describe", "--tags", "--abbrev=0", "--match", "v*"], cwd=ROOT, capture_output=True)
    version = tag.stdout.decode().strip() or BEFORE
    made = subprocess.run(["git", "archive", version, "fairlead", *PROGRAMS], cwd=ROOT, capture_output=True)
    if made.returncode:
        pytest.skip(f"NOT TESTED: no {version} here to work beside: {made.stderr.decode().strip()}")
    folder = tmp_path_factory.mktemp("before")
    with tarfile.open(fileobj=BytesIO(made.stdout)) as archive:
        archive.extractall(folder, filter="data")
    assert f"\nLAYOUT = {LAYOUT}\n" in (folder / "fairlead" / "store" / "keys.py").read_text()
    return folder


StartWorker = Callable[[tuple[str, ...], bool], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(server: RealServer, before: Path, tmp_path: Path) -> Iterator[StartWorker]:
    """Start a worker of either version for some agents."""
    (tmp_path / "shop.py").write_text(HANDLER)
    started: list[subprocess.Popen[bytes]] = []

    def start(agents: tuple[str, ...], is_before: bool) -> "subprocess.Popen[bytes]":
        home = before if is_before else ROOT
        command = [sys.executable, "-m", "fairlead.cli.main", "work", "--handler", "shop:note", "--redis", server.url]
        named = [word for agent in agents for word in ("--agent", agent)]
        folders = ":".join(str(folder) for folder in (home, *(home / name for name in PROGRAMS)))
        log = (tmp_path / f"worker{len(started)}.log").open("wb")
        started.append(
            subprocess.Popen(
                [*command, *named, "--profile", "BasicRoutingProfile", "--log-format", "json"],
                cwd=tmp_path, stderr=log, env=without_settings() | {"PYTHONPATH": folders},
            )
        )  # fmt: skip
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


class Flow:
    """Contacts arrive all the time, until it is ended."""

    def __init__(self, url: str) -> None:
        self.pushed: list[str] = []
        self._url, self._ended = url, Event()
        self._thread = Thread(target=self._push)
        self._thread.start()

    def _push(self) -> None:
        with Producer.connect(self._url) as producer:
            while not self._ended.wait(0.02):
                contact_id = f"c{len(self.pushed)}"
                producer.push("BasicQueue", contact_id, channel="task", contact_id=contact_id)
                self.pushed.append(contact_id)

    def passes(self, many: int) -> None:
        """Wait until so many more have come."""
        least = len(self.pushed) + many
        eventually(lambda: len(self.pushed) >= least)

    def end(self) -> None:
        self._ended.set()
        self._thread.join()


def test_a_rolling_restart_to_this_version_and_back_handles_each_contact_once(
    server: RealServer, start: StartWorker, tmp_path: Path
) -> None:
    Producer.connect(server.url).close()
    store = Store(server.client())
    workers = [start(pair, True) for pair in PAIRS]
    eventually(lambda: all(is_signed_in(store, agent) for pair in PAIRS for agent in pair))

    flow = Flow(server.url)
    for is_before in (False, True):
        for place, pair in enumerate(PAIRS):
            flow.passes(20)
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
