"""A script that the server does not know is loaded once, however many ask for it at once."""

import asyncio
from typing import Any

import pytest
import redis
from conftest import RealServer

from fairlead import errors
from fairlead.server.connection import connect_async
from fairlead.server.wire import Wire
from fairlead.store import reading
from fairlead.store.client import AsyncStore, Store
from fairlead.store.new_contact import NewContact
from fairlead.store.transitions import configuring, producing

MANY = 200


def loads(client: redis.Redis) -> int:
    """How often a script was loaded since the last time that this was set to 0."""
    return sum(stats["calls"] for name, stats in client.info("commandstats").items() if "function|load" in name)


@pytest.mark.parametrize("kind", ["wire", "redis-py"])
async def test_many_who_find_a_script_forgotten_load_it_once(real_server: RealServer, kind: str) -> None:
    client = real_server.client()
    client.flushall()
    Store(client).run(configuring.prepare_instance(Store(client).keys))
    clients = {"wire": Wire, "redis-py": lambda url: connect_async(url, max_connections=MANY)}
    store = AsyncStore(clients[kind](real_server.url))
    await store.run(reading.now_us())
    client.function_flush()
    client.config_resetstat()

    contacts = [NewContact("BasicQueue", "voice", contact_id=f"c{number}") for number in range(MANY)]
    receipts = await asyncio.gather(*(store.run(producing.push(store.keys, contact)) for contact in contacts))
    await store.close()

    assert all(receipt.created for receipt in receipts)
    assert 1 <= loads(client) <= 3


def test_a_script_that_was_loaded_into_another_server_than_is_asked_is_loaded_again(
    real_server: RealServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = real_server.client()
    client.flushall()
    store = Store(client)
    store.run(configuring.prepare_instance(store.keys))
    client.function_flush()
    load, lost = Store._load, []

    def load_elsewhere(*given: Any, **further: Any) -> None:
        load(*given, **further)
        if not lost:
            lost.append(client.function_flush())

    monkeypatch.setattr(Store, "_load", load_elsewhere)

    assert store.run(producing.push(store.keys, NewContact("BasicQueue", "voice"))).created


async def test_who_leaves_while_a_script_is_loaded_takes_nobody_along(real_server: RealServer) -> None:
    client = real_server.client()
    client.flushall()
    Store(client).run(configuring.prepare_instance(Store(client).keys))
    client.function_flush()
    store = AsyncStore(Wire(real_server.url))
    pushes = [
        asyncio.ensure_future(
            store.run(producing.push(store.keys, NewContact("BasicQueue", "voice", contact_id=f"c{number}")))
        )
        for number in range(20)
    ]
    while not store._loads:
        await asyncio.sleep(0)

    pushes[0].cancel()

    receipts = await asyncio.gather(*pushes, return_exceptions=True)
    await store.close()
    assert isinstance(receipts[0], asyncio.CancelledError)
    assert all(isinstance(one, producing.Receipt) for one in receipts[1:])


async def test_all_who_wait_for_a_script_that_cannot_be_loaded_are_told(real_server: RealServer) -> None:
    client = real_server.client()
    client.flushall()
    client.execute_command("ACL", "SETUSER", "poor", "on", ">word", "~*", "+@all", "-script|load", "-function|load")
    Store(client).run(configuring.prepare_instance(Store(client).keys))
    client.function_flush()
    client.script_flush()
    store = AsyncStore(connect_async(real_server.url.replace("unix://", "unix://poor:word@")))

    contacts = [NewContact("BasicQueue", "voice", contact_id=f"c{number}") for number in range(5)]
    answers = await asyncio.gather(
        *(store.run(producing.push(store.keys, contact)) for contact in contacts), return_exceptions=True
    )
    await store.close()
    client.execute_command("ACL", "DELUSER", "poor")

    assert [type(answer) for answer in answers] == [errors.RedisRefused] * 5
    assert store._loads == {}
