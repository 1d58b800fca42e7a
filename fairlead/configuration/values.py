"""Single values of the TOML file, each with its limits: names, numbers with their units, and texts that are parsed."""

from difflib import get_close_matches
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from fairlead.domain.conditions import parse_condition
from fairlead.domain.contact import LONGEST_EXPIRY_S
from fairlead.domain.criteria import HIGHEST_LEVEL, checked_steps, parse_step
from fairlead.domain.hours import parse_period, parse_span
from fairlead.domain.names import NAME_PATTERN
from fairlead.domain.queue import LONGEST_ACW_S
from fairlead.errors import FairleadError

Name = Annotated[str, Field(pattern=f"^{NAME_PATTERN}$")]
WindowS = Annotated[float, Field(gt=0, le=3_600)]
AcwS = Annotated[int, Field(ge=0, le=LONGEST_ACW_S)] | Literal["unlimited"]
ExpiryS = Annotated[int, Field(ge=0, le=LONGEST_EXPIRY_S)]
OverflowAfterS = Annotated[int, Field(ge=1, le=604_800)]
Proficiency = Annotated[str, Field(pattern=f"^{NAME_PATTERN}:{NAME_PATTERN}$")]
Level = Annotated[int, Field(ge=1, le=HIGHEST_LEVEL)]
DisplayName = Annotated[str, Field(max_length=200)]


def _checked_span(span: str) -> str:
    parse_span(span)
    return span


def _checked_zone(name: str) -> str:
    if name not in available_timezones():
        close = get_close_matches(name, available_timezones(), n=1)
        raise ValueError(f"no such time zone{f'; did you mean {close[0]}?' if close else ''}")
    return name


def _checked_condition(text: str) -> str:
    try:
        return parse_condition(text).text
    except FairleadError as failure:
        raise ValueError(str(failure)) from failure


def _checked_criteria(texts: list[str]) -> list[str]:
    try:
        checked_steps([parse_step(text) for text in texts])
    except FairleadError as failure:
        raise ValueError(str(failure)) from failure
    return texts


def _checked_period(text: str) -> str:
    return str(parse_period(text))


Span = Annotated[str, AfterValidator(_checked_span)]
Zone = Annotated[str, AfterValidator(_checked_zone)]
Days = Annotated[str, AfterValidator(_checked_period)]
When = Annotated[str, AfterValidator(_checked_condition)]
Criteria = Annotated[list[str], AfterValidator(_checked_criteria)]
