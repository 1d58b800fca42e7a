"""The pause after an attempt that has failed: how long it is, and that the contact keeps its place in it."""

import fakeredis
import pytest
from centre import Centre, S, profile
from hypothesis import given, settings
from hypothesis import strategies as st
from store.pausing import EVERYWHERE, ends, pause_is_due, pauses

from fairlead import errors
from fairlead.domain.contact import pause_s
from fairlead.domain.criteria import parse_step
from fairlead.domain.hours import Hours
from fairlead.domain.profile import Entry
from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.joining import calling
from fairlead.store.transitions import producing

# What is an attempt


# How long the pause is


@settings(deadline=None)
@given(st.integers(0, 300), st.integers(1, 1_000))
def test_the_script_and_the_rule_agree_on_pauses(retry_delay_s: int, attempts: int) -> None:
    script = calling("return pause_us(tonumber(ARGV[1]), tonumber(ARGV[2]))", "pause_us")

    pause_us = int(fakeredis.FakeRedis().eval(script, 0, retry_delay_s, attempts))

    assert pause_us == pause_s(retry_delay_s, attempts) * S


def test_a_failed_contact_is_offered_to_nobody_until_its_pause_ends(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c")
    before = centre.store.run(reading.contact("c"))
    centre.fails("ana", "c")
    centre.sign_in("bo")
    failed_us = centre.now_us - 1

    centre.now_us = failed_us
    centre.passes(0.999999)
    assert (centre.state("c"), centre.held("ana"), centre.held("bo")) == ("queued", {}, {})
    assert centre.store.run(reading.contact("c")).again_us == failed_us + S
    centre.passes(0.000001)

    after = centre.store.run(reading.contact("c"))
    assert (after.state, after.again_us) == ("connected", None)
    assert (after.queued_us, after.rank_us) == (before.queued_us, before.rank_us)
    assert centre.offer(after.agent, "c").attempt == 2


@pytest.mark.parametrize(
    ("retry_delay_s", "expected_s"), [(1, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]), (300, [300, 300])]
)
def test_the_pause_doubles_with_each_failure_up_to_five_minutes(
    centre: Centre, retry_delay_s: int, expected_s: list[int]
) -> None:
    centre.configure(Queue("Q", max_attempts=100, retry_delay_s=retry_delay_s))
    centre.sign_in("ana")
    centre.push("c")

    for pause in expected_s:
        centre.fails("ana", "c")
        assert centre.store.run(reading.contact("c")).again_us == centre.now_us + pause * S
        centre.passes(pause - 0.000001)
        assert centre.held("ana") == {}
        centre.passes(0.000001)
        assert centre.held("ana") == {"c": "connected"}


def test_where_the_queue_wants_no_pause_a_failed_contact_is_offered_again_at_once(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=0, retry_delay_s=0))
    centre.sign_in("ana")
    centre.push("c")

    centre.fails("ana", "c")

    assert centre.held("ana") == {"c": "connected"}
    assert not pause_is_due(centre, "c")


def test_the_event_says_what_failed_and_when_it_may_be_offered_again(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c")

    centre.fails("ana", "c", "KeyError at shop.py:7")

    told = next(event for event in centre.store.run(reading.events_after()) if event.name == "contact.requeued").fields
    assert (told["reason"], told["error"], told["attempts"]) == ("failed", "KeyError at shop.py:7", "1")
    assert int(told["again_us"]) == centre.now_us + S


@pytest.mark.parametrize("how", ["released", "signed_out", "lost", "rejected"])
def test_only_a_failure_is_followed_by_a_pause(centre: Centre, how: str) -> None:
    centre.sign_in("ana", accepts=False, lease_s=60)
    centre.push("c", channel="task")

    ends(centre, how)

    assert not pauses(centre, "c")


# Its place meanwhile


def test_others_are_taken_in_the_pause_and_the_failed_one_keeps_its_place(centre: Centre) -> None:
    centre.sign_in("ana")
    for name in ("first", "second", "third"):
        centre.push(name)

    centre.fails("ana", "first")
    assert (centre.held("ana"), centre.line()) == ({"second": "connected"}, ["first", "third"])
    assert centre.store.run(reading.position_of(centre.store.run(reading.contact("first")))) == 1
    centre.passes(1)
    centre.does("ana", "complete", "second")

    assert centre.held("ana") == {"first": "connected"}


@pytest.mark.parametrize(("age_s", "expected"), [(600, ["c", "plain"]), (-600, ["plain", "c"])])
def test_a_contact_whose_age_is_adjusted_keeps_its_rank_in_the_pause(
    centre: Centre, age_s: int, expected: list[str]
) -> None:
    centre.sign_in("ana")
    centre.push("c", age_adjustment_s=age_s)
    centre.fails("ana", "c")
    centre.does("ana", "set_status", "Break")
    centre.push("plain")

    assert centre.line() == expected
    centre.passes(2)
    assert centre.line() == expected

    centre.does("ana", "set_status", "Available")
    assert centre.held("ana") == {expected[0]: "connected"}


def test_several_pauses_that_end_in_one_sweep_all_end_before_the_first_agent_is_walked(centre: Centre) -> None:
    centre.configure(profiles=[EVERYWHERE])
    for name in ("ana", "bo", "cem"):
        centre.sign_in(name)
    centre.push("plain")
    centre.push("better", queue="Other", priority=1)
    centre.push("own", queue="@cem")
    for name, contact in (("ana", "plain"), ("bo", "better"), ("cem", "own")):
        centre.fails(name, contact)
    for name in ("bo", "cem"):
        centre.does(name, "set_status", "Break")

    centre.passes(2)

    assert centre.held("ana") == {"better": "connected"}
    assert centre.line() == ["plain", "own"]


def test_a_contact_with_criteria_comes_back_into_its_track(centre: Centre) -> None:
    centre.configure(agents={"ana": {"L:fr": 5}, "bo": {}})
    centre.sign_in("ana")
    centre.push("c", criteria=(parse_step("L:fr >= 4"),))
    centre.fails("ana", "c")
    centre.does("ana", "set_status", "Break")
    centre.sign_in("bo")

    centre.passes(2)
    assert (centre.held("bo"), pauses(centre, "c")) == ({}, False)
    centre.does("ana", "set_status", "Available")

    assert centre.held("ana") == {"c": "connected"}


def test_routing_steps_go_on_in_the_pause(centre: Centre) -> None:
    centre.configure(Queue("Q", retry_delay_s=10), agents={"ana": {"L:fr": 5}, "bo": {"L:fr": 2}})
    centre.sign_in("ana")
    centre.push("c", criteria=(parse_step("L:fr >= 4 for 5s"), parse_step("L:fr >= 2")))
    centre.fails("ana", "c")
    centre.does("ana", "set_status", "Break")
    centre.sign_in("bo")

    centre.passes(6)
    assert (centre.events("contact.step_expired"), centre.held("bo")) == (["contact.step_expired"], {})
    centre.passes(4)

    assert centre.held("bo") == {"c": "connected"}


def test_a_step_that_nobody_satisfies_is_skipped_after_the_pause(centre: Centre) -> None:
    centre.configure(Queue("Q", skip_steps_when="nobody_signed_in"), agents={"ana": {"L:fr": 5}})
    session = centre.sign_in("ana")
    centre.push("c", criteria=(parse_step("L:fr >= 4"),))
    centre.fails("ana", "c")
    centre.store.run(session.sign_out())
    centre.sign_in("bo")
    assert centre.held("bo") == {}

    centre.passes(2)

    assert centre.held("bo") == {"c": "connected"}


def test_a_failed_contact_of_an_agents_own_queue_pauses_a_second_by_default(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c", queue="@ana")

    centre.fails("ana", "c")
    centre.passes(0.999999)
    assert centre.held("ana") == {}
    centre.passes(0.000001)

    assert centre.held("ana") == {"c": "connected"}


def test_a_pause_that_ends_in_a_closed_queue_waits_for_it_to_open(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c")
    centre.fails("ana", "c")
    centre.configure(Queue("Q", hours="Never"), hours=[Hours("Never", "UTC", {})])

    centre.passes(2)
    assert (centre.held("ana"), pauses(centre, "c")) == ({}, False)
    centre.configure(Queue("Q"))

    assert centre.held("ana") == {"c": "connected"}


def test_a_contact_in_a_pause_counts_as_in_its_queue(centre: Centre) -> None:
    centre.configure(Queue("Q", max_contacts=1))
    centre.sign_in("ana")
    centre.push("c")
    centre.passes(5)
    centre.fails("ana", "c")

    with pytest.raises(errors.QueueFull):
        centre.push("other")

    (state,) = [one for one in centre.store.run(reading.queue_states()) if one.waiting]
    assert (state.queue, state.channel, state.waiting) == ("Q", "voice", 1)
    centre.passes(1)
    assert centre.push("other").created


def test_a_queue_or_an_agent_with_a_contact_in_a_pause_is_in_use(centre: Centre) -> None:
    everywhere = profile([Entry("Extra", "voice"), Entry("Q", "voice")])
    centre.configure(Queue("Extra"), profiles=[everywhere], agents={"dora": "P"})
    session = centre.sign_in("dora")
    centre.push("c", queue="Extra")
    centre.fails("dora", "c")
    with pytest.raises(errors.QueueInUse):
        centre.configure(agents={"dora": "P"})
    centre.run(producing.abandon, "c")

    centre.push("own", queue="@dora")
    centre.fails("dora", "own")
    centre.store.run(session.sign_out())

    with pytest.raises(errors.AgentInUse):
        centre.configure()


# What ends it, and what does not
