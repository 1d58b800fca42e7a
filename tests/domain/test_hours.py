"""Hours of operation by the wall clock, over changes to and from daylight-saving time."""

from datetime import UTC, date, datetime, time

import pytest

from fairlead.domain.hours import Hours, hours_text, is_open, parse_span, read_hours, span_text, switches

EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NIGHT = Hours("Night", "Europe/Berlin", dict.fromkeys(EVERY_DAY, ((time(1, 30), time(4)),)))
OFFICE = Hours(
    "Office", "America/New_York", {"mon": ((time(9), time(12)), (time(13), time(0)))},
    {date(2026, 12, 28): (), date(2026, 12, 29): ((time(0), time(0)),)},
)  # fmt: skip


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2026-11-23T13:59:59", False), ("2026-11-23T14:00:00", True), ("2026-11-23T16:59:59", True),
        ("2026-11-23T17:00:00", False), ("2026-11-23T18:00:00", True), ("2026-11-24T04:59:59", True),
        ("2026-11-24T05:00:00", False), ("2026-12-28T15:00:00", False), ("2026-12-29T05:00:00", True),
        ("2026-12-30T04:59:59", True), ("2026-12-30T05:00:00", False),
    ],
)  # fmt: skip
def test_it_is_open_from_the_beginning_of_a_span_and_closed_from_its_end(when: str, expected: bool) -> None:
    assert is_open(OFFICE, at(when)) is expected


@pytest.mark.parametrize(
    ("day", "opens", "closes", "hours"),
    [
        ("2026-03-28", "2026-03-28T00:30:00", "2026-03-28T03:00:00", 2.5),
        ("2026-03-29", "2026-03-29T00:30:00", "2026-03-29T02:00:00", 1.5),
        ("2026-10-25", "2026-10-24T23:30:00", "2026-10-25T03:00:00", 3.5),
    ],
)
def test_a_span_over_the_change_of_the_clocks_is_an_hour_shorter_or_longer(
    day: str, opens: str, closes: str, hours: float
) -> None:
    midnight = at(f"{day}T00:00:00") - 3_600

    pairs = list(switches(NIGHT, midnight, 1))[1:3]

    assert pairs == [(at(opens), True), (at(closes), False)]
    assert (pairs[1][0] - pairs[0][0]) / 3_600 == hours


@pytest.mark.parametrize(
    ("span", "day", "open_between"),
    [
        ("02:30-05:00", "2026-03-29", [("01:00", "03:00")]),
        ("01:30-02:30", "2026-03-29", [("00:30", "01:00")]),
        ("03:00-05:00", "2026-03-29", [("01:00", "03:00")]),
        ("02:15-02:45", "2026-03-29", []),
        ("02:30-05:00", "2026-03-28", [("01:30", "04:00")]),
        ("02:30-05:00", "2026-03-30", [("00:30", "03:00")]),
        ("02:00-02:30", "2026-10-25", [("00:00", "00:30"), ("01:00", "01:30")]),
        ("02:30-03:00", "2026-10-25", [("00:30", "01:00"), ("01:30", "02:00")]),
        ("03:00-04:00", "2026-10-25", [("02:00", "03:00")]),
        ("01:00-04:00", "2026-10-25", [("23:00", "03:00")]),
        ("02:00-02:30", "2026-10-26", [("01:00", "01:30")]),
    ],
)
def test_ruling_24_a_span_holds_whenever_the_wall_clock_shows_a_time_of_it(
    span: str, day: str, open_between: list[tuple[str, str]]
) -> None:
    on = date.fromisoformat(day)
    hours = Hours("H", "Europe/Berlin", {}, {on: (parse_span(span),)})

    pairs = list(switches(hours, at(f"{day}T00:00:00") - 7_200, 1))[1:]

    shown = [f"{datetime.fromtimestamp(at_s, UTC):%H:%M:%S}" for at_s, _ in pairs]
    assert shown == [f"{text}:00" for pair in open_between for text in pair]
    assert [opens for _, opens in pairs] == [True, False] * len(open_between)


def test_spans_that_touch_at_midnight_are_one() -> None:
    always = Hours("Always", "UTC", dict.fromkeys(EVERY_DAY, ((time(0), time(0)),)))

    pairs = list(switches(always, at("2026-11-24T12:00:00"), 3))

    assert pairs[0] == (at("2026-11-24T12:00:00"), True)
    assert len(pairs) == 2


def test_spans_that_overlap_are_one_and_an_empty_one_is_none() -> None:
    week = {"tue": ((time(9), time(12)), (time(10), time(11)), (time(12), time(13)), (time(14), time(14)))}

    pairs = list(switches(Hours("H", "UTC", week), at("2026-11-24T00:00:00"), 0))

    assert pairs == [(at("2026-11-24T00:00:00"), False), (at("2026-11-24T09:00:00"), True),
                     (at("2026-11-24T13:00:00"), False)]  # fmt: skip


def test_switches_reach_from_the_day_before_over_the_days_that_are_asked_for() -> None:
    late = Hours(
        "Late", "UTC", {"mon": ((time(22), time(0)),), "tue": ((time(0), time(2)),), "wed": ((time(9), time(10)),)}
    )

    in_the_night = list(switches(late, at("2026-11-24T01:00:00"), 0))
    two_days = list(switches(late, at("2026-11-24T03:00:00"), 1))

    assert in_the_night == [(at("2026-11-24T01:00:00"), True), (at("2026-11-24T02:00:00"), False)]
    assert two_days == [(at("2026-11-24T03:00:00"), False), (at("2026-11-25T09:00:00"), True),
                        (at("2026-11-25T10:00:00"), False)]  # fmt: skip


def test_no_switch_is_told_of_the_day_after_the_last_that_is_asked_for() -> None:
    daily = Hours("Daily", "UTC", dict.fromkeys(EVERY_DAY, ((time(9), time(10)),)))
    today, tomorrow = (at(f"2026-11-{day}T09:00:00") for day in (24, 25))

    assert [at_s for at_s, opens in switches(daily, at("2026-11-24T08:00:00"), 0) if opens] == [today]
    assert [at_s for at_s, opens in switches(daily, at("2026-11-24T08:00:00"), 1) if opens] == [today, tomorrow]


def test_what_opens_or_closes_at_the_time_itself_is_no_switch_after_it() -> None:
    opens, closes = at("2026-11-23T14:00:00"), at("2026-11-23T17:00:00")

    assert list(switches(OFFICE, opens, 0))[:2] == [(opens, True), (closes, False)]
    assert list(switches(OFFICE, closes, 0))[:2] == [(closes, False), (at("2026-11-23T18:00:00"), True)]


def test_hours_are_written_and_read_back() -> None:
    assert read_hours("Office", hours_text(OFFICE)) == OFFICE


@pytest.mark.parametrize("text", ["08:00-17:30", "18:00-24:00", "00:00-24:00"])
def test_a_span_is_written_and_read_back(text: str) -> None:
    assert span_text(parse_span(text)) == text


@pytest.mark.parametrize("text", ["9-5", "08:00", "17:00-08:00", "08:00-08:00", "25:00-26:00"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"span|begins"):
        parse_span(text)


def test_a_span_may_end_at_midnight_by_either_name() -> None:
    assert parse_span("18:00-24:00") == parse_span("18:00-00:00") == (time(18), time(0))
