"""Measures: buckets, what is counted when, intervals and totals, estimates."""

import pytest
from centre import Centre, S
from hypothesis import given
from hypothesis import strategies as st
from raw import raw

from fairlead.domain import measures
from fairlead.domain.measures import bucket_of, estimate
from fairlead.domain.queue import Queue
from fairlead.errors import WrongState
from fairlead.service.estimate import estimate_wait
from fairlead.service.report import agent_row, queue_row, read_intervals
from fairlead.service.snapshot import take_snapshot
from fairlead.store import reading
from fairlead.store.joining import calling
from fairlead.store.new_contact import Callback
from fairlead.store.transitions import producing


@pytest.mark.parametrize(
    ("duration_us", "bucket"),
    [(0, 0), (1, 1), (S, 1), (S + 1, 2), (20 * S, 20), (20 * S + 1, 21), (600 * S, 600), (600 * S + 1, 660),
     (660 * S, 660), (660 * S + 1, 720), (-5, 0)],
)  # fmt: skip
def test_a_duration_falls_into_the_bucket_of_its_upper_bound(duration_us: int, bucket: int) -> None:
    assert bucket_of(duration_us) == bucket


@given(st.integers(-S, 10_000 * S))
def test_the_script_and_the_rule_agree_on_buckets(duration_us: int) -> None:
    import fakeredis

    script = calling("return bucket_of(tonumber(ARGV[1]))", "bucket_of")

    assert int(fakeredis.FakeRedis().eval(script, 0, duration_us)) == bucket_of(duration_us)


def test_the_service_level_of_any_threshold_counts_all_who_left_within_it(centre: Centre) -> None:
    for name in ("answered", "abandons", "called", "late", "waits"):
        centre.push(name)
    centre.passes(10)
    centre.sign_in("ana")
    centre.run(producing.abandon, "abandons")
    centre.run(producing.request_callback, "called", Callback(delay_s=500))
    centre.passes(30)
    centre.does("ana", "complete", "answered")

    counts = centre.counts("Q:voice")

    assert measures.service_level(counts, 9) == 0
    assert measures.service_level(counts, 11) == 75
    assert measures.service_level(counts, 41) == 100
    assert centre.held("ana") == {"late": "connected"}


def test_the_average_speed_of_answer_is_of_answered_contacts(centre: Centre) -> None:
    centre.push("a", channel="chat")
    centre.push("gone", channel="chat")
    centre.passes(8)
    centre.run(producing.abandon, "gone")
    centre.sign_in("ana")
    centre.push("b", channel="chat")

    assert measures.average_speed_of_answer_s(centre.counts("Q:chat")) == pytest.approx(4, abs=0.001)


def test_the_handle_time_includes_holds_and_after_contact_work(centre: Centre) -> None:
    centre.configure(Queue("Q", acw_s={"voice": 60}))
    centre.sign_in("ana")
    centre.push("c")
    centre.passes(10)
    centre.does("ana", "hold", "c")
    centre.passes(20)
    centre.does("ana", "complete", "c")
    centre.passes(5)
    centre.clears("ana", "c")

    assert measures.average_handle_time_s(centre.counts("Q:voice")) == pytest.approx(35, abs=0.001)


def test_an_agent_has_handled_what_has_ended_with_it(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=0, acw_s={"voice": 60}))
    centre.sign_in("ana")
    centre.push("c")
    centre.passes(10)
    centre.does("ana", "release", "c")
    centre.passes(20)
    centre.does("ana", "complete", "c")
    centre.passes(5)
    centre.clears("ana", "c")

    (row,) = [agent_row(one) for one in centre.store.run(read_intervals(15, 0, of_agents=True)) if one.subject == "ana"]

    assert (row.handled, round(row.handle_s or 0, 1)) == (2, 17.5)


def test_agent_non_response_is_of_offers(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=0, missed_slot_s=0))
    centre.sign_in("ana", accepts=False)
    centre.push("c")
    centre.passes(21)
    centre.does("ana", "accept", "c")

    assert measures.non_response(centre.counts("ana")) == 50
    assert measures.non_response(centre.counts("Q:voice")) == 50


def test_occupancy_is_wall_clock_time_on_contact_minute_by_minute(centre: Centre) -> None:
    centre.now_us = 1_800_000_000 * S // (60 * S) * 60 * S + 30 * S
    centre.configure()
    centre.sign_in("ana")
    centre.passes(60)
    centre.push("c")
    centre.passes(45)
    centre.does("ana", "complete", "c")
    centre.passes(44)

    rows = [agent_row(one) for one in centre.store.run(read_intervals(1, 60, of_agents=True)) if one.subject == "ana"]

    assert [round(row.idle_s) for row in rows] == [30, 30, 44]
    assert [round(row.contact_s) for row in rows] == [0, 30, 15]
    assert [round(row.occupancy or 0) for row in rows] == [0, 50, 25]


def test_fifteen_minutes_add_up_the_minutes(centre: Centre) -> None:
    for number in range(20):
        centre.push(f"c{number}")
        centre.passes(60)

    def queued(interval_min: int) -> list[int]:
        rows = centre.store.run(read_intervals(interval_min, 60, of_agents=False))
        return [queue_row(one, 20).queued for one in rows if one.subject == "Q:voice"]

    assert queued(1) == [1] * 20
    assert sum(queued(15)) == 20
    assert len(queued(15)) in (2, 3)


def test_minutes_that_are_over_go_into_the_totals_once_and_expire(centre: Centre) -> None:
    centre.push("c")
    minute_key = centre.keys.minute(centre.now_us // (60 * S))
    assert 172_000 < raw(centre.store).ttl(minute_key) <= 172_800

    for _ in range(3):
        centre.passes(61)

    assert raw(centre.store).hget(centre.keys.totals, "Q:voice queued") == b"1"
    assert centre.counts("Q:voice")["queued"] == 1


def test_agents_are_counted_by_what_they_do(centre: Centre) -> None:
    centre.configure(Queue("Q", acw_s={"voice": 60}))
    centre.sign_in("ana")
    centre.push("c")
    centre.does("ana", "complete", "c")
    centre.sign_in("bo", accepts=False)
    centre.push("missed")
    centre.passes(21)
    centre.sign_in("cem")
    centre.does("cem", "complete", "missed")
    centre.does("cem", "set_status", "Break")

    found = centre.store.run(take_snapshot()).agent_measures()

    assert (found.online, found.staffed, found.on_contact, found.acw) == (3, 2, 2, 2)
    assert (found.error, found.non_productive) == (1, 1)
    assert (found.slots_active, found.available) == (3, 2)


def test_an_estimate_goes_by_the_rate_of_answering_where_there_is_one() -> None:
    assert estimate(3, answered=30, over_s=900, agents=0, handle_s=None) == measures.Estimate(
        3, 90.0, "rate of answering", "high"
    )
    assert estimate(3, 5, 900, 0, None).confidence == "medium"
    assert estimate(4, 4, 900, agents=2, handle_s=60).wait_s == 120
    assert estimate(4, 0, 900, agents=0, handle_s=60).wait_s is None


def test_a_waiting_contact_has_a_position_and_an_estimate(centre: Centre) -> None:
    centre.sign_in("ana")
    for number in range(8):
        centre.push(f"c{number}")
    for number in range(6):
        centre.passes(60)
        centre.does("ana", "complete", f"c{number}")
    centre.push("urgent", priority=1)

    found = centre.store.run(estimate_wait("c7"))

    assert (found.position, found.method, found.confidence) == (2, "rate of answering", "medium")
    assert 90 < (found.wait_s or 0) < 130
    with pytest.raises(WrongState, match="only a queued one"):
        centre.store.run(estimate_wait("c6"))


def test_counters_of_a_queue_equal_what_they_count(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    for number in range(3):
        centre.push(f"c{number}", channel="chat")
    centre.does("ana", "accept", "c0")
    centre.does("ana", "reject", "c1")
    counts = centre.counts("Q:chat")

    slots = centre.store.run(reading.agent_states(["ana"]))[0].slots

    assert counts["queued"] == 3
    assert counts["offers"] == 4
    assert counts["rejected"] == 1
    assert measures.total(counts, "a") == len([slot for slot in slots if slot.kind == "connected"])


def test_a_contact_that_comes_back_from_an_agent_is_answered_once(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c")
    centre.does("ana", "release", "c")
    centre.does("ana", "complete", "c")

    counts = centre.counts("Q:voice")

    assert (measures.total(counts, "a"), counts["requeued"], measures.service_level(counts, 20)) == (1, 1, 100)


def test_the_time_of_an_agent_who_did_one_thing_for_days_is_all_counted_and_the_last_day_minute_by_minute(
    centre: Centre,
) -> None:
    centre.now_us = 1_800_000_000 * S // (60 * S) * 60 * S + 50 * S
    centre.configure()
    centre.sign_in("ana")
    centre.passes(86_430)
    centre.does("ana", "set_status", "Break")

    intervals = centre.store.run(read_intervals(1, 1_445, of_agents=True))
    rows = [agent_row(one) for one in intervals if one.subject == "ana"]

    assert [round(row.idle_s) for row in rows] == [30, 40] + [60] * 1_439 + [20]
    assert round(centre.counts("ana")["idle_us"] / S) == 86_430
