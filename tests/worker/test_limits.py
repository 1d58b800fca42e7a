"""A handler has a time limit where it is given one; whatever it does then, its contact fails and the others go on."""

import asyncio
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import RealServer, eventually
from fairlead_worker import Worker
from fairlead_worker.limits import Limits, read_limits
from fairlead_worker.threads import MOST_THREADS
from processes import StartWorker, is_signed_in, push, state_of, told
from worker.embedding import Gate, soon

from fairlead import Contact
from fairlead.configuration.reading import parse_configuration
from fairlead.errors import InvalidSetting
from fairlead.service.administrator import Administrator
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.transitions import configuring

LIMIT_S = 0.2
OVER = "took longer than its limit of 0.2 s"

ONCE = """
[queues.BasicQueue]
max_attempts = 1

[profiles.P]
channels.chat = { slots = 10 }
entries = [{ queue = "BasicQueue", channel = "chat", priority = 1 }]

[agents.ana]
profile = "P"
"""


@pytest.fixture
def store(server: RealServer) -> Store:
    store = Store(server.client())
    store.run(configuring.prepare_instance(store.keys))
    return store


@pytest.fixture
def held() -> Iterator[threading.Event]:
    """Holds whatever waits for it, until the test ends."""
    event = threading.Event()
    yield event
    event.set()


def is_running(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def error_of(store: Store, contact_id: str) -> str:
    return store.run(reading.contact(contact_id)).error


@pytest.mark.parametrize(
    ("queue", "channel", "limit_s"),
    [("Sales", "voice", 900), ("Sales", "chat", 60), ("Billing", "voice", 600), ("Billing", "chat", 30)],
)
def test_the_closest_limit_counts(queue: str, channel: str, limit_s: float) -> None:
    limits = Limits(read_limits(["30", "voice=600", "Sales:*=60", "Sales:voice=900"]))

    assert limits.of(queue, channel) == limit_s


def test_a_contact_that_no_limit_names_has_none() -> None:
    limits = Limits({"Sales:voice": 10, "chat": 1})

    assert [limits.of("Sales", "task"), limits.of("@ana", "voice"), limits.of("@ana", "chat")] == [None, None, 1]
    assert Limits({"@ana:voice": 5}).of("@ana", "voice") == 5
    assert not Limits()


@pytest.mark.parametrize(
    "texts", [["soon"], ["0"], ["-1"], ["nan"], ["voice="], ["Sales=30"], ["a b:voice=3"], ["Sales:fax=3"], ["=3"],
              ["30", "40"], ["voice=3", "voice=4"], ["100000"]],
)  # fmt: skip
def test_a_limit_that_cannot_be_is_refused(texts: list[str]) -> None:
    with pytest.raises(InvalidSetting, match="handler limit"):
        Limits(read_limits(texts))


async def test_an_async_handler_is_cancelled_at_its_limit(server: RealServer, store: Store) -> None:
    gate = Gate()

    async with Worker(["ana"], gate, url=server.url, handler_limits_s=LIMIT_S):
        push(store, "c1")
        await soon(lambda: error_of(store, "c1") == OVER)

        assert gate.cancelled == ["c1"]


async def test_who_is_quicker_than_its_limit_is_not_touched(server: RealServer, store: Store) -> None:
    async def answer(_: Contact) -> None:
        await asyncio.sleep(0.01)

    async with Worker(["ana"], answer, url=server.url, handler_limits_s={"voice": 60}):
        push(store, "c1")
        await soon(lambda: state_of(store, "c1") == "completed")

    assert store.run(reading.contact("c1")).attempts == 0


async def test_a_handler_that_does_not_let_itself_be_cancelled_fails_too(server: RealServer, store: Store) -> None:
    opened, asked = asyncio.Event(), list[str]()

    async def stubborn(contact: Contact) -> None:
        while not opened.is_set() and contact.contact_id == "c1":
            try:
                await opened.wait()
            except asyncio.CancelledError:
                asked.append(contact.contact_id)

    async with Worker(["ana", "bo"], stubborn, url=server.url, handler_limits_s=LIMIT_S):
        push(store, "c1")
        await soon(lambda: error_of(store, "c1") == OVER)
        push(store, "c2")
        await soon(lambda: state_of(store, "c2") == "completed")
        opened.set()

    assert "c1" in asked


@pytest.mark.parametrize("given", [LIMIT_S, {"BasicQueue:chat": LIMIT_S}])
async def test_plain_handlers_that_hang_leave_threads_for_the_others(
    server: RealServer, store: Store, held: threading.Event, given: float | Mapping[str, float]
) -> None:
    """More of them than there are threads: each is reported, parked, and takes no thread from the next."""
    with Administrator.connect(server.url) as administrator:
        administrator.apply(parse_configuration(ONCE, "once.toml"))
    hanging = [f"h{number}" for number in range(MOST_THREADS + 6)]
    ended: list[str] = []

    def plain(contact: Contact) -> None:
        if contact.payload == "hang":
            held.wait()
        ended.append(contact.contact_id)

    async with Worker(["ana"], plain, url=server.url, handler_limits_s=given):
        for name in hanging:
            push(store, name, "hang", channel="chat")
        await soon(lambda: all(state_of(store, name) == "parked" for name in hanging))
        push(store, "good", channel="chat")
        await soon(lambda: state_of(store, "good") == "completed")
        assert ended == ["good"]
        held.set()
        await soon(lambda: len(ended) == len(hanging) + 1)

    assert {error_of(store, name) for name in hanging} == {OVER}
    assert {state_of(store, name) for name in hanging} == {"parked"}


async def test_a_plain_handler_may_answer_what_is_still_to_be_awaited(server: RealServer, store: Store) -> None:
    gate = Gate()

    async with Worker(["ana"], lambda contact: gate(contact), url=server.url, handler_limits_s=LIMIT_S):
        push(store, "c1")
        await soon(lambda: error_of(store, "c1") == OVER)

        assert gate.cancelled == ["c1"]


def test_a_quick_handler_can_have_no_limit(server: RealServer, start_worker: StartWorker, tmp_path: Path) -> None:
    worker = start_worker("echo", "--handler-limit", "30", url=server.url)

    assert worker.wait(60) == 2
    assert "no limit can end it" in (tmp_path / "worker0.log").read_text()


def test_a_program_that_hangs_is_ended_and_the_log_says_why(
    real: Store, start_worker: StartWorker, tmp_path: Path
) -> None:
    program = tmp_path / "hang"
    program.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 1000\n")
    program.chmod(0o755)
    start_worker(f"exec:{program}", "--handler-limit", "voice=0.5")
    eventually(lambda: is_signed_in(real, "ana"))

    push(real, "c1")
    eventually(lambda: told(tmp_path, "failed"))

    assert told(tmp_path, "failed")[0]["error"] == "took longer than its limit of 0.5 s"
    pid = int((tmp_path / "pid").read_text())
    eventually(lambda: not is_running(pid))
