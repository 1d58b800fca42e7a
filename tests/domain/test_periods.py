"""Exceptions of hours for ranges of days, and for days of every year."""

from datetime import UTC, date, datetime, time

import pytest

from fairlead.domain.hours import Hours, Period, hours_text, is_open, parse_period, read_hours

ALL_DAY = ((time(0), time(0)),)


def open_on(day: str, **exceptions: bool) -> bool:
    """Whether it is open at noon of a day, with exceptions that are open or closed, else open on weekdays."""
    week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ALL_DAY)
    hours = Hours("H", "UTC", week, {parse_period(when): ALL_DAY * on for when, on in exceptions.items()})
    assert read_hours("H", hours_text(hours)) == hours
    return is_open(hours, datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("when", "inside", "outside"),
    [
        ("2027-08-02..2027-08-06", ("2027-08-02", "2027-08-06"), ("2027-07-30", "2027-08-09", "2028-08-03")),
        ("12-24", ("2026-12-24", "2027-12-24"), ("2026-12-23", "2026-12-25")),
        ("12-28..01-01", ("2026-12-28", "2027-01-01", "2029-12-31"), ("2026-12-25", "2027-01-04")),
        ("02-29", ("2028-02-29",), ("2028-02-28", "2027-03-01")),
        ("05-03..05-05", ("2027-05-03", "2027-05-05"), ("2027-04-30", "2027-05-06")),
    ],
)
def test_an_exception_holds_on_the_first_and_the_last_day_of_its_period(
    when: str, inside: tuple[str, ...], outside: tuple[str, ...]
) -> None:
    assert [open_on(day, **{when: False}) for day in inside] == [False] * len(inside)
    assert [open_on(day, **{when: False}) for day in outside] == [True] * len(outside)


def test_the_most_exact_exception_holds() -> None:
    levels = ["2026-12-25", "2026-12-24..2026-12-26", "12-24..12-26", "12-20..12-31"]
    opens = {when: place % 2 == 0 for place, when in enumerate(levels)}

    found = [open_on("2026-12-25", **{when: opens[when] for when in levels[place:]}) for place in range(4)]

    assert found == list(opens.values())


def test_of_two_periods_as_long_the_one_that_begins_first_holds() -> None:
    first, second = "2026-12-21..2026-12-23", "2026-12-22..2026-12-24"

    assert open_on("2026-12-22", **{second: False, first: True})
    assert not open_on("2026-12-22", **{second: True, first: False})


def test_a_period_is_read_as_it_is_written() -> None:
    texts = ["2026-12-25", "2026-12-24..2027-01-01", "12-25", "12-24..01-01"]

    assert [str(parse_period(text)) for text in texts] == texts
    assert parse_period("2026-12-25") == date(2026, 12, 25)
    assert parse_period("12-25") == Period(date(2000, 12, 25), date(2000, 12, 25), is_yearly=True)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2026-12-24..2026-12-25", 2), ("2026-01-01..2027-12-31", 730), ("12-25", 1), ("12-24..01-01", 9),
        ("12-31..01-01", 2), ("01-01..12-31", 366),
    ],
)  # fmt: skip
def test_a_period_has_its_first_and_its_last_day_and_those_between(text: str, days: int) -> None:
    period = parse_period(text)

    assert isinstance(period, Period)
    assert period.days == days


@pytest.mark.parametrize(
    "text", ["13-01", "2026-02-30", "2026-12-25..", "12-25..", "2026-12-25..2026-12-24", "12-25..2027-01-01", "x"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a day or a range|ends before it begins"):
        parse_period(text)
