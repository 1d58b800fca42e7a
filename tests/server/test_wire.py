"""One connection for many coroutines: whose reply is whose, whatever becomes of the connection and of the callers."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import redis
from conftest import REAL_SERVERS, RealServer, eventually
from proxy import Gate, LossyProxy
from server.wires import asked

from fairlead import errors
from fairlead.server.connection import connect_async
from fairlead.server.wire import Wire
from fairlead.store.client import AsyncStore
from fairlead.store.hints import next_hint
from fairlead.store.procedure import Command


@pytest.fixture
async def wire(server: RealServer) -> AsyncIterator[Wire]:
    one = Wire(server.url)
    yield one
    await one.close()


async def soon(is_so: object) -> None:
    await asyncio.get_running_loop().run_in_executor(None, eventually, is_so)


ALIKE: list[Command] = [
    ("HGETALL", "hash"), ("HGETALL", "none"), ("HGET", "hash", "no such field"), ("ZRANGE", "set", 0, -1),
    ("ZRANGE", "set", 0, -1, "WITHSCORES"), ("ZSCORE", "set", "a"), ("BLPOP", "list", 1), ("BLPOP", "list", "0.001"),
    ("SMEMBERS", "none"), ("XRANGE", "stream", "-", "+"), ("SCAN", 0, "MATCH", "has*"), ("SCRIPT LOAD", "return 1"),
    ("HGETALL", "set"), ("EVALSHA", "0" * 40, 0), ("EVAL", "return redis.error_reply('UNKNOWN_QUEUE Sales')", 0),
    ("EVAL", "return redis.call('HGET', 'set', 'a')", 0), ("EVAL", "return {1, {'a', false}}", 0), ("NONSENSE",),
]  # fmt: skip


async def test_it_answers_as_redis_py_does(server: RealServer, wire: Wire) -> None:
    pool = AsyncStore(connect_async(server.url))
    answers = []

    for client in (AsyncStore(wire).client, pool.client):
        server.client().flushall()
        server.client().hset("hash", mapping={"a": "1", "b": "2"})
        server.client().zadd("set", {"a": 1, "b": 2.5})
        server.client().rpush("list", "one")
        server.client().xadd("stream", {"a": 1}, id="1-1")
        one_by_one = [(await client.send([command]))[0] for command in ALIKE]
        answers.append(repr([one_by_one, await client.send(ALIKE[:-1])]))

    assert answers[0] == answers[1]
    assert "UnknownQueue" in answers[0]
    await pool.close()


async def test_an_address_that_asks_for_another_protocol_gets_the_same_answers(server: RealServer) -> None:
    wire = Wire(f"{server.url}?protocol=3")
    server.client().hset("hash", "a", "1")

    assert await asked(wire, "HGETALL", "hash") == {b"a": b"1"}
    await wire.close()


async def test_who_asks_nothing_gets_nothing(wire: Wire) -> None:
    assert await AsyncStore(wire).run_many([]) == []


async def test_a_thousand_callers_at_once_get_each_their_own_replies(server: RealServer, wire: Wire) -> None:
    before = server.client().info("stats")["total_connections_received"]

    async def ask(number: int) -> list[object]:
        return await AsyncStore(wire).client.send([("ECHO", f"{number}:{part}") for part in range(number % 4 + 1)])

    answers = await asyncio.gather(*(ask(number) for number in range(1_000)))

    assert answers == [[f"{number}:{part}".encode() for part in range(number % 4 + 1)] for number in range(1_000)]
    after = server.client().info("stats")["total_connections_received"]
    assert after - before == 2  # the wire's, and the one that asks now


async def test_what_is_asked_in_one_turn_while_something_is_under_way_leaves_in_one_write(gate: Gate) -> None:
    wire = Wire(gate.url)
    await asked(wire, "PING")
    under_way = asyncio.create_task(asked(wire, "BLPOP", "nothing", "0.01"))
    await asyncio.sleep(0)

    await asyncio.gather(*(asked(wire, "ECHO", number) for number in range(50)))

    assert [part.count(b"ECHO") for part in gate.sent if b"ECHO" in part] == [50]
    assert await under_way is None
    await wire.close()


async def test_replies_that_come_byte_by_byte_are_the_same(gate: Gate) -> None:
    wire = Wire(gate.url)
    gate.splits = True

    answers = await asyncio.gather(*(asked(wire, "EVAL", f"return {{{n}, {{'é', false}}}}", 0) for n in range(20)))

    assert answers == [[n, ["é".encode(), None]] for n in range(20)]
    await wire.close()


async def test_a_caller_that_is_cancelled_harms_no_other(gate: Gate) -> None:
    wire = Wire(gate.url)
    await asked(wire, "PING")
    gate.shut()
    calls = [asyncio.create_task(asked(wire, "ECHO", number)) for number in range(90)]
    await soon(lambda: b"".join(gate.sent).count(b"ECHO") == 90)

    for call in calls[::3]:
        call.cancel()
    gate.open()
    answers = await asyncio.gather(*calls, return_exceptions=True)

    left = [answer for number, answer in enumerate(answers) if number % 3]
    assert left == [b"%d" % number for number in range(90) if number % 3]
    assert all(isinstance(answer, asyncio.CancelledError) for answer in answers[::3])
    assert await asked(wire, "ECHO", "after") == b"after"
    assert gate.connections == 1
    await wire.close()


async def test_who_is_cancelled_while_the_connection_is_made_does_not_end_it_for_the_others(gate: Gate) -> None:
    wire = Wire(f"{gate.url}?db=1")
    gate.shut()
    first, second = (asyncio.create_task(asked(wire, "ECHO", number)) for number in range(2))
    await soon(lambda: gate.sent)

    first.cancel()
    gate.open()

    assert await second == b"1"
    assert gate.connections == 1
    await wire.close()


async def test_a_handler_that_cancels_all_tasks_does_not_keep_the_connection_from_being_made(gate: Gate) -> None:
    wire, before = Wire(gate.url), asyncio.all_tasks()
    call = asyncio.create_task(asked(wire, "ECHO", 1))
    while not (opening := asyncio.all_tasks() - before - {call}):
        await asyncio.sleep(0)

    for task in opening:
        task.cancel()

    assert await call == b"1"
    await wire.close()


async def test_a_reply_that_is_lost_on_the_way_is_asked_for_again(server: RealServer, tmp_path: Path) -> None:
    proxy = LossyProxy(tmp_path, server.socket, loses=b"ECHO", chance=0.3)
    wire = Wire(proxy.url)

    for number in range(100):
        assert await asked(wire, "ECHO", number) == b"%d" % number

    assert proxy.lost > 5
    await wire.close()
    proxy.close()


async def test_when_the_connection_is_cut_all_that_wait_are_served_on_a_new_one(gate: Gate) -> None:
    wire = Wire(gate.url)
    await asked(wire, "PING")
    gate.shut()
    calls = [asyncio.create_task(asked(wire, "ECHO", number)) for number in range(100)]
    await soon(lambda: b"".join(gate.sent).count(b"ECHO") == 100)

    gate.cut()
    gate.open()

    assert await asyncio.gather(*calls) == [b"%d" % number for number in range(100)]
    assert gate.connections == 2
    await wire.close()


async def test_what_takes_something_away_is_not_repeated(server: RealServer, gate: Gate) -> None:
    wire = Wire(gate.url, retries=0)
    waiting = asyncio.create_task(AsyncStore(wire).run(next_hint("w", 2)))
    await soon(lambda: b"".join(gate.sent).count(b"BLPOP"))

    gate.cut()

    with pytest.raises(errors.RedisUnreachable):
        await waiting
    assert b"".join(gate.sent).count(b"BLPOP") == 1
    await wire.close()


async def test_a_connection_that_says_nothing_more_is_given_up_for_a_new_one(gate: Gate) -> None:
    wire = Wire(f"{gate.url}?socket_timeout=0.2")
    await asked(wire, "PING")

    gate.forget()

    assert await asyncio.gather(*(asked(wire, "ECHO", n) for n in range(10))) == [b"%d" % n for n in range(10)]
    assert gate.connections == 2
    await wire.close()


async def test_a_connection_that_is_never_without_waiting_callers_is_not_taken_for_a_silent_one(gate: Gate) -> None:
    wire = Wire(f"{gate.url}?socket_timeout=0.5", retries=0)

    async def wait_again_and_again() -> list[object]:
        return [await asked(wire, "BLPOP", "nothing comes here", "0.05") for _ in range(15)]

    assert await asyncio.gather(wait_again_and_again(), wait_again_and_again()) == [[None] * 15] * 2
    assert gate.connections == 1
    await wire.close()


async def test_a_server_that_never_answers_is_told(gate: Gate) -> None:
    wire = Wire(f"{gate.url}?socket_timeout=0.1", retries=1)
    gate.shut()

    assert isinstance(await asked(wire, "PING"), errors.RedisUnreachable)
    assert gate.connections == 2
    await wire.close()


async def test_a_reply_that_came_while_a_handler_blocked_the_loop_is_in_time(server: RealServer) -> None:
    wire = Wire(f"{server.url}?socket_timeout=0.2", retries=0)
    await asked(wire, "PING")
    call = asyncio.create_task(asked(wire, "ECHO", "in time"))
    await asyncio.sleep(0)

    server.client().blpop("nothing comes here", timeout=1)

    assert await call == b"in time"
    await wire.close()


async def test_a_server_that_is_away_is_told_with_its_address(tmp_path: Path) -> None:
    for url in (f"unix://{tmp_path}/none", "redis://127.0.0.1:1/0"):
        wire = Wire(url, retries=1)
        failure = await asked(wire, "PING")
        assert isinstance(failure, errors.RedisUnreachable)
        assert wire.address in str(failure)


async def test_a_server_that_comes_back_is_found_again(tmp_path: Path) -> None:
    server = RealServer(REAL_SERVERS[0], tmp_path)
    wire = Wire(server.url)
    await asked(wire, "PING")
    server.kill()
    assert isinstance(await asked(Wire(server.url, retries=0), "PING"), errors.RedisUnreachable)

    call = asyncio.create_task(asked(wire, "PING"))
    server.start()

    assert await call is True or await asked(wire, "PING") is True
    await wire.close()
    server.kill()


async def test_a_server_without_room_is_named_as_that(tmp_path: Path) -> None:
    server = RealServer(REAL_SERVERS[0], tmp_path)
    client = server.client()
    client.config_set("maxclients", 1)
    wire = Wire(server.url, retries=0)

    with pytest.raises(errors.RedisBusy, match="maxclients"):
        raise await asked(wire, "PING")  # type: ignore[misc]  # it is an error

    client.config_set("maxclients", 100)
    await soon(lambda: client.info("clients")["connected_clients"] == 1)
    assert await asked(wire, "PING") is True
    await wire.close()
    server.kill()


async def test_what_is_no_redis_is_not_asked_again(tmp_path: Path) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.read(100))
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    seen: list[bytes] = []
    path = tmp_path / "http.sock"
    async with await asyncio.start_unix_server(answer, path):
        failure = await asked(Wire(f"unix://{path}"), "PING")

    assert isinstance(failure, errors.RedisError)
    assert "Protocol error" in str(failure)
    assert len(seen) == 1


async def test_a_closed_wire_answers_nobody_more(gate: Gate) -> None:
    wire = Wire(f"{gate.url}?socket_timeout=1000")
    await asked(wire, "PING")
    gate.shut()
    call = asyncio.create_task(asked(wire, "ECHO", 1))
    await soon(lambda: b"".join(gate.sent).count(b"ECHO"))

    await wire.close()

    again = Wire(gate.url)
    opening = asyncio.create_task(asked(again, "PING"))
    await asyncio.sleep(0)
    await again.close()
    for failure in (await call, await opening, await asked(wire, "PING")):
        assert isinstance(failure, errors.RedisError)
        assert "closed" in str(failure)
    assert gate.connections == 1
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(errors.InvalidSetting, match="write redis://host"):
        Wire("htp://somewhere")


async def test_a_script_of_somebodys_that_does_not_end_is_told(tmp_path: Path) -> None:
    server = RealServer(REAL_SERVERS[0], tmp_path, "--busy-reply-threshold", "50")
    wire, other = Wire(server.url), Wire(server.url)
    endless = asyncio.create_task(asked(other, "EVAL", "while true do end", 0))

    def is_busy() -> bool:
        try:
            return not server.client().ping()
        except redis.RedisError:
            return True

    await soon(is_busy)

    assert isinstance(await asked(wire, "GET", "a"), errors.RedisBusy)

    server.client().script_kill()
    await endless
    await wire.close()
    await other.close()
    server.kill()
