"""A worker always ends when it is told to, or when its last agent is gone."""

import signal
import subprocess
from pathlib import Path

import pytest
from conftest import RealServer, eventually
from processes import (
    HANDLERS,
    StartWorker,
    push,
    state_of,
    told,
    without_settings,
    worker_command,
)

from fairlead.store.client import Store
from fairlead.store.transitions import configuring


@pytest.mark.parametrize(
    ("handler", "options", "code"),
    [
        ("shop:blocking", [], 1),
        ("shop:blocking_thread", [], 0),
        ("shop:blocking_thread", ["--quick-handler"], 1),
    ],
)
def test_a_worker_ends_within_its_limit_whatever_its_handlers_do(
    real: Store, start_worker: StartWorker, tmp_path: Path, handler: str, options: list[str], code: int
) -> None:
    worker = start_worker(handler, *options, "--drain-limit", "0.2", "--lease", "2")
    push(real, "c1")
    eventually((tmp_path / "begun").exists)

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(30) == code


def test_a_worker_ends_within_its_limit_although_a_program_does_not_listen(
    real: Store, start_worker: StartWorker, tmp_path: Path
) -> None:
    program = tmp_path / "deaf"
    program.write_text(f"#!/bin/sh\ntrap '' TERM\necho $$ > {tmp_path}/runs\nwhile :; do sleep 0.1; done\n")
    program.chmod(0o755)
    worker = start_worker(f"exec:{program}", "--drain-limit", "0.2")
    push(real, "c1")
    eventually(lambda: (tmp_path / "runs").exists() and (tmp_path / "runs").read_text().strip())

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(30) == 0
    assert state_of(real, "c1") == "queued"
    eventually(lambda: not Path(f"/proc/{(tmp_path / 'runs').read_text().strip()}").exists())


@pytest.mark.parametrize("is_begun", [True, False])
def test_a_worker_ends_within_its_limit_although_redis_is_away(
    own_server: RealServer, tmp_path: Path, is_begun: bool
) -> None:
    store = Store(own_server.client())
    store.run(configuring.prepare_instance(store.keys))
    if not is_begun:
        own_server.client().config_set("min-replicas-to-write", 1)
    (tmp_path / "shop.py").write_text(HANDLERS)
    command = worker_command(own_server.url, "shop:patient", "--drain-limit", "0.2")
    with (tmp_path / "worker0.log").open("wb") as log:
        worker = subprocess.Popen(command, cwd=tmp_path, stderr=log, env=without_settings())
    if is_begun:
        push(store, "c1")
        eventually(lambda: state_of(store, "c1") == "connected")
        own_server.kill()
    eventually(lambda: told(tmp_path, "redis does not serve"))

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(30) == 0


def test_a_worker_whose_last_agent_is_taken_over_ends_although_a_handler_does_not_return(
    real: Store, start_worker: StartWorker
) -> None:
    first = start_worker("shop:blocking_thread", "--lease", "2")
    push(real, "c1")
    eventually(lambda: state_of(real, "c1") == "connected")

    start_worker("echo", "--take-over")

    assert first.wait(60) == 4


def test_a_worker_ends_although_a_thread_that_a_handler_began_does_not(
    real: Store, start_worker: StartWorker, tmp_path: Path
) -> None:
    worker = start_worker("shop:poisonous")
    push(real, "c1", "import threading; threading.Thread(target=time.sleep, args=(3600,)).start()")
    eventually(lambda: state_of(real, "c1") == "completed")

    worker.terminate()

    assert worker.wait(60) == 0
    assert "did not stop" not in (tmp_path / "worker0.log").read_text()
