"""While TIME is not believed, time goes on from what is known."""

import pytest
from raw import raw
from store.world import JUMPS, S, World

from fairlead.store import reading
from fairlead.store.client import Store


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


@pytest.mark.parametrize("jump_us", [4 * S, *JUMPS])
def test_a_doubted_time_is_no_earlier_than_what_has_been_told(world: World, jump_us: int) -> None:
    session = world.sign_in("ana")
    world.sweep(world.sweeper())
    world.push("c1")
    world.passes(S // 2)
    world.store.run(session.complete(world.store.run(session.take()).offers))

    world.clock_is_set(jump_us)
    read_us = world.store.run(reading.now_us())
    world.push("c2")

    times_us = [event.at_us for event in world.store.run(reading.events_after())]
    assert times_us == sorted(times_us)
    assert times_us[-2] >= read_us >= times_us[-3]
    assert raw(world.store).hexists(world.store.keys.instance, "doubt")
