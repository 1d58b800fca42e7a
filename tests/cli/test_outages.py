"""What looks at Redis for long outlives an outage of it, and says so once."""

import os
import pty
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import REAL_SERVERS, RealServer, eventually

from fairlead.server.connection import connect
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact
from fairlead.store.transitions import configuring, producing


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[RealServer]:
    """A server that keeps its instance when it is killed."""
    server = RealServer(REAL_SERVERS[0], tmp_path, "--appendonly", "yes", "--appendfsync", "always")
    store = Store(connect(server.url))
    store.run(configuring.prepare_instance(store.keys))
    yield server
    server.kill()


class Watcher:
    """A `fairlead` process that runs until it is interrupted; what it says is in files."""

    def __init__(self, folder: Path, *arguments: str, url: str, on_terminal: bool = False) -> None:
        self._out, self._err = folder / "out", folder / "err"
        self._terminal, given = pty.openpty() if on_terminal else (None, None)
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "fairlead.cli.main", *arguments, "--redis", url],
                stdout=out if given is None else given, stderr=err,
                env={**os.environ, "TERM": "xterm", "PYTHONUNBUFFERED": "1"},
            )  # fmt: skip
        if given is not None:
            os.close(given)

    def out(self) -> str:
        return self._out.read_text()

    def err(self) -> str:
        return self._err.read_text()

    def shows(self) -> str:
        """What has come to its terminal since the last time."""
        assert self._terminal is not None
        return os.read(self._terminal, 100_000).decode()

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(60)
        if self._terminal is not None:
            os.close(self._terminal)
        return code


Watch = Callable[..., Watcher]


@pytest.fixture
def watch(kept: RealServer, tmp_path: Path) -> Iterator[Watch]:
    """Start `fairlead ARGUMENTS` on the server; nothing of it is left when the test ends, however it ends."""
    started: list[Watcher] = []

    def watch(*arguments: str, on_terminal: bool = False) -> Watcher:
        started.append(Watcher(tmp_path, *arguments, url=kept.url, on_terminal=on_terminal))
        return started[-1]

    yield watch
    for watcher in started:
        watcher.process.kill()
        watcher.process.wait()


def outage(server: RealServer, watcher: Watcher) -> None:
    """Redis goes away, and comes back once the watcher has said so; it says that, too, and nothing twice."""
    server.kill()
    eventually(lambda: "warning: no Redis answers at" in watcher.err())
    server.start()
    eventually(lambda: "Redis serves again" in watcher.err())
    assert watcher.err().count("\n") == 2, watcher.err()


def push(server: RealServer, contact: str) -> None:
    store = Store(connect(server.url))
    store.run(producing.push(store.keys, NewContact("BasicQueue", "voice", contact_id=contact)))


def test_following_events_goes_on_after_an_outage(kept: RealServer, watch: Watch) -> None:
    push(kept, "before")
    watcher = watch("events", "--follow", "--json")
    eventually(lambda: "before" in watcher.out())

    outage(kept, watcher)
    push(kept, "after")

    eventually(lambda: "after" in watcher.out())
    assert watcher.out().count('"contact":"before"') == 1
    assert watcher.end() == 0


def test_top_goes_on_after_an_outage(kept: RealServer, watch: Watch) -> None:
    watcher = watch("top", "--every", "0.2", on_terminal=True)
    eventually(lambda: watcher.shows())

    outage(kept, watcher)
    push(kept, "after")

    eventually(lambda: "BasicQueue" in watcher.shows())
    assert watcher.end() == 0


def test_the_monitor_answers_503_with_the_reason_during_an_outage_and_goes_on(kept: RealServer, watch: Watch) -> None:
    watcher = watch("monitor", "--port", "0")
    eventually(lambda: "/metrics\n" in watcher.out())
    address = watcher.out().strip()
    before = _get(address)[0]

    kept.kill()
    eventually(lambda: _get(address)[0] != 200)  # what it has read is shown for a second
    during = [_get(address), _get(address.replace("/metrics", "/healthz"))]
    kept.start()
    eventually(lambda: _get(address)[0] == 200)

    assert before == 200
    assert [code for code, _ in during] == [503, 503]
    assert all("no Redis answers at" in text for _, text in during)
    assert watcher.err().count("warning: no Redis answers at") == watcher.err().count("Redis serves again") == 1
    assert watcher.end() == 0


def _get(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()
