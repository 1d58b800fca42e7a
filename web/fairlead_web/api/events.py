"""/v1/events: what has happened, as a stream that can be resumed, or page by page."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from fairlead.service.timeline import described_event
from fairlead.store.reading import EventFilter
from fairlead_web.api.access import Caller, may
from fairlead_web.api.bodies import json_answer
from fairlead_web.api.problems import Refusal
from fairlead_web.api.ring import ID_PATTERN, Place, Ring, id_at, place_of
from fairlead_web.api.site import Site, TheSite

router = APIRouter(prefix="/v1/events", tags=["events"], dependencies=[may("events")])

PING_EVERY_S = 10.0
"""A stream that says nothing for so long says that it lives: proxies close silent connections."""

RETRY_MS = 1_000
EVENT_STREAM = "text/event-stream"

Name = Annotated[str, Query(max_length=65)]
After = Annotated[
    str, Query(max_length=39, pattern=f"^({ID_PATTERN})$", description="An event's id; -: from the beginning")
]


class Events(BaseModel):
    """Some events, oldest first. `next_after`: the id after which to go on; `more`: there are more now."""

    items: list[dict[str, Any]]
    next_after: str
    more: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """From where on, how many, and in which form events are asked for."""

    after: str | None
    limit: int
    wait_s: float
    is_stream: bool
    caller: Caller


def asked(
    request: Request,
    after: After | None = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    wait: Annotated[float, Query(ge=0, le=30, description="Seconds to wait for a first event.")] = 0,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Asked:
    """What a request for events asks."""
    is_stream = EVENT_STREAM in request.headers.get("accept", "")
    return Asked((last_event_id or after) if is_stream else after, limit, wait, is_stream, request.state.caller)


AskedFor = Annotated[Asked, Depends(asked)]
EVENTS: dict[int | str, Any] = {200: {"model": Events, "content": {EVENT_STREAM: {}}}}


@router.get("", responses=EVENTS)
async def events(
    site: TheSite,
    how: AskedFor,
    contact: Name = "",
    queue: Name = "",
    agent: Name = "",
    name: Annotated[str, Query(max_length=65, description="How the event's name begins: agent.")] = "",
) -> Response:
    """Events, oldest first. With `Accept: text/event-stream` a stream, which goes on after Last-Event-ID or `after`, or
    else begins now; `event: gap` says that events in between are gone. Else a page.
    """
    return await answered(site, EventFilter(contact, queue, agent, name), how)


async def answered(site: Site, wanted: EventFilter, how: Asked, *, at_once: bool = False) -> Response:
    """The events that are wanted, as a stream or as a page; `at_once`: a stream that waits for no others."""
    if how.is_stream:
        return stream(site, wanted, how, at_once=at_once)
    return json_answer(await _page(site, wanted, how))


async def _page(site: Site, wanted: EventFilter, how: Asked) -> dict[str, Any]:
    after, clock = how.after or "-", asyncio.get_running_loop().time
    ends_s = clock() + how.wait_s
    while True:
        end = site.ring.end
        page = await site.gateway.find_events(wanted, after, how.limit)
        left_s = ends_s - clock()
        if page.events or page.cursor or left_s <= 0 or site.ring.is_closed:
            last = page.events[-1].event_id if page.events else after
            items = [described_event(event) for event in page.events]
            return {"items": items, "next_after": page.cursor or last, "more": bool(page.cursor)}
        if site.ring.end == end:
            await site.ring.wait(left_s, at_once=True)


def stream(site: Site, wanted: EventFilter, how: Asked, *, at_once: bool = False) -> Response:
    """The events that are wanted as a stream, after an id, or from now on."""
    try:
        place = site.ring.end if how.after is None else place_of(how.after)
    except ValueError as failure:
        raise Refusal("invalid-request", f"Last-Event-ID: {failure}") from None
    if site.streams >= site.most_streams:
        raise Refusal("too-busy", f"this process serves {site.most_streams} streams already", {"Retry-After": "5"})
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    told = _told(site, wanted, how.caller, place, at_once=at_once)
    return StreamingResponse(told, headers=headers, media_type=EVENT_STREAM)


async def _told(
    site: Site, wanted: EventFilter, caller: Caller, place: Place, *, at_once: bool
) -> AsyncIterator[bytes]:
    site.streams += 1
    try:
        yield b"retry: %d\n" % RETRY_MS + _said("ready", place, {"after": id_at(place)})
        async for text in _followed(site.ring, wanted, place, at_once=at_once):
            if not await site.access.knows(caller):
                return
            yield text
    finally:
        site.streams -= 1


async def _followed(ring: Ring, wanted: EventFilter, place: Place, *, at_once: bool) -> AsyncIterator[bytes]:
    while not ring.is_closed:
        if place < ring.floor:
            place, asked = ring.floor, place
            yield _said("gap", place, {"asked": id_at(asked), "after": id_at(place)})
        text, to = ring.after(place, wanted)
        if text:
            yield text
        if to != place:
            place = to
            continue
        end = ring.end
        await ring.wait(PING_EVERY_S, at_once=at_once)
        if ring.end == end and not ring.is_closed:
            yield b"id: %b\n: ping\n\n" % id_at(place).encode()


def _said(event: str, place: Place, data: dict[str, str]) -> bytes:
    """A frame about the stream itself. It has an id, so that who is cut off before the first event loses none."""
    return b"event: %b\nid: %b\ndata: %b\n\n" % (event.encode(), id_at(place).encode(), orjson.dumps(data))
