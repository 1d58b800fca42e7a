"""What agents do in the pure Centre, step by step: what they hold, when they are free, what goes back."""

from dataclasses import replace

from domain.pure_centre import NOW_US, P, S, centre_with, configuration_of, new_contact, token_of

from fairlead.domain.centre import Assignment, Centre
from fairlead.domain.criteria import parse_step
from fairlead.domain.queue import Queue


def test_an_offer_that_is_accepted_restarts_the_clock_and_counts_once_as_answered() -> None:
    centre = centre_with(ana=False)
    centre.push(new_contact("c"), NOW_US + 10)
    token = token_of(centre, "c")

    given = centre.accept("ana", token, NOW_US + 5 * S)
    centre.release("ana", [token], NOW_US + 6 * S)
    centre.accept("ana", token_of(centre, "c"), NOW_US + 7 * S)

    assert given == []
    assert centre.state.counts == {"pushed": 1, "answered": 1, "handled": 1}
    assert centre.state.agents["ana"].available_us == NOW_US + 7 * S


def test_an_offer_lasts_as_long_as_its_queue_says_and_then_keeps_a_slot_until_it_is_cleared() -> None:
    centre = centre_with(ana=False)
    centre.push(new_contact("c"), NOW_US)

    before = centre.sweep(NOW_US + 20 * S - 1)
    (slot,) = centre.state.agents["ana"].slots.values()
    given = centre.sweep(NOW_US + 20 * S)
    (missed,) = centre.state.agents["ana"].slots.values()
    again = centre.clear("ana", token_of(centre, "c", "missed"), NOW_US + 30 * S)

    assert (before, slot.kind, slot.ends_us) == ([], "offered", NOW_US + 20 * S)
    assert (given, missed.kind, missed.ends_us) == ([], "missed", None)
    assert again == [Assignment("ana", "c", is_offered=True)]
    assert centre.state.agents["ana"].available_us == NOW_US


def test_what_is_rejected_goes_to_somebody_else_and_not_to_that_agent_again() -> None:
    centre = Centre(configuration_of(P, Queue("Q", offer_again_after_s=None)))
    for place, name in enumerate(("ana", "bo", "cem")):
        centre.sign_in(name, NOW_US + place, accepts_all=False)
    centre.set_status("cem", NOW_US + 5, is_routable=False)
    centre.push(new_contact("c"), NOW_US + 10)

    given = centre.reject("ana", token_of(centre, "c"), NOW_US + 20)
    nobody = centre.reject("bo", token_of(centre, "c"), NOW_US + 30)

    assert given == [Assignment("bo", "c", is_offered=True)]
    assert nobody == []
    assert centre.state.waiting["c"].refused == (("ana", 0), ("bo", 0))
    assert centre.state.agents["ana"].available_us == NOW_US


def test_a_queue_that_excludes_nobody_offers_again_what_was_rejected() -> None:
    centre = centre_with(ana=False)
    centre.push(new_contact("c"), NOW_US + 10)

    given = centre.reject("ana", token_of(centre, "c"), NOW_US + 20)

    assert given == [Assignment("ana", "c", is_offered=True)]


def test_after_contact_work_keeps_the_slot_until_it_ends() -> None:
    centre = centre_with(ana=True)
    centre.push(replace(new_contact("c"), queue="Work"), NOW_US)
    centre.push(new_contact("d"), NOW_US)

    at_once = centre.complete("ana", token_of(centre, "c"), NOW_US + S)
    (slot,) = centre.state.agents["ana"].slots.values()
    done = centre.state.counts["completed"]
    given = [centre.sweep(NOW_US + 11 * S - 1), centre.sweep(NOW_US + 11 * S)]

    assert (at_once, slot.kind, slot.ends_us, done) == ([], "acw", NOW_US + 11 * S, 0)
    assert given == [[], [Assignment("ana", "d", is_offered=False)]]
    assert centre.state.counts["completed"] == 1


def test_after_contact_work_restarts_the_clock_as_it_ends() -> None:
    centre = centre_with(ana=True)
    centre.push(replace(new_contact("c"), queue="Work"), NOW_US)
    centre.complete("ana", token_of(centre, "c"), NOW_US + S)

    given = centre.clear("ana", token_of(centre, "c"), NOW_US + 3 * S)

    assert given == []
    assert centre.state.agents["ana"].available_us == NOW_US + 3 * S
    assert centre.state.counts["completed"] == 1


def test_a_paused_task_leaves_its_slot_and_has_no_after_contact_work() -> None:
    centre = centre_with(ana=True)
    tasks = [replace(new_contact(name), channel="task") for name in ("c", "d")]
    for place, task in enumerate(tasks):
        centre.push(task, NOW_US + place)

    given = centre.pause("ana", token_of(centre, "c"), NOW_US + 10)
    resumed = centre.resume("ana", token_of(centre, "c"), NOW_US + 20)
    centre.pause("ana", token_of(centre, "c"), NOW_US + 30)
    done = centre.complete("ana", token_of(centre, "c"), NOW_US + 40)

    assert given == [Assignment("ana", "d", is_offered=False)]
    assert (resumed, done) == ([], [])
    assert centre.state.counts["completed"] == 1
    assert [slot.contact.contact_id for slot in centre.state.agents["ana"].slots.values()] == ["d"]


def test_a_paused_contact_of_a_queue_with_after_contact_work_is_done_at_once() -> None:
    centre = centre_with(ana=True)
    centre.push(replace(new_contact("c"), queue="Work"), NOW_US)
    token = token_of(centre, "c")
    centre.pause("ana", token, NOW_US + 1)

    centre.complete("ana", token, NOW_US + 2)

    assert centre.state.agents["ana"].slots == {}
    assert centre.state.counts["completed"] == 1


def test_a_contact_on_hold_keeps_its_slot() -> None:
    centre = centre_with(ana=True)
    centre.push(new_contact("c"), NOW_US)
    centre.push(new_contact("d"), NOW_US)

    given = centre.hold("ana", token_of(centre, "c"), NOW_US + 10)

    assert given == []
    assert centre.state.slots("on_hold") == [("ana", token_of(centre, "c"))]


def test_who_leaves_gives_back_what_it_held_and_what_it_was_offered() -> None:
    centre = centre_with(ana=False)
    centre.push(replace(new_contact("d"), channel="task"), NOW_US)
    centre.accept("ana", token_of(centre, "d"), NOW_US + 1)
    centre.push(replace(new_contact("c"), priority=6), NOW_US + 2)
    centre.sign_in("bo", NOW_US + 3)

    given = centre.end_sessions(["ana"], "lost", NOW_US + 4)
    held = {slot.contact.contact_id: slot.contact.attempts for slot in centre.state.agents["bo"].slots.values()}

    assert given == [Assignment("bo", "d", is_offered=False), Assignment("bo", "c", is_offered=False)]
    assert held == {"c": 0, "d": 1}
    assert "ana" not in centre.state.agents


def test_work_after_a_contact_ends_with_the_session_and_a_missed_offer_waits_already() -> None:
    centre = centre_with(ana=False)
    centre.push(replace(new_contact("c"), queue="Work"), NOW_US)
    centre.accept("ana", token_of(centre, "c"), NOW_US + 1)
    centre.complete("ana", token_of(centre, "c"), NOW_US + 2)
    centre.push(replace(new_contact("d"), channel="task"), NOW_US + 3)
    centre.sweep(NOW_US + 31 * S)

    centre.end_sessions(["ana"], "lost", NOW_US + 32 * S)

    assert centre.state.counts["completed"] == 1
    assert {name: one.attempts for name, one in centre.state.waiting.items()} == {"d": 0}


def test_what_is_released_keeps_its_place_and_what_comes_back_together_lines_up_before_anybody_takes() -> None:
    centre = centre_with(ana=True)
    centre.push(replace(new_contact("d"), channel="task"), NOW_US)
    centre.push(replace(new_contact("c"), priority=4), NOW_US + 1)
    centre.set_status("ana", NOW_US + 2, is_routable=False)
    centre.sign_in("bo", NOW_US + 3)
    tokens = [token_of(centre, "d"), token_of(centre, "c")]

    given = centre.release("ana", tokens, NOW_US + 5)

    assert given == [Assignment("bo", "c", is_offered=False)]


def test_a_transfer_keeps_the_time_and_drops_the_criteria() -> None:
    centre = centre_with(ana=True)
    asked = replace(new_contact("c"), steps=(parse_step("agents [ana]"),), refused=(("bo", 0),))
    centre.push(asked, NOW_US + 5)
    centre.set_status("ana", NOW_US + 6, is_routable=False)

    given = centre.transfer("ana", token_of(centre, "c"), "Work", NOW_US + 9)
    waiting = centre.state.waiting["c"]

    assert given == []
    assert (waiting.queue, waiting.steps, waiting.refused) == ("Work", (), ())
    assert (waiting.queued_us, waiting.is_answered) == (NOW_US + 5, False)


def test_a_transfer_with_criteria_starts_with_their_first_step() -> None:
    centre = centre_with(ana=True)
    centre.push(new_contact("c"), NOW_US)
    steps = (parse_step("agents [bo] for 5s"), parse_step("agents [cem]"))

    centre.transfer("ana", token_of(centre, "c"), "Work", NOW_US + 9, steps)

    waiting = centre.state.waiting["c"]
    assert (waiting.steps, waiting.step, waiting.step_us) == (steps, 0, NOW_US + 9)


def test_what_rings_at_who_leaves_is_offered_to_somebody_else_at_once() -> None:
    centre = centre_with(ana=False, bo=False)
    centre.push(new_contact("c"), NOW_US + 10)

    given = centre.set_status("ana", NOW_US + 20, is_routable=False)

    assert given == [Assignment("bo", "c", is_offered=True)]


def test_a_transfer_goes_to_whoever_is_free_and_the_agent_takes_its_next() -> None:
    centre = centre_with(ana=True)
    centre.push(new_contact("c"), NOW_US)
    centre.push(new_contact("d"), NOW_US + 1)

    given = centre.transfer("ana", token_of(centre, "c"), "@bo", NOW_US + 9)

    assert given == [Assignment("ana", "d", is_offered=False)]
    assert [*centre.state.waiting] == ["c"]


def test_becoming_available_restarts_the_clock_and_staying_so_does_not() -> None:
    centre = centre_with(ana=True)

    given = centre.set_status("ana", NOW_US + 10, is_routable=True)
    stays_us = centre.state.agents["ana"].available_us
    centre.set_status("ana", NOW_US + 20, is_routable=False)
    leaves_us = centre.state.agents["ana"].available_us
    centre.push(new_contact("c"), NOW_US + 25)
    again = centre.set_status("ana", NOW_US + 30, is_routable=True)

    assert (given, stays_us, leaves_us) == ([], NOW_US, NOW_US)
    assert again == [Assignment("ana", "c", is_offered=False)]
