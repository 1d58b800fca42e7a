"""What a waiting contact takes of Redis' memory."""

from typing import Any

import pytest
from raw import raw

from fairlead.domain.names import checked_name
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact, new_contact_id
from fairlead.store.transitions import configuring
from fairlead.store.transitions.producing import Receipt, push

MANY = 2_000
"""Of so many the memory of one is the mean: nodes of a sorted set have sizes by chance."""

MOST = {"chat": 600, "voice": 600}
"""Bytes: what Redis 7.0 with allocations in steps of 16 bytes takes, and some room."""


def test_an_id_that_is_made_later_sorts_later_and_is_short() -> None:
    ids = [new_contact_id() for _ in range(1_000)]

    assert ids == sorted(set(ids))
    assert {len(checked_name("contact", one)) for one in ids} == {14}
    assert len({one[-4:] for one in ids}) > 990, "what is made at the same time has to differ"


@pytest.mark.parametrize("channel", MOST)
def test_a_waiting_contact_is_small(server: Any, channel: str) -> None:
    store = Store(server.client())
    store.run(configuring.prepare_instance(store.keys))
    _push(store, channel)

    before = _bytes(store)
    _push(store, channel)

    assert (_bytes(store) - before) / MANY < MOST[channel]


def _push(store: Store, channel: Any) -> None:
    contacts = [NewContact("BasicQueue", channel, b"x" * 200, priority=1 + place % 10) for place in range(MANY)]
    for receipt in store.run_many([push(store.keys, contact) for contact in contacts]):
        assert isinstance(receipt, Receipt)


def _bytes(store: Store) -> int:
    """Of all keys but the events, which are bounded."""
    keys = set(raw(store).keys()) - {store.keys.events.encode()}
    return sum(raw(store).memory_usage(key, samples=0) for key in keys)
