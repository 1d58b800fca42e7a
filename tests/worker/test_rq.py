"""Contacts in RQ's work horses, with a real `rq worker`."""

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import RealServer, eventually
from rq import Queue
from rq.serializers import JSONSerializer

from fairlead.store.client import Store
from fairlead.store.reading import list_contacts, read_contact, read_events
from fairlead.store.session import Session
from fairlead.store.transitions import administering, producing
from worker.jobs import post
from worker.rq import AllowedJob, follow_up

HANDLERS = """
import os, pathlib, signal
def plain(contact):
    pathlib.Path(contact.payload).write_text(str(os.getpid()))
def crashing(contact):
    if contact.attempt == 1:
        os.kill(os.getpid(), signal.SIGKILL)
"""

StartRq = Callable[[str], "subprocess.Popen[bytes]"]


@pytest.fixture
def store(server: RealServer) -> Store:
    store = Store(server.client())
    store.run(administering.prepare_instance(store.keys))
    session = Session(store.keys, "ana", "w", "here")
    store.run(session.sign_in(profile="BasicRoutingProfile"))
    store.run(session.sign_out())
    return store


@pytest.fixture
def start_rq(server: RealServer, tmp_path: Path) -> Iterator[StartRq]:
    (tmp_path / "shop.py").write_text(HANDLERS)
    started: list[subprocess.Popen[bytes]] = []

    def start(handler: str) -> "subprocess.Popen[bytes]":
        given = {"FAIRLEAD_AGENT": "ana", "FAIRLEAD_HANDLER": handler, "FAIRLEAD_REDIS_URL": server.url}
        command = [
            sys.executable,
            "-m",
            "rq.cli",
            "worker",
            "-w",
            "worker.rq.ContactWorker",
            "-u",
            server.url,
            "handling",
        ]
        environment = os.environ | given | {"PYTHONPATH": str(tmp_path)}
        with (tmp_path / "rq.log").open("ab") as log:
            process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=log, stdout=log)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def push(store: Store, contact_id: str, payload: object = None) -> None:
    contact = producing.NewContact("BasicQueue", "voice", json.dumps(payload).encode(), contact_id=contact_id)
    store.run(producing.push(store.keys, contact))


def test_a_contact_is_handled_in_a_work_horse(store: Store, start_rq: StartRq, tmp_path: Path) -> None:
    worker = start_rq("shop:plain")
    push(store, "c1", str(tmp_path / "seen"))

    eventually(lambda: read_contact(store, "c1").state == "completed")

    assert int((tmp_path / "seen").read_text()) != worker.pid


def test_a_killed_work_horse_gives_its_contact_back(store: Store, start_rq: StartRq) -> None:
    start_rq("shop:crashing")
    push(store, "c1")

    eventually(lambda: read_contact(store, "c1").state == "completed")

    assert [event.fields["reason"] for event in read_events(store) if event.name == "contact.requeued"] == ["failed"]


def test_a_terminated_rq_worker_signs_its_agent_out(store: Store, start_rq: StartRq) -> None:
    worker = start_rq("shop:plain")
    eventually(lambda: store.client.hexists(store.keys.agent("ana"), "epoch"))

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(60) == 0
    assert not store.client.hexists(store.keys.agent("ana"), "epoch")
    assert list_contacts(store, "connected") == []


def test_a_job_that_the_allow_list_does_not_name_is_refused(store: Store) -> None:
    queue = Queue("handling", connection=store.client, serializer=JSONSerializer, job_class=AllowedJob)
    job = queue.create_job("os.system", args=("true",))

    with pytest.raises(PermissionError, match=r"os\.system"):
        _ = job.func


def test_a_follow_up_is_repeated_until_it_succeeds(store: Store, server: RealServer) -> None:
    seen: list[bytes] = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(500 if len(seen) == 1 else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with http.server.HTTPServer(("127.0.0.1", 0), Receiver) as receiver:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        queue = Queue("follow-ups", connection=server.client(), serializer=JSONSerializer)
        job = follow_up(queue, f"http://127.0.0.1:{receiver.server_port}/", {"contact": "c1"})
        command = [
            sys.executable,
            "-m",
            "rq.cli",
            "worker",
            "-u",
            server.url,
            "--serializer",
            "rq.serializers.JSONSerializer",
        ]
        with subprocess.Popen([*command, "--with-scheduler", "follow-ups"], stderr=subprocess.DEVNULL) as worker:
            eventually(lambda: len(seen) == 2, within_s=60)
            eventually(lambda: job.get_status(refresh=True).value == "finished")
            worker.terminate()
        receiver.shutdown()

    assert json.loads(seen[1]) == {"contact": "c1"}
    assert job.func_name == f"{post.__module__}.{post.__name__}"
