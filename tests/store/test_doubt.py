"""While TIME is not believed, time goes on from what is known."""

from dataclasses import replace
from typing import Any

import pytest
from raw import raw
from store.world import HOUR_US, JUMPS, S, World

from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.known import PAUSE_US
from fairlead.store.new_contact import NewContact
from fairlead.store.offers import Answer
from fairlead.store.request import Request
from fairlead.store.transitions.producing import push
from fairlead.store.transitions.sweeping import Sweeper


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


def is_in_order(world: World) -> bool:
    times_us = [event.at_us for event in world.store.run(reading.events_after())]
    return times_us == sorted(times_us)


def swept_late(world: World, scheduled: NewContact) -> Request[Answer]:
    """Redis is away for five seconds, in which a sweep was sent: while time is in doubt it knows of two seconds more.

    In these a scheduled contact starts. Answers what completes another.
    """
    session = world.sign_in("ana")
    sweeper = world.sweeper()
    world.push("c1")
    connected = world.store.run(session.take()).offers
    world.store.run(push(world.store.keys, scheduled))
    world.sweep(sweeper)
    world.passes(2 * S)
    world.clock_is_set(5 * S)
    late = sweeper.sweep()
    world.passed_us += 5 * S  # so the time passed after the request was built
    world.push("c2")

    world.store.run(late)

    assert raw(world.store).hexists(world.store.keys.instance, "doubt")
    assert world.store.run(reading.contact(scheduled.contact_id)).state == "queued"
    return session.complete(connected)


def test_what_comes_after_a_sweep_that_knows_of_more_time_is_no_earlier(world: World) -> None:
    completing = swept_late(world, NewContact("BasicQueue", "chat", contact_id="later", start_in_s=1))

    read_us = world.store.run(reading.now_us())
    world.store.run(completing)

    told = {event.name: event.at_us for event in world.store.run(reading.events_after())}
    assert told["contact.completed"] >= read_us
    assert is_in_order(world)


def test_what_a_sweep_in_doubt_begins_comes_due_later_by_the_time_that_really_passed(world: World) -> None:
    swept_late(world, NewContact("BasicQueue", "chat", contact_id="later", start_in_s=1, expiry_s=3))

    for _ in range(2):
        world.sweep(world.sweepers[0])

    assert not raw(world.store).hexists(world.store.keys.instance, "doubt")
    assert world.store.run(reading.contact("later")).state == "queued"
    assert is_in_order(world)


def test_a_sweeper_whose_own_clock_stood_still_moves_nothing(world: World) -> None:
    slept_us = 0
    living, sleeping = world.sweeper(), Sweeper(world.store.keys, lambda: world.monotonic_ns() - slept_us * 1_000)
    world.sweepers.append(sleeping)
    world.sign_in("ana")
    for sweeper in (living, sleeping):
        world.sweep(sweeper)

    for _ in range(10):
        world.passes(S)
        slept_us += S
        world.sweep(living)
        world.push(f"c{slept_us}")
    for turn in range(3):
        world.sweep(sleeping)
        world.push(f"after-{turn}")

    assert not raw(world.store).hexists(world.store.keys.instance, "judged_us")
    assert is_in_order(world)
    assert world.is_right()


def test_a_clock_that_is_set_back_by_less_than_has_passed_since_a_sweep_does_not_turn_time_back(world: World) -> None:
    world.sweep(world.sweeper())
    world.passes(S)
    first_us = world.push("first")

    world.clock_is_set(-S // 2)

    read_us = world.store.run(reading.now_us())
    assert first_us <= read_us <= world.push("second")


def test_a_clock_that_is_set_while_the_only_worker_stands_still_is_corrected_by_it(world: World) -> None:
    sweeper = world.sweeper()
    world.sign_in("ana")
    world.sweep(sweeper)
    world.clock_is_set(HOUR_US)
    for turn in range(7):
        world.push(f"c{turn}")
        world.passes(S)

    for _ in range(2):
        world.sweep(sweeper)

    assert world.is_signed_in("ana")
    assert world.is_right()


def test_a_clock_that_is_set_back_again_is_taken_up_by_the_offset_that_there_is(world: World) -> None:
    world.sign_in("ana")
    world.sweep(world.sweeper())

    for turn in range(2):
        world.clock_is_set(-30 * S)
        world.push(f"c{turn}")
        world.sweep(Sweeper(world.store.keys))

    assert world.is_signed_in("ana")
    assert is_in_order(world)
    assert world.is_right()


def test_a_sweep_that_knows_of_less_time_than_has_been_told_turns_nothing_back(world: World) -> None:
    sweeper = world.sweeper()
    request = sweeper.sweep()

    def read_late(reply: Any) -> Any:
        world.passed_us += 2 * S
        return request.read(reply)

    world.store.run(replace(request, read=read_late))
    world.clock_is_set(2 * S)
    world.push("before")
    world.clock_is_set(-HOUR_US)
    world.push("in-doubt")
    world.sweep(sweeper)
    at_us = world.push("after")
    world.passes(S)

    assert is_in_order(world)
    assert world.store.run(reading.now_us()) >= at_us + S * 9 // 10
    assert world.is_right()


def test_what_comes_once_a_doubt_is_over_for_want_of_a_sweep_comes_due_at_its_time(world: World) -> None:
    world.sign_in("ana", capacity=1)
    world.push("first")
    world.sweep(world.sweeper())
    world.passes(4 * S)
    world.push("in-doubt")
    world.passes(PAUSE_US + S // 2)
    world.store.run(push(world.store.keys, NewContact("BasicQueue", "voice", contact_id="later", expiry_s=20)))
    world.passes(10 * S)
    world.sweep(Sweeper(world.store.keys))
    assert not raw(world.store).hexists(world.store.keys.instance, "doubt")

    world.passes(11 * S)
    for _ in range(2):
        world.sweep(Sweeper(world.store.keys))

    assert world.store.run(reading.contact("later")).state == "expired"


def test_a_sweep_after_the_clock_was_set_back_a_little_does_what_was_due_at_the_last_stamp(world: World) -> None:
    world.store.run(push(world.store.keys, NewContact("BasicQueue", "chat", contact_id="later", start_in_s=1)))
    sweeper = world.sweeper()
    world.sweep(sweeper)
    world.passes(5 * S // 4)
    world.push("stamped")

    world.clock_is_set(-S // 2)
    world.sweep(sweeper)

    assert world.store.run(reading.contact("later")).state == "queued"
    assert is_in_order(world)
