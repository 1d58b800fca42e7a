"""Commands of a synchronous client that go together: the server works on the first while the next are made."""

from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
import redis
from conftest import RealServer, eventually

from fairlead.server.batch import send_one, send_together
from fairlead.server.connection import connect

LONG = b"x" * 10_000
"""Of so many bytes a command is not held back until others can go with it."""


def test_the_server_works_on_commands_while_others_are_made(server: RealServer) -> None:
    seen: list[Any] = []

    def commands() -> Iterator[Any]:
        yield ("SET", "first", LONG)
        eventually(lambda: server.client().exists("first"))
        seen.append(server.client().get("second"))
        yield ("SET", "second", "x")

    with connect(server.url) as client:
        assert send_together(client, commands()) == [True, True]

    assert seen == [None]


def test_what_was_answered_is_not_sent_again_when_the_connection_is_lost(server: RealServer) -> None:
    raw = server.client()
    before = raw.info("stats")["total_connections_received"]
    replies: list[Any] = []

    def send() -> None:
        with connect(server.url, timeout_s=0.3) as client:
            commands = [("INCR", "n"), ("BLPOP", "list", 0), ("INCR", "n")]
            replies.extend(send_together(client, commands))

    sending = Thread(target=send)
    sending.start()
    eventually(lambda: raw.info("stats")["total_connections_received"] >= before + 2)  # the first has had no answer
    raw.rpush("list", "x")
    sending.join()

    assert replies == [1, (b"list", b"x"), 2]


def test_what_is_refused_is_told_in_its_place(server: RealServer) -> None:
    with connect(server.url) as client:
        replies = send_together(client, [("SET", "k", "x"), ("INCR", "k"), ("GET", "k")])
        with pytest.raises(redis.ResponseError, match="not an integer"):
            send_together(client, [("INCR", "k")])

    assert [type(one) for one in replies] == [bool, redis.ResponseError, bytes]


def test_what_was_answered_stays_when_the_rest_gets_no_answer(server: RealServer) -> None:
    made: list[int] = []

    def commands() -> Iterator[Any]:
        for number in range(4):
            made.append(number)
            yield ("INCR", "n") if number != 1 else ("BLPOP", "list", 0)

    with connect(server.url, timeout_s=0.1, retries=0) as client:
        replies = send_together(client, commands())

    assert replies[0] == 1
    assert {type(one) for one in replies[1:]} == {redis.TimeoutError}
    assert (made, len(replies)) == ([0, 1, 2, 3], 4)


def test_a_connection_on_which_replies_are_to_come_is_not_used_again_when_making_commands_fails(
    server: RealServer,
) -> None:
    def commands() -> Iterator[Any]:
        yield ("SET", "first", LONG)
        raise ValueError("no more")

    with connect(server.url, max_connections=1) as client:
        with pytest.raises(ValueError, match="no more"):
            send_together(client, commands())
        assert send_together(client, [("GET", "first")]) == [LONG]


def test_one_command_is_sent_again_when_its_answer_does_not_come(server: RealServer) -> None:
    raw, replies = server.client(), list[Any]()
    before = raw.info("stats")["total_connections_received"]

    def send() -> None:
        with connect(server.url, timeout_s=0.3) as client:
            replies.append(send_one(client, ("BLPOP", "list", 0)))

    sending = Thread(target=send)
    sending.start()
    eventually(lambda: raw.info("stats")["total_connections_received"] >= before + 2)
    raw.rpush("list", "x")
    sending.join()

    assert replies == [(b"list", b"x")]


def test_one_command_that_gets_no_answer_leaves_none_to_the_next(server: RealServer) -> None:
    with connect(server.url, timeout_s=0.1, retries=0, max_connections=1) as client:
        with pytest.raises(redis.TimeoutError):
            send_one(client, ("BLPOP", "list", 0))
        server.client().rpush("list", "x", "y")

        assert send_one(client, ("PING",)) is True


def test_what_is_refused_costs_no_connection(server: RealServer) -> None:
    with connect(server.url) as client:
        send_one(client, ("SET", "k", "x"))
        before = client.info("stats")["total_connections_received"]
        for _ in range(3):
            with pytest.raises(redis.ResponseError, match="not an integer"):
                send_one(client, ("INCR", "k"))

        assert send_one(client, ("GET", "k")) == b"x"
        assert client.info("stats")["total_connections_received"] == before


def test_nothing_to_send_needs_no_server() -> None:
    assert send_together(connect("redis://127.0.0.1:1/0"), []) == []
