"""A worker inside one's own program: it signs in, drains and fails as a context manager, and touches nothing else."""

import asyncio
import logging
import signal
import sys
import threading
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
from conftest import REAL_SERVERS, RealServer, eventually
from fairlead_worker import Worker
from processes import is_signed_in, push, state_of
from proxy import LossyProxy
from worker.embedding import Gate, seen_by, soon

from fairlead import Contact
from fairlead.errors import (
    AgentSignedIn,
    HandlerNotFound,
    InvalidName,
    InvalidSetting,
    RedisUnreachable,
    UnknownProfile,
    WorkerFailed,
)
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.library import library
from fairlead.store.transitions import configuring


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RealServer]:
    server = RealServer(REAL_SERVERS[0], tmp_path, "--appendonly", "yes", "--appendfsync", "always")
    yield server
    server.kill()


@pytest.fixture
def store(server: RealServer) -> Store:
    return Store(server.client())


async def test_whoever_has_entered_has_its_agents_signed_in_and_leaves_them_signed_out(
    server: RealServer, store: Store
) -> None:
    async with Worker(["ana", "bo"], "echo", url=server.url):
        inside = [is_signed_in(store, "ana"), is_signed_in(store, "bo")]

    assert inside == [True, True]
    assert [is_signed_in(store, "ana"), is_signed_in(store, "bo")] == [False, False]


async def test_plain_and_async_functions_are_handlers_in_ones_own_process(server: RealServer, store: Store) -> None:
    seen: list[str] = []

    async def on_the_loop(contact: Contact) -> None:
        seen.append(f"{contact.agent} {contact.payload} {threading.current_thread() is threading.main_thread()}")

    def in_a_thread(contact: Contact) -> None:
        seen.append(f"{contact.agent} {contact.payload} {threading.current_thread() is threading.main_thread()}")

    for agent, handler in (("ana", on_the_loop), ("bo", in_a_thread)):
        async with Worker([agent], handler, url=server.url):
            push(store, f"for-{agent}", agent)
            await soon(lambda agent=agent: state_of(store, f"for-{agent}") == "completed")  # type: ignore[misc]

    assert seen == ["ana ana True", "bo bo False"]


async def test_leaving_finishes_what_is_held_and_takes_nothing_new(server: RealServer, store: Store) -> None:
    gate = Gate()
    async with Worker(["ana"], gate, url=server.url):
        push(store, "held")
        push(store, "waits")
        await soon(lambda: state_of(store, "held") == "connected")
        asyncio.get_running_loop().call_later(0.2, gate.opened.set)

    assert (state_of(store, "held"), state_of(store, "waits")) == ("completed", "queued")


async def test_leaving_hands_back_what_is_held_longer_than_the_drain_limit(server: RealServer, store: Store) -> None:
    gate = Gate()
    async with Worker(["ana"], gate, url=server.url, drain_limit_s=0.1):
        push(store, "held")
        await soon(lambda: state_of(store, "held") == "connected")

    assert (state_of(store, "held"), store.run(reading.contact("held")).attempts) == ("queued", 0)
    assert gate.cancelled == ["held"]


async def test_a_body_that_raises_drains_too_and_its_error_is_told(server: RealServer, store: Store) -> None:
    gate = Gate()

    async def body() -> None:
        async with Worker(["ana"], gate, url=server.url):
            push(store, "held")
            await soon(lambda: state_of(store, "held") == "connected")
            asyncio.get_running_loop().call_later(0.2, gate.opened.set)
            raise KeyError("of the body")

    with pytest.raises(KeyError, match="of the body"):
        await body()

    assert state_of(store, "held") == "completed"
    assert not is_signed_in(store, "ana")


async def test_a_cancelled_body_drains_and_a_second_cancellation_hands_back_at_once(
    server: RealServer, store: Store
) -> None:
    gate = Gate()
    running = asyncio.create_task(Worker(["ana"], gate, url=server.url, drain_limit_s=3_600).run())
    await soon(lambda: is_signed_in(store, "ana"))
    push(store, "held")
    await soon(lambda: state_of(store, "held") == "connected")

    running.cancel()
    await soon(lambda: store.run(reading.agent_states(["ana"]))[0].status == "Offline")
    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert (state_of(store, "held"), is_signed_in(store, "ana")) == ("queued", False)


async def test_a_worker_in_a_task_group_ends_with_it(server: RealServer, store: Store) -> None:
    async def failing() -> None:
        await soon(lambda: is_signed_in(store, "ana"))
        raise KeyError("of a sibling")

    async def body() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(Worker(["ana"], "echo", url=server.url).run())
            tasks.create_task(failing())

    with pytest.raises(ExceptionGroup) as group:
        await body()

    assert [type(error) for error in group.value.exceptions] == [KeyError]
    assert not is_signed_in(store, "ana")


async def test_whoever_gives_up_entering_has_signed_nobody_in(own_server: RealServer) -> None:
    store = Store(own_server.client())
    async with Worker(["ana"], "echo", url=own_server.url):
        own_server.client().client_pause(2_000, all=False)  # no script runs
        try:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5), Worker(["bo"], "echo", url=own_server.url):
                    pytest.fail("it has entered")
        finally:
            own_server.client().client_unpause()

    assert not is_signed_in(store, "bo")


async def test_whoever_gives_up_while_the_answer_to_a_sign_in_is_on_its_way_is_signed_out(
    server: RealServer, store: Store, tmp_path: Path
) -> None:
    store.run(configuring.prepare_instance(store.keys))
    proxy = LossyProxy(tmp_path, server.socket, library().function("sign_in").encode(), chance=1.0)
    entering = asyncio.create_task(Worker(["ana"], "echo", url=proxy.url).start())
    await soon(lambda: is_signed_in(store, "ana"))

    proxy.loses_no_more()
    entering.cancel()

    with pytest.raises(asyncio.CancelledError):
        await entering
    assert not is_signed_in(store, "ana")
    proxy.close()


async def test_a_worker_that_cannot_begin_says_why_and_signs_the_others_out(server: RealServer, store: Store) -> None:
    async with Worker(["ana"], "echo", url=server.url):
        with pytest.raises(AgentSignedIn, match="in Python take_over=True"):
            async with Worker(["bo", "ana"], "echo", url=server.url):
                pytest.fail("it has entered")

        assert [is_signed_in(store, "ana"), is_signed_in(store, "bo")] == [True, False]
        push(store, "c1")
        await soon(lambda: state_of(store, "c1") == "completed")


async def test_a_profile_that_is_not_there_is_told_when_entering(server: RealServer, store: Store) -> None:
    with pytest.raises(UnknownProfile, match="Nothing"):
        async with Worker(["ana"], "echo", url=server.url, profile="Nothing"):
            pytest.fail("it has entered")


async def test_an_address_where_no_redis_answers_is_told_when_entering(tmp_path: Path) -> None:
    worker = Worker(["ana"], "echo", url=f"unix://{tmp_path}/nobody")

    with pytest.raises(RedisUnreachable):
        await worker.run()

    assert isinstance(worker.failure, RedisUnreachable)
    assert not worker.is_working


async def test_a_worker_that_is_taken_over_in_the_same_process_ends_with_the_reason(
    server: RealServer, store: Store
) -> None:
    seen: list[str] = []
    first = Worker(["ana"], "echo", url=server.url, lease_s=1)

    async def body() -> None:
        async with first, Worker(["ana"], seen_by(seen), url=server.url, take_over=True):
            await soon(lambda: first.failure)
            push(store, "c1")
            await soon(lambda: state_of(store, "c1") == "completed")

    with pytest.raises(AgentSignedIn, match="already signed in"):
        await body()
    with pytest.raises(AgentSignedIn, match="already signed in"):
        await first.wait()

    assert seen == ["ana c1"]
    assert isinstance(first.failure, AgentSignedIn)


async def test_workers_of_one_loop_have_agents_handlers_and_inboxes_of_their_own(
    server: RealServer, store: Store
) -> None:
    seen: list[str] = []
    async with (
        Worker(["ana"], seen_by(seen), url=server.url) as first,
        Worker(["bo"], seen_by(seen), url=server.url) as second,
    ):
        for number in range(10):
            push(store, f"c{number}")
        await soon(lambda: all(state_of(store, f"c{number}") == "completed" for number in range(10)))
        inboxes = {server.client().hget(store.keys.agent(agent), "inbox") for agent in ("ana", "bo")}

    assert len(inboxes) == 2
    assert first.name != second.name
    assert sorted(line.split()[1] for line in seen) == [f"c{number}" for number in range(10)]
    assert {line.split()[0] for line in seen} == {"ana", "bo"}


async def test_a_worker_in_ones_own_process_outlives_an_outage_of_redis(own_server: RealServer) -> None:
    async with Worker(["ana"], "echo", url=own_server.url):
        await asyncio.to_thread(own_server.kill)
        await asyncio.to_thread(own_server.start)

        push(Store(own_server.client()), "c1")

        await soon(lambda: state_of(Store(own_server.client()), "c1") == "completed")


async def test_a_worker_can_be_left_while_redis_is_away(own_server: RealServer) -> None:
    async with Worker(["ana"], "echo", url=own_server.url) as worker:
        await asyncio.to_thread(own_server.kill)

    assert not worker.is_working
    assert worker.failure is None


async def test_a_stopped_worker_is_waited_for_and_may_be_entered_again(server: RealServer, store: Store) -> None:
    worker = Worker(["ana"], "echo", url=server.url)

    for number in range(2):
        async with worker:
            push(store, f"c{number}")
            await soon(lambda number=number: state_of(store, f"c{number}") == "completed")  # type: ignore[misc]
            worker.stop()
            await worker.wait()
            assert not is_signed_in(store, "ana")


async def test_a_worker_that_works_is_not_entered_twice(server: RealServer) -> None:
    async with Worker(["ana"], "echo", url=server.url) as worker:
        with pytest.raises(RuntimeError, match="works already"):
            await worker.start()

        assert worker.is_working


async def test_a_worker_whose_tasks_are_cancelled_by_a_handler_fails_with_the_reason(
    server: RealServer, store: Store
) -> None:
    keeps = asyncio.current_task()

    async def cancelling(contact: Contact) -> None:
        for task in asyncio.all_tasks() - {keeps}:
            task.cancel()

    worker = Worker(["ana"], cancelling, url=server.url)
    await worker.start()
    push(store, "c1")
    with pytest.raises(WorkerFailed, match="cancelled the worker's own tasks"):
        await worker.wait()

    assert not is_signed_in(store, "ana")


def test_a_worker_works_in_the_loop_of_a_thread(server: RealServer, store: Store) -> None:
    loops: list[tuple[asyncio.AbstractEventLoop, Worker]] = []

    async def work() -> None:
        worker = Worker(["ana"], "exec:true", url=server.url)
        loops.append((asyncio.get_running_loop(), worker))
        await worker.run()

    thread = threading.Thread(target=asyncio.run, args=[work()])
    thread.start()
    eventually(lambda: is_signed_in(store, "ana"))
    push(store, "c1")
    eventually(lambda: state_of(store, "c1") == "completed")
    loop, worker = loops[0]
    loop.call_soon_threadsafe(worker.stop)
    thread.join(60)

    assert not thread.is_alive()
    assert not is_signed_in(store, "ana")


def traces_of_the_process() -> list[Any]:
    signals = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)]
    loop = asyncio.get_running_loop()
    hooks = [sys.excepthook, threading.excepthook, loop.get_exception_handler(), asyncio.get_event_loop_policy()]
    return [*signals, *hooks, list(sys.path), list(logging.root.handlers), structlog.is_configured()]


async def test_a_worker_leaves_its_process_as_it_found_it(server: RealServer, store: Store) -> None:
    before, tasks = traces_of_the_process(), asyncio.all_tasks()
    looking = server.client()
    store.run(configuring.prepare_instance(store.keys))
    clients = len(looking.client_list())

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        async with Worker(["ana"], lambda _: None, url=server.url, lease_s=1):
            push(store, "c1")
            await soon(lambda: state_of(store, "c1") == "completed")
            await soon(lambda: len(looking.client_list()) == clients + 3)  # desks, wake-ups, leases
            inside = traces_of_the_process()

    assert inside == traces_of_the_process() == before
    assert asyncio.all_tasks() == tasks
    assert [str(one.message) for one in warned] == []
    await soon(lambda: len(looking.client_list()) == clients)
    await soon(lambda: not [one for one in threading.enumerate() if one.name.startswith("handler")])


async def test_a_program_without_structlog_finds_the_events_in_its_logging(
    server: RealServer, store: Store, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.INFO, "fairlead_worker"):
        async with Worker(["ana"], "echo", url=server.url):
            push(store, "c1")
            await soon(lambda: state_of(store, "c1") == "completed")

    lines = [record.getMessage() for record in caplog.records]
    assert any(line.startswith("completed agent=ana contact=c1 queue=BasicQueue") for line in lines)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"agents": []}, InvalidSetting),
        ({"agents": ["two words"]}, InvalidName),
        ({"handler": "nowhere:answer"}, HandlerNotFound),
        ({"handler": 7}, HandlerNotFound),
        ({"lease_s": 0}, InvalidSetting),
        ({"drain_limit_s": float("nan")}, InvalidSetting),
        ({"capacity": -1}, InvalidSetting),
        ({"profile": "two words"}, InvalidName),
        ({"name": "two words"}, InvalidName),
    ],
)
def test_a_worker_is_refused_for_what_cannot_be(options: dict[str, Any], error: type[Exception]) -> None:
    given: dict[str, Any] = {"agents": ["ana"], "handler": "echo"} | options

    with pytest.raises(error):
        Worker(**given)


async def test_a_lifespan_of_a_web_application_holds_a_worker(server: RealServer, store: Store) -> None:
    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        async with Worker(["ana"], "echo", url=server.url):
            yield

    async with lifespan(None):
        push(store, "c1")
        await soon(lambda: state_of(store, "c1") == "completed")

    assert not is_signed_in(store, "ana")
