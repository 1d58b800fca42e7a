"""Real worker processes on a real server."""

import json
import signal
import subprocess
import sys
from pathlib import Path

from conftest import RealServer, eventually
from processes import StartWorker, is_signed_in, push, state_of, told, without_settings

from fairlead.domain.measures import total
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.new_contact import Callback, NewContact
from fairlead.store.transitions import configuring, producing, supervising


def test_a_plain_handler_gets_the_contact_and_completes_it(
    real: Store, start_worker: StartWorker, tmp_path: Path
) -> None:
    start_worker("shop:plain")
    push(real, "c1", str(tmp_path / "seen"))

    eventually(lambda: state_of(real, "c1") == "completed")

    assert (tmp_path / "seen").read_text() == "c1 1"


def test_a_program_gets_the_contact_as_json(real: Store, start_worker: StartWorker, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ncat > {tmp_path}/seen\n")
    program.chmod(0o755)
    start_worker(f"exec:{program}")

    push(real, "c1", {"a": 1})

    eventually(lambda: state_of(real, "c1") == "completed")
    assert json.loads((tmp_path / "seen").read_text())["payload"] == {"a": 1}


def test_a_handler_that_always_fails_parks_its_contact_without_telling_the_payload(
    real: Store, start_worker: StartWorker, tmp_path: Path
) -> None:
    start_worker("shop:failing")
    push(real, "poison", "SECRET-WORD")

    eventually(lambda: state_of(real, "poison") == "parked")

    parked = real.run(reading.contacts_in("parked"))[0]
    assert parked.error.startswith("ValueError at shop.py:")
    eventually(lambda: told(tmp_path, "parked"))
    assert [line["attempt"] for line in told(tmp_path, "failed")] == [1, 2, 3, 4, 5]
    assert told(tmp_path, "parked")[0]["error"] == parked.error
    assert "SECRET-WORD" not in (tmp_path / "worker0.log").read_text()


def test_a_handler_can_transfer(real: Store, start_worker: StartWorker) -> None:
    start_worker("shop:moving", agents=("ana", "bo"))
    eventually(lambda: is_signed_in(real, "bo"))
    real.run(supervising.set_agent_status(real.keys, "bo", "Break"))
    push(real, "c1")
    eventually(lambda: real.run(reading.contact("c1")).queue == "@bo")

    real.run(supervising.set_agent_status(real.keys, "bo", "Available"))

    eventually(lambda: state_of(real, "c1") == "completed")


def test_a_terminated_worker_finishes_what_it_holds_and_takes_nothing_new(
    real: Store, start_worker: StartWorker
) -> None:
    worker = start_worker("sleep:0.5")
    push(real, "held")
    push(real, "waits")
    eventually(lambda: state_of(real, "held") == "connected")

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(60) == 0
    assert (state_of(real, "held"), state_of(real, "waits")) == ("completed", "queued")
    assert not is_signed_in(real, "ana")


def test_a_second_signal_hands_back_at_once(real: Store, start_worker: StartWorker) -> None:
    worker = start_worker("shop:patient")
    push(real, "held")
    eventually(lambda: state_of(real, "held") == "connected")
    worker.send_signal(signal.SIGTERM)
    eventually(lambda: real.run(reading.agent_states(["ana"]))[0].status == "Offline")

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(60) == 0
    assert state_of(real, "held") == "queued"


def test_a_killed_workers_contact_goes_to_somebody_else_when_the_lease_ends(
    real: Store, start_worker: StartWorker
) -> None:
    doomed = start_worker("shop:patient", "--lease", "1")
    push(real, "c1")
    eventually(lambda: state_of(real, "c1") == "connected")
    start_worker("echo", agents=("bo",))

    doomed.kill()

    eventually(lambda: state_of(real, "c1") == "completed")
    assert "agent.lost" in {event.name for event in real.run(reading.events_after())}


def test_the_same_agent_takes_over_from_its_dead_process_at_once(real: Store, start_worker: StartWorker) -> None:
    doomed = start_worker("shop:patient", "--lease", "3600")
    push(real, "c1")
    eventually(lambda: state_of(real, "c1") == "connected")
    doomed.kill()
    doomed.wait()

    start_worker("echo")

    eventually(lambda: state_of(real, "c1") == "completed")


def test_a_second_live_session_is_refused_with_a_way_out(
    real: Store, start_worker: StartWorker, tmp_path: Path
) -> None:
    start_worker("echo")
    eventually(lambda: is_signed_in(real, "ana"))

    second = start_worker("echo")

    assert second.wait(60) == 4
    message = (tmp_path / "worker1.log").read_text()
    assert "already signed in" in message
    assert "--take-over" in message


def test_redis_may_be_killed_and_come_back(tmp_path: Path) -> None:
    server = RealServer("redis-server", tmp_path, "--appendonly", "yes", "--appendfsync", "always")
    try:
        store = Store(server.client())
        store.run(configuring.prepare_instance(store.keys))
        command = [sys.executable, "-m", "fairlead.cli.main", "work", "--agent", "ana", "--handler", "echo"]
        command += ["--redis", server.url, "--profile", "BasicRoutingProfile", "--log-format", "json"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, env=without_settings()) as worker:
            eventually(lambda: is_signed_in(store, "ana"))
            server.kill()
            server.start()
            push(Store(server.client()), "c1")
            eventually(lambda: state_of(Store(server.client()), "c1") == "completed")
            worker.terminate()
            assert worker.wait(60) == 0
    finally:
        server.kill()


def test_eight_processes_share_the_queues_and_nothing_is_lost_or_done_twice(
    real: Store, start_worker: StartWorker
) -> None:
    for number in range(8):
        start_worker("echo", agents=(f"agent{number}",))
    eventually(lambda: sum(state.is_signed_in for state in real.run(reading.agent_states())) == 8)
    contacts = [NewContact("BasicQueue", "voice", contact_id=f"c{number}") for number in range(2_000)]

    real.run_many([producing.push(real.keys, contact) for contact in contacts])

    eventually(lambda: total(real.run(reading.totals()).get("BasicQueue:voice", {}), "h") == 2_000)
    completed = [event for event in real.run(reading.events_after(count=50_000)) if event.name == "contact.completed"]
    assert {event.fields["contact"] for event in completed} == {contact.contact_id for contact in contacts}
    assert len(completed) == 2_000
    assert len({event.fields["agent"] for event in completed}) == 8


def test_a_handler_that_does_not_reach_the_customer_of_a_callback_lets_it_be_tried_again(
    real: Store, start_worker: StartWorker
) -> None:
    start_worker("shop:calling")
    callback = Callback(delay_s=0, retry_delay_s=0, retries=1)
    contact = NewContact(
        "BasicQueue", "voice", contact_id="c1", callback=callback, customer="anna", attributes={"tier": "gold"}
    )
    real.run(producing.push(real.keys, contact))

    eventually(lambda: state_of(real, "c1") == "expired")

    names = [event.name for event in real.run(reading.events_after())]
    assert (names.count("contact.scheduled"), names.count("contact.connected")) == (2, 2)


def test_a_contact_that_cannot_be_handed_on_has_failed_and_says_why(real: Store, start_worker: StartWorker) -> None:
    start_worker("shop:nowhere")
    push(real, "c1")

    eventually(lambda: state_of(real, "c1") == "parked")

    assert real.run(reading.contact("c1")).error == "UnknownQueue"
