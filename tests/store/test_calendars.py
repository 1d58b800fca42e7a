"""The times at which queues open and close are carried on by whoever sweeps, so that nobody need change anything."""

from datetime import UTC, date, datetime, time

import pytest
from centre import Centre, S
from raw import raw

from fairlead import errors
from fairlead.domain.hours import Hours, Period, is_open
from fairlead.domain.queue import Queue
from fairlead.store.known import CALENDAR_AGAIN_S, CALENDAR_LASTS_DAYS
from fairlead.store.transitions.sweeping import Sweeper

DAY_S = 86_400
NINE_TO_FIVE = ((time(9), time(17)),)
OFFICE = Hours(
    "Office", "Europe/Berlin", dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), NINE_TO_FIVE),
    {Period(date(2000, 12, 24), date(2000, 1, 1), is_yearly=True): ()},
)  # fmt: skip


def opened(centre: Centre, *hours: Hours, **options: object) -> None:
    centre.now_us = round(datetime(2027, 1, 15, 12, tzinfo=UTC).timestamp() * S)  # a Friday
    used = hours or (OFFICE,)
    centre.configure(Queue("Q", hours=used[0].name, closed_policy="refuse", **options), hours=used)


def takes(centre: Centre, contact_id: str) -> bool:
    try:
        centre.push(contact_id)
    except errors.QueueClosed:
        return False
    return True


def calendar(centre: Centre, hours: str = "Office") -> list[int]:
    return [int(at_us) for _, at_us in raw(centre.store).zrange(centre.keys.hours(hours), 0, -1, withscores=True)]


@pytest.mark.parametrize("step_days", [1, 67, 402])
def test_ruling_24_a_queue_is_open_in_its_hours_402_days_after_the_last_change(centre: Centre, step_days: int) -> None:
    opened(centre)
    for _ in range(402 // step_days):
        centre.passes(step_days * DAY_S)

    assert datetime.fromtimestamp(centre.now_us / S, UTC).strftime("%a") == "Mon"
    assert takes(centre, "noon")
    centre.passes(12 * 3_600)
    assert not takes(centre, "midnight")


def test_ruling_24_a_calendar_says_for_years_what_the_hours_say(centre: Centre) -> None:
    opened(centre)
    said, right = [], []
    for step in range(40):
        centre.passes(50 * DAY_S + 7_919)
        said.append(takes(centre, f"c{step}"))
        right.append(is_open(OFFICE, centre.now_us / S))

    assert said == right
    assert {True, False} <= set(right)
    assert len(calendar(centre)) < 3 * CALENDAR_LASTS_DAYS  # what has passed is gone
    assert centre.store.run(Sweeper(centre.keys).sweep()).due == 0


def test_hours_that_hardly_ever_change_are_carried_on_too(centre: Centre) -> None:
    always = Hours("Always", "UTC", dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), ((time(0),) * 2,)))
    years = Hours("Years", "UTC", {}, {date(2029, 6, 4): NINE_TO_FIVE})
    opened(centre, always, years)
    centre.configure(Queue("Q", hours="Years"), Queue("Other", hours="Always"), hours=[always, years])
    centre.sign_in("ana", lease_s=10**9)
    centre.push("c")
    for _ in range(8):
        centre.passes(100 * DAY_S)
        assert centre.push(f"o{centre.now_us}", "Other", "task").queue == "Other"
    assert centre.who("c") == ""

    centre.passes(datetime(2029, 6, 4, 9, tzinfo=UTC).timestamp() - centre.now_us / S)

    assert centre.who("c") == "ana"


def test_carrying_on_changes_no_version_and_tells_no_event(centre: Centre) -> None:
    opened(centre)
    version, before = centre.version, calendar(centre)

    centre.passes(CALENDAR_AGAIN_S)

    assert calendar(centre)[-1] - before[-1] >= (CALENDAR_AGAIN_S - 7 * DAY_S) * S
    assert calendar(centre)[0] == centre.now_us - DAY_S * S
    assert raw(centre.store).hget(centre.keys.instance, "version") == str(version).encode()
    assert centre.events("queue.updated") == ["queue.updated"] * 4


def test_a_sweeper_that_ends_before_it_has_brought_a_calendar_leaves_it_to_another(centre: Centre) -> None:
    opened(centre)
    before = calendar(centre)
    centre.now_us += CALENDAR_AGAIN_S * S
    assert centre.store.run(Sweeper(centre.keys).sweep()).more

    centre.passes(DAY_S - 1)
    assert calendar(centre) == before
    centre.passes(1)

    assert calendar(centre)[-1] > before[-1]


def test_a_calendar_of_hours_that_have_changed_meanwhile_is_not_written(centre: Centre) -> None:
    opened(centre)
    centre.now_us += CALENDAR_AGAIN_S * S
    centre.store.run(centre.sweeper.sweep())
    sundays = Hours("Office", "UTC", {"sun": NINE_TO_FIVE})
    centre.configure(Queue("Q", hours="Office"), hours=[sundays])
    asked_for = calendar(centre)

    centre.passes(0)

    assert calendar(centre) == asked_for


def test_a_request_with_a_calendar_may_be_run_twice(centre: Centre) -> None:
    opened(centre)
    centre.now_us += CALENDAR_AGAIN_S * S
    centre.store.run(centre.sweeper.sweep())
    request = centre.sweeper.sweep()

    centre.store.run(request)
    once = calendar(centre)
    centre.store.run(request)

    assert calendar(centre) == once
    assert once[-1] > centre.now_us + (CALENDAR_LASTS_DAYS - 7) * DAY_S * S


def test_many_calendars_that_are_due_together_are_carried_on_one_after_the_other(centre: Centre) -> None:
    many = [Hours(f"H{number}", "UTC", {"mon": NINE_TO_FIVE}) for number in range(5)]
    opened(centre, *many)
    before = [calendar(centre, one.name)[-1] for one in many]
    centre.passes(CALENDAR_AGAIN_S)

    for _ in many:
        centre.passes(1)

    assert all(calendar(centre, one.name)[-1] > last for one, last in zip(many, before, strict=True))


def test_a_sweeper_that_does_not_know_the_time_zone_goes_on(centre: Centre) -> None:
    opened(centre)
    before = calendar(centre)
    raw(centre.store).hset(centre.keys.calendars, "Office", "Europe/Nowhere;mon 09:00-17:00")

    centre.passes(CALENDAR_AGAIN_S)

    assert calendar(centre) == before
    assert centre.push("c", "Other").queue == "Other"
