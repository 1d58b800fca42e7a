"""A worker waits for Redis whatever its answer, survives its own pauses, and always ends when it is told to."""

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from conftest import REAL_SERVERS, RealServer, eventually
from processes import (
    HANDLERS,
    StartWorker,
    is_signed_in,
    log_of,
    push,
    state_of,
    told,
    without_settings,
    worker_command,
)
from raw import raw

from fairlead.domain.measures import total
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.transitions import configuring, producing, supervising
from fairlead.store.transitions.sweeping import Sweeper
from fairlead.store.transitions.working import Session, renew


@contextmanager
def busy(server: RealServer) -> Iterator[None]:
    """A script of somebody's that does not end."""
    server.client().config_set("busy-reply-threshold", 50)
    endless = threading.Thread(target=_evaluate_endlessly, args=(server,))
    endless.start()
    eventually(lambda: _refuses(server, "BUSY"))
    yield
    server.client().script_kill()
    endless.join()


def _evaluate_endlessly(server: RealServer) -> None:
    with pytest.raises(redis.ResponseError):
        server.client().eval("while true do end", 0)


def _refuses(server: RealServer, code: str) -> bool:
    try:
        server.client().set("probe", 1)
    except redis.RedisError as failure:
        return code in str(failure) or code in type(failure).__name__.upper()
    return False


@contextmanager
def cannot_save(server: RealServer) -> Iterator[None]:
    """The disk takes no snapshot, and Redis refuses to write."""
    client, folder = server.client(), server.socket.parent / "gone"
    folder.mkdir()
    before = client.config_get("dir")["dir"]
    client.config_set("dir", str(folder))
    client.config_set("save", "3600 1")
    folder.rmdir()
    client.bgsave()
    eventually(lambda: _refuses(server, "MISCONF"))
    yield
    client.config_set("save", "")
    client.config_set("dir", before)


@contextmanager
def replica(server: RealServer) -> Iterator[None]:
    """The server has become a read-only replica of one that is not there."""
    server.client().replicaof("127.0.0.1", "1")
    yield
    server.client().replicaof("NO", "ONE")


@contextmanager
def memory_full(server: RealServer) -> Iterator[None]:
    """Redis has no memory left, and refuses commands that need some."""
    server.client().config_set("maxmemory", 1)
    yield
    server.client().config_set("maxmemory", 0)


@contextmanager
def killed(server: RealServer) -> Iterator[None]:
    """The server has died, and starts again."""
    server.kill()
    yield
    server.start()


@contextmanager
def without_a_right(server: RealServer) -> Iterator[None]:
    """Somebody has taken a right from the user."""
    server.client().execute_command("ACL", "SETUSER", "default", "-evalsha")
    yield
    server.client().execute_command("ACL", "SETUSER", "default", "+evalsha")


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RealServer]:
    options = ("--appendonly", "yes", "--appendfsync", "always", "--enable-protected-configs", "yes")
    server = RealServer(REAL_SERVERS[0], tmp_path, *options)
    yield server
    server.kill()


@pytest.mark.parametrize("trouble", [busy, cannot_save, replica, killed, without_a_right])
def test_a_worker_waits_until_redis_serves_again_and_says_so_once(
    own_server: RealServer, start_worker: StartWorker, tmp_path: Path, trouble: object
) -> None:
    store = Store(own_server.client())
    store.run(configuring.prepare_instance(store.keys))
    worker = start_worker("echo", "--lease", "300", agents=("ana", "bo"), url=own_server.url)
    eventually(lambda: is_signed_in(store, "ana") and is_signed_in(store, "bo"))

    with trouble(own_server):
        eventually(lambda: told(tmp_path, "redis does not serve"))
    eventually(lambda: told(tmp_path, "redis serves again"))
    push(Store(own_server.client()), "c1")

    eventually(lambda: state_of(Store(own_server.client()), "c1") == "completed")
    assert worker.poll() is None
    assert len(told(tmp_path, "redis does not serve")) == 1
    assert len(told(tmp_path, "redis serves again")) == 1


@pytest.mark.parametrize("trouble", [busy, cannot_save, replica])
def test_a_worker_that_starts_while_redis_cannot_serve_waits_until_it_does(
    own_server: RealServer, start_worker: StartWorker, tmp_path: Path, trouble: object
) -> None:
    store = Store(own_server.client())
    store.run(configuring.prepare_instance(store.keys))
    push(store, "c1")

    with trouble(own_server):
        worker = start_worker("echo", url=own_server.url)
        eventually(lambda: "Redis at" in (tmp_path / "worker0.log").read_text() or worker.poll() is not None)

    eventually(lambda: state_of(Store(own_server.client()), "c1") == "completed")
    assert worker.poll() is None


def test_with_memory_full_a_worker_signs_in_and_works_off_what_waits(
    own_server: RealServer, start_worker: StartWorker
) -> None:
    store = Store(own_server.client())
    store.run(configuring.prepare_instance(store.keys))
    push(store, "c1")

    with memory_full(own_server):
        start_worker("echo", url=own_server.url)
        eventually(lambda: state_of(store, "c1") == "completed")


def test_a_worker_that_was_stopped_for_longer_than_its_lease_signs_in_once_more(
    real: Store, start_worker: StartWorker, tmp_path: Path
) -> None:
    stopped = start_worker("shop:patient", "--lease", "1")
    push(real, "c1")
    eventually(lambda: state_of(real, "c1") == "connected")
    start_worker("echo", agents=("bo",))
    eventually(lambda: is_signed_in(real, "bo"))

    os.kill(stopped.pid, signal.SIGSTOP)
    eventually(lambda: state_of(real, "c1") == "completed")
    os.kill(stopped.pid, signal.SIGCONT)

    eventually(lambda: len(told(tmp_path, "signed in")) == 2)
    push(real, "c2")
    eventually(lambda: state_of(real, "c2") in ("connected", "completed"))
    assert stopped.poll() is None


def test_a_worker_whose_handler_blocks_it_for_longer_than_its_lease_signs_in_once_more(
    real: Store, start_worker: StartWorker, tmp_path: Path
) -> None:
    start_worker("echo", agents=("bo",))
    eventually(lambda: is_signed_in(real, "bo"))
    real.run(supervising.set_agent_status(real.keys, "bo", "Break"))
    blocked = start_worker("shop:blocking_once", "--lease", "1")
    push(real, "c1")
    eventually((tmp_path / "blocked").exists)

    eventually(lambda: len(told(tmp_path, "signed in", 1)) == 2)

    eventually(lambda: state_of(real, "c1") == "completed")
    push(real, "c2")
    eventually(lambda: state_of(real, "c2") == "completed")
    assert blocked.poll() is None


def test_a_worker_waits_while_another_node_of_a_cluster_holds_its_instance(
    start_worker: StartWorker, tmp_path: Path
) -> None:
    holder = _node_of_a_cluster(tmp_path, _nodes(" 0-16383", ""))
    eventually(lambda: not _refuses(holder, "CLUSTERDOWN"))
    store = Store(holder.client())
    store.run(configuring.prepare_instance(store.keys))
    worker = start_worker("echo", "--lease", "300", url=holder.url)
    eventually(lambda: is_signed_in(store, "ana"))

    holder.kill()
    other = _node_of_a_cluster(tmp_path, _nodes("", " 0-16383"), folder=tmp_path / "other")
    eventually(lambda: _errors_told(other, "MOVED") > 5)  # the worker asks, and is told so, again and again
    other.kill()
    holder.start()
    eventually(lambda: not _refuses(holder, "CLUSTERDOWN"))
    push(Store(holder.client()), "c1")

    eventually(lambda: state_of(Store(holder.client()), "c1") == "completed")
    assert worker.poll() is None
    assert len(told(tmp_path, "redis does not serve")) == 1
    holder.kill()


def _node_of_a_cluster(at: Path, nodes: str, folder: Path | None = None) -> RealServer:
    """A node that is reached by the socket in `at`, and keeps its data and its view of the cluster in `folder`."""
    home = folder or at
    home.mkdir(exist_ok=True)
    (home / "nodes.conf").write_text(nodes)
    cluster = ("--cluster-enabled", "yes", "--cluster-port", _free_port(), "--cluster-node-timeout", "600000")
    keeps = ("--appendonly", "yes", "--appendfsync", "always", "--dir", str(home))
    return RealServer(REAL_SERVERS[0], at, *cluster, *keeps)


def _errors_told(server: RealServer, code: str) -> int:
    told_so_far = server.client().info("errorstats").get(f"errorstat_{code}", {})
    return int(told_so_far.get("count", 0))


def _nodes(own_slots: str, other_slots: str) -> str:
    """The file in which a node of a cluster of two keeps who holds what; the other node is never there."""
    own, other = "a" * 40, "b" * 40
    return (
        f"{own} 127.0.0.1:0@10000 myself,master - 0 0 1 connected{own_slots}\n"
        f"{other} 127.0.0.1:1@10001 master - 0 0 2 connected{other_slots}\nvars currentEpoch 2 lastVoteEpoch 0\n"
    )


def _free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return str(listener.getsockname()[1])


def test_a_result_that_comes_after_its_session_was_lost_is_told_to_be_dropped(
    real: Store, start_worker: StartWorker, tmp_path: Path
) -> None:
    start_worker("shop:poisonous", "--lease", "300")
    push(real, "c1", f"while not pathlib.Path({str(tmp_path / 'go')!r}).exists(): time.sleep(0.01)")
    eventually(lambda: state_of(real, "c1") == "connected")

    real.run(supervising.sign_out_agent(real.keys, "ana"))
    (tmp_path / "go").touch()

    eventually(lambda: told(tmp_path, "session lost"))
    assert [line["contact"] for line in told(tmp_path, "result dropped")] == ["c1"]


def test_who_is_taken_over_stays_out_and_the_other_agents_of_its_worker_work_on(
    real: Store, start_worker: StartWorker, tmp_path: Path
) -> None:
    first = start_worker("echo", agents=("ana", "bo"))
    eventually(lambda: is_signed_in(real, "ana") and is_signed_in(real, "bo"))

    second = start_worker("echo", "--take-over", agents=("bo",))

    eventually(lambda: told(tmp_path, "works no more"))
    real.run(supervising.set_agent_status(real.keys, "bo", "Break"))
    push(real, "c1")
    eventually(lambda: state_of(real, "c1") == "completed")
    assert (first.poll(), second.poll()) == (None, None)
    assert real.run(reading.contact("c1")).agent == "ana"
    second.terminate()
    assert second.wait(60) == 0
    first.terminate()
    assert first.wait(60) == 0


def test_two_workers_that_take_over_do_so_once_each(real: Store, start_worker: StartWorker, tmp_path: Path) -> None:
    first = start_worker("echo", "--take-over", "--lease", "2")
    eventually(lambda: is_signed_in(real, "ana"))

    second = start_worker("echo", "--take-over", "--lease", "2")

    assert first.wait(60) == 4
    push(real, "c1")
    eventually(lambda: state_of(real, "c1") == "completed")
    assert second.poll() is None
    assert sum(event.name == "agent.signed_in" for event in real.run(reading.events_after())) == 2


def test_workers_of_one_name_do_not_read_each_others_wake_ups(real: Store, start_worker: StartWorker) -> None:
    start_worker("echo", "--name", "front", agents=("ana", "bo"))
    start_worker("echo", "--name", "front", agents=("cem", "dora"))
    eventually(lambda: sum(state.is_signed_in for state in real.run(reading.agent_states())) == 4)

    for number in range(40):
        push(real, f"c{number}")

    eventually(lambda: total(real.run(reading.totals()).get("BasicQueue:voice", {}), "h") == 40)
    inboxes = {raw(real).hget(real.keys.agent(name), "inbox") for name in ("ana", "bo", "cem", "dora")}
    assert len(inboxes) == 2
    assert {state.worker for state in real.run(reading.agent_states())} == {"front"}


def test_a_worker_that_is_killed_and_started_again_costs_each_contact_one_return(
    real: Store, start_worker: StartWorker
) -> None:
    agents = tuple(f"agent{number}" for number in range(8))
    doomed = start_worker("shop:patient", "--lease", "300", agents=agents)
    for number in range(8):
        push(real, f"c{number}")
    eventually(lambda: len(real.run(reading.contacts_in("connected"))) == 8)
    doomed.kill()
    doomed.wait()

    start_worker("echo", agents=agents)

    eventually(lambda: total(real.run(reading.totals()).get("BasicQueue:voice", {}), "h") == 8)
    back = [event.fields["contact"] for event in real.run(reading.events_after()) if event.name == "contact.requeued"]
    assert sorted(back) == sorted(f"c{number}" for number in range(8))


def test_sixty_four_agents_in_one_worker_share_its_connections(
    real: Store, start_worker: StartWorker, tmp_path: Path
) -> None:
    agents = tuple(f"agent{number}" for number in range(64))
    start_worker("echo", agents=agents)
    eventually(lambda: sum(state.is_signed_in for state in real.run(reading.agent_states())) == 64)
    contacts = [producing.NewContact("BasicQueue", "voice", contact_id=f"c{number}") for number in range(640)]

    real.run_many([producing.push(real.keys, contact) for contact in contacts])

    eventually(lambda: total(real.run(reading.totals()).get("BasicQueue:voice", {}), "h") == 640)
    assert {line["event"] for line in log_of(tmp_path) if line["level"] != "info"} == set()


@pytest.mark.parametrize("handler", ["shop:blocking", "shop:blocking_thread"])
def test_a_worker_ends_within_its_limit_whatever_its_handlers_do(
    real: Store, start_worker: StartWorker, tmp_path: Path, handler: str
) -> None:
    worker = start_worker(handler, "--drain-limit", "0.2", "--lease", "2")
    push(real, "c1")
    eventually((tmp_path / "begun").exists)

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(30) == (1 if handler == "shop:blocking" else 0)


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
        own_server.client().execute_command("ACL", "SETUSER", "default", "-evalsha")
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


def test_a_late_word_of_a_lost_session_does_not_end_the_one_after_it(store: Store) -> None:
    store.run(configuring.prepare_instance(store.keys))
    session = Session(store.keys, "ana", "w", "here")
    store.run(session.sign_in(profile="BasicRoutingProfile"))
    late = renew(store.keys, [session])
    before = session.epoch
    store.run(session.sign_in(replaces=session.epoch))

    lost = store.run(late)

    assert lost == [("ana", before)]
    assert session.epoch != before
    assert store.run(renew(store.keys, [session])) == []
    assert store.run(Sweeper(store.keys).sweep()).more is False


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
