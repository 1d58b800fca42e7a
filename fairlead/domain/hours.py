"""Hours of operation: when a queue is open, by the wall clock of its time zone, with exceptions for dates."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, TypeAlias, get_args
from zoneinfo import ZoneInfo

ClosedPolicy: TypeAlias = Literal["hold", "refuse", "overflow"]

Day: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = get_args(Day)

Span: TypeAlias = tuple[time, time]
"""Open from (included) to (excluded) by the wall clock; an end of 00:00 is midnight at the end of the day."""


_ANY_YEAR = 2000
"""Stands for every year where a period has none; it has a 29th of February."""


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `first` to `last`, both included; `is_yearly`: of every year, whatever the year of the dates says.

    A yearly one whose last day is before its first goes over the end of the year.
    """

    first: date
    last: date
    is_yearly: bool = False

    def __contains__(self, day: date) -> bool:
        if not self.is_yearly:
            return self.first <= day <= self.last
        first, last, of_year = ((one.month, one.day) for one in (self.first, self.last, day))
        return first <= of_year <= last if first <= last else of_year >= first or of_year <= last

    def __str__(self) -> str:
        first, last = (f"{one:%m-%d}" if self.is_yearly else one.isoformat() for one in (self.first, self.last))
        return first if first == last else f"{first}..{last}"

    @property
    def days(self) -> int:
        """How many days it has, in a leap year."""
        between = (self.last - self.first).days
        return (between % 366 if self.is_yearly else between) + 1


def parse_period(text: str) -> date | Period:
    """`2026-12-25`, `2026-12-24..2027-01-01`, and of every year `12-25` or `12-24..01-01`. Raises ValueError."""
    first_text, dots, last_text = text.partition("..")
    try:
        if len(first_text) == 5:
            ends = (first_text, last_text if dots else first_text)
            first, last = (date.fromisoformat(f"{_ANY_YEAR}-{one}") for one in ends)
            return Period(first, last, is_yearly=True)
        first = date.fromisoformat(first_text)
        last = date.fromisoformat(last_text) if dots else first
    except ValueError:
        raise ValueError(
            f"{text!r} is not a day or a range of days: write 2026-12-25 or 2026-12-24..2027-01-01, and for every year "
            "12-25 or 12-24..01-01"
        ) from None
    if last < first:
        raise ValueError(f"{text!r} ends before it begins")
    return first if first == last else Period(first, last)


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours. `week`: day -> spans; `exceptions`: date or period -> the spans that replace those of its days.

    Of several exceptions for a day that of the date holds, else that of the shortest period; of two that are as long
    that of one year before that of every year, and then that which begins first.
    """

    name: str
    timezone: str
    week: Mapping[str, tuple[Span, ...]]
    exceptions: Mapping[date | Period, tuple[Span, ...]] = field(default_factory=dict)
    display_name: str = ""
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


def switches(hours: Hours, from_s: float, days: int) -> Iterator[tuple[float, bool]]:
    """When it opens (True) and closes (False), as Unix seconds in order, over some days from a time.

    The first pair is the state at the time itself. A span holds whenever the wall clock shows a time of it: it is
    an hour longer or shorter with the change of the clocks, begins after the hour that is left out when it would begin
    in it, and holds twice in the hour that comes twice.
    """
    zone = ZoneInfo(hours.timezone)
    first = datetime.fromtimestamp(from_s, zone).date() - timedelta(days=1)
    is_open, pairs = False, []
    for opens_s, closes_s in _merged(_spans(hours, zone, first, days + 2)):
        if opens_s <= from_s < closes_s:
            is_open = True
        pairs += [(at_s, to) for at_s, to in ((opens_s, True), (closes_s, False)) if at_s > from_s]
    yield from_s, is_open
    yield from pairs


def _spans(hours: Hours, zone: ZoneInfo, first: date, days: int) -> Iterator[tuple[float, float]]:
    for offset in range(days):
        day = first + timedelta(days=offset)
        for opens, closes in _spans_of(hours, day):
            end = day + timedelta(days=1) if closes == time(0) else day
            yield from _instants(datetime.combine(day, opens), datetime.combine(end, closes), zone)


def _spans_of(hours: Hours, day: date) -> tuple[Span, ...]:
    if day in hours.exceptions:
        return hours.exceptions[day]
    periods = [one for one in hours.exceptions if isinstance(one, Period) and day in one]
    if not periods:
        return hours.week.get(DAYS[day.weekday()], ())
    return hours.exceptions[min(periods, key=lambda one: (one.days, one.is_yearly, one.first))]


def _instants(opens: datetime, closes: datetime, zone: ZoneInfo) -> Iterator[tuple[float, float]]:
    """When the wall clock shows a time of a span: in two parts where it is set back or forward meanwhile, one of which
    may end before it begins.
    """
    first, last = (one.replace(tzinfo=UTC) for one in (opens - timedelta(days=1), closes + timedelta(days=1)))
    before, after = (one.astimezone(zone).utcoffset() or timedelta() for one in (first, last))
    if before == after:
        yield _as_utc(opens, before), _as_utc(closes, before)
        return
    from_s, to_s = int(first.timestamp()), int(last.timestamp())
    while to_s - from_s > 1:  # to the second at which the clock is set
        middle_s = (from_s + to_s) // 2
        is_before = datetime.fromtimestamp(middle_s, zone).utcoffset() == before
        from_s, to_s = (middle_s, to_s) if is_before else (from_s, middle_s)
    yield _as_utc(opens, before), min(_as_utc(closes, before), to_s)
    yield max(_as_utc(opens, after), to_s), _as_utc(closes, after)


def _as_utc(wall: datetime, offset: timedelta) -> float:
    return (wall - offset).replace(tzinfo=UTC).timestamp()


def _merged(spans: Iterator[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans in order, those that touch joined, without those that are none."""
    merged: list[tuple[float, float]] = []
    for opens_s, closes_s in sorted(spans):
        if merged and opens_s <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], closes_s))
        elif opens_s < closes_s:
            merged.append((opens_s, closes_s))
    return merged


def is_open(hours: Hours, at_s: float) -> bool:
    """Whether it is open at a time in Unix seconds."""
    return next(switches(hours, at_s, 0))[1]


def span_text(span: Span) -> str:
    """`08:00-17:30`; midnight at the end of the day is 24:00."""
    opens, closes = span
    return f"{opens:%H:%M}-{'24:00' if closes == time(0) else f'{closes:%H:%M}'}"


def parse_span(text: str) -> Span:
    """The inverse of `span_text`. Raises ValueError."""
    try:
        opens, closes = text.split("-")
        end = time(0) if closes == "24:00" else time.fromisoformat(closes)
        span = time.fromisoformat(opens), end
    except ValueError:
        raise ValueError(
            f"{text!r} is not a span of hours: write HH:MM-HH:MM, as in 08:00-17:30 or 18:00-24:00"
        ) from None
    if span[1] != time(0) and span[0] >= span[1]:
        raise ValueError(f"{text!r} ends before it begins: write a span past midnight as two, to 24:00 and from 00:00")
    return span


def hours_text(hours: Hours) -> str:
    """One line of text that `read_hours` reads back: how the store keeps the hours."""
    days = [f"{day} {','.join(map(span_text, spans))}" for day, spans in sorted(hours.week.items())]
    dates = sorted(f"{on} {','.join(map(span_text, spans))}" for on, spans in hours.exceptions.items())
    return ";".join([hours.timezone, *days, *dates])


def read_hours(name: str, text: str) -> Hours:
    """The hours of operation that `hours_text` has written."""
    timezone, *rows = text.split(";")
    pairs = [row.partition(" ")[::2] for row in rows]
    spans = {when: tuple(parse_span(span) for span in texts.split(",") if span) for when, texts in pairs}
    return Hours(
        name,
        timezone,
        {when: found for when, found in spans.items() if when in DAYS},
        {parse_period(when): found for when, found in spans.items() if when not in DAYS},
    )
