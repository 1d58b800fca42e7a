"""Real worker processes on a real server."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import RealServer, eventually

from fairlead.domain.measures import total
from fairlead.store.client import Store
from fairlead.store.reading import list_contacts, read_agent_states, read_contact, read_events, read_totals
from fairlead.store.transitions import administering, producing

HANDLERS = """
import asyncio, pathlib

def plain(contact):
    pathlib.Path(contact.payload).write_text(f"{contact.contact_id} {contact.attempt}")

def failing(contact):
    raise ValueError(contact.payload)

async def patient(contact):
    await asyncio.sleep(3600)

async def moving(contact):
    if contact.queue == "BasicQueue":
        contact.transfer("@bo")

def nowhere(contact):
    contact.transfer("Nowhere")

def calling(contact):
    assert (contact.direction, contact.customer, contact.attributes) == ("outbound", "anna", {"tier": "gold"})
    contact.retry_callback()
"""

StartWorker = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def real(server: RealServer) -> Store:
    store = Store(server.client())
    store.run(administering.prepare_instance(store.keys))
    return store


@pytest.fixture
def start_worker(server: RealServer, tmp_path: Path) -> Iterator[StartWorker]:
    """Start `fairlead work` in a folder of its own; what still runs in the end is killed."""
    (tmp_path / "shop.py").write_text(HANDLERS)
    started: list[subprocess.Popen[bytes]] = []

    def start(handler: str, *options: str, agents: tuple[str, ...] = ("ana",)) -> "subprocess.Popen[bytes]":
        named = [part for agent in agents for part in ("--agent", agent)]
        command = [sys.executable, "-m", "fairlead.cli.main", "work", *named, "--handler", handler, *options]
        command += ["--redis", server.url, "--profile", "BasicRoutingProfile", "--log-format", "json"]
        process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, env=_environment())
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def _environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("FAIRLEAD_")}


def push(store: Store, contact_id: str, payload: object = None, channel: str = "voice") -> None:
    contact = producing.NewContact("BasicQueue", channel, json.dumps(payload).encode(), contact_id=contact_id)
    store.run(producing.push(store.keys, contact))


def state_of(store: Store, contact_id: str) -> str:
    return read_contact(store, contact_id).state


def is_signed_in(store: Store, agent: str) -> bool:
    return any(state.is_signed_in for state in read_agent_states(store, [agent]))


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
    real: Store, start_worker: StartWorker
) -> None:
    worker = start_worker("shop:failing")
    push(real, "poison", "SECRET-WORD")

    eventually(lambda: state_of(real, "poison") == "parked")

    parked = list_contacts(real, "parked")[0]
    assert parked.error.startswith("ValueError at shop.py:")
    worker.terminate()
    assert b"SECRET-WORD" not in worker.communicate()[1]


def test_a_handler_can_transfer(real: Store, start_worker: StartWorker) -> None:
    start_worker("shop:moving", agents=("ana", "bo"))
    eventually(lambda: is_signed_in(real, "bo"))
    real.run(administering.set_agent_status(real.keys, "bo", "Break"))
    push(real, "c1")
    eventually(lambda: read_contact(real, "c1").queue == "@bo")

    real.run(administering.set_agent_status(real.keys, "bo", "Available"))

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
    eventually(lambda: read_agent_states(real, ["ana"])[0].status == "Offline")

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
    assert "agent.lost" in {event.name for event in read_events(real)}


def test_the_same_agent_takes_over_from_its_dead_process_at_once(real: Store, start_worker: StartWorker) -> None:
    doomed = start_worker("shop:patient", "--lease", "3600")
    push(real, "c1")
    eventually(lambda: state_of(real, "c1") == "connected")
    doomed.kill()
    doomed.wait()

    start_worker("echo")

    eventually(lambda: state_of(real, "c1") == "completed")


def test_a_second_live_session_is_refused_with_a_way_out(real: Store, start_worker: StartWorker) -> None:
    start_worker("echo")
    eventually(lambda: is_signed_in(real, "ana"))

    second = start_worker("echo")

    assert second.wait(60) == 4
    message = second.communicate()[1].decode()
    assert "already signed in" in message
    assert "--take-over" in message


def test_redis_may_be_killed_and_come_back(tmp_path: Path) -> None:
    server = RealServer("redis-server", tmp_path, "--appendonly", "yes", "--appendfsync", "always")
    try:
        store = Store(server.client())
        store.run(administering.prepare_instance(store.keys))
        command = [sys.executable, "-m", "fairlead.cli.main", "work", "--agent", "ana", "--handler", "echo"]
        command += ["--redis", server.url, "--profile", "BasicRoutingProfile", "--log-format", "json"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, env=_environment()) as worker:
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
    eventually(lambda: sum(state.is_signed_in for state in read_agent_states(real)) == 8)
    contacts = [producing.NewContact("BasicQueue", "voice", contact_id=f"c{number}") for number in range(2_000)]

    real.run_many([producing.push(real.keys, contact) for contact in contacts])

    eventually(lambda: total(read_totals(real).get("BasicQueue:voice", {}), "h") == 2_000)
    completed = [event for event in read_events(real, count=50_000) if event.name == "contact.completed"]
    assert {event.fields["contact"] for event in completed} == {contact.contact_id for contact in contacts}
    assert len(completed) == 2_000
    assert len({event.fields["agent"] for event in completed}) == 8


def test_a_handler_that_does_not_reach_the_customer_of_a_callback_lets_it_be_tried_again(
    real: Store, start_worker: StartWorker
) -> None:
    start_worker("shop:calling")
    callback = producing.Callback(delay_s=0, retry_delay_s=0, retries=1)
    contact = producing.NewContact(
        "BasicQueue", "voice", contact_id="c1", callback=callback, customer="anna", attributes={"tier": "gold"}
    )
    real.run(producing.push(real.keys, contact))

    eventually(lambda: state_of(real, "c1") == "expired")

    names = [event.name for event in read_events(real)]
    assert (names.count("contact.scheduled"), names.count("contact.connected")) == (2, 2)


def test_a_contact_that_cannot_be_handed_on_has_failed_and_says_why(real: Store, start_worker: StartWorker) -> None:
    start_worker("shop:nowhere")
    push(real, "c1")

    eventually(lambda: state_of(real, "c1") == "parked")

    assert read_contact(real, "c1").error == "UnknownQueue"
