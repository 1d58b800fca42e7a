"""A client whose connections are all in use lets who asks wait for one, and says so when none comes free."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import RealServer

from fairlead import errors
from fairlead.server import connection
from fairlead.server.connection import connect
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact
from fairlead.store.transitions import configuring, producing


def test_more_threads_than_connections_all_push(server: RealServer) -> None:
    store = Store(connect(server.url, max_connections=2))
    store.run(configuring.prepare_instance(store.keys))
    contacts = [NewContact("BasicQueue", "voice", contact_id=f"c{number}") for number in range(200)]

    with ThreadPoolExecutor(20) as threads:
        receipts = list(threads.map(lambda one: store.run(producing.push(store.keys, one)), contacts))

    assert all(receipt.state == "queued" for receipt in receipts)
    assert len(store.run(reading.contacts_in("queued", 1_000))) == 200


def test_who_gets_no_connection_in_time_is_told(server: RealServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "POOL_WAIT_S", 0.05)
    client = connect(server.url, max_connections=1)
    held = client.connection_pool.get_connection()

    with pytest.raises(errors.RedisUnreachable, match="onnection"):
        Store(client).run(reading.now_us())

    client.connection_pool.release(held)
    assert Store(client).run(reading.now_us()) > 0
