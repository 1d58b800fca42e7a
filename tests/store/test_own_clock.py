"""A store with a clock of its own: whatever it asks, it asks at that clock's time."""

from dataclasses import replace
from datetime import time

import pytest
import redis
from centre import Clock, S
from conftest import RealServer
from raw import raw

from fairlead.domain.configuration import fresh_configuration
from fairlead.domain.hours import Hours
from fairlead.server.connection import connect_async
from fairlead.store import reading
from fairlead.store.client import AsyncStore, Store
from fairlead.store.new_contact import NewContact
from fairlead.store.request import Request
from fairlead.store.transitions import configuring, producing
from fairlead.store.transitions.sweeping import Sweeper

BEGINS_US = 1_500_000_000 * S


@pytest.fixture
def clock() -> Clock:
    return Clock(BEGINS_US)


@pytest.fixture
def store(client: redis.Redis, clock: Clock) -> Store:
    store = Store(client, clock=clock)
    store.run(configuring.prepare_instance(store.keys))
    return store


def push(store: Store | AsyncStore, contact_id: str) -> Request[producing.Receipt]:
    return producing.push(store.keys, NewContact("BasicQueue", "voice", contact_id=contact_id))


def test_a_request_is_run_at_the_time_of_the_stores_clock(store: Store, clock: Clock) -> None:
    request = push(store, "c1")
    clock.now_us += 60 * S

    store.run(request)
    store.run_many([push(store, "c2")])

    assert store.run(reading.contact("c1")).queued_us == BEGINS_US + 60 * S
    assert store.run(reading.contact("c2")).queued_us == BEGINS_US + 60 * S + 1  # a stamp of its own
    assert store.run(reading.events_after())[-1].at_us == BEGINS_US + 60 * S


async def test_an_asyncio_store_goes_by_its_clock_too(server: RealServer, clock: Clock) -> None:
    store = AsyncStore(connect_async(server.url), clock=clock)
    await store.run(configuring.prepare_instance(store.keys))

    await store.run(push(store, "c"))

    assert Store(server.client()).run(reading.contact("c")).queued_us == BEGINS_US
    await raw(store).aclose()


def test_reads_go_by_the_stores_clock(store: Store, clock: Clock) -> None:
    store.run(push(store, "c"))

    clock.now_us += 90 * S

    assert store.run(reading.now_us()) == BEGINS_US + 90 * S
    assert store.run(reading.queue_states("BasicQueue"))[0].oldest_us == 90 * S


def test_a_sweep_by_the_stores_clock_does_what_is_due_and_judges_no_clock(store: Store, clock: Clock) -> None:
    contact = NewContact("BasicQueue", "task", contact_id="c", expiry_s=60)
    store.run(producing.push(store.keys, contact))
    sweeper = Sweeper(store.keys)
    store.run(sweeper.sweep())

    clock.now_us += 60 * S
    swept = store.run(sweeper.sweep())

    assert (swept.due, swept.more, store.run(reading.contact("c")).state) == (1, False, "expired")
    assert raw(store).hmget(store.keys.instance, "clock_us", "offset_us", "doubt") == [None, None, None]


def test_a_calendar_begins_a_day_before_the_time_at_which_it_is_applied(store: Store, clock: Clock) -> None:
    hours = Hours("Office", "UTC", {"mon": ((time(8), time(17)),)})
    request = configuring.apply_configuration(
        store.keys, replace(fresh_configuration(), hours={"Office": hours}), current_version=1
    )
    clock.now_us += 7 * 86_400 * S

    store.run(request)

    first = raw(store).zrange(store.keys.hours("Office"), 0, 0, withscores=True)
    assert [at_us for _, at_us in first] == [BEGINS_US + 6 * 86_400 * S]
