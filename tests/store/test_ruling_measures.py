"""Rulings 18 to 21: what is counted of offers, of who leaves, of waits and of contacts that come more than once."""

import pytest
from centre import Centre

from fairlead.domain import measures
from fairlead.domain.queue import Queue
from fairlead.service.estimate import estimate_wait
from fairlead.service.report import read_agent_report, read_report
from fairlead.store import reading
from fairlead.store.new_contact import Callback
from fairlead.store.transitions import producing, supervising


def test_ruling_18_non_response_counts_what_was_missed_rejected_and_failed(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.push("c")
    centre.does("ana", "accept", "c")
    centre.does("ana", "complete", "c")
    centre.push("d")
    centre.does("ana", "reject", "d")
    centre.does("ana", "report_error", "d", "no line")
    centre.clears("ana", "d")
    centre.passes(20)

    (queue,), (agent,) = centre.store.run(read_report(60, 60)), [
        row for row in centre.store.run(read_agent_report(60, 60)) if row.offers
    ]  # fmt: skip
    assert (queue.non_response, agent.non_response) == (75, 75)
    assert (agent.offers, agent.missed, agent.rejected, agent.failed) == (4, 1, 1, 1)


def test_ruling_18_a_customer_who_leaves_while_it_rings_is_told_apart(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.push("c")

    centre.run(producing.abandon, "c")

    (queue,), agents = centre.store.run(read_report(60, 60)), centre.store.run(read_agent_report(60, 60))
    assert (queue.non_response, queue.left_ringing, queue.abandoned) == (0, 1, 1)
    assert [(row.non_response, row.left_ringing) for row in agents if row.offers] == [(0, 1)]


def test_ruling_19_the_service_level_of_a_minute_is_of_who_left_in_it(centre: Centre) -> None:
    centre.now_us += 50_000_000 - centre.now_us % 60_000_000
    centre.push("c")
    centre.passes(15)
    centre.sign_in("ana")
    assert centre.held("ana") == {"c": "connected"}

    first, second = centre.store.run(read_report(1, 1, "Q"))

    assert (first.queued, first.service_level, second.queued, second.service_level) == (1, None, 0, 100)


@pytest.mark.parametrize(("waits_s", "level"), [(20, 100.0), (21, 0.0)])
@pytest.mark.parametrize("how", ["answered", "abandoned", "called back", "overflowed"])
def test_ruling_19_who_left_by_any_way_had_waited_so_long(
    centre: Centre, how: str, waits_s: int, level: float
) -> None:
    spills = {"overflow": "Overflow", "overflow_after_s": waits_s} if how == "overflowed" else {}
    centre.configure(Queue("Q", **spills))  # type: ignore[arg-type]
    centre.push("c")
    centre.passes(waits_s - (0.001 if how in ("answered", "abandoned", "called back") else 0))
    if how == "answered":
        centre.sign_in("ana")
    elif how == "abandoned":
        centre.run(producing.abandon, "c")
    elif how == "called back":
        centre.run(producing.request_callback, "c", Callback())

    counts = centre.counts("Q:voice")

    assert measures.service_level(counts, 20) == level
    assert measures.abandon_rate(counts) == (100 if how == "abandoned" else 0)


def test_ruling_20_the_oldest_age_is_the_longest_real_wait(centre: Centre) -> None:
    centre.push("old")
    centre.passes(49)
    centre.push("adjusted", age_adjustment_s=600)
    centre.passes(1)

    (state,) = centre.store.run(reading.queue_states("Q"))[:1]

    assert round(state.oldest_us / 1e6) == 50


@pytest.mark.parametrize(("minutes", "expected_s"), [(8, 60), (14, 60)])
def test_ruling_20_an_estimate_divides_by_the_time_in_which_answers_were_seen(
    centre: Centre, minutes: int, expected_s: float
) -> None:
    centre.now_us -= centre.now_us % 60_000_000
    centre.sign_in("ana")
    for place in range(minutes):
        centre.push(f"c{place}")
        centre.passes(59)
        centre.does("ana", "complete", f"c{place}")
        centre.now_us += 999_990
    centre.does("ana", "set_status", "Break")
    centre.push("waits")

    found = centre.store.run(estimate_wait("waits"))

    assert (found.position, found.method) == (1, "rate of answering")
    assert abs((found.wait_s or 0) - expected_s) < 3


def test_ruling_21_a_contact_that_is_parked_and_retried_counts_once(centre: Centre) -> None:
    centre.configure(Queue("Q", max_attempts=1, retry_delay_s=0, offer_again_after_s=0))
    centre.sign_in("ana")
    centre.push("c")
    for _ in range(3):
        centre.fails("ana", "c")
        centre.run(supervising.retry, "c")
    centre.does("ana", "complete", "c")

    counts = centre.counts("Q:voice")
    assert (counts["queued"], measures.total(counts, "a"), measures.completed(counts)) == (1, 1, 1)


def test_ruling_21_a_retry_keeps_its_own_expiry(centre: Centre) -> None:
    centre.configure(Queue("Q", max_attempts=1))
    centre.sign_in("ana")
    centre.push("c", channel="chat", expiry_s=100)
    centre.fails("ana", "c")
    centre.does("ana", "set_status", "Break")
    centre.passes(200)

    centre.run(supervising.retry, "c")
    centre.passes(99)
    assert centre.state("c") == "queued"
    centre.passes(1)

    assert centre.state("c") == "expired"
