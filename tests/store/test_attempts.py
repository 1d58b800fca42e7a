"""What counts as an attempt on every way back to the queue, and that moves and retries keep or forgive it."""

import pytest
from centre import Centre
from store.pausing import ELSEWHERE, EVERYWHERE, attempts_of, ends, pauses

from fairlead.domain import measures
from fairlead.domain.queue import Queue
from fairlead.store.new_contact import Callback
from fairlead.store.transitions import producing, supervising


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
    centre.configure(Queue("Q", offer_again_after_s=0, max_attempts=max_attempts, retry_delay_s=0))
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
        Queue("Q", offer_again_after_s=0, max_attempts=2, retry_delay_s=0),
        Queue("Other", offer_again_after_s=0, max_attempts=2, retry_delay_s=0),
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
    centre.push("c", **({"callback": Callback(retries=1)} if how == "unreachable" else {}))
    centre.passes(1)
    centre.fails("ana", "c")

    if how == "moved":
        centre.run(supervising.move, "c", "Other")
    elif how == "callback":
        centre.run(producing.request_callback, "c", Callback(delay_s=5))
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
    assert (counts["queued"], measures.total(counts, "a"), measures.completed(counts)) == (1, 1, 1)


def test_a_contact_counts_as_answered_in_each_queue_that_it_enters(centre: Centre) -> None:
    centre.configure(profiles=[EVERYWHERE])
    centre.sign_in("ana")
    centre.push("c")

    centre.does("ana", "transfer", "c", "Other")
    centre.does("ana", "release", "c")
    centre.does("ana", "transfer", "c", "Q")

    answered = {queue: measures.total(centre.counts(f"{queue}:voice"), "a") for queue in ("Q", "Other")}
    assert answered == {"Q": 2, "Other": 1}
