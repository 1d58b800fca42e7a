"""The measures of a run, the intervals over several, and what a recording is completed by."""

from dataclasses import replace

import pytest
from simulated import centre_of

from fairlead.errors import BadInput
from fairlead.service.recorded.arrivals import Arrival
from fairlead.simulation.course import Course, Recorder
from fairlead.simulation.intervals import difference, interval_of, student
from fairlead.simulation.recorded import complete
from fairlead.simulation.summary import QueueSummary, quantile_s, summarise
from fairlead.store.new_contact import NewContact

S = 1_000_000


def course_of(*waits_s: float, left_after_s: tuple[float, ...] = ()) -> Course:
    """Contacts that enter a second apart; some are answered after their wait, some leave after theirs."""
    recorder = Recorder(["ana"])
    recorder.begins("ana", 0)
    for place, wait_s in enumerate([*waits_s, *left_after_s]):
        recorder.enters(f"c{place}", "Q", "voice", place * S)
        if place < len(waits_s):
            recorder.answers(f"c{place}", "ana", round((place + wait_s) * S))
            recorder.finishes(f"c{place}", round((place + wait_s + 0.25) * S))
        else:
            recorder.leaves(f"c{place}", "abandoned", round((place + wait_s) * S))
    recorder.refuses("Q", "voice")
    return recorder.course(100 * S)


def queue_of(course: Course, warm_up_s: float = 0) -> QueueSummary:
    (queue,) = summarise(course, centre_of(1).configuration, warm_up_s).queues
    return queue


def test_the_service_level_counts_all_who_left_within_the_threshold_and_no_microsecond_more() -> None:
    queue = queue_of(course_of(0, 20, 20.000001, left_after_s=(20, 21)))

    assert queue.service_level == 60
    assert queue.abandon_rate == 40
    assert queue.share_waiting == 80
    assert (queue.offered, queue.answered, queue.abandoned, queue.refused) == (6, 3, 2, 1)


def test_waits_are_those_of_answered_contacts_and_the_stay_is_that_of_all() -> None:
    queue = queue_of(course_of(0, 10, 20, left_after_s=(30,)))

    assert (queue.mean_wait_s, queue.mean_stay_s) == (10, 15)
    assert (queue.wait_50_s, queue.wait_90_s, queue.wait_95_s) == (10, 20, 20)


def test_contacts_of_the_warm_up_are_not_counted() -> None:
    course = course_of(50, 50, 1, 3)

    assert queue_of(course, warm_up_s=2).mean_wait_s == 2


def test_an_agent_is_occupied_for_the_part_of_its_time_in_which_it_holds_contacts() -> None:
    (ana,) = summarise(course_of(0, 0, 0), centre_of(1).configuration).agents

    assert (ana.handled, ana.staffed_s, ana.busy_s) == (3, 100, 0.75)
    assert ana.occupancy == 0.75


@pytest.mark.parametrize(("percent", "expected"), [(1, 1), (10, 1), (10.1, 2), (50, 5), (90, 9), (100, 10)])
def test_a_quantile_is_the_smallest_value_that_so_many_do_not_exceed(percent: float, expected: int) -> None:
    assert quantile_s([number * S for number in range(1, 11)], percent) == expected
    assert quantile_s([], percent) is None


def test_the_interval_of_a_mean_is_students() -> None:
    interval = interval_of([8, 10, 12])

    assert interval.mean == 10
    assert interval.half == pytest.approx(4.303 * 2 / 3**0.5)
    assert 14.9 in interval
    assert 15 not in interval
    assert interval_of([7]).half is None
    assert student(30) == pytest.approx(2.042, abs=0.003)
    assert student(10_000) == pytest.approx(1.960, abs=0.001)


def test_two_scenarios_on_the_same_contacts_are_compared_run_by_run() -> None:
    paired = difference([10, 20, 30], [11, 21, 31])

    assert (paired.mean, paired.half) == (1, 0)
    assert difference([10, 20], [12]).half is None


CALL = NewContact("Q", "voice", contact_id="c")
DAY_S = 20 * 86_400.0


def test_a_recording_begins_at_midnight_of_its_first_day() -> None:
    later = Arrival(replace(CALL, contact_id="d"), DAY_S + 90_000, handle_s=5)

    recording = complete([later, Arrival(CALL, DAY_S + 30_000.5, handle_s=5)], seed=1)

    assert recording.begins_us == 20 * 86_400 * S
    assert [one.at_s for one in recording.arrivals] == [30_000.5, 90_000]


def test_who_gave_up_gets_a_handle_time_of_those_who_did_not() -> None:
    gave_up = Arrival(replace(CALL, contact_id="d"), 1, patience_s=9, handle_s=0)

    recording = complete([Arrival(CALL, 0, handle_s=77, waited_s=4), gave_up], seed=1)

    assert [one.handle_s for one in recording.arrivals] == [77, 77]
    assert recording.arrivals[1].patience_s == 9


def test_who_was_answered_would_have_waited_longer_by_the_patience_of_all() -> None:
    answered = [Arrival(replace(CALL, contact_id=f"c{n}"), n, handle_s=5, waited_s=10) for n in range(4_000)]
    gave_up = [Arrival(replace(CALL, contact_id=f"d{n}"), n, patience_s=10) for n in range(1_000)]

    recording = complete(answered + gave_up, seed=1)
    staying = complete(answered + gave_up, seed=1, is_patience_estimated=False)

    rest_s = [one.patience_s - 10 for one in recording.arrivals if one.waited_s and one.patience_s]
    assert len(rest_s) == 4_000
    assert min(rest_s) >= 0
    assert sum(rest_s) / 4_000 == pytest.approx(50, rel=0.05)  # 5,000 waits of 10 s, of whom 1,000 gave up
    assert {one.patience_s for one in staying.arrivals} == {None, 10}


def test_an_empty_recording_and_one_of_more_than_a_month_are_refused() -> None:
    with pytest.raises(BadInput, match="no contacts"):
        complete([], seed=1)

    with pytest.raises(BadInput, match="more than a month"):
        complete([Arrival(CALL, 0, handle_s=5), Arrival(CALL, 32 * 86_400, handle_s=5)], seed=1)
