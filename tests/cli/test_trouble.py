"""Whatever is wrong with Redis, a command says it in one line and ends with 5, without a traceback."""

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import redis
from commands import READING, Done, Run
from conftest import REAL_SERVERS, RealServer, eventually
from redis.exceptions import BusyLoadingError, RedisError

from fairlead.server.connection import connect
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact
from fairlead.store.transitions import configuring, producing
from fairlead.store.transitions.working import Session

LOOKING = [command for command in READING if command != ("doctor",)]
WRITING = [
    ("produce", "push", "BasicQueue"), ("contacts", "end", "c1"), ("contacts", "retry", "c1"),
    ("agents", "sign-out", "ana"), ("agents", "set-status", "ana", "Break"), ("queues", "disable", "BasicQueue"),
    ("desk", "--agent", "bo", "--profile", "BasicRoutingProfile"),
]  # fmt: skip
GROWING = [("produce", "push", "BasicQueue"), ("queues", "disable", "BasicQueue")]
"""What a server without memory refuses."""

READ_BY_ALL = [command for command in LOOKING if command[:2] not in (("queues", "show"), ("agents", "worklist"))]


@pytest.fixture(params=REAL_SERVERS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RealServer]:
    """A server with an instance, on a folder for its data that a test may take away."""
    (tmp_path / "data").mkdir()
    server = RealServer(request.param, tmp_path, "--dir", str(tmp_path / "data"))
    store = Store(connect(server.url))
    store.run(configuring.prepare_instance(store.keys))
    store.run(Session(store.keys, "ana", "w", "here").sign_in(profile="BasicRoutingProfile"))
    store.run(producing.push(store.keys, NewContact("BasicQueue", "voice", contact_id="c1")))
    store.run(producing.push(store.keys, NewContact("BasicQueue", "voice", contact_id="c2")))
    yield server
    server.kill()


def expect_one_line(done: Done, says: str) -> None:
    assert done.code == 5, done
    assert done.err.startswith("error: "), done
    assert done.err.count("\n") == 1, done
    assert says in done.err, done


@contextmanager
def replica(server: RealServer) -> Iterator[str]:
    server.client().replicaof("127.0.0.1", "1")
    yield server.url


@contextmanager
def busy(server: RealServer) -> Iterator[str]:
    """A script that does not end, until it is killed."""
    server.client().config_set("busy-reply-threshold", 10)
    ended: list[RedisError] = []

    def run() -> None:
        try:
            server.client().eval("while true do end", 0)
        except RedisError as failure:
            ended.append(failure)

    thread = threading.Thread(target=run)
    thread.start()
    eventually(lambda: "BUSY" in _refusal(server.client().ping))
    try:
        yield server.url
    finally:
        server.client().script_kill()
        thread.join()
    assert ended


@contextmanager
def wrong_password(server: RealServer) -> Iterator[str]:
    yield f"unix://ana:wrong-word@{server.socket}"


def as_user(server: RealServer, *rights: str) -> str:
    server.client().execute_command("ACL", "SETUSER", "some", "reset", "on", ">word", "+@connection", *rights)
    return f"unix://some:word@{server.socket}"


@contextmanager
def no_rights(server: RealServer) -> Iterator[str]:
    yield as_user(server)


@contextmanager
def rights_to_open_alone(server: RealServer) -> Iterator[str]:
    yield as_user(server, "~*", "+info", "+hmget")


@contextmanager
def rights_to_another_instance(server: RealServer) -> Iterator[str]:
    yield as_user(server, "~{other}:*", "+@all")


@contextmanager
def rights_to_read_what_was_never_prepared(server: RealServer) -> Iterator[str]:
    server.client().flushall()
    yield as_user(server, "~*", "+@read", "+info")


Cause = Callable[[RealServer], AbstractContextManager[str]]


@pytest.mark.parametrize(
    ("cause", "says"),
    [
        (replica, "is a read-only replica"),
        (busy, "is busy with a script"),
        (wrong_password, "refused the user or the password"),
        (no_rights, "permissions to run the 'info' command"),
        (rights_to_open_alone, "does not give this user the right to run"),
        (rights_to_another_instance, "the right to run HMGET {fairlead}:instance"),
        (rights_to_read_what_was_never_prepared, "has no configuration yet, and this user may not write one"),
    ],
)
def test_what_keeps_every_command_from_its_work_is_told_in_one_line(
    server: RealServer, run: Run, cause: Cause, says: str
) -> None:
    with cause(server) as url:
        for command in (*LOOKING, *WRITING):
            expect_one_line(run(url, *command), says)


@contextmanager
def memory_full(server: RealServer) -> Iterator[str]:
    server.client().config_set("maxmemory", 1)
    yield server.url


@contextmanager
def replicas_missing(server: RealServer) -> Iterator[str]:
    server.client().config_set("min-replicas-to-write", 1)
    yield server.url


@contextmanager
def disk_away(server: RealServer) -> Iterator[str]:
    """The folder of the data has vanished, so that saving fails."""
    client = server.client()
    shutil.rmtree(server.socket.parent / "data")
    client.config_set("save", "3600 1")
    client.bgsave()
    eventually(lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err")
    yield server.url


@pytest.mark.parametrize(
    ("cause", "refused", "says"),
    [
        (memory_full, GROWING, "has no memory left"),
        (replicas_missing, WRITING, "min-replicas-to-write"),
        (disk_away, WRITING, "cannot save to its disk"),
    ],
)
def test_what_keeps_commands_from_writing_leaves_those_that_look(
    server: RealServer, run: Run, cause: Cause, refused: list[tuple[str, ...]], says: str
) -> None:
    with cause(server) as url:
        for command in READ_BY_ALL:
            done = run(url, *command)
            assert (done.code, done.err) == (0, ""), (command, done)
        for command in refused:
            expect_one_line(run(url, *command), says)


def test_the_doctor_goes_on_where_a_right_is_missing_and_names_it(server: RealServer, run: Run) -> None:
    url = as_user(server, "~*", "+@all", "-hvals", "-zadd", "-time")

    told = run(url, "doctor")

    assert (told.code, told.err) == (1, "")
    assert "user some may not HVALS, TIME, ZADD" in told.out
    assert "the right to run TIME" in told.out
    assert "append-only file is off" in told.out


def test_a_script_that_lacks_a_right_is_told_with_who_has_it(server: RealServer, run: Run) -> None:
    url = as_user(server, "~*", "+@all", "-hset")

    done = run(url, "produce", "push", "BasicQueue")

    expect_one_line(done, "does not give this user the right")
    assert "deploy/redis/users.acl" in done.err


def test_a_wrong_password_is_sent_once(server: RealServer, run: Run) -> None:
    run(f"unix://ana:wrong-word@{server.socket}", "status")

    assert [entry["count"] for entry in server.client().acl_log()] == [1]


def test_a_server_that_is_gone_is_told_in_one_line(server: RealServer, run: Run) -> None:
    server.kill()

    for command in (("status",), ("doctor",), ("produce", "push", "BasicQueue")):
        expect_one_line(run(server.url, *command), f"no Redis answers at {server.socket}")


@pytest.mark.parametrize("kind", REAL_SERVERS)
def test_a_server_that_still_reads_its_data_is_told_in_one_line(kind: str, tmp_path: Path, run: Run) -> None:
    server = LoadingServer(kind, tmp_path, "--appendonly", "yes", "--loading-process-events-interval-bytes", "1024")
    client = server.client()
    client.mset({f"filler:{number}": "x" * 100 for number in range(4_000)})
    client.bgrewriteaof()
    eventually(lambda: not client.info("persistence")["aof_rewrite_in_progress"])
    server.kill()

    server.start("--key-load-delay", "2000")

    expect_one_line(run(server.url, "status"), "still reading its data")
    server.kill()


@pytest.mark.parametrize("kind", REAL_SERVERS)
def test_a_node_of_a_cluster_that_is_down_is_told_in_one_line(kind: str, tmp_path: Path, run: Run) -> None:
    server = RealServer(kind, tmp_path, "--cluster-enabled", "yes", "--cluster-port", _free_port())

    for command in (("status",), ("produce", "push", "BasicQueue")):
        expect_one_line(run(server.url, *command), "belongs to a cluster that is down")

    server.kill()


@pytest.mark.parametrize("kind", REAL_SERVERS)
def test_a_node_of_a_cluster_that_holds_nothing_of_the_instance_is_told_in_one_line(
    kind: str, tmp_path: Path, run: Run
) -> None:
    one, other = "a" * 40, "b" * 40
    (tmp_path / "nodes.conf").write_text(
        f"{one} 127.0.0.1:0@10000 myself,master - 0 0 1 connected\n"
        f"{other} 127.0.0.1:1@10001 master - 0 0 2 connected 0-16383\nvars currentEpoch 2 lastVoteEpoch 0\n"
    )
    server = RealServer(
        kind, tmp_path, "--cluster-enabled", "yes", "--cluster-node-timeout", "600000", "--cluster-port", _free_port()
    )
    eventually(lambda: "127.0.0.1:1" in _refusal(lambda: server.client().get("{fairlead}:instance")))

    for command in (("status",), ("produce", "push", "BasicQueue")):
        expect_one_line(run(server.url, *command), "another node holds the instance")

    server.kill()


def test_what_is_no_redis_is_told_in_one_line(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_answer_as_a_web_server, args=(listener,), daemon=True)
        thread.start()

        done = run(f"redis://127.0.0.1:{listener.getsockname()[1]}", "status")

    assert done.code == 5
    assert done.err.startswith("error: ")


def _answer_as_a_web_server(listener: socket.socket) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            connection.recv(1_000)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


class LoadingServer(RealServer):
    """A server that counts as started once it answers anything, also that it reads its data."""

    def start(self, *options: str) -> None:
        self._command = [*self._command, *options]
        super().start()

    def client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket), retry=None)

    def _answers(self) -> bool:
        try:
            return bool(self.client().ping())
        except BusyLoadingError:
            return True
        except RedisError:
            return False


def _free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return str(listener.getsockname()[1])


def _refusal(ask: Callable[[], object]) -> str:
    try:
        ask()
    except RedisError as failure:
        return str(failure)
    return ""
