"""A clock that is set neither ends nor freezes a lease, and moves no wait; time that passes is counted."""

from dataclasses import replace
from typing import Any

import pytest
from conftest import RealServer
from raw import raw
from store.world import HOUR_US, JUMPS, LEASE_US, S, World

from fairlead.service.doctor import examine
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact
from fairlead.store.transitions import producing
from fairlead.store.transitions.renewing import renew
from fairlead.store.transitions.sweeping import PAUSE_US


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def test_an_engine_whose_clock_is_as_expected_writes_nothing_about_it(world: World) -> None:
    sweeper = world.sweeper()
    world.sign_in("ana")
    world.sweep(sweeper)

    world.push("c")
    world.sweep(sweeper)

    noted = raw(world.store).hgetall(world.store.keys.instance)
    assert not {b"doubt", b"judged_us", b"offset_us", b"regained"} & set(noted)


@pytest.mark.parametrize("jump_us", JUMPS)
def test_a_session_that_is_resumed_while_the_clock_is_in_doubt_lives_for_its_lease(world: World, jump_us: int) -> None:
    sweeper = world.sweeper()
    ana = world.sign_in("ana")
    world.push("c")
    world.sweep(sweeper)
    world.clock_is_set(jump_us)

    world.store.run(ana.resume_session(ana.epoch))

    presence_us = LEASE_US * 2 // 3
    assert abs(world.due_us("session:ana") - presence_us - world.true_us()) < PAUSE_US
    world.sweep(sweeper)
    world.passes(LEASE_US // 3)
    world.sweep(sweeper)
    assert world.is_signed_in("ana")
    assert world.store.run(reading.contact("c")).state == "connected"


@pytest.mark.parametrize("jump_us", JUMPS)
def test_what_is_stamped_before_a_sweep_has_seen_that_the_clock_was_set_is_right(world: World, jump_us: int) -> None:
    sweeper = world.sweeper()
    ana = world.sign_in("ana", auto_accept=False)
    world.sweep(sweeper)
    world.clock_is_set(jump_us)

    before_us = world.true_us()
    cem = world.sign_in("cem", capacity=1)
    queued_us = world.push("c")
    offered = world.store.run(ana.take()).offers
    lost = world.store.run(renew(world.store.keys, [ana, cem]))

    assert not lost
    assert world.is_right()
    assert before_us - PAUSE_US < queued_us < world.true_us() + PAUSE_US
    assert all(offer.deadline_us < world.true_us() + 20 * S + PAUSE_US for offer in offered)
    for agent in ("ana", "cem"):
        renewed_us = world.due_us(f"session:{agent}") - LEASE_US * 2 // 3
        assert before_us - PAUSE_US < renewed_us < world.true_us() + PAUSE_US


@pytest.mark.parametrize("jump_us", JUMPS)
def test_a_clock_that_is_set_loses_no_session_and_moves_no_wait(world: World, jump_us: int) -> None:
    sweeper = world.sweeper()
    world.sign_in("ana", capacity=1)
    world.push("first")
    world.sweep(sweeper)

    world.clock_is_set(jump_us)
    queued_us = world.push("second")
    world.sweep(sweeper)
    later_us = world.push("third")

    assert world.is_signed_in("ana")
    assert queued_us < later_us < world.true_us() + PAUSE_US
    assert world.store.run(reading.now_us()) >= later_us - PAUSE_US
    assert world.is_right()


@pytest.mark.parametrize("jump_us", JUMPS)
def test_two_sweepers_that_see_the_same_jump_move_the_offset_once(world: World, jump_us: int) -> None:
    one, other = world.sweeper(), world.sweeper()
    world.sign_in("ana")
    for sweeper in (one, other):
        world.sweep(sweeper)

    world.clock_is_set(jump_us)
    for sweeper in (one, other, one, other):
        world.sweep(sweeper)

    assert world.is_signed_in("ana")
    assert world.is_right()


def test_a_sweep_that_judges_the_clock_may_run_twice(world: World) -> None:
    sweeper = world.sweeper()
    world.sign_in("ana")
    world.sweep(sweeper)
    world.clock_is_set(HOUR_US)
    world.store.run(sweeper.sweep())

    judging = sweeper.sweep()
    world.store.run(judging)
    world.store.run(judging)
    world.sweep(sweeper)

    assert world.is_signed_in("ana")
    assert world.is_right()


@pytest.mark.parametrize("jump_us", JUMPS)
def test_a_worker_that_starts_just_after_the_clock_was_set_judges_nothing(world: World, jump_us: int) -> None:
    living = world.sweeper()
    world.sign_in("ana")
    world.sweep(living)

    world.clock_is_set(jump_us)
    starting = world.sweeper()
    world.sweep(starting)
    world.sweep(living)
    world.sweep(starting)

    assert world.is_signed_in("ana")
    assert world.is_right()


def test_a_sweep_that_cannot_tell_yet_asks_to_be_followed_at_once(world: World) -> None:
    sweeper = world.sweeper()
    world.sign_in("ana")
    world.sweep(sweeper)

    world.clock_is_set(HOUR_US)
    asked = [world.store.run(sweeper.sweep()).more for _ in range(2)]

    assert asked == [True, False]
    assert world.is_right()


def test_after_a_clock_was_set_back_time_goes_on_whoever_sweeps_next(world: World) -> None:
    world.sign_in("ana")
    world.sweep(world.sweeper())

    world.clock_is_set(-HOUR_US)
    world.sweep(world.sweeper())

    assert world.is_signed_in("ana")
    assert world.is_right()
    assert not raw(world.store).hexists(world.store.keys.instance, "doubt")


def test_the_doctor_tells_of_a_doubt(server: RealServer) -> None:
    world = World(Store(server.client()))
    world.sign_in("ana")
    world.sweep(world.sweeper())

    world.clock_is_set(HOUR_US)
    world.push("c")

    found = next(check for check in world.store.run(examine()) if check.name == "clock")
    assert found.verdict == "warn"
    assert "no worker has swept since" in found.found


@pytest.mark.parametrize("step_us", [1_500_000, -1_500_000])
def test_a_small_step_is_let_be_and_stamps_rise(world: World, step_us: int) -> None:
    sweeper = world.sweeper()
    world.sign_in("ana", capacity=1)
    world.sweep(sweeper)

    first_us = world.push("first")
    world.clock_is_set(step_us)
    second_us = world.push("second")
    world.sweep(sweeper)
    third_us = world.push("third")

    assert first_us < second_us < third_us
    assert world.is_signed_in("ana")
    assert world.is_right()


@pytest.mark.parametrize("stall_us", [3_500_000, HOUR_US])
def test_a_sweep_that_is_stalled_before_it_is_sent_moves_nothing(world: World, stall_us: int) -> None:
    stalled = world.sweeper()
    world.sweep(stalled)
    world.sweep(stalled)

    world.clock_is_set(stall_us)
    request = stalled.sweep()
    world.passed_us += stall_us  # so the time passed after the request was built
    world.store.run(request)
    world.sweep(stalled)

    assert world.is_right()
    assert not raw(world.store).hexists(world.store.keys.instance, "judged_us")


@pytest.mark.parametrize("stall_us", [3_500_000, HOUR_US])
def test_a_sweep_whose_answer_is_read_late_moves_nothing(world: World, stall_us: int) -> None:
    stalled = world.sweeper()
    world.sweep(stalled)
    request = stalled.sweep()

    def read_late(reply: Any) -> Any:
        world.passed_us += stall_us
        return request.read(reply)

    world.store.run(replace(request, read=read_late))
    world.clock_is_set(stall_us)
    world.sweep(stalled)
    world.sweep(stalled)

    assert world.is_right()
    assert not raw(world.store).hexists(world.store.keys.instance, "judged_us")


def test_time_that_really_passes_ends_a_lease_whatever_the_clock_says(world: World) -> None:
    sweeper = world.sweeper()
    world.sign_in("ana")
    world.sweep(sweeper)

    world.passed_us += HOUR_US  # but the server's clock was set back by it
    world.sweep(sweeper)

    assert not world.is_signed_in("ana")
    assert world.is_right()


def test_an_outage_of_the_server_is_counted_with_the_first_sweep_of_a_worker_that_lived_through_it(
    world: World,
) -> None:
    sweeper = world.sweeper()
    world.sign_in("ana")
    world.push("c")
    world.sweep(sweeper)

    world.passes(HOUR_US)
    world.sign_in("bo")
    world.sweep(sweeper)
    world.sweep(sweeper)

    assert world.is_right()
    assert not world.is_signed_in("ana")
    assert world.is_signed_in("bo")


def test_a_night_without_workers_is_counted_once_a_worker_sweeps(world: World) -> None:
    sweeper = world.sweeper()
    world.sign_in("ana", capacity=1)
    world.push("first")
    world.push("evening")
    world.sweep(sweeper)
    world.passes(10 * HOUR_US)

    world.push("morning", expiry_s=3_600)
    world.sign_in("bo", capacity=1)
    world.passes(PAUSE_US + S)
    starting = world.sweeper()
    world.sweep(starting)
    world.sweep(starting)

    assert world.is_right()
    assert not world.is_signed_in("ana")
    assert world.is_signed_in("bo")
    assert world.store.run(reading.contact("first")).state == "queued"
    assert {world.store.run(reading.contact(one)).state for one in ("evening", "morning")} <= {"connected", "queued"}


def test_a_contact_that_came_at_a_doubted_time_waits_as_long_as_its_queue_says(world: World) -> None:
    world.sign_in("ana", capacity=1)
    world.push("first")
    world.sweep(world.sweeper())
    world.passes(30 * HOUR_US)
    chat = NewContact("BasicQueue", "chat", contact_id="morning")
    world.store.run(producing.push(world.store.keys, chat))
    world.passes(PAUSE_US + S)
    sweeper = world.sweeper()
    world.sweep(sweeper)
    world.sweep(sweeper)

    assert world.store.run(reading.contact("morning")).state == "queued"
    world.passes(25 * HOUR_US)
    world.sweep(sweeper)
    world.sweep(sweeper)

    assert world.store.run(reading.contact("morning")).state == "expired"


def test_after_the_last_agent_has_signed_out_contacts_that_come_hours_later_have_the_time_of_then(
    world: World,
) -> None:
    ana = world.sign_in("ana")
    world.sweep(world.sweeper())
    world.store.run(ana.sign_out())

    times = []
    for hour in range(5):
        world.passes(HOUR_US)
        times.append((world.push(f"c{hour}"), world.true_us()))

    assert all(abs(queued_us - true_us) < PAUSE_US for queued_us, true_us in times)
    world.passes(HOUR_US)
    world.sign_in("bo")
    world.sweep(world.sweeper())
    assert world.is_right()
    assert world.is_signed_in("bo")


def test_after_all_workers_were_killed_only_the_first_contacts_are_in_doubt(world: World) -> None:
    world.sign_in("ana", capacity=1)
    world.sweep(world.sweeper())

    times = []
    for number in range(5):
        world.passes(HOUR_US)
        times.append((world.push(f"c{number}"), world.true_us()))

    assert [queued_us for queued_us, _ in times] == sorted(queued_us for queued_us, _ in times)
    assert all(abs(queued_us - true_us) < PAUSE_US for queued_us, true_us in times[1:])
    assert times[0][0] < times[0][1]


@pytest.mark.parametrize("jump_us", [0, *JUMPS])
def test_what_reads_the_engine_without_a_script_has_the_same_time(world: World, jump_us: int) -> None:
    world.sign_in("ana", capacity=1)
    world.sweep(world.sweeper())
    world.clock_is_set(jump_us)

    for later_us in (0, 2 * S, 2 * S):
        world.passes(later_us)
        before_us = world.store.run(reading.now_us())
        stamp_us = world.push(f"c{world.passed_us}-{later_us}-{before_us}")

        assert before_us - 1_000 <= stamp_us <= world.store.run(reading.now_us()) + 1_000
    assert jump_us == 0 or raw(world.store).hexists(world.store.keys.instance, "doubt")
