"""Connections of a synchronous client are handed out again and again, as long as nothing is the matter with them."""

import gc
import multiprocessing
import os
import sys
from collections.abc import Callable
from itertools import count
from threading import Thread
from typing import Any

import pytest
import redis
from conftest import RealServer

from fairlead.server.batch import send_one
from fairlead.server.connection import connect


def own_id(client: Any) -> int:
    """By which number the server knows the connection that the client asks with."""
    return int(send_one(client, ("CLIENT ID",)))


def test_an_idle_connection_is_used_again(server: RealServer) -> None:
    with connect(server.url) as client:
        assert len({own_id(client) for _ in range(5)}) == 1


def test_a_connection_that_the_server_has_closed_is_replaced_before_anything_is_sent(server: RealServer) -> None:
    with connect(server.url, retries=0) as client:
        first = own_id(client)
        server.client().client_kill_filter(_id=str(first))

        assert own_id(client) != first


def test_a_connection_on_which_something_is_left_to_read_is_replaced(server: RealServer) -> None:
    with connect(server.url, retries=0) as client:
        first = own_id(client)
        connection = client.connection_pool.get_connection()
        connection.send_command("ECHO", "of another")
        while not connection.can_read():
            os.sched_yield()
        client.connection_pool.release(connection)

        assert own_id(client) != first


def test_a_process_that_was_forked_has_connections_of_its_own(server: RealServer) -> None:
    with connect(server.url) as client:
        first = own_id(client)
        held = client.connection_pool.get_connection()
        fork = multiprocessing.get_context("fork")
        told: Any = fork.SimpleQueue()

        def ask() -> None:
            own = own_id(client)
            client.connection_pool.release(held)
            told.put((own, own_id(client)))

        child = fork.Process(target=ask)
        child.start()
        child.join()
        client.connection_pool.release(held)

        assert child.exitcode == 0
        own, again = told.get()
        assert own == again != first
        assert own_id(client) == first


class Interrupted(BaseException):
    """As from Ctrl-C, or from a signal's handler that raises."""


def interrupted(act: Callable[[], object], after: int) -> bool:
    """Whether `act` was interrupted, before the step of Python code of that number."""
    steps = count()

    def trace(frame: Any, event: str, _: object) -> Any:
        frame.f_trace_opcodes = True
        if event == "opcode" and next(steps) == after:
            raise Interrupted
        return trace

    gc.disable()  # what is raised while it collects reaches nobody
    sys.settrace(trace)
    try:
        act()
    except Interrupted:
        return True
    finally:
        sys.settrace(None)
        gc.enable()
    return False


def test_who_is_interrupted_at_any_step_leaves_the_next_one_a_connection_and_its_own_reply(server: RealServer) -> None:
    with connect(server.url, max_connections=2) as client:
        own_id(client)
        number = 0
        while interrupted(lambda: send_one(client, ("ECHO", "interrupted")), number):
            replies = list[Any]()
            asking = Thread(target=lambda to=replies: to.append(send_one(client, ("ECHO", "next"))), daemon=True)
            asking.start()
            asking.join(timeout=10)
            assert replies == [b"next"], number
            number += 1

    assert number > 100


def test_a_connection_that_was_lost_has_another_one_made_in_its_place_and_no_more(server: RealServer) -> None:
    with connect(server.url, max_connections=2) as client:
        pool = client.connection_pool
        pool.timeout = 1.0
        held = pool.get_connection()
        pool.get_connection()  # nobody holds it

        other = pool.get_connection()
        with pytest.raises(redis.ConnectionError, match="No connection available"):
            pool.get_connection()
        for connection in (held, other):
            pool.release(connection)

        assert own_id(client)
        assert len(pool._connections) == 2
