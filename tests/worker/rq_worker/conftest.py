"""A real `rq worker` on a real server."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import REAL_SERVERS, RealServer
from worker.rq_worker.horses import StartRq, prepared

from fairlead.store.client import Store

HANDLERS = """
import os, pathlib, signal, time
from fairlead_worker.rq import ContactWorker
def plain(contact):
    pathlib.Path(contact.payload).write_text(str(os.getpid()))
def crashing(contact):
    if contact.attempt == 1:
        os.kill(os.getpid(), signal.SIGKILL)
def failing(contact):
    if contact.attempt == 1:
        raise ValueError(contact.payload)
def exiting(contact):
    if contact.attempt == 1:
        raise SystemExit(contact.payload)
def returning(contact):
    return contact.payload
def waiting(contact):
    worker = os.getppid()
    begun = pathlib.Path("begun")
    is_first = not begun.exists()
    begun.touch()
    while is_first and not pathlib.Path("go").exists():
        if os.getppid() != worker:
            os._exit(1)  # the test is over
        time.sleep(0.01)
class HastyWorker(ContactWorker):
    drain_limit_s = 0.1
"""


@pytest.fixture
def store(server: RealServer) -> Store:
    return prepared(server)


@pytest.fixture
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """A server that the test may torment; it keeps what it has answered."""
    folder = tmp_path_factory.mktemp("own")
    server = RealServer(REAL_SERVERS[0], folder, "--appendonly", "yes", "--appendfsync", "always")
    yield server
    server.kill()


@pytest.fixture
def start_rq(tmp_path: Path) -> Iterator[StartRq]:
    (tmp_path / "shop.py").write_text(HANDLERS)
    started: list[subprocess.Popen[bytes]] = []

    def start(
        handler: str, server: RealServer, kind: str = "fairlead_worker.rq.ContactWorker", **settings: str
    ) -> "subprocess.Popen[bytes]":
        given = {"FAIRLEAD_AGENT": "ana", "FAIRLEAD_HANDLER": handler, "FAIRLEAD_REDIS_URL": server.url}
        command = [sys.executable, "-m", "rq.cli", "worker", "-w", kind, "-u", server.url, "handling"]
        environment = os.environ | given | settings | {"PYTHONPATH": str(tmp_path)}
        with (tmp_path / "rq.log").open("ab") as log:
            process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=log, stdout=log)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
