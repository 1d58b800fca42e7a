"""A quick handler runs on the event loop itself; in all else it is a handler as any other."""

import asyncio
import functools
import threading
from collections.abc import Callable
from typing import Any

import pytest
from conftest import RealServer
from fairlead_worker import Worker, quick
from fairlead_worker.handlers import load_handler
from processes import push, state_of
from worker.embedding import soon

from fairlead import Contact
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.transitions import configuring


@pytest.fixture
def store(server: RealServer) -> Store:
    store = Store(server.client())
    store.run(configuring.prepare_instance(store.keys))
    return store


class Shop:
    def __init__(self) -> None:
        self.threads: list[threading.Thread] = []

    def answer(self, _: Contact) -> None:
        self.threads.append(threading.current_thread())

    @quick
    def answer_at_once(self, contact: Contact) -> None:
        self.answer(contact)


@pytest.mark.parametrize(
    ("choose", "options", "is_on_the_loop"),
    [
        (lambda shop: shop.answer, {}, False),
        (lambda shop: shop.answer, {"quick": True}, True),
        (lambda shop: shop.answer_at_once, {}, True),
        (lambda shop: quick(functools.partial(shop.answer)), {}, True),
    ],
)
async def test_a_handler_that_is_said_to_be_quick_runs_on_the_event_loop(
    server: RealServer,
    store: Store,
    choose: Callable[[Shop], Callable[[Contact], None]],
    options: dict[str, Any],
    is_on_the_loop: bool,
) -> None:
    shop = Shop()

    async with Worker(["ana"], choose(shop), url=server.url, **options):
        push(store, "c1")
        await soon(lambda: state_of(store, "c1") == "completed")

    assert [thread is threading.current_thread() for thread in shop.threads] == [is_on_the_loop]


async def test_what_a_quick_handler_answers_is_awaited_as_any_others(server: RealServer, store: Store) -> None:
    opened = asyncio.Event()

    async def fail() -> None:
        await opened.wait()
        raise ValueError

    async with Worker(["ana"], lambda _: fail(), url=server.url, quick=True):
        push(store, "c1")
        await soon(lambda: state_of(store, "c1") == "connected")
        opened.set()
        await soon(lambda: store.run(reading.contact("c1")).attempts == 1)


async def test_a_quick_handler_says_what_becomes_of_its_contact(server: RealServer, store: Store) -> None:
    def move(contact: Contact) -> None:
        if contact.queue == "BasicQueue":
            contact.transfer("@ana")

    async with Worker(["ana"], move, url=server.url, quick=True):
        for number in range(20):
            push(store, f"c{number}")
        await soon(lambda: all(state_of(store, f"c{number}") == "completed" for number in range(20)))

    assert {store.run(reading.contact(f"c{number}")).queue for number in range(20)} == {"@ana"}


def test_an_async_handler_is_not_quick() -> None:
    with pytest.raises(TypeError, match="is async"):

        @quick
        async def answer(_: Contact) -> None:
            """Never runs."""


def test_the_built_in_echo_is_quick_and_the_others_are_async() -> None:
    is_marked = [getattr(load_handler(name), "_is_quick", False) for name in ("echo", "sleep:1", "exec:cat")]

    assert is_marked == [True, False, False]
