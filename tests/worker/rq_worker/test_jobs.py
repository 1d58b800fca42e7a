"""Which jobs an RQ worker runs, and what follows a contact."""

import http.server
import json
import os
import subprocess
import sys
import threading

import pytest
from conftest import RealServer, eventually
from fairlead_worker.jobs import post
from fairlead_worker.rq import AllowedJob, follow_up
from raw import raw
from rq import Callback, Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from fairlead.domain.configuration import ENDED_RETENTION_S
from fairlead.errors import InvalidSetting
from fairlead.store.client import Store


def test_a_job_that_the_allow_list_does_not_name_is_refused(store: Store) -> None:
    queue = Queue("handling", connection=raw(store), serializer=JSONSerializer, job_class=AllowedJob)
    job = queue.create_job("os.system", args=("true",))

    with pytest.raises(PermissionError, match=r"os\.system"):
        _ = job.func


def test_a_callback_that_redis_names_is_not_called(store: Store) -> None:
    job = Job.create(post, connection=raw(store), serializer=JSONSerializer, on_failure=Callback("os.abort"))
    job.save()

    read = AllowedJob.fetch(job.id, connection=raw(store), serializer=JSONSerializer)

    assert Job.fetch(job.id, connection=raw(store), serializer=JSONSerializer).failure_callback is os.abort
    assert read.failure_callback is None


def test_a_follow_up_is_refused_by_a_queue_of_pickles(store: Store) -> None:
    queue = Queue("follow-ups", connection=raw(store))

    with pytest.raises(InvalidSetting, match="would store a pickle"):
        follow_up(queue, "http://127.0.0.1:1/", {})


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
    assert 0 < raw(store).ttl(job.key) <= ENDED_RETENTION_S
    assert 0 < raw(store).ttl(f"rq:results:{job.id}") <= ENDED_RETENTION_S
