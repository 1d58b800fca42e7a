"""Cells as seconds: times of arrival, whose columns are summed, and durations."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fairlead.errors import BadInput

DateOrder: TypeAlias = Literal["", "dmy", "mdy"]
"""What 1/2/2026 means; "": it is refused."""

LONGEST_DURATION_S = 366 * 86_400.0
LATEST_S = 253_402_300_800.0
"""The end of the year 9999."""

_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
"""From which size on a number is one of nanoseconds, microseconds, milliseconds since 1970: as seconds it would be a
date thousands of years away."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_DAY = re.compile(
    r"((?P<y>\d{4})([-/])(?P<m>\d{1,2})\3(?P<d>\d{1,2})"
    r"|(?P<dd>\d{1,2})\.(?P<dm>\d{1,2})\.(?P<dy>\d{4})"
    r"|(?P<s1>\d{1,2})[/-](?P<s2>\d{1,2})[/-](?P<sy>\d{4}))(,?\s+|[tT]|$)",
    re.ASCII,
)
_TIME = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(:(?P<second>\d{2}([.,]\d+)?))?"
    r"(\s*(?P<half>[ap])\.?m\.?)?\s*(?P<zone>z|utc|gmt|[+-]\d{2}:?(\d{2})?)?",
    re.ASCII | re.IGNORECASE,
)
_EPOCH = date(1970, 1, 1).toordinal()
_BEGINNING = datetime(1970, 1, 1)  # noqa: DTZ001  # of what a wall clock shows

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class ReadTime:
    """A time of arrival, in seconds. `came_twice`: the wall clock showed it twice, and this is the first."""

    at_s: float
    came_twice: bool = False


def time_of(
    cells: Sequence[Any], order: DateOrder = "", *, has_decimal_comma: bool = False, zone: ZoneInfo | None = None
) -> ReadTime:
    """The sum of some cells: dates, times of day and numbers of seconds. A number alone may be of milliseconds, too.

    Dates without an offset are by the wall clock of the zone, else UTC. Raises ValueError, also for a time that the
    clock has skipped.
    """
    total = _sum(cells, order, has_decimal_comma)
    if zone and _is_by_wall_clock(cells, has_decimal_comma):
        return _instant(total, zone)
    return ReadTime(total)


def zone_of(name: str) -> ZoneInfo:
    """The time zone of a name. Raises BadInput."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput(f"there is no time zone {name!r:.80}: write one as in Europe/Zurich") from None


def local(at_s: float, zone: ZoneInfo | None) -> datetime:
    """What the wall clock of a zone shows; UTC without one, and for a time of a recording that has no dates."""
    return datetime.fromtimestamp(at_s, zone if zone and not _is_without_date(at_s) else UTC)


def midnight_before(at_s: float, zone: ZoneInfo | None) -> float:
    """When the day of a time began, by the wall clock of a zone."""
    if zone is None or _is_without_date(at_s):
        return at_s // DAY_S * DAY_S
    return local(at_s, zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0).timestamp()


def _is_without_date(at_s: float) -> bool:
    """Whether a time is of a day without a date, which is taken for the first of 1970."""
    return 0 <= at_s < DAY_S


def _instant(wall_s: float, zone: ZoneInfo) -> ReadTime:
    shown = _BEGINNING + timedelta(seconds=wall_s)
    first, second = (shown.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != shown:
        raise ValueError(f"there was no {shown:%Y-%m-%d %H:%M:%S} in {zone.key}: the clocks were put forward over it")
    return ReadTime(first.timestamp(), came_twice=first.utcoffset() != second.utcoffset())


def _is_by_wall_clock(cells: Sequence[Any], has_decimal_comma: bool) -> bool:
    """Whether a date is among the cells, and no offset."""
    texts = [str(cell).strip() for cell in cells if not _is_number(cell, has_decimal_comma)]
    days = [_DAY.match(text) for text in texts]
    times = [_TIME.fullmatch(text[day.end() :] if day else text) for text, day in zip(texts, days, strict=True)]
    return any(days) and not any(at and at["zone"] for at in times)


def _sum(cells: Sequence[Any], order: DateOrder, has_decimal_comma: bool) -> float:
    values = [_when(cell, order, has_decimal_comma) for cell in cells]
    if len(values) == 1 and isinstance(cells[0], int | float | str) and _is_number(cells[0], has_decimal_comma):
        values = [value / next((unit for least, unit in _UNITS if abs(value) >= least), 1.0) for value in values]
    total = sum(values)
    if not abs(total) < LATEST_S:
        raise ValueError(f"the time {_shown(cells)} is beyond the year 9999")
    return total


def duration_of(cell: Any, *, has_decimal_comma: bool = False) -> float | None:
    """A number of seconds or h:mm:ss; None: the cell is empty. Raises ValueError."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if _is_number(cell, has_decimal_comma):
        seconds = number_of(cell, has_decimal_comma=has_decimal_comma)
    else:
        found = re.fullmatch(r"\s*(\d{1,4}):([0-5]\d):([0-5]\d(?:[.,]\d+)?)\s*", str(cell))
        if not found:
            raise ValueError(f"{str(cell)[:40]!r} is not a duration: write seconds, as in 93.5, or h:mm:ss")
        seconds = int(found[1]) * 3_600 + int(found[2]) * 60 + float(found[3].replace(",", "."))
    if not 0 <= seconds <= LONGEST_DURATION_S:
        raise ValueError(f"a duration of {str(cell)[:40]} s is not between 0 and a year")
    return seconds


def number_of(cell: Any, *, has_decimal_comma: bool = False) -> float:
    """A finite number. Raises ValueError."""
    if not _is_number(cell, has_decimal_comma):
        raise ValueError(f"{str(cell)[:40]!r} is not a number{_why_not(cell)}")
    value = float(str(cell).strip().replace(",", "."))
    if not math.isfinite(value):
        raise ValueError(f"{str(cell)[:40]!r} is not a finite number")
    return value


def _is_number(cell: Any, has_decimal_comma: bool) -> bool:
    if isinstance(cell, bool) or not isinstance(cell, int | float | str):
        return False
    text = str(cell).strip()
    if "," in text and (has_decimal_comma or not re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+", text)):
        text = text.replace(",", ".", 1)
    return bool(_NUMBER.fullmatch(text))


def _why_not(cell: Any) -> str:
    is_grouped = isinstance(cell, str) and re.fullmatch(r"\s*[+-]?\d{1,3}(,\d{3})+\s*", cell)
    return ": its comma may be that of thousands or of decimals: write it without" if is_grouped else ""


def _when(cell: Any, order: DateOrder, has_decimal_comma: bool) -> float:
    """A cell in seconds: a number, a date from its midnight on, a time from midnight on, or both since 1970."""
    text = "" if cell is None else str(cell).strip()
    if not text:
        raise ValueError("the time is empty")
    if _is_number(cell, has_decimal_comma):
        return number_of(cell, has_decimal_comma=has_decimal_comma)
    day = _DAY.match(text)
    rest = text[day.end() :] if day else text
    at = _TIME.fullmatch(rest)
    if isinstance(cell, bool) or not (at or (day and not rest and text[-1].isdigit())):
        raise ValueError(
            f"{text[:40]!r} is not a time{_why_not(cell)}: write seconds, 2026-01-31, 09:47, 0:00:36 or "
            "2026-01-31T09:47:00+01:00"
        )
    return (_day_s(day, text, order) if day else 0.0) + (_time_s(at, text) if at else 0.0)


def _day_s(found: re.Match[str], text: str, order: DateOrder) -> float:
    if found["y"]:
        year, month, day = found["y"], found["m"], found["d"]
    elif found["dy"]:
        year, month, day = found["dy"], found["dm"], found["dd"]
    else:
        year, month, day = found["sy"], *_month_and_day(int(found["s1"]), int(found["s2"]), text, order)
    try:
        return (date(int(year), int(month), int(day)).toordinal() - _EPOCH) * 86_400.0
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no date of the calendar") from None


def _month_and_day(first: int, second: int, text: str, order: DateOrder) -> tuple[int, int]:
    if not order and first != second and first <= 12 and second <= 12:
        raise ValueError(
            f"{text[:40]!r} may be day/month or month/day: say which by --date-order dmy or --date-order mdy"
        )
    if order == "mdy" or (not order and second > 12):
        return first, second
    return second, first


def _time_s(found: re.Match[str], text: str) -> float:
    hour, minute = int(found["hour"]), int(found["minute"])
    second = float((found["second"] or "0").replace(",", "."))
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(f"{text[:40]!r} has no such hour: with AM and PM it is 1 to 12")
        hour = hour % 12 + 12 * (found["half"].lower() == "p")
    total = hour * 3_600 + minute * 60 + second
    if minute > 59 or second >= 61 or total > 86_400:
        raise ValueError(f"{text[:40]!r} is no time of a day: the last is 24:00")
    zone = (found["zone"] or "").lower()
    if zone in ("", "z", "utc", "gmt"):
        return total
    offset = int(zone[1:3]) * 3_600 + int(zone[3:].removeprefix(":") or 0) * 60
    if offset > 86_400:
        raise ValueError(f"{text[:40]!r} has no such offset of a time zone")
    return total - offset * (-1 if zone[0] == "-" else 1)


def _shown(cells: Sequence[Any]) -> str:
    return " + ".join(repr(str(cell)[:40]) for cell in cells)
