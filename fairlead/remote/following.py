"""Follows the events of an instance, also over cuts: nothing is missed, or it is told."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import httpx
import orjson

from fairlead.remote.asking import AsyncCaller, Caller, failure_of
from fairlead.store.reading import Event, EventFilter

SILENT_S = 30.0
"""Who hears nothing for so long is cut off: the server says something every ten seconds."""

LONGEST_PAUSE_S = 10.0


@dataclass(frozen=True, slots=True)
class Gap:
    """Events after `asked` and up to `after` are gone: the stream keeps a limited number."""

    asked: str
    after: str


Heard: TypeAlias = Event | Gap


def event_of(shown: Mapping[str, Any]) -> Event:
    """An event, of how it is shown."""
    told = dict(shown)
    named = told.pop("id"), told.pop("event"), told.pop("at_us")
    return Event(*named, actor=told.pop("actor", ""), fields=told)


@dataclass(slots=True)
class Following:
    """Where somebody is in the stream, and the frame that is being heard."""

    wanted: EventFilter
    after: str | None
    _frame: dict[str, str] = field(default_factory=dict)
    _cuts: int = 0

    def request(self) -> dict[str, Any]:
        """What is asked for."""
        names = ("contact", "queue", "agent", "name")
        place = {} if self.after is None else {"Last-Event-ID": self.after}
        return {
            "method": "GET", "url": "/v1/events", "timeout": SILENT_S,
            "params": {name: text for name in names if (text := getattr(self.wanted, name))},
            "headers": {"Accept": "text/event-stream", **place},
        }  # fmt: skip

    def pause_s(self) -> float:
        """How long to wait after a cut."""
        self._frame, self._cuts = {}, self._cuts + 1
        return min(LONGEST_PAUSE_S, 0.05 * 2.0 ** min(self._cuts, 10)) * random.uniform(0.5, 1.0)  # noqa: S311

    def heard(self, line: str) -> Heard | None:
        """What a line of the stream completes."""
        if line:
            name, _, text = line.partition(":")
            self._frame[name] = text.removeprefix(" ")
            return None
        frame, self._frame = self._frame, {}
        self._cuts = 0
        self.after = frame.get("id", self.after)
        kind = frame.get("event", "message")
        if "data" not in frame or kind == "ready":
            return None
        told = orjson.loads(frame["data"])
        return Gap(told["asked"], told["after"]) if kind == "gap" else event_of(told)


def _refusal(status: int, text: str, url: str) -> None:
    """Raises what a stream is refused with, unless it may be had later."""
    if status not in (429, 503):
        raise failure_of(status, text, url)


def follow(caller: Caller, wanted: EventFilter | None = None, after: str | None = None) -> Iterator[Heard]:
    """The events that the filter takes, for ever: after an id, or from now on. Whoever is cut off goes on by itself.

    A Gap says that events in between are gone. Raises what the server refuses it with.
    """
    following = Following(wanted or EventFilter(), after)
    while True:
        try:
            with caller._client.stream(**following.request()) as answer:
                if not answer.is_success:
                    _refusal(answer.status_code, answer.read().decode(), str(answer.url))
                else:
                    yield from filter(None, map(following.heard, answer.iter_lines()))
        except httpx.TransportError:
            pass
        time.sleep(following.pause_s())


async def follow_async(
    caller: AsyncCaller, wanted: EventFilter | None = None, after: str | None = None
) -> AsyncIterator[Heard]:
    """As `follow`, in asyncio."""
    following = Following(wanted or EventFilter(), after)
    while True:
        try:
            async with caller._client.stream(**following.request()) as answer:
                if not answer.is_success:
                    _refusal(answer.status_code, (await answer.aread()).decode(), str(answer.url))
                else:
                    async for line in answer.aiter_lines():
                        heard = following.heard(line)
                        if heard:
                            yield heard
        except httpx.TransportError:
            pass
        await asyncio.sleep(following.pause_s())
