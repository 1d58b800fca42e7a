"""A worker waits for Redis whatever its answer, and survives its own pauses."""

import os
import signal
import socket
from pathlib import Path
from typing import Any

import pytest
from conftest import REAL_SERVERS, RealServer, eventually
from processes import (
    StartWorker,
    is_signed_in,
    log_of,
    push,
    state_of,
    told,
)
from proxy import Gate
from raw import raw
from worker.outages import busy, cannot_save, killed, memory_full, refuses, replica, without_a_right

from fairlead.domain.measures import completed, total
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.library import library
from fairlead.store.new_contact import NewContact
from fairlead.store.transitions import configuring, producing, supervising
from fairlead.store.transitions.renewing import renew
from fairlead.store.transitions.sweeping import Sweeper
from fairlead.store.transitions.working import Session


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


def test_that_the_workers_user_is_gone_is_told_though_its_connection_was_lost_first(
    own_server: RealServer, start_worker: StartWorker, tmp_path: Path
) -> None:
    """Only a person can help, who would look for a server that is away."""
    client = own_server.client()
    store = Store(client)
    store.run(configuring.prepare_instance(store.keys))
    user: Any = ("ACL", "SETUSER", "ana", "on", ">word", "~*", "&*", "+@all")
    client.execute_command(*user)
    start_worker("echo", "--lease", "300", url=f"unix://ana:word@{own_server.socket}")
    eventually(lambda: is_signed_in(store, "ana"))

    client.execute_command("ACL", "DELUSER", "ana")
    eventually(lambda: "refused the user" in str(told(tmp_path, "redis does not serve")[-1:]))
    client.execute_command(*user)
    eventually(lambda: told(tmp_path, "redis serves again"))

    reasons = [line["error"] for line in told(tmp_path, "redis does not serve")]
    assert len(reasons) <= 2
    assert sum("refused the user" in reason for reason in reasons) == 1
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
    eventually(lambda: not refuses(holder, "CLUSTERDOWN"))
    store = Store(holder.client())
    store.run(configuring.prepare_instance(store.keys))
    worker = start_worker("echo", "--lease", "300", url=holder.url)
    eventually(lambda: is_signed_in(store, "ana"))

    holder.kill()
    other = _node_of_a_cluster(tmp_path, _nodes("", " 0-16383"), folder=tmp_path / "other")
    eventually(lambda: _errors_told(other, "MOVED") > 5)  # the worker asks, and is told so, again and again
    other.kill()
    holder.start()
    eventually(lambda: not refuses(holder, "CLUSTERDOWN"))
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

    eventually(lambda: told(tmp_path, "stopped for this agent"))
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

    eventually(lambda: completed(real.run(reading.totals()).get("BasicQueue:voice", {})) == 8)
    back = [event.fields["contact"] for event in real.run(reading.events_after()) if event.name == "contact.requeued"]
    assert sorted(back) == sorted(f"c{number}" for number in range(8))


def test_sixty_four_agents_in_one_worker_share_its_connections(
    real: Store, start_worker: StartWorker, tmp_path: Path
) -> None:
    agents = tuple(f"agent{number}" for number in range(64))
    start_worker("echo", agents=agents)
    eventually(lambda: sum(state.is_signed_in for state in real.run(reading.agent_states())) == 64)
    contacts = [NewContact("BasicQueue", "voice", contact_id=f"c{number}") for number in range(640)]

    real.run_many([producing.push(real.keys, contact) for contact in contacts])

    eventually(lambda: total(real.run(reading.totals()).get("BasicQueue:voice", {}), "h") == 640)
    assert {line["event"] for line in log_of(tmp_path) if line["level"] != "info"} == set()


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


def test_a_worker_whose_number_somebody_else_has_used_goes_on_with_a_new_session(
    real: Store, start_worker: StartWorker, tmp_path: Path
) -> None:
    worker = start_worker("echo")
    eventually(lambda: is_signed_in(real, "ana"))
    push(real, "c1")
    eventually(lambda: state_of(real, "c1") == "completed")
    epoch, op = map(int, raw(real).hmget(real.keys.agent("ana"), "epoch", "op"))

    real.run(Session(real.keys, "ana", "w", "elsewhere", epoch=epoch, _op=op).set_status("Available"))
    push(real, "c2")

    eventually(lambda: state_of(real, "c2") == "completed")
    assert told(tmp_path, "session lost")
    assert worker.poll() is None


def test_leases_live_on_while_the_connection_of_the_desks_says_nothing(
    server: RealServer, real: Store, start_worker: StartWorker, tmp_path: Path
) -> None:
    gate = Gate(tmp_path, server.socket)
    start_worker("echo", "--lease", "2", url=gate.url)
    start_worker("echo", agents=("bo",))  # somebody has to notice that a lease has ended
    eventually(lambda: is_signed_in(real, "ana") and is_signed_in(real, "bo"))
    real.run(supervising.set_agent_status(real.keys, "bo", "Break"))

    gate.forget(library().function("sign_in").encode())
    push(real, "c1")

    eventually(lambda: state_of(real, "c1") == "completed")
    assert told(tmp_path, "session lost") == []
    gate.close()


def test_a_worker_whose_connections_all_say_nothing_more_goes_on_with_new_ones(
    server: RealServer, real: Store, start_worker: StartWorker, tmp_path: Path
) -> None:
    gate = Gate(tmp_path, server.socket)
    worker = start_worker("echo", "--lease", "300", url=gate.url)
    eventually(lambda: is_signed_in(real, "ana"))

    gate.forget()
    push(real, "c1")

    eventually(lambda: state_of(real, "c1") == "completed")
    assert worker.poll() is None
    gate.close()
