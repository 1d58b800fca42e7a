"""Contacts in RQ's work horses, with a real `rq worker`."""

import base64
import binascii
import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import redis
from conftest import REAL_SERVERS, RealServer, eventually
from fairlead_worker.jobs import handle, post
from fairlead_worker.rq import LONGEST_HANDLING_S, AllowedJob, follow_up
from raw import raw
from rq import Callback, Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from fairlead.domain.configuration import ENDED_RETENTION_S
from fairlead.errors import AgentSignedIn, InvalidSetting, StaleToken
from fairlead.server.connection import connect
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.transitions import configuring, producing, supervising
from fairlead.store.transitions.working import Session

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
CANARY = "kanarienvogel"

StartRq = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def store(server: RealServer) -> Store:
    return prepared(server)


def prepared(server: RealServer) -> Store:
    """An empty instance that knows agent ana."""
    store = Store(server.client())
    store.run(configuring.prepare_instance(store.keys))
    session = Session(store.keys, "ana", "w", "here")
    store.run(session.sign_in(profile="BasicRoutingProfile"))
    store.run(session.sign_out())
    return store


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
        handler: str, server: RealServer, kind: str = "fairlead_worker.rq.ContactWorker"
    ) -> "subprocess.Popen[bytes]":
        given = {"FAIRLEAD_AGENT": "ana", "FAIRLEAD_HANDLER": handler, "FAIRLEAD_REDIS_URL": server.url}
        command = [sys.executable, "-m", "rq.cli", "worker", "-w", kind, "-u", server.url, "handling"]
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


def is_completed(store: Store, contact_id: str = "c1") -> bool:
    with suppress(redis.RedisError):
        return store.run(reading.contact(contact_id)).state == "completed"
    return False


def is_signed_in(store: Store) -> bool:
    return bool(raw(store).hexists(store.keys.agent("ana"), "epoch"))


def reasons(store: Store) -> list[str]:
    """Why contacts went back to their place."""
    return [event.fields["reason"] for event in store.run(reading.events_after()) if event.name == "contact.requeued"]


def values(client: Any, key: bytes) -> list[bytes]:
    """All that a key holds, and what is inside when it is packed."""
    kind = client.type(key)
    if kind == b"string":
        plain = [client.get(key)]
    elif kind == b"hash":
        plain = [part for pair in client.hgetall(key).items() for part in pair]
    elif kind == b"list":
        plain = client.lrange(key, 0, -1)
    elif kind == b"set":
        plain = list(client.smembers(key))
    elif kind == b"zset":
        plain = client.zrange(key, 0, -1)
    else:
        plain = [part for _, entry in client.xrange(key) for pair in entry.items() for part in pair]
    return [unpacked for value in plain for unpacked in unpack(value)]


def unpack(value: bytes) -> Iterator[bytes]:
    yield value
    with suppress(zlib.error):
        yield zlib.decompress(value)
    with suppress(binascii.Error):
        yield (inner := base64.b64decode(value, validate=True))
        with suppress(zlib.error):
            yield zlib.decompress(inner)


def keys_with(client: Any, word: str) -> set[bytes]:
    return {key for key in client.keys("*") if any(word.encode() in value for value in (key, *values(client, key)))}


def lifetimes(client: Any, pattern: str) -> list[int]:
    return [client.ttl(key) for key in client.keys(pattern)]


def test_a_contact_is_handled_in_a_work_horse(
    store: Store, server: RealServer, start_rq: StartRq, tmp_path: Path
) -> None:
    worker = start_rq("shop:plain", server)
    push(store, "c1", str(tmp_path / "seen"))

    eventually(lambda: store.run(reading.contact("c1")).state == "completed")

    assert int((tmp_path / "seen").read_text()) != worker.pid


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        ("shop:crashing", "Work-horse terminated unexpectedly; waitpid returned 9 (signal 9)"),
        ("shop:failing", "ValueError at shop.py:11"),
        ("shop:exiting", "SystemExit at shop.py:14"),
    ],
)
def test_a_contact_that_fails_in_its_horse_goes_back_with_type_and_place(
    store: Store, server: RealServer, start_rq: StartRq, handler: str, error: str
) -> None:
    start_rq(handler, server)
    push(store, "c1", CANARY)

    eventually(lambda: is_completed(store))

    assert reasons(store) == ["failed"]
    assert store.run(reading.contact("c1")).error == error


@pytest.mark.parametrize("handler", ["echo", "shop:crashing", "shop:failing", "shop:exiting", "shop:returning"])
def test_nothing_of_a_payload_is_left_when_its_contact_has_ended(
    store: Store, server: RealServer, start_rq: StartRq, handler: str
) -> None:
    worker = start_rq(handler, server)
    push(store, "c1", CANARY)

    eventually(lambda: is_completed(store))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0

    assert keys_with(raw(store), CANARY) == set()
    assert keys_with(raw(store), "c1") & set(raw(store).keys("rq:job:*"))
    assert not [key for key in raw(store).keys("rq:*") if any(v[:1] == b"\x80" for v in values(raw(store), key))]


@pytest.mark.parametrize("handler", ["echo", "shop:crashing", "shop:failing"])
def test_what_rq_keeps_of_a_contact_ends_when_the_contacts_own_record_does(
    store: Store, server: RealServer, start_rq: StartRq, handler: str
) -> None:
    worker = start_rq(handler, server)
    push(store, "c1", CANARY)

    eventually(lambda: is_completed(store))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0

    assert len(lifetimes(raw(store), "rq:job:*")) == len(lifetimes(raw(store), "rq:results:*")) > 0
    assert all(0 < seconds <= ENDED_RETENTION_S for seconds in lifetimes(raw(store), "rq:*"))


def test_a_job_that_runs_holds_no_payload_and_has_an_end(
    store: Store, server: RealServer, start_rq: StartRq, tmp_path: Path
) -> None:
    start_rq("shop:waiting", server)
    push(store, "c1", CANARY)
    eventually((tmp_path / "begun").exists)

    [job] = raw(store).keys("rq:job:*")
    data = json.loads(zlib.decompress(raw(store).hget(job, "data")))

    assert data == ["fairlead_worker.jobs.handle", None, ["c1", store.run(reading.contact("c1")).token, "ana"], {}]
    assert keys_with(raw(store), CANARY) == {store.keys.payload("c1").encode()}
    assert 0 < raw(store).ttl(job) <= LONGEST_HANDLING_S + ENDED_RETENTION_S
    assert 0 < raw(store).ttl("rq:wip:handling") <= LONGEST_HANDLING_S + ENDED_RETENTION_S


def test_a_contact_that_its_agent_does_not_hold_any_more_is_not_handled(
    store: Store, server: RealServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIRLEAD_REDIS_URL", server.url)
    monkeypatch.setenv("FAIRLEAD_HANDLER", "exec:/bin/false")
    push(store, "c1")
    session = Session(store.keys, "ana", "w", "here")
    [offer] = store.run(session.sign_in())
    store.run(session.release([offer]))

    with pytest.raises(StaleToken, match="the contact is not handled"):
        handle("c1", offer.token, "ana")


def test_a_lost_hint_changes_nothing(store: Store, server: RealServer, start_rq: StartRq) -> None:
    start_rq("echo", server)
    eventually(lambda: is_signed_in(store))
    inbox = store.keys.inbox(raw(store).hget(store.keys.agent("ana"), "inbox").decode())
    thief = threading.Thread(target=server.client().blpop, args=([inbox],), daemon=True)

    thief.start()
    eventually(lambda: waits_first(raw(store), inbox))
    push(store, "c1")

    eventually(lambda: is_completed(store))
    thief.join(60)
    assert not thief.is_alive()


def waits_first(client: Any, inbox: str) -> bool:
    """Whether the only one who waits for hints is somebody else than the worker, so that the next is lost to it."""
    waiting = [one for one in client.client_list() if one["cmd"] == "blpop"]
    return len(waiting) == 2 and int(max(waiting, key=lambda one: int(one["idle"]))["idle"]) > 1


def test_a_wait_whose_connection_is_killed_is_not_repeated_silently(server: RealServer) -> None:
    failures: list[redis.RedisError] = []
    control = server.client()

    def wait() -> None:
        try:
            connect(server.url, max_connections=1, retries=0).blpop(["nothing"], timeout=4)
        except redis.RedisError as failure:
            failures.append(failure)

    waiter = threading.Thread(target=wait)
    waiter.start()
    eventually(lambda: [one for one in control.client_list() if one["cmd"] == "blpop"])
    control.client_kill_filter(_type="normal", skipme=True)
    waiter.join(60)

    assert [type(failure) for failure in failures] == [redis.exceptions.ConnectionError]


def restart(server: RealServer, is_told: Callable[[], bool]) -> None:
    server.kill()
    eventually(is_told)
    server.start()


def fill_memory(server: RealServer, is_told: Callable[[], bool]) -> None:
    server.client().config_set("maxmemory", 1)
    eventually(is_told)
    server.client().config_set("maxmemory", 0)


def lack_replicas(server: RealServer, is_told: Callable[[], bool]) -> None:
    server.client().config_set("min-replicas-to-write", 1)
    eventually(is_told)
    server.client().config_set("min-replicas-to-write", 0)


def be_busy(server: RealServer, is_told: Callable[[], bool]) -> None:
    server.client().config_set("busy-reply-threshold", 1)
    script = threading.Thread(target=run_for_ever, args=(server,))
    script.start()
    eventually(is_told)
    server.client().script_kill()
    script.join()


def run_for_ever(server: RealServer) -> None:
    patient = redis.Redis(unix_socket_path=str(server.socket), socket_timeout=None, retry=None)
    with suppress(redis.ResponseError):
        patient.eval("while true do end", 0)


TROUBLES = [restart, fill_memory, lack_replicas, be_busy]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_worker_waits_for_a_redis_that_cannot_serve(
    own_server: RealServer, start_rq: StartRq, tmp_path: Path, trouble: Callable[..., None]
) -> None:
    store = prepared(own_server)
    worker = start_rq("echo", own_server)
    push(store, "c0")
    eventually(lambda: is_completed(store, "c0"))

    trouble(own_server, lambda: "waits for Redis" in (tmp_path / "rq.log").read_text())
    push(store, "c1")

    eventually(lambda: is_completed(store))
    assert worker.poll() is None
    assert reasons(store) == []


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_horse_waits_for_a_redis_that_cannot_serve(
    own_server: RealServer, start_rq: StartRq, tmp_path: Path, trouble: Callable[..., None]
) -> None:
    store = prepared(own_server)
    start_rq("shop:waiting", own_server)
    push(store, "c1")
    eventually((tmp_path / "begun").exists)

    def ends_meanwhile() -> bool:
        (tmp_path / "go").touch()
        return "waits for Redis" in (tmp_path / "rq.log").read_text()

    trouble(own_server, ends_meanwhile)

    eventually(lambda: is_completed(store))
    assert reasons(store) == []


def test_a_worker_that_is_stopped_while_redis_is_away_ends(
    own_server: RealServer, start_rq: StartRq, tmp_path: Path
) -> None:
    store = prepared(own_server)
    worker = start_rq("echo", own_server)
    eventually(lambda: is_signed_in(store))

    own_server.kill()
    eventually(lambda: "waits for Redis" in (tmp_path / "rq.log").read_text())
    worker.send_signal(signal.SIGTERM)

    assert worker.wait(60) == 0


def test_a_session_that_was_lost_is_signed_in_again(store: Store, server: RealServer, start_rq: StartRq) -> None:
    worker = start_rq("echo", server)
    eventually(lambda: is_signed_in(store))

    store.run(supervising.sign_out_agent(store.keys, "ana"))
    push(store, "c1")

    eventually(lambda: is_completed(store))
    assert worker.poll() is None


def test_the_horse_of_a_lost_session_is_broken_off(
    store: Store, server: RealServer, start_rq: StartRq, tmp_path: Path
) -> None:
    start_rq("shop:waiting", server)
    push(store, "c1")
    eventually((tmp_path / "begun").exists)

    store.run(supervising.sign_out_agent(store.keys, "ana"))

    eventually(lambda: is_completed(store))
    assert not (tmp_path / "go").exists()


def test_an_agent_who_was_taken_over_ends_its_worker_with_the_code_of_a_conflict(
    store: Store, server: RealServer, start_rq: StartRq
) -> None:
    worker = start_rq("echo", server)
    eventually(lambda: is_signed_in(store))

    epoch = int(raw(store).hget(store.keys.agent("ana"), "epoch"))
    store.run(Session(store.keys, "ana", "other", "elsewhere/1/1").sign_in(replaces=epoch))

    assert worker.wait(60) == AgentSignedIn.exit_code
    assert raw(store).hget(store.keys.agent("ana"), "worker") == b"other"


def test_a_terminated_rq_worker_signs_its_agent_out(store: Store, server: RealServer, start_rq: StartRq) -> None:
    worker = start_rq("shop:plain", server)
    eventually(lambda: is_signed_in(store))

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(60) == 0
    assert not is_signed_in(store)
    assert store.run(reading.contacts_in("connected")) == []


def test_a_terminated_rq_worker_completes_the_contact_at_hand_and_takes_no_other(
    store: Store, server: RealServer, start_rq: StartRq, tmp_path: Path
) -> None:
    worker = start_rq("shop:waiting", server)
    push(store, "c1")
    eventually((tmp_path / "begun").exists)
    push(store, "c2")

    worker.send_signal(signal.SIGTERM)
    (tmp_path / "go").touch()

    assert worker.wait(60) == 0
    assert is_completed(store)
    assert (store.run(reading.contact("c2")).state, store.run(reading.contact("c2")).attempts) == ("queued", 0)


def test_a_terminated_rq_worker_breaks_off_a_handler_that_takes_longer_than_its_limit(
    store: Store, server: RealServer, start_rq: StartRq, tmp_path: Path
) -> None:
    worker = start_rq("shop:waiting", server, "shop.HastyWorker")
    push(store, "c1")
    eventually((tmp_path / "begun").exists)

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(60) == 0
    assert store.run(reading.contact("c1")).state == "queued"
    assert reasons(store) == ["signed_out"]


def test_a_contact_for_which_no_job_can_be_made_is_given_back(own_server: RealServer, start_rq: StartRq) -> None:
    store = prepared(own_server)
    start_rq("echo", own_server)
    eventually(lambda: is_signed_in(store))

    own_server.client().acl_setuser("default", reset_keys=True, keys=["{*", "rq:[^j]*"], enabled=True)
    push(store, "c1")
    eventually(lambda: reasons(store))
    own_server.client().acl_setuser("default", keys=["*"], enabled=True)
    push(store, "c2")

    eventually(lambda: is_completed(store, "c2"))
    assert set(reasons(store)) == {"failed"}
    assert store.run(reading.contact("c1")).error.startswith("NoPermissionError at ")


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
