"""Contacts over HTTP: pushed once however often it is asked, found, changed, handed about."""

from typing import Any

import httpx
import pytest

from fairlead.service.gateway import AsyncGateway

Client = httpx.AsyncClient


async def push(http: Client, contact_id: str, **more: Any) -> None:
    answer = await http.put(f"/v1/contacts/{contact_id}", json={"queue": "BasicQueue", **more})
    assert answer.status_code == 201, answer.text


async def state_of(http: Client, contact_id: str) -> str:
    return (await http.get(f"/v1/contacts/{contact_id}")).json()["state"]


async def test_a_contact_that_is_pushed_is_found_with_all_that_was_said_of_it(http: Client) -> None:
    body = {
        "queue": "BasicQueue", "channel": "chat", "priority": 2, "payload": {"order": 4711},
        "criteria": ["Language:French >= 4 for 30s"], "attributes": {"tier": "gold"}, "customer": "anna",
    }  # fmt: skip

    pushed = await http.post("/v1/contacts", json=body)
    found = (await http.get(pushed.headers["Location"], params={"include": "payload"})).json()

    assert (pushed.status_code, pushed.json()["state"]) == (201, "queued")
    assert {name: found[name] for name in body} == body
    assert "payload" not in (await http.get(pushed.headers["Location"])).json()


async def test_a_contact_has_the_fields_that_its_schema_says(http: Client) -> None:
    await push(http, "c1", payload=1)
    found = (await http.get("/v1/contacts/c1", params={"include": "payload"})).json()

    schema = (await http.get("/openapi.json")).json()["components"]["schemas"]["Contact"]
    assert found.keys() == schema["properties"].keys()


async def test_a_push_that_is_repeated_by_its_id_is_the_same_contact(http: Client) -> None:
    body = {"queue": "BasicQueue", "payload": 1}
    first = await http.put("/v1/contacts/c1", json=body)
    again = await http.put("/v1/contacts/c1", json=body)
    other = await http.put("/v1/contacts/c1", json=body | {"payload": 2})

    assert [first.status_code, again.status_code, other.status_code] == [201, 200, 409]
    assert other.json()["type"] == "/problems/contact-exists"


async def test_a_push_that_is_repeated_by_its_key_is_the_same_contact(http: Client) -> None:
    body = {"queue": "BasicQueue", "payload": 1}
    first = await http.post("/v1/contacts", json=body, headers={"Idempotency-Key": '"order 4711"'})
    again = await http.post("/v1/contacts", json=body, headers={"Idempotency-Key": "order 4711"})
    other = await http.post("/v1/contacts", json=body | {"payload": 2}, headers={"Idempotency-Key": "order 4711"})

    assert [first.status_code, again.status_code, other.status_code] == [201, 200, 422]
    assert first.json()["contact_id"] == again.json()["contact_id"]
    assert other.json()["type"] == "/problems/idempotency-key-reused"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"queue": "BasicQueue", "prioritie": 1}, "#/prioritie: Extra inputs are not permitted"),
        ({"queue": "BasicQueue", "priority": "1"}, "#/priority: Input should be a valid integer"),
        ({"queue": "BasicQueue", "priority": 0}, "#/priority"),
        ({"queue": "Basic Queue"}, "#/queue"),
        ({"queue": "BasicQueue", "attributes": {"a b": "x"}}, "#/attributes/a b"),
        ({"queue": "BasicQueue", "channel": "fax"}, "#/channel"),
        ([], "#: Input should be a valid dictionary"),
    ],
)
async def test_what_breaks_the_schema_is_refused_with_its_place(http: Client, body: Any, told: str) -> None:
    refused = await http.post("/v1/contacts", json=body)

    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/invalid-request")
    assert refused.json()["detail"].startswith(told)


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        ({}, "invalid-name"),
        ({"queue": "BasicQueue", "intake": "I"}, "invalid-contact"),
        ({"queue": "BasicQueue", "criteria": ["Language"]}, "invalid-criteria"),
        ({"queue": "BasicQueue", "start_in_s": 1, "start_at_us": 1}, "invalid-contact"),
        ({"queue": "Nowhere"}, "unknown-queue"),
        ({"queue": "@nobody"}, "unknown-agent"),
    ],
)
async def test_what_the_library_refuses_has_the_name_of_its_error(http: Client, body: Any, slug: str) -> None:
    refused = await http.post("/v1/contacts", json=body)

    assert (refused.status_code, refused.json()["type"]) == (422, f"/problems/{slug}")


async def test_what_is_no_json_is_malformed(http: Client) -> None:
    refused = await http.post("/v1/contacts", content=b'{"queue": ', headers={"Content-Type": "application/json"})

    assert (refused.status_code, refused.json()["type"]) == (400, "/problems/malformed")


async def test_a_contact_that_is_not_there_is_not_found(http: Client) -> None:
    for method, path in [("GET", ""), ("POST", "/stop"), ("GET", "/explanation"), ("GET", "/timeline")]:
        refused = await http.request(method, f"/v1/contacts/nothing{path}")
        assert (refused.status_code, refused.json()["type"]) == (404, "/problems/unknown-contact"), path


async def test_what_tells_of_the_customer_is_erased_when_the_contact_has_ended(http: Client) -> None:
    await push(http, "c1", customer="anna", attributes={"tier": "gold"})

    early = await http.delete("/v1/contacts/c1/personal-data")
    await http.post("/v1/contacts/c1/stop")
    done = await http.delete("/v1/contacts/c1/personal-data")
    again = await http.delete("/v1/contacts/c1/personal-data")

    assert (early.status_code, early.json()["type"]) == (409, "/problems/wrong-state")
    assert (done.status_code, again.status_code) == (200, 200)
    assert done.json() == again.json() == (await http.get("/v1/contacts/c1")).json()
    assert (done.json()["customer"], done.json()["attributes"]) == ("", {})


async def test_each_contact_of_a_batch_is_pushed_or_refused_by_itself(http: Client) -> None:
    contacts = [
        {"queue": "BasicQueue", "contact_id": "c1"},
        {"queue": "Nowhere"},
        {"queue": "BasicQueue", "criteria": ["Language"]},
        {"queue": "BasicQueue", "contact_id": "c1"},
    ]

    answer = await http.post("/v1/contacts:batch", json={"contacts": contacts})
    too_many = await http.post("/v1/contacts:batch", json={"contacts": [{"queue": "BasicQueue"}] * 501})

    results = answer.json()["results"]
    assert [one["status"] for one in results] == [201, 422, 422, 200]
    assert results[0]["contact"]["contact_id"] == "c1"
    assert [(one["problem"] or {}).get("type") for one in results] == [
        None, "/problems/unknown-queue", "/problems/invalid-criteria", None,
    ]  # fmt: skip
    assert (too_many.status_code, too_many.json()["errors"][0]["pointer"]) == (422, "#/contacts")


async def test_all_contacts_are_found_page_by_page(http: Client) -> None:
    for number in range(30):
        await push(http, f"c{number}")
    await http.post("/v1/contacts/c7/stop")

    found: list[str] = []
    cursor: str | None = "0"
    while cursor is not None:
        page = (await http.get("/v1/contacts", params={"state": "queued", "cursor": cursor, "limit": 5})).json()
        found += [one["contact_id"] for one in page["items"]]
        cursor = page["next_cursor"]

    assert set(found) == {f"c{number}" for number in range(30)} - {"c7"}


async def test_the_line_of_a_queue_is_in_order(http: Client) -> None:
    await push(http, "c1", priority=5)
    await push(http, "c2", priority=1)

    line = (await http.get("/v1/queues/BasicQueue/line", params={"channel": "voice"})).json()
    refused = await http.get("/v1/queues/Nowhere/line", params={"channel": "voice"})

    assert [one["contact_id"] for one in line["items"]] == ["c2", "c1"]
    assert (refused.status_code, refused.json()["type"]) == (404, "/problems/unknown-queue")


async def test_a_change_is_merged_with_what_there_was(http: Client) -> None:
    await push(http, "c1", attributes={"a": "1", "b": "2"}, priority=5)

    changed = await http.patch("/v1/contacts/c1", json={"attributes": {"b": None, "c": "3"}, "priority": 1})
    refused = await http.patch("/v1/contacts/c1", json={})

    assert (changed.json()["attributes"], changed.json()["priority"]) == ({"a": "1", "c": "3"}, 1)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/invalid-contact")


async def test_a_supervisor_does_with_a_contact_what_the_library_lets_one_do(http: Client) -> None:
    await push(http, "c1")
    await http.post("/v1/agents/ana/session", json={"profile": "BasicRoutingProfile"})
    await push(http, "c2")

    moved = await http.post("/v1/contacts/c2/move", json={"queue": "@ana"})
    same = await http.post("/v1/contacts/c2/move", json={"queue": "@ana"})
    typo = await http.post("/v1/contacts/c2/move", json={"queue": "Nowhere"})
    called = await http.post("/v1/contacts/c2/callback", json={"delay_s": 60})
    rescheduled = await http.post("/v1/contacts/c2/reschedule", json={"start_at_us": 0})
    left = await http.post("/v1/contacts/c2/abandon")
    late = await http.post("/v1/contacts/c2/abandon")

    assert (moved.status_code, moved.json()["queue"]) == (200, "@ana")
    assert (same.status_code, same.json()["type"]) == (409, "/problems/same-queue")
    assert (typo.status_code, typo.json()["type"]) == (422, "/problems/unknown-queue")
    assert (called.json()["state"], called.json()["is_callback"]) == ("scheduled", True)
    assert (rescheduled.status_code, left.json()["state"]) == (200, "abandoned")
    assert late.status_code in (200, 409)


async def test_it_says_why_a_contact_waits_and_how_long(http: Client) -> None:
    await push(http, "c1")
    await push(http, "c2")

    why = (await http.get("/v1/contacts/c2/explanation")).json()
    how_long = (await http.get("/v1/contacts/c2/estimate")).json()
    life = (await http.get("/v1/contacts/c2/timeline")).json()
    events = (await http.get("/v1/contacts/c2/events")).json()

    assert (why["contact"], why["profiles"][0]["profile"]) == ("c2", "BasicRoutingProfile")
    assert how_long["position"] == 2
    assert [span["state"] for span in life["spans"]] == ["queued"]
    assert [event["event"] for event in events["items"]] == ["contact.queued"]


async def test_parked_contacts_are_listed_and_put_back(http: Client, gateway: AsyncGateway) -> None:
    await push(http, "c1")
    session = (await http.post("/v1/agents/ana/session", json={"profile": "BasicRoutingProfile"})).json()
    for _ in range(5):
        session = (await http.post("/v1/agents/ana/session/take", json={"epoch": session["epoch"]})).json()
        if not session["slots"]:
            break
        given = {"epoch": session["epoch"], "token": session["slots"][0]["token"]}
        await http.post("/v1/agents/ana/session/contacts/c1/accept", json=given)
        await http.post("/v1/agents/ana/session/contacts/c1/fail", json=given | {"error": "no line"})

    assert (await http.get("/v1/parked")).json()["items"] == []
    assert (await http.get("/v1/contacts/c1")).json()["error"] == "no line"
    assert (await http.post("/v1/parked/retry")).json() == {"retried": []}


@pytest.mark.parametrize("key", [None, "k"])
async def test_a_request_that_is_repeated_late_with_its_key_has_no_second_effect(
    http: httpx.AsyncClient, gateway: AsyncGateway, key: str | None
) -> None:
    desk = await gateway.open_desk("ana", profile="BasicRoutingProfile")
    await gateway.close_desk("ana", desk.session.epoch)
    await gateway.push("BasicQueue", contact_id="c")
    headers = {} if key is None else {"Idempotency-Key": key}

    first = await http.post("/v1/contacts/c/move", json={"queue": "@ana"}, headers=headers)
    await gateway.move("c", "BasicQueue")
    again = await http.post("/v1/contacts/c/move", json={"queue": "@ana"}, headers=headers)
    stopped = await http.post("/v1/contacts/c/stop", headers=headers)  # the key is of one request, not of a contact

    assert (first.json()["queue"], again.json()["queue"]) == ("@ana", "@ana" if key is None else "BasicQueue")
    assert stopped.json()["state"] == "completed"
