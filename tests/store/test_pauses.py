"""What counts as an attempt on every way back to the queue, and the pause after one that has failed."""

import fakeredis
import pytest
from centre import Centre, S, profile
from hypothesis import given, settings
from hypothesis import strategies as st
from raw import raw

from fairlead import errors
from fairlead.domain import measures
from fairlead.domain.channel import CHANNELS
from fairlead.domain.contact import pause_s
from fairlead.domain.criteria import parse_step
from fairlead.domain.hours import Hours
from fairlead.domain.profile import Entry
from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.scripts import standing_alone
from fairlead.store.transitions import producing, supervising
from fairlead.store.transitions.working import Session

EVERYWHERE = profile([Entry(queue, channel) for queue in ("Q", "Other") for channel in CHANNELS])
ELSEWHERE = profile([Entry("Overflow", channel) for channel in CHANNELS], "R")


def attempts_of(centre: Centre, contact_id: str) -> int:
    return centre.store.run(reading.contact(contact_id)).attempts


def pauses(centre: Centre, contact_id: str) -> bool:
    return centre.store.run(reading.contact(contact_id)).again_us is not None


def pause_is_due(centre: Centre, contact_id: str) -> bool:
    return raw(centre.store).zscore(centre.keys.due, f"pause:{contact_id}") is not None


# What is an attempt


def ends(centre: Centre, how: str) -> None:
    """Ana has been given contact c; she, or her session, gives it up."""
    if how in ("transferred", "released", "failed", "signed_out", "lost", "replaced"):
        centre.does("ana", "accept", "c")
    session = centre.sessions["ana"]
    if how == "failed":
        centre.fails("ana", "c")
    elif how == "released":
        centre.does("ana", "release", "c")
    elif how == "transferred":
        centre.does("ana", "transfer", "c", "Other")
    elif how == "rejected":
        centre.does("ana", "reject", "c")
    elif how == "error":
        centre.does("ana", "report_error", "c", "no line")
    elif how == "signed_out":
        centre.store.run(session.sign_out())
    elif how == "replaced":
        centre.now_us += 1
        other = Session(centre.keys, "ana", "w-other", "there/ana/2", auto_accept=False)
        centre.store.run(other.sign_in(replaces=session.epoch))
    elif how == "lost":
        centre.passes(61)
    else:
        centre.passes(31)


@pytest.mark.parametrize(
    ("how", "attempts"),
    [("failed", 1), ("lost", 1), ("released", 0), ("signed_out", 0), ("replaced", 0), ("transferred", 0), ("missed", 0),
     ("rejected", 0), ("error", 0)],
)  # fmt: skip
def test_only_failures_and_losses_are_attempts(centre: Centre, how: str, attempts: int) -> None:
    centre.configure(profiles=[EVERYWHERE])
    centre.sign_in("ana", accepts=False, lease_s=60)
    centre.push("c", channel="task")

    ends(centre, how)

    assert attempts_of(centre, "c") == attempts


def test_an_offer_that_rings_while_its_session_is_lost_is_no_attempt(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False, lease_s=15)
    centre.push("c")

    centre.passes(15)

    assert (centre.state("c"), attempts_of(centre, "c")) == ("queued", 0)


def test_a_job_that_is_given_back_at_each_of_five_deploys_is_not_parked(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c", channel="task")

    for _ in range(5):
        centre.does("ana", "release", "c")

    assert (centre.who("c"), centre.offer("ana", "c").attempt) == ("ana", 1)


def test_a_chat_that_five_agents_in_turn_hold_and_sign_out_with_is_not_parked(centre: Centre) -> None:
    centre.push("c", channel="chat")

    for name in ("ana", "bo", "cem", "ana", "bo"):
        session = centre.sign_in(name)
        assert centre.who("c") == name
        centre.store.run(session.sign_out())

    assert centre.state("c") == "queued"


@pytest.mark.parametrize("max_attempts", [1, 2, 5])
def test_a_contact_is_parked_after_max_attempts_failures_and_not_before(centre: Centre, max_attempts: int) -> None:
    centre.configure(Queue("Q", max_attempts=max_attempts, retry_delay_s=0))
    centre.sign_in("ana")
    centre.push("c")

    for _ in range(max_attempts - 1):
        centre.fails("ana", "c")
    assert centre.held("ana") == {"c": "connected"}
    centre.fails("ana", "c")

    assert (centre.state("c"), attempts_of(centre, "c")) == ("parked", max_attempts)
    assert not pauses(centre, "c")


def test_losses_and_failures_are_counted_together(centre: Centre) -> None:
    centre.configure(Queue("Q", max_attempts=3))
    centre.push("c", channel="task")

    for _ in range(2):
        centre.sign_in("ana", lease_s=15)
        assert centre.who("c") == "ana"
        centre.passes(15)
    assert (centre.state("c"), attempts_of(centre, "c"), pauses(centre, "c")) == ("queued", 2, False)
    centre.sign_in("bo")
    centre.fails("bo", "c")

    assert centre.state("c") == "parked"


def test_no_move_resets_the_attempts(centre: Centre) -> None:
    centre.configure(
        Queue("Q", max_attempts=2, retry_delay_s=0), Queue("Other", max_attempts=2, retry_delay_s=0),
        profiles=[EVERYWHERE],
    )  # fmt: skip
    centre.sign_in("ana")
    centre.push("c")

    centre.does("ana", "transfer", "c", "Other")
    centre.fails("ana", "c")
    centre.does("ana", "transfer", "c", "Q")
    centre.fails("ana", "c")

    assert (centre.state("c"), attempts_of(centre, "c")) == ("parked", 2)


@pytest.mark.parametrize("how", ["moved", "callback", "unreachable", "overflowed"])
def test_attempts_stay_through_moves_callbacks_and_overflow(centre: Centre, how: str) -> None:
    centre.configure(
        Queue("Q", overflow_after_s=60, overflow="Overflow"), profiles=[EVERYWHERE, ELSEWHERE], agents={"bo": "R"}
    )
    centre.sign_in("ana")
    centre.push("c", **({"callback": producing.Callback(retries=1)} if how == "unreachable" else {}))
    centre.passes(1)
    centre.fails("ana", "c")

    if how == "moved":
        centre.run(supervising.move, "c", "Other")
    elif how == "callback":
        centre.run(producing.request_callback, "c", producing.Callback(delay_s=5))
    elif how == "unreachable":
        centre.passes(2)
        centre.does("ana", "retry_callback", "c")
    else:
        centre.does("ana", "set_status", "Break")
        centre.passes(61)

    assert attempts_of(centre, "c") == 1


def test_a_retry_by_hand_resets_the_attempts(centre: Centre) -> None:
    centre.configure(Queue("Q", max_attempts=1))
    centre.sign_in("ana")
    centre.push("c")
    centre.fails("ana", "c")
    assert (centre.state("c"), attempts_of(centre, "c")) == ("parked", 1)

    centre.run(supervising.retry, "c")

    assert (centre.held("ana"), attempts_of(centre, "c")) == ({"c": "connected"}, 0)
    assert centre.offer("ana", "c").attempt == 1


def test_a_contact_counts_once_as_queued_and_answered_however_often_it_fails_and_is_retried(centre: Centre) -> None:
    centre.configure(Queue("Q", max_attempts=2))
    centre.sign_in("ana")
    centre.push("c")
    centre.fails("ana", "c")
    centre.passes(1)
    centre.fails("ana", "c")

    centre.run(supervising.retry, "c")
    centre.does("ana", "complete", "c")

    counts = centre.counts("Q:voice")
    assert (counts["queued"], measures.total(counts, "a"), measures.total(counts, "h")) == (1, 1, 1)


def test_a_contact_counts_as_answered_in_each_queue_that_it_enters(centre: Centre) -> None:
    centre.configure(profiles=[EVERYWHERE])
    centre.sign_in("ana")
    centre.push("c")

    centre.does("ana", "transfer", "c", "Other")
    centre.does("ana", "release", "c")
    centre.does("ana", "transfer", "c", "Q")

    answered = {queue: measures.total(centre.counts(f"{queue}:voice"), "a") for queue in ("Q", "Other")}
    assert answered == {"Q": 2, "Other": 1}


# How long the pause is


@settings(deadline=None)
@given(st.integers(0, 300), st.integers(1, 1_000))
def test_the_script_and_the_rule_agree_on_pauses(retry_delay_s: int, attempts: int) -> None:
    script = standing_alone("pause_us") + "\nreturn pause_us(tonumber(ARGV[1]), tonumber(ARGV[2]))"

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
    centre.configure(Queue("Q", retry_delay_s=0))
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
    centre.configure(Queue("Q", skip_unmatched_steps=True), agents={"ana": {"L:fr": 5}})
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

    centre.run(producing.request_callback, "c", producing.Callback(delay_s=5))
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
    centre.configure(Queue("Q", exclude_rejecting=True))
    centre.sign_in("ana", accepts=False)
    centre.sign_in("bo")
    centre.push("c")
    centre.does("ana", "reject", "c")
    centre.fails("bo", "c")
    centre.does("bo", "set_status", "Break")

    centre.configure(Queue("Q"))
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
