"""When hours of operation begin and end, as the store keeps it: written some way ahead, and carried on by sweeps."""

from collections.abc import Iterator

from fairlead.domain.hours import Hours, switches
from fairlead.store.known import CALENDAR_LASTS_DAYS
from fairlead.store.request import Argument

CLOCKS_APART_S = 86_400
"""A calendar begins so long ago, so that it says what is open whatever this machine's clock and the engine's differ."""


def switch_values(hours: Hours, at_s: float) -> Iterator[Argument]:
    """(time in us, "us:1" or "us:0") for the state at about a time, and each time after it of opening or closing."""
    for switch_s, opens in switches(hours, at_s - CLOCKS_APART_S, CALENDAR_LASTS_DAYS):
        at_us = round(switch_s * 1_000_000)
        yield from (at_us, f"{at_us}:{int(opens)}")
