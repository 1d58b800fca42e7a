"""What need not be done before Redis is told how a contact has ended is done while Redis works on that."""

import asyncio
import logging
from contextlib import suppress

import pytest
from conftest import RealServer, eventually
from fairlead_worker import Worker
from processes import push, state_of
from worker.embedding import soon

from fairlead.store.client import Store
from fairlead.store.transitions import configuring


@pytest.fixture
def store(server: RealServer) -> Store:
    store = Store(server.client())
    store.run(configuring.prepare_instance(store.keys))
    return store


class Slow(logging.Handler):
    """Keeps the event loop with each line until its contact is completed, or for half a second."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.was_completed: list[bool] = []
        self._store = store

    def emit(self, record: logging.LogRecord) -> None:
        if "completed" in (line := record.getMessage()):
            contact = line.partition("contact=")[2].split()[0]
            with suppress(AssertionError):
                eventually(lambda: state_of(self._store, contact) == "completed", within_s=0.5)
            self.was_completed.append(state_of(self._store, contact) == "completed")


async def test_a_slow_log_keeps_no_contact_from_being_completed(server: RealServer, store: Store) -> None:
    slow, log = Slow(store), logging.getLogger("fairlead_worker")
    log.addHandler(slow)
    log.setLevel(logging.INFO)
    for number in range(5):
        push(store, f"c{number}")
    try:
        async with Worker(["ana"], "echo", url=server.url):
            await soon(lambda: len(slow.was_completed) == 5)
            push(store, "by-hint")
            await soon(lambda: len(slow.was_completed) == 6)
    finally:
        log.removeHandler(slow)
        log.setLevel(logging.NOTSET)

    assert slow.was_completed.count(True) >= 5  # one may meet what the worker looks for once a second


async def test_what_a_quick_handler_has_ended_is_told_before_the_next_hint_is_waited_for(
    server: RealServer, store: Store
) -> None:
    def until_wait() -> list[str]:
        seen = [monitor.next_command()["command"]]
        while not seen[-1].startswith("BLPOP"):
            seen.append(monitor.next_command()["command"])
        return seen

    async with Worker(["ana"], "echo", url=server.url):
        await soon(lambda: "blpop" in [one["cmd"] for one in server.client().client_list()])
        with server.client().monitor() as monitor:
            push(store, "c1")
            seen = await asyncio.to_thread(until_wait)

    assert any("complete_contacts" in command for command in seen)
