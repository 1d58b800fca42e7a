"""Hours of operation: what a queue does when it is closed, and as it opens."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from centre import BEGINS_US, Centre, S
from objects import dump
from raw import raw

from fairlead import errors
from fairlead.domain.hours import Hours
from fairlead.domain.queue import Queue


def at_us(day: str, clock: str) -> int:
    return round(datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=UTC).timestamp() * S)


BERLIN = Hours(
    "Days", "Europe/Berlin", {day: ((time(8), time(17)),) for day in ("mon", "tue", "wed", "thu", "fri")},
    {date(2027, 1, 18): ((time(10), time(12)),)},
)  # fmt: skip


def opened(centre: Centre, day: str, clock: str, **options: object) -> None:
    centre.now_us = at_us(day, clock)
    centre.configure(Queue("Q", hours="Days", **options), hours=[BERLIN])


def test_a_closed_queue_holds_what_comes_until_it_opens(centre: Centre) -> None:
    opened(centre, "2027-01-15", "06:59:00")  # a Friday; Berlin is an hour ahead
    centre.sign_in("ana")
    centre.push("c")

    centre.passes(59)
    assert (centre.state("c"), centre.who("c")) == ("queued", "")
    centre.passes(2)

    assert centre.who("c") == "ana"


def test_a_queue_that_gets_hours_which_there_are_already_is_closed_at_once(centre: Centre) -> None:
    centre.now_us = at_us("2027-01-15", "06:59:00")
    centre.configure(hours=[BERLIN])
    centre.sign_in("ana")

    centre.configure(Queue("Q", hours="Days", offer_again_after_s=0), hours=[BERLIN])
    centre.push("c")

    assert centre.who("c") == ""


def test_a_queue_is_closed_at_once_by_hours_that_change(centre: Centre) -> None:
    opened(centre, "2027-01-15", "15:59:00")
    centre.sign_in("ana")

    centre.configure(Queue("Q", hours="Days"), hours=[replace(BERLIN, week={})])
    centre.push("c")

    assert centre.who("c") == ""


def test_a_queue_closes_by_its_hours_and_what_it_holds_waits(centre: Centre) -> None:
    opened(centre, "2027-01-15", "15:59:00")
    centre.push("before")
    centre.passes(61)

    centre.sign_in("ana")

    assert centre.who("before") == ""


def test_an_exception_replaces_the_hours_of_its_date(centre: Centre) -> None:
    opened(centre, "2027-01-18", "08:30:00")  # a Monday, open from 10 to 12 this time
    centre.sign_in("ana")
    centre.push("c")
    assert centre.who("c") == ""

    centre.passes(1_801)

    assert centre.who("c") == "ana"


def test_a_closed_queue_refuses_or_overflows_as_its_policy_says(centre: Centre) -> None:
    opened(centre, "2027-01-16", "12:00:00", closed_policy="refuse")
    with pytest.raises(errors.QueueClosed):
        centre.push("c")

    opened(centre, "2027-01-16", "12:00:00", closed_policy="overflow", overflow="Overflow")

    assert centre.push("c").queue == "Overflow"


def test_a_configuration_that_opens_a_queue_acts_at_once(centre: Centre) -> None:
    opened(centre, "2027-01-16", "12:00:00")
    centre.sign_in("ana")
    centre.push("c")
    assert centre.who("c") == ""

    centre.configure(Queue("Q"))

    assert centre.who("c") == "ana"


def test_the_clock_of_these_tests_begins_on_a_weekday() -> None:
    assert datetime.fromtimestamp(BEGINS_US / S, UTC).strftime("%a") == "Fri"


@pytest.mark.parametrize("staying", [[], [BERLIN]])
def test_hours_that_no_queue_uses_any_more_leave_nothing_behind(centre: Centre, staying: list[Hours]) -> None:
    centre.now_us = at_us("2027-01-15", "06:59:00")
    centre.configure(hours=staying)
    before = dump(raw(centre.store))

    centre.configure(Queue("Q", hours="Days"), hours=[BERLIN])
    centre.configure(hours=staying)

    assert dump(raw(centre.store)) == before
