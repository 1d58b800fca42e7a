"""An RQ worker and its horses wait for a Redis that cannot serve."""

import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import redis
from conftest import RealServer, eventually
from worker.rq_worker.horses import StartRq, is_completed, is_signed_in, prepared, push, reasons

from fairlead.server.connection import connect


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


def test_what_it_has_ended_and_redis_has_forgotten_is_handled_again(
    forgetful: RealServer, start_rq: StartRq, tmp_path: Path
) -> None:
    store = prepared(forgetful)
    start_rq("shop:waiting", forgetful)
    push(store, "c1")
    push(store, "c2")
    eventually((tmp_path / "begun").exists)

    def ends() -> None:
        (tmp_path / "go").touch()
        eventually(lambda: is_completed(store, "c1"))

    forgetful.forgets(ends)

    eventually(lambda: is_completed(store, "c1") and is_completed(store, "c2"))
    assert reasons(store)[:1] == ["released"]
