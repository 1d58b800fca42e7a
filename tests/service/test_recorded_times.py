"""Times of arrival and durations, as people's files have them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from fairlead.errors import BadInput
from fairlead.service.recorded.times import DateOrder, duration_of, local, midnight_before, number_of, time_of, zone_of


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
    assert time_of(cells).at_s == seconds


def test_offsets_of_time_zones_are_counted() -> None:
    earlier, later = time_of(["10:00+02:00"]), time_of(["09:30+01:00"])

    assert later.at_s - earlier.at_s == 1_800


@pytest.mark.parametrize(("order", "day"), [("dmy", "2026-02-01"), ("mdy", "2026-01-02")])
def test_a_date_with_slashes_is_read_in_the_order_that_is_given(order: DateOrder, day: str) -> None:
    assert time_of(["1/2/2026"], order).at_s == at(day)


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
        time_of([cell])


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


ZURICH = ZoneInfo("Europe/Zurich")


@pytest.mark.parametrize(
    ("cells", "utc"),
    [
        (["2026-01-05T10:00"], "2026-01-05T09:00"), (["2026-07-05T10:00"], "2026-07-05T08:00"),
        (["2026-07-05", "10:00"], "2026-07-05T08:00"), (["2026-03-29", 36_000], "2026-03-29T08:00"),
        (["2026-03-29", "01:59:59"], "2026-03-29T00:59:59"), (["2026-03-29 03:00"], "2026-03-29T01:00"),
        (["2026-10-25 01:59:59"], "2026-10-24T23:59:59"), (["2026-10-25 03:00"], "2026-10-25T02:00"),
        (["2026-01-05"], "2026-01-04T23:00"), (["2026-01-05 24:00"], "2026-01-05T23:00"),
        (["2026-07-05T10:00Z"], "2026-07-05T10:00"), (["2026-07-05T10:00+05:00"], "2026-07-05T05:00"),
        (["2026-07-05", "10:00+05:00"], "2026-07-05T05:00"), (["2026-07-05", "10:00 UTC"], "2026-07-05T10:00"),
        (["10:00"], "1970-01-01T10:00"), ([1_767_607_200], "2026-01-05T10:00"),
        (["1767607200000"], "2026-01-05T10:00"),
    ],
)  # fmt: skip
def test_a_date_without_an_offset_is_by_the_wall_clock_of_the_time_zone(cells: list[object], utc: str) -> None:
    found = time_of(cells, zone=ZURICH)

    assert (found.at_s, found.came_twice) == (at(utc), False)


@pytest.mark.parametrize("clock", ["02:00", "02:30", "02:59:59.5"])
def test_a_time_that_the_clocks_skip_is_refused(clock: str) -> None:
    with pytest.raises(ValueError, match=r"no 2026-03-29 02:.* in Europe/Zurich: the clocks were put forward"):
        time_of(["2026-03-29", clock], zone=ZURICH)


@pytest.mark.parametrize(("clock", "utc"), [("02:00", "00:00"), ("02:59:59", "00:59:59")])
def test_of_a_time_that_comes_twice_the_first_is_taken(clock: str, utc: str) -> None:
    found = time_of(["2026-10-25", clock], zone=ZURICH)

    assert (found.at_s, found.came_twice) == (at(f"2026-10-25T{utc}"), True)


@pytest.mark.parametrize("name", ["Europe/Zuerich", "", "../etc/passwd", "/etc/localtime", "Europe", "\x00"])
def test_a_time_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match=r"there is no time zone .* write one as in Europe/Zurich"):
        zone_of(name)


@pytest.mark.parametrize(
    ("moment", "midnight"),
    [
        ("2026-07-05T21:59", "2026-07-04T22:00"), ("2026-07-05T22:00", "2026-07-05T22:00"),
        ("2026-10-25T12:00", "2026-10-24T22:00"), ("1970-01-01T10:00", "1970-01-01T00:00"),
    ],
)  # fmt: skip
def test_a_day_begins_at_midnight_of_the_time_zone_where_it_has_a_date(moment: str, midnight: str) -> None:
    assert midnight_before(at(moment), zone_of("Europe/Zurich")) == at(midnight)


def test_without_a_time_zone_a_day_begins_at_midnight_utc() -> None:
    assert midnight_before(at("2026-07-05T23:00"), None) == at("2026-07-05")
    assert f"{local(at('2026-07-05T23:00'), None):%H:%M}" == "23:00"


def test_where_the_clocks_skip_midnight_the_day_begins_at_one() -> None:
    assert midnight_before(at("2026-04-24T12:00"), zone_of("Africa/Cairo")) == at("2026-04-23T22:00")
