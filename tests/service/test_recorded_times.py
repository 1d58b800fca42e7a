"""Times of arrival and durations, as people's files have them."""

from datetime import UTC, datetime

import pytest

from fairlead.service.recorded.times import DateOrder, duration_of, number_of, seconds_of


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("cells", "seconds"),
    [
        (["36"], 36), ([36.5], 36.5), (["12,5"], 12.5), (["0:00:36"], 36), (["09:47"], 35_220), (["9:47 PM"], 78_420),
        (["12:05 am"], 300), (["24:00"], 86_400), (["09:47:12.5"], 35_232.5),
        (["2026-01-05"], at("2026-01-05")), (["2026-01-05T10:00:00Z"], at("2026-01-05T10:00")),
        (["2026-01-05 10:00:00.250"], at("2026-01-05T10:00:00.250")), (["2026-01-05 24:00"], at("2026-01-06")),
        (["2026-01-05T10:00:00+0530"], at("2026-01-05T04:30")), (["2026-01-05 10:00 UTC"], at("2026-01-05T10:00")),
        (["2026-01-05T22:00-05:00"], at("2026-01-06T03:00")), (["2026/1/5"], at("2026-01-05")),
        (["5.1.2026 09:47"], at("2026-01-05T09:47")), (["31/01/2026"], at("2026-01-31")),
        (["1/31/2026, 9:47 AM"], at("2026-01-31T09:47")), (["02/02/2026"], at("2026-02-02")),
        (["2026-01-05", "09:47"], at("2026-01-05T09:47")), (["2026-01-05", 35_220], at("2026-01-05T09:47")),
        ([1_767_607_200], at("2026-01-05T10:00")), (["1767607200000"], at("2026-01-05T10:00")),
        ([1_767_607_200_000_000], at("2026-01-05T10:00")), (["1767607200000000000"], at("2026-01-05T10:00")),
    ],
)  # fmt: skip
def test_a_time_is_read_in_the_ways_in_which_files_have_it(cells: list[object], seconds: float) -> None:
    assert seconds_of(cells) == seconds


def test_offsets_of_time_zones_are_counted() -> None:
    earlier, later = seconds_of(["10:00+02:00"]), seconds_of(["09:30+01:00"])

    assert later - earlier == 1_800


@pytest.mark.parametrize(("order", "day"), [("dmy", "2026-02-01"), ("mdy", "2026-01-02")])
def test_a_date_with_slashes_is_read_in_the_order_that_is_given(order: DateOrder, day: str) -> None:
    assert seconds_of(["1/2/2026"], order) == at(day)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("nan", "is not a time"), ("inf", "is not a time"), ("-Infinity", "is not a time"), (True, "is not a time"),
        (float("inf"), "is not a time"), ("1e400", "not a finite number"), (1e300, "beyond the year 9999"),
        ("1/2/2026", "--date-order dmy"), ("25:00", "the last is 24:00"), ("24:01", "the last is 24:00"),
        ("10:60", "no time of a day"), ("13:00 pm", "1 to 12"), ("2026-02-30", "no date of the calendar"),
        ("31/31/2026", "no date of the calendar"), ("1,234", "of thousands or of decimals"), ("", "is empty"),
        (None, "is empty"), ("yesterday", "is not a time"), ("2026-01-05T", "is not a time"), ([1], "is not a time"),
        ("2026-01-0509:00", "is not a time"), ("10:00+99:00", "no such offset"), ("9" * 5_000, "finite"),
    ],
)  # fmt: skip
def test_what_is_no_time_is_refused_with_its_reason(cell: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        seconds_of([cell])


@pytest.mark.parametrize(
    ("cell", "seconds"), [("", None), (" ", None), (None, None), ("0", 0), ("93,5", 93.5), ("0:01:30", 90)]
)
def test_a_duration_may_be_seconds_or_hours_and_minutes_or_empty(cell: object, seconds: float | None) -> None:
    assert duration_of(cell) == seconds


@pytest.mark.parametrize(
    ("cell", "reason"),
    [("-1", "between 0 and a year"), (1e9, "between 0 and a year"), ("nan", "h:mm:ss"), ("01:30", "h:mm:ss")],
)
def test_what_is_no_duration_is_refused_with_its_reason(cell: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        duration_of(cell)


def test_a_comma_before_three_digits_is_one_of_decimals_where_the_file_says_so() -> None:
    assert number_of("1,234", has_decimal_comma=True) == 1.234
