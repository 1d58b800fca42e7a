"""What follows from counts: how many, how long, how full."""

import pytest

from fairlead.domain.measures import (
    abandon_rate,
    added,
    average_handle_time_s,
    average_speed_of_answer_s,
    bucket_of,
    completed,
    estimate,
    histogram,
    histograms,
    non_response,
    occupancy,
    percentile_s,
    service_level,
    total,
)

COUNTS = {
    "queued": 9,
    "a20": 2,
    "a3": 1,
    "x5": 4,
    "answered": 7,
    "h30": 2,
    "handle_us": 50_000_000,
    "wait_us": 6_000_000,
}


@pytest.mark.parametrize(
    ("duration_us", "bucket_s"),
    [(-5, 0), (0, 0), (1, 1), (1_000_000, 1), (1_000_001, 2), (600_000_000, 600), (600_000_001, 660),
     (660_000_000, 660), (660_000_001, 720)],
)  # fmt: skip
def test_a_duration_is_counted_up_to_the_second_for_ten_minutes_and_up_to_the_minute_after(
    duration_us: int, bucket_s: int
) -> None:
    assert bucket_of(duration_us) == bucket_s


def test_a_histogram_has_the_buckets_of_one_kind_in_order() -> None:
    found = list(histogram(COUNTS, "a").items())

    assert found == [(3, 1), (20, 2)]
    assert (total(COUNTS, "a"), total(COUNTS, "x"), total(COUNTS, "c")) == (3, 4, 0)


def test_the_histograms_of_all_kinds_are_those_of_each_kind() -> None:
    found = histograms({**COUNTS, "c7": 1, "o660": 3})

    assert found == {"a": {3: 1, 20: 2}, "x": {5: 4}, "c": {7: 1}, "o": {660: 3}, "h": {30: 2}}


def test_who_left_a_queue_was_answered_or_gave_up_or_wants_a_call_or_went_elsewhere() -> None:
    left = {"a20": 2, "x30": 1, "c40": 4, "o50": 1, "h10": 9, "queued": 5}

    assert [service_level(left, within_s) for within_s in (19, 20, 30, 49, 50)] == [0, 25, 37.5, 87.5, 100]
    assert abandon_rate(left) == 12.5
    assert abandon_rate({"a1": 5, "x1": 3}) == 37.5
    assert service_level({"h10": 9, "queued": 5}, 20) is None
    assert abandon_rate({"h10": 9, "queued": 5}) is None


def test_of_the_parts_that_ended_those_completed_a_contact_that_did_not_leave_it_unfinished() -> None:
    assert completed({"h10": 2, "h600": 3, "unfinished": 4}) == 1
    assert completed({"h10": 2}) == 2


def test_averages_divide_by_those_they_are_about() -> None:
    assert average_speed_of_answer_s(COUNTS) == 2.0
    assert average_handle_time_s(COUNTS) == 25.0
    assert average_speed_of_answer_s({"a1": 2}) == 0
    assert average_handle_time_s({"h1": 2}) == 0
    assert average_handle_time_s({"handled": 4, "handle_us": 2_000_000}) == 0.5


def test_an_average_of_nothing_is_none() -> None:
    assert average_speed_of_answer_s({"wait_us": 5}) is None
    assert average_handle_time_s({"handle_us": 5}) is None
    assert non_response({"missed": 1}) is None
    assert occupancy({}) is None


def test_shares_are_per_cent() -> None:
    assert non_response({"offers": 4, "missed": 1}) == 25.0
    assert non_response({"offers": 8, "missed": 1, "rejected": 2, "error": 3, "left": 2}) == 75.0
    assert non_response({"offers": 4}) == 0.0
    assert occupancy({"contact_us": 3, "idle_us": 1}) == 75.0
    assert (occupancy({"contact_us": 2}), occupancy({"idle_us": 2})) == (100.0, 0.0)
    assert occupancy({"contact_us": 2, "idle_us": 2}) == 50.0


@pytest.mark.parametrize(
    ("percent", "bound_s"), [(0, 2), (10, 2), (20, 2), (21, 8), (50, 8), (60, 8), (61, 30), (100, 30)]
)
def test_a_percentile_is_the_bound_of_the_bucket_into_which_it_falls(percent: float, bound_s: int) -> None:
    assert percentile_s({1: 0, 2: 1, 8: 2, 20: 0, 30: 2}, percent) == bound_s
    assert percentile_s({}, percent) is None
    assert percentile_s({5: 0}, percent) is None


@pytest.mark.parametrize(("percent", "bound_s"), [(99.5, 1), (99.51, 2), (100, 2)])
def test_a_percentile_is_exact_among_many(percent: float, bound_s: int) -> None:
    assert percentile_s({1: 9_950, 2: 50}, percent) == bound_s


def test_counts_add_up_counter_by_counter() -> None:
    assert added([{"a": 1, "b": 2}, {}, {"b": 3}]) == {"a": 1, "b": 5}


@pytest.mark.parametrize(
    ("answered", "wait_s", "confidence"),
    [(4, 80.0, "low"), (5, 360.0, "medium"), (29, 62.07, "medium"), (30, 60.0, "high")],
)
def test_an_estimate_goes_by_the_rate_of_answering_when_enough_were_answered(
    answered: int, wait_s: float, confidence: str
) -> None:
    found = estimate(2, answered, 900, agents=1, handle_s=40)

    assert found.position == 2
    assert found.wait_s == pytest.approx(wait_s, abs=0.01)
    assert found.confidence == confidence


def test_an_estimate_without_answers_goes_by_handle_time_and_agents_or_says_that_it_cannot() -> None:
    assert estimate(3, 0, 900, agents=2, handle_s=40).wait_s == 60
    assert estimate(3, 0, 900, agents=2, handle_s=0).wait_s == 0
    assert estimate(3, 0, 900, agents=0, handle_s=40).wait_s is None
    assert estimate(3, 0, 900, agents=2, handle_s=None).wait_s is None
