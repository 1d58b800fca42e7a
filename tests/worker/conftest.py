"""Real worker processes on a real server."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import REAL_SERVERS, RealServer
from processes import HANDLERS, StartWorker, without_settings, worker_command

from fairlead.store.client import Store
from fairlead.store.transitions import configuring


@pytest.fixture
def real(server: RealServer) -> Store:
    store = Store(server.client())
    store.run(configuring.prepare_instance(store.keys))
    return store


@pytest.fixture
def start_worker(server: RealServer, tmp_path: Path) -> Iterator[StartWorker]:
    """Start `fairlead work` in a folder of its own; what still runs in the end is killed."""
    (tmp_path / "shop.py").write_text(HANDLERS)
    started: list[subprocess.Popen[bytes]] = []

    def start(
        handler: str, *options: str, agents: tuple[str, ...] = ("ana",), url: str = server.url
    ) -> "subprocess.Popen[bytes]":
        command = worker_command(url, handler, *options, agents=agents)
        log = (tmp_path / f"worker{len(started)}.log").open("wb")
        process = subprocess.Popen(command, cwd=tmp_path, stderr=log, env=without_settings())
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RealServer]:
    options = ("--appendonly", "yes", "--appendfsync", "always", "--enable-protected-configs", "yes")
    server = RealServer(REAL_SERVERS[0], tmp_path, *options)
    yield server
    server.kill()
