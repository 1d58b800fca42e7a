"""Endpoints over HTTP: made once, changed by whom has seen them, tried, and sent once more what they have not taken."""

from collections.abc import AsyncIterator

import httpx
import pytest
from conftest import RealServer
from fairlead_web.api.app import make_app
from fairlead_web.api.site import Site
from fairlead_web.webhooks.addresses import read_networks
from fairlead_web.webhooks.delivering import work
from standardwebhooks.webhooks import Webhook as Verifier
from web.webhooks.receiving import Receiver

from fairlead.server.finding import Server
from fairlead.service.gateway import AsyncGateway
from fairlead.service.webhooks import Webhooks
from fairlead.store.reading import Event

HOME = read_networks("127.0.0.0/8")
URL = "https://shop.example/in"
ANY = {"If-Match": "*"}


@pytest.fixture
async def http(server: RealServer, where: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with await AsyncGateway.connect(server.url) as gateway:
        site = Site(gateway, where=where, networks=HOME)
        async with site.working(), httpx.AsyncClient(
            transport=httpx.ASGITransport(make_app(site)), base_url="http://test/v1"
        ) as client:
            yield client


async def test_an_endpoint_is_made_and_its_secret_shown_once(http: httpx.AsyncClient, webhooks: Webhooks) -> None:
    made = await http.post("/webhooks", json={"url": URL, "events": ["contact."], "format": "cloudevents"})
    told = made.json()
    one = await http.get(f"/webhooks/{told['webhook_id']}")
    listed = await http.get("/webhooks")

    assert (made.status_code, made.headers["Location"]) == (201, f"/v1/webhooks/{told['webhook_id']}")
    assert told["secret"] == webhooks.webhook(told["webhook_id"]).secrets[0]
    assert one.json() == {name: value for name, value in told.items() if name != "secret"}
    assert one.json().items() >= {"url": URL, "events": ["contact."], "format": "cloudevents", "off": None}.items()
    assert listed.json() == {"items": [one.json()]}
    assert made.headers["ETag"] == one.headers["ETag"]


async def test_with_a_key_it_is_made_once(http: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": '"shop"'}
    made = await http.post("/webhooks", json={"url": URL}, headers=key)
    again = await http.post("/webhooks", json={"url": URL}, headers=key)
    other = await http.post("/webhooks", json={"url": URL, "format": "cloudevents"}, headers=key)

    assert (made.status_code, again.status_code) == (201, 200)
    assert again.json() == {name: value for name, value in made.json().items() if name != "secret"}
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert len((await http.get("/webhooks")).json()["items"]) == 1


async def test_a_change_was_made_from_what_is_there(http: httpx.AsyncClient) -> None:
    made = await http.post("/webhooks", json={"url": URL})
    path, tag = f"/webhooks/{made.json()['webhook_id']}", {"If-Match": made.headers["ETag"]}

    blind = await http.put(path, json={"url": URL})
    changed = await http.put(path, json={"url": URL, "events": ["agent."]}, headers=tag)
    late = await http.put(path, json={"url": URL}, headers=tag)
    kept = await http.delete(path, headers=tag)
    removed = await http.delete(path, headers={"If-Match": changed.headers["ETag"]})

    assert [one.status_code for one in (blind, changed, late, kept, removed)] == [428, 200, 412, 412, 204]
    assert (changed.json()["events"], late.json()["type"]) == (["agent."], "/problems/configuration-changed")
    assert (await http.get("/webhooks")).json() == {"items": []}


async def test_what_can_be_no_endpoint_and_what_is_none_are_problems(http: httpx.AsyncClient) -> None:
    wrong = await http.post("/webhooks", json={"url": "https://me:word@shop.example/"})
    broken = await http.post("/webhooks", json={"url": URL, "events": ["contact queued"]})
    gone = [
        await http.request(method, f"/webhooks/nothing{path}", json=body, headers=ANY)
        for method, path, body in [
            ("GET", "", None), ("PUT", "", {"url": URL}), ("DELETE", "", None), ("POST", "/on", None),
            ("POST", "/off", None), ("POST", "/rotate_secret", None), ("POST", "/test", None),
            ("GET", "/deliveries", None), ("GET", "/undelivered", None), ("POST", "/replay", {}),
        ]
    ]  # fmt: skip

    assert (wrong.status_code, wrong.json()["type"]) == (422, "/problems/invalid-webhook")
    assert (broken.status_code, broken.json()["errors"][0]["pointer"]) == (422, "#/events/0")
    assert {(one.status_code, one.json()["type"]) for one in gone} == {(404, "/problems/unknown-webhook")}


async def test_one_is_tried_rotated_and_switched(
    http: httpx.AsyncClient, receiver: Receiver, webhooks: Webhooks
) -> None:
    made = (await http.post("/webhooks", json={"url": receiver.url})).json()
    path = f"/webhooks/{made['webhook_id']}"

    off, on = await http.post(f"{path}/off"), await http.post(f"{path}/on")
    new = (await http.post(f"{path}/rotate_secret")).json()
    taken = await http.post(f"{path}/test")
    receiver.answers = lambda _: 500
    refused = await http.post(f"{path}/test")

    assert (off.json()["off"], on.json()["off"]) == ("by_hand", None)
    assert taken.json() == {"taken": True, "status": 204, "error": None}
    assert refused.json() == {"taken": False, "status": 500, "error": "answered 500"}
    for secret in (made["secret"], new["secret"]):
        first = receiver.received[0]
        assert Verifier(secret).verify(first.body, first.headers)["type"] == "webhook.test"
    assert new["secret"] != made["secret"]
    assert [(one.name, one.actor) for one in webhooks.events_after() if "webhook" in one.fields] == [
        (f"webhook.{what}", "http") for what in ("created", "switched_off", "switched_on", "rotated")
    ]


async def test_what_was_given_up_is_sent_once_more(
    http: httpx.AsyncClient, receiver: Receiver, webhooks: Webhooks, where: Server
) -> None:
    webhook_id = (await http.post("/webhooks", json={"url": receiver.url})).json()["webhook_id"]
    for number in range(3):
        webhooks.give_up(webhook_id, Event(f"{number}-1", "contact.queued", 1, {"contact": "c"}), "answered 500")
    listed = (await http.get(f"/webhooks/{webhook_id}/undelivered?limit=2")).json()
    rest = (await http.get(f"/webhooks/{webhook_id}/undelivered", params={"after": listed["next_after"]})).json()
    [first, *_] = listed["items"]

    some = await http.post(f"/webhooks/{webhook_id}/replay", json={"undelivered_ids": [first["undelivered_id"]]})
    work(where, webhooks, HOME, is_burst=True)
    left = (await http.get(f"/webhooks/{webhook_id}/undelivered")).json()["items"]
    every = await http.post(f"/webhooks/{webhook_id}/replay", json={})
    work(where, webhooks, HOME, is_burst=True)
    came = (await http.get(f"/webhooks/{webhook_id}/deliveries")).json()["items"]

    assert (first["event_id"], first["error"], first["fields"]) == ("0-1", "answered 500", {"contact": "c"})
    assert [one["event_id"] for one in rest["items"]] == ["2-1"]
    assert (some.json(), len(left)) == ({"handed_on": 1, "more": False, "next_after": None}, 2)
    assert every.json()["handed_on"] == 2
    assert receiver.ids() == ["0-1", "1-1", "2-1"]
    assert [(one["event_id"], one["outcome"], one["status"], one["error"]) for one in came] == [
        (event_id, "taken", 204, None) for event_id in ("2-1", "1-1", "0-1")
    ]
    assert (await http.get(f"/webhooks/{webhook_id}/undelivered")).json() == {"items": [], "next_after": None}


async def test_a_replay_of_the_stream_under_a_key_sends_nothing_twice(
    http: httpx.AsyncClient, receiver: Receiver, webhooks: Webhooks, where: Server
) -> None:
    asking = {"url": receiver.url, "events": ["webhook."]}
    webhook_id = (await http.post("/webhooks", json=asking)).json()["webhook_id"]
    await http.post("/webhooks", json={"url": URL})
    key = {"Idempotency-Key": "again"}

    both = await http.post(f"/webhooks/{webhook_id}/replay", json={"after": "-", "undelivered_ids": ["1-1"]})
    asked = [await http.post(f"/webhooks/{webhook_id}/replay", json={"after": "-"}, headers=key) for _ in range(2)]
    work(where, webhooks, HOME, is_burst=True)
    await http.post(f"/webhooks/{webhook_id}/off")
    off = await http.post(f"/webhooks/{webhook_id}/replay", json={})

    assert both.status_code == 422
    assert [one.json()["handed_on"] for one in asked] == [1, 0]
    assert [one.told["type"] for one in receiver.received] == ["webhook.created"]
    assert (off.status_code, off.json()["type"]) == (409, "/problems/webhook-off")


async def test_a_token_needs_the_scope(server: RealServer, where: Server) -> None:
    async with await AsyncGateway.connect(server.url) as gateway:
        site = Site(gateway, where=where)
        async with site.working(), httpx.AsyncClient(
            transport=httpx.ASGITransport(make_app(site)), base_url="http://test"
        ) as client:
            texts = [(await gateway.create_token([scope]))[1] for scope in ("webhooks", "supervise")]
            await site.access.refresh(0)
            answers = [
                await client.get("/v1/webhooks", headers={"Authorization": f"Bearer {text}"}) for text in texts
            ]
            by_token = await client.post(
                "/v1/webhooks", json={"url": URL}, headers={"Authorization": f"Bearer {texts[0]}"}
            )
            [event] = await gateway.newest_events(1)

    assert [one.status_code for one in (*answers, by_token)] == [200, 403, 201]
    assert (event.name, event.actor.startswith("http:")) == ("webhook.created", True)
