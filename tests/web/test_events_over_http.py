"""Events over HTTP: streams that are resumed, gaps that are told, pages."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from conftest import RealServer
from fairlead_web.api.events import _followed
from fairlead_web.api.ring import BEGINNING, Ring, id_at, place_of
from fairlead_web.api.site import Site

from fairlead.service.gateway import AsyncGateway
from fairlead.store.reading import EventFilter

ALL = EventFilter()


def told(text: bytes) -> list[dict[str, str]]:
    """The frames of a stream, field by field."""
    frames = [frame for frame in text.decode().split("\n\n") if frame]
    return [dict(line.split(": ", 1) for line in frame.splitlines() if line[0] != ":") for frame in frames]


def ids(text: bytes) -> list[str]:
    return [frame["id"] for frame in told(text) if "event" not in frame and "data" in frame]


async def first_of(stream: AsyncIterator[bytes]) -> bytes:
    async for text in stream:
        return text
    raise AssertionError("the stream has ended")


async def push(gateway: AsyncGateway, *contacts: str) -> None:
    for contact in contacts:
        await gateway.push("BasicQueue", contact_id=contact)


async def newest(gateway: AsyncGateway, many: int) -> list[str]:
    return [event.event_id for event in await gateway.newest_events(many)]


@pytest.fixture
def ring(site: Site) -> Ring:
    return site.ring


async def test_who_was_cut_off_goes_on_behind_the_last_event_that_came(gateway: AsyncGateway, ring: Ring) -> None:
    start = ring.end
    await push(gateway, "c1", "c2", "c3")
    seen: list[str] = []
    stream = _followed(ring, ALL, start, at_once=True)
    while not seen:
        seen += ids(await first_of(stream))
    await push(gateway, "c4")

    stream = _followed(ring, ALL, place_of(seen[0]), at_once=True)
    after = seen[:1]
    while len(after) < 4:
        after += ids(await first_of(stream))

    assert after == await newest(gateway, 4)


async def test_a_place_that_the_process_has_forgotten_is_told_as_a_gap(gateway: AsyncGateway) -> None:
    await push(gateway, "c1", "c2", "c3", "c4")
    ring = Ring(gateway, lambda _: None, size=2)
    await ring.fill()
    stream = _followed(ring, ALL, BEGINNING, at_once=True)

    [gap] = told(await first_of(stream))
    rest = ids(await first_of(stream))

    assert (gap["event"], json.loads(gap["data"])["asked"]) == ("gap", "0-0")
    assert rest == await newest(gateway, 2)


@pytest.mark.parametrize("place", [BEGINNING, (1, 0)], ids=["the beginning", "before the first"])
async def test_nothing_is_told_to_be_gone_as_long_as_the_stream_has_all_there_was(
    gateway: AsyncGateway, place: tuple[int, int]
) -> None:
    await push(gateway, "c1", "c2")
    ring = Ring(gateway, lambda _: None)
    await ring.fill()

    text = await first_of(_followed(ring, ALL, place, at_once=True))

    assert [frame for frame in told(text) if "event" in frame] == []
    assert ids(text) == await newest(gateway, 100)


async def test_what_was_trimmed_before_a_process_began_is_told_as_a_gap(
    gateway: AsyncGateway, server: RealServer
) -> None:
    await push(gateway, "c1", "c2", "c3")
    server.client().xtrim("{fairlead}:events", maxlen=2, approximate=False)
    ring = Ring(gateway, lambda _: None)
    await ring.fill()
    stream = _followed(ring, ALL, (1, 0), at_once=True)

    assert [frame.get("event") for frame in told(await first_of(stream))] == ["gap"]
    assert ids(await first_of(stream)) == await newest(gateway, 2)


async def test_a_user_who_may_not_ask_whether_it_was_trimmed_is_told_that_it_may_have_been(
    gateway: AsyncGateway, server: RealServer
) -> None:
    await push(gateway, "c1")
    admin = server.client()
    admin.acl_setuser("web", enabled=True, nopass=True, keys="*", categories=["+@all"], commands=["-xinfo"])
    async with await AsyncGateway.connect(server.url.replace("unix://", "unix://web:any@")) as limited:
        ring = Ring(limited, lambda _: None)
        await ring.fill()

        frame = await first_of(_followed(ring, ALL, (1, 0), at_once=True))

    assert [one.get("event") for one in told(frame)] == ["gap"]


async def test_a_ring_keeps_the_newest_and_knows_what_it_let_go(gateway: AsyncGateway) -> None:
    ring = Ring(gateway, lambda _: None, size=2)
    events = [event for _ in range(700) for event in await gateway.newest_events(2)]
    ring._add(events)

    assert len(ring._places) == len(ring._frames) == 2
    assert ring.floor == place_of(events[-3].event_id)


async def test_what_was_trimmed_while_redis_was_away_is_told_as_a_gap(
    gateway: AsyncGateway, server: RealServer
) -> None:
    await push(gateway, "c1")
    ring = Ring(gateway, lambda _: None)
    await ring.fill()
    place = ring.end
    await push(gateway, "c2", "c3", "c4")
    server.client().xtrim("{fairlead}:events", maxlen=1, approximate=False)

    await ring._look_for_a_gap()
    ring._add(await gateway.events(id_at(ring.end), 10))
    stream = _followed(ring, ALL, place, at_once=True)

    assert [frame.get("event") for frame in told(await first_of(stream))] == ["gap"]
    assert ids(await first_of(stream)) == await newest(gateway, 1)


async def test_a_stream_has_the_events_that_are_wanted(gateway: AsyncGateway, ring: Ring) -> None:
    start = ring.end
    await push(gateway, "c1", "c2")

    text = await first_of(_followed(ring, EventFilter(contact="c2"), start, at_once=True))

    assert [json.loads(frame["data"])["contact"] for frame in told(text)] == ["c2"]


async def test_a_page_of_events_says_where_the_next_one_begins(http: httpx.AsyncClient, gateway: AsyncGateway) -> None:
    await push(gateway, "c1", "c2", "c3")

    first = (await http.get("/v1/events", params={"name": "contact.", "limit": 2})).json()
    second = (await http.get("/v1/events", params={"name": "contact.", "after": first["next_after"]})).json()

    assert [one["contact"] for one in first["items"]] == ["c1", "c2"]
    assert [one["contact"] for one in second["items"]] == ["c3"]
    assert (first["more"], second["more"]) == (True, False)


async def test_a_page_waits_for_a_first_event(http: httpx.AsyncClient, gateway: AsyncGateway, site: Site) -> None:
    after = id_at(site.ring.end)
    asked = asyncio.create_task(http.get("/v1/events", params={"after": after, "wait": 30, "contact": "c2"}))
    await push(gateway, "c1", "c2")

    page = (await asked).json()

    assert [one["contact"] for one in page["items"]] == ["c2"]


@pytest.mark.parametrize("place", ["x", "-5", "5-", "1-2-3", "9" * 25])
async def test_what_is_no_id_is_refused(http: httpx.AsyncClient, place: str) -> None:
    page = await http.get("/v1/events", params={"after": place})
    stream = await http.get("/v1/events", headers={"Accept": "text/event-stream", "Last-Event-ID": place})

    assert page.status_code == 422
    assert (stream.status_code, stream.json()["type"]) == (422, "/problems/invalid-request")


async def test_a_process_serves_no_more_streams_than_it_may(http: httpx.AsyncClient, site: Site) -> None:
    site.most_streams = 0

    refused = await http.get("/v1/events", headers={"Accept": "text/event-stream"})

    assert (refused.status_code, refused.json()["type"]) == (503, "/problems/too-busy")
