"""What ends the pause after a failed attempt, and what does not."""

import pytest
from centre import Centre, S, profile
from store.pausing import ELSEWHERE, EVERYWHERE, pause_is_due, pauses

from fairlead.domain.criteria import parse_step
from fairlead.domain.profile import Entry
from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.new_contact import Callback
from fairlead.store.transitions import producing, supervising


def test_a_contact_expires_within_its_pause(centre: Centre) -> None:
    centre.configure(Queue("Q", retry_delay_s=60))
    centre.sign_in("ana")
    centre.push("c", expiry_s=5)
    centre.fails("ana", "c")

    centre.passes(6)
    assert (centre.state("c"), centre.line(), pause_is_due(centre, "c")) == ("expired", [], False)
    centre.passes(60)

    assert centre.held("ana") == {}


@pytest.mark.parametrize("how", ["abandoned", "completed"])
def test_a_contact_ends_within_its_pause(centre: Centre, how: str) -> None:
    centre.sign_in("ana")
    centre.push("c")
    centre.fails("ana", "c")

    centre.run(producing.abandon if how == "abandoned" else supervising.stop, "c")

    assert (centre.state("c"), centre.line(), pause_is_due(centre, "c")) == (how, [], False)
    centre.passes(2)
    assert centre.held("ana") == {}


@pytest.mark.parametrize("rank", ["back", "keep", "front"])
def test_the_pause_goes_with_a_contact_that_is_moved(centre: Centre, rank: str) -> None:
    centre.configure(profiles=[profile([Entry("Q", "voice")]), ELSEWHERE], agents={"bo": "R"})
    centre.sign_in("ana")
    centre.sign_in("bo")
    centre.push("c")
    centre.fails("ana", "c")

    centre.run(supervising.move, "c", "Overflow", rank)
    assert (centre.where("c"), centre.held("bo"), pauses(centre, "c")) == ("Overflow", {}, True)
    centre.passes(1)

    assert centre.held("bo") == {"c": "connected"}


@pytest.mark.parametrize("accepts", [True, False])
def test_a_contact_that_is_assigned_by_hand_does_not_wait_for_its_pause(centre: Centre, accepts: bool) -> None:
    centre.sign_in("ana")
    centre.sign_in("bo", accepts=accepts)
    centre.does("bo", "set_status", "Break")
    centre.push("c")
    centre.fails("ana", "c")

    centre.run(supervising.assign, "c", "bo")
    assert (centre.who("c"), pause_is_due(centre, "c")) == ("bo", False)
    centre.does("bo", "release" if accepts else "reject", "c")

    assert centre.held("ana") == {"c": "connected"}


def test_a_contact_that_is_picked_by_hand_does_not_wait_for_its_pause(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "voice", manual_only=True)])])
    centre.sign_in("ana")
    centre.push("c")
    centre.does("ana", "pick", "c")
    centre.fails("ana", "c")
    assert pauses(centre, "c")

    centre.does("ana", "pick", "c")

    assert (centre.held("ana"), pause_is_due(centre, "c")) == ({"c": "connected"}, False)


@pytest.mark.parametrize("change", [{"priority": 1}, {"age_adjustment_s": 600}, {"age_adjustment_s": -600}])
def test_a_change_of_its_priority_or_age_leaves_the_pause(centre: Centre, change: dict[str, int]) -> None:
    centre.sign_in("ana")
    centre.push("c")
    centre.fails("ana", "c")

    centre.run(producing.update, "c", **change)
    assert (centre.held("ana"), pauses(centre, "c")) == ({}, True)
    centre.passes(1)

    assert centre.held("ana") == {"c": "connected"}


def test_a_pause_whose_time_has_passed_ends_with_any_change_of_the_contact(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c")
    centre.fails("ana", "c")
    centre.now_us += S

    centre.run(producing.update, "c", priority=1)

    assert (centre.held("ana"), pause_is_due(centre, "c")) == ({"c": "connected"}, False)


def test_a_callback_that_is_due_within_the_pause_waits_for_its_end(centre: Centre) -> None:
    centre.configure(Queue("Q", retry_delay_s=10))
    centre.sign_in("ana")
    centre.push("c")
    centre.fails("ana", "c")

    centre.run(producing.request_callback, "c", Callback(delay_s=5))
    assert not pause_is_due(centre, "c")
    centre.passes(6)
    assert (centre.state("c"), centre.held("ana")) == ("queued", {})
    centre.passes(4)

    assert centre.held("ana") == {"c": "connected"}


def test_starvation_control_raises_a_contact_in_its_pause(centre: Centre) -> None:
    centre.configure(Queue("Q", retry_delay_s=30, raise_after_s=10))
    centre.sign_in("ana")
    centre.push("c")
    centre.push("younger", age_adjustment_s=-600)
    centre.fails("ana", "c")
    centre.fails("ana", "younger")

    centre.passes(11)

    assert [centre.store.run(reading.contact(one)).priority for one in ("c", "younger")] == [1, 1]
    assert (centre.held("ana"), pauses(centre, "c")) == ({}, True)


def test_a_contact_overflows_in_its_pause_and_is_offered_after_it(centre: Centre) -> None:
    centre.configure(
        Queue("Q", retry_delay_s=30, overflow_after_s=10, overflow="Overflow"),
        profiles=[profile([Entry("Q", "voice")]), ELSEWHERE], agents={"bo": "R"},
    )  # fmt: skip
    centre.sign_in("ana")
    centre.sign_in("bo")
    centre.push("c")
    centre.fails("ana", "c")

    centre.passes(11)
    assert (centre.where("c"), centre.held("bo")) == ("Overflow", {})
    centre.passes(20)

    assert centre.held("bo") == {"c": "connected"}


def test_who_has_refused_is_forgotten_also_for_a_contact_in_its_pause(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=None))
    centre.sign_in("ana", accepts=False)
    centre.sign_in("bo")
    centre.push("c")
    centre.does("ana", "reject", "c")
    centre.sign_in("cem")
    centre.does("cem", "set_status", "Break")
    centre.fails("bo", "c")
    centre.does("bo", "set_status", "Break")

    centre.configure(Queue("Q", offer_again_after_s=0))
    assert centre.held("ana") == {}
    centre.passes(2)

    assert centre.held("ana") == {"c": "offered"}


def test_no_agent_who_becomes_free_in_the_pause_is_given_the_contact(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c")
    centre.fails("ana", "c")

    for act in ("Break", "Available"):
        centre.does("ana", "set_status", act)
    centre.does("ana", "take")
    centre.configure(profiles=[EVERYWHERE])
    centre.sign_in("bo")

    assert (centre.held("ana"), centre.held("bo"), centre.line()) == ({}, {}, ["c"])


def test_a_contact_that_another_agent_has_parked_is_fenced_however_often_it_is_said_to_have_failed(
    centre: Centre,
) -> None:
    centre.configure(Queue("Q", max_attempts=1))
    ana = centre.sign_in("ana")
    centre.push("c")
    stale = centre.offer("ana", "c")
    centre.does("ana", "set_status", "Break")
    centre.does("ana", "release", "c")
    centre.sign_in("bo")
    centre.fails("bo", "c")

    late = ana.fail([(stale, "ValueError at shop.py:1")])
    answers = [centre.store.run(late) for _ in range(2)]

    assert [(answer.fenced, answer.parked) for answer in answers] == [(("c",), ())] * 2


def test_what_pauses_for_one_agent_reaches_it_though_others_are_the_first_to_see_that_its_pause_is_over(
    centre: Centre,
) -> None:
    centre.sign_in("ana")
    centre.push("own", "@ana")
    centre.push("asks", criteria=[parse_step("agents [cem]")])
    centre.fails("ana", "own")
    centre.now_us += 2 * S

    centre.sign_in("bo")  # before anything is given to bo, what has ended by the clock has ended
    assert (centre.state("own"), pause_is_due(centre, "own")) == ("queued", False)
    centre.passes(0)

    assert centre.held("ana") == {"own": "connected"}
