"""How long handlers may take."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from fairlead.domain.channel import checked_channel
from fairlead.domain.names import checked_queue_name
from fairlead.errors import FairleadError, InvalidSetting
from fairlead.settings import DAY_S, checked_number

Given: TypeAlias = float | Mapping[str, float]
"""Seconds for all contacts, or by place: `Sales:voice`, `Sales:*` for a queue, `voice` for a channel, `*` for all."""

LEAST_S = 0.1


class Limits:
    """The seconds that a handler may take for a contact: by its queue and channel, its queue, its channel, or for all.

    Raises InvalidSetting for a place that cannot be one, and for a time that is not from 0.1 s to a day.
    """

    def __init__(self, given: Given | None = None) -> None:
        by_place = given if isinstance(given, Mapping) else {} if given is None else {"*": given}
        self._of_place = {
            _checked_place(place): checked_number(f"handler limit {place}", limit_s, LEAST_S, DAY_S)
            for place, limit_s in by_place.items()
        }

    def __bool__(self) -> bool:
        return bool(self._of_place)

    def of(self, queue: str, channel: str) -> float | None:
        """The limit of a contact in seconds, the closest that there is; None: it has none."""
        for place in (f"{queue}:{channel}", f"{queue}:*", channel, "*"):
            if place in self._of_place:
                return self._of_place[place]
        return None


def read_limits(texts: Iterable[str]) -> dict[str, float]:
    """From texts such as `30`, `voice=600`, `Sales:chat=90`, `Sales:*=60`. Raises InvalidSetting."""
    given: dict[str, float] = {}
    for text in texts:
        place, is_placed, number = text.rpartition("=")
        place = place if is_placed else "*"
        if place in given:
            raise InvalidSetting(f"handler limit {text!r}: {'that place' if is_placed else 'all'} has one already")
        try:
            given[place] = float(number)
        except ValueError:
            message = f"handler limit {text!r} is not possible: write 30, voice=600 or Sales:chat=90"
            raise InvalidSetting(message) from None
    return given


def _checked_place(place: str) -> str:
    queue, is_of_queue, channel = place.rpartition(":")
    try:
        if is_of_queue:
            checked_queue_name(queue)
        if channel != "*":
            checked_channel(channel)
    except FairleadError as failure:
        raise InvalidSetting(
            f"handler limit {place!r}: {failure}; a place is a channel, QUEUE:CHANNEL, QUEUE:*, or * for all"
        ) from failure
    return place
