"""An agent's session over HTTP: the server numbers the requests, the browser keeps an epoch."""

import asyncio
from typing import Any

import httpx
import pytest

from fairlead.configuration.reading import parse_configuration
from fairlead.service.gateway import AsyncGateway

Client = httpx.AsyncClient
SESSION = "/v1/agents/ana/session"

CENTRE = """
[queues.Support]
acw_s = { chat = 600 }
[queues.Later]
[profiles.P]
channels = { chat = { slots = 10 } }
entries = [{ queue = "Support", channel = "chat" }, { queue = "Later", channel = "chat", manual_only = true }]
[agents.ana]
profile = "P"
[statuses.Lunch]
type = "custom"
"""


@pytest.fixture(autouse=True)
async def configured(gateway: AsyncGateway) -> None:
    await gateway.apply(parse_configuration(CENTRE, "centre.toml"))


async def sign_in(http: Client, **more: Any) -> dict[str, Any]:
    answer = await http.post(SESSION, json=more)
    assert answer.status_code == 201, answer.text
    desk: dict[str, Any] = answer.json()
    return desk


async def push(http: Client, *contacts: str, queue: str = "Support") -> None:
    for contact in contacts:
        body = {"queue": queue, "channel": "chat", "payload": {"text": contact}}
        await http.put(f"/v1/contacts/{contact}", json=body)


async def look(http: Client) -> dict[str, Any]:
    desk: dict[str, Any] = (await http.get(SESSION)).json()
    return desk


async def act(http: Client, desk: dict[str, Any], contact: str, action: str, **more: Any) -> httpx.Response:
    [token] = [slot["token"] for slot in (await look(http))["slots"] if slot["contact_id"] == contact]
    body = {"epoch": desk["epoch"], "token": token, **more}
    return await http.post(f"{SESSION}/contacts/{contact}/{action}", json=body)


def kinds(desk: dict[str, Any]) -> dict[str, str]:
    return {slot["contact_id"]: slot["kind"] for slot in desk["slots"]}


async def test_a_contact_is_offered_accepted_held_and_completed(http: Client) -> None:
    desk = await sign_in(http)
    await push(http, "c1")

    offered = await look(http)
    steps = [kinds((await act(http, desk, "c1", action)).json()) for action in ("accept", "hold", "resume", "complete")]
    acw = (await look(http))["slots"][0]
    cleared = await http.post(f"{SESSION}/slots/{acw['token']}/clear", json={"epoch": desk["epoch"]})

    assert kinds(offered) == {"c1": "offered"}
    assert offered["slots"][0]["contact"]["payload"] == {"text": "c1"}
    assert [step["c1"] for step in steps] == ["connected", "on_hold", "connected", "acw"]
    assert cleared.json()["slots"] == []
    assert (await http.get("/v1/contacts/c1")).json()["state"] == "completed"


async def test_of_two_tabs_that_act_at_the_same_moment_neither_loses_a_request(http: Client) -> None:
    desk = await sign_in(http)
    names = [f"c{number}" for number in range(10)]
    await push(http, *names)
    slots = (await look(http))["slots"]

    answers = await asyncio.gather(
        *(
            http.post(
                f"{SESSION}/contacts/{slot['contact_id']}/accept",
                json={"epoch": desk["epoch"], "token": slot["token"]},
            )
            for slot in slots
            for _ in range(2)
        )
    )

    assert {answer.status_code for answer in answers} == {200}
    assert kinds(await look(http)) == dict.fromkeys(names, "connected")


async def test_what_is_done_twice_is_done_once(http: Client) -> None:
    desk = await sign_in(http)
    await push(http, "c1")
    token = (await look(http))["slots"][0]["token"]
    body = {"epoch": desk["epoch"], "token": token}

    told = {}
    for action in ("accept", "complete"):
        told[action] = [await http.post(f"{SESSION}/contacts/c1/{action}", json=body) for _ in range(2)]

    assert [one.status_code for one in told["accept"] + told["complete"]] == [200] * 4
    assert kinds(told["complete"][1].json()) == {"c1": "acw"}


async def test_a_page_that_is_loaded_again_finds_its_session(http: Client) -> None:
    desk = await sign_in(http)
    await push(http, "c1")
    await act(http, desk, "c1", "accept")

    again = await http.get(SESSION, params={"epoch": desk["epoch"]})
    other = await http.get(SESSION, params={"epoch": desk["epoch"] - 1})

    assert (again.status_code, kinds(again.json())) == (200, {"c1": "connected"})
    assert (other.status_code, other.json()["type"]) == (409, "/problems/session-ended")


async def test_another_machine_goes_on_with_what_the_first_one_holds(http: Client) -> None:
    first = await sign_in(http, client="office")
    await push(http, "c1")
    await act(http, first, "c1", "accept")

    refused = await http.post(SESSION, json={"client": "laptop"})
    laptop = await sign_in(http, client="laptop", take_over=True)
    late = await http.post(f"{SESSION}/heartbeat", json={"epoch": first["epoch"]})
    done = await act(http, laptop, "c1", "complete")

    assert (refused.status_code, refused.json()["holder"], refused.json()["epoch"]) == (
        409, "web/office", first["epoch"],
    )  # fmt: skip
    assert refused.json()["lease_left_ms"] > 0
    assert kinds(laptop) == {"c1": "connected"}
    assert (late.status_code, late.json()["type"]) == (409, "/problems/session-ended")
    assert kinds(done.json()) == {"c1": "acw"}


async def test_a_sign_in_that_is_repeated_with_its_key_is_the_same_session(http: Client) -> None:
    key = {"Idempotency-Key": "tab 1"}
    first = await http.post(SESSION, json={}, headers=key)
    again = await http.post(SESSION, json={}, headers=key)
    other = await http.post(SESSION, json={}, headers={"Idempotency-Key": "tab 2"})

    assert (first.json()["epoch"], again.status_code) == (again.json()["epoch"], 201)
    assert other.status_code == 409


async def test_a_heartbeat_keeps_the_session(http: Client) -> None:
    desk = await sign_in(http, lease_s=60)

    answer = await http.post(f"{SESSION}/heartbeat", json={"epoch": desk["epoch"]})

    assert (answer.status_code, answer.content) == (204, b"")


async def test_signing_out_gives_back_what_is_held(http: Client) -> None:
    desk = await sign_in(http)
    await push(http, "c1")

    wrong = await http.delete(SESSION, params={"epoch": desk["epoch"] - 1})
    done = await http.delete(SESSION, params={"epoch": desk["epoch"]})
    again = await http.get(SESSION)

    assert wrong.status_code == 409
    assert done.json() == {"given_back": ["c1"]}
    assert (again.status_code, (await http.get("/v1/contacts/c1")).json()["state"]) == (409, "queued")


async def test_a_supervisor_signs_an_agent_out_and_changes_its_status(http: Client) -> None:
    await sign_in(http)

    now = await http.put("/v1/agents/ana/status", json={"status": "Lunch"})
    following = await http.put("/v1/agents/ana/status", json={"status": "Available", "when": "next"})
    typo = await http.put("/v1/agents/ana/status", json={"status": "Dinner"})
    nobody = await http.put("/v1/agents/nobody/status", json={"status": "Lunch"})
    out = await http.delete(SESSION)

    assert (now.status_code, now.json()["status"]) == (200, "Lunch")
    assert following.status_code == 200
    assert (typo.status_code, typo.json()["type"]) == (422, "/problems/unknown-status")
    assert (nobody.status_code, nobody.json()["type"]) == (404, "/problems/unknown-agent")
    by_itself = await http.post(SESSION, json={"again": True})

    assert out.json() == {"given_back": []}
    assert (by_itself.status_code, by_itself.json()["type"]) == (409, "/problems/agent-signed-out")
    assert (await http.get("/v1/agents/ana/state")).json()["status"] == "Offline"


async def test_a_program_waits_for_its_next_contact(http: Client) -> None:
    desk = await sign_in(http)
    waiting = asyncio.create_task(http.get(f"{SESSION}/offers", params={"epoch": desk["epoch"], "wait": 30}))
    await push(http, "c1")

    found = await waiting
    token = found.json()["slots"][0]["token"]
    nothing = await http.get(f"{SESSION}/offers", params={"epoch": desk["epoch"], "last_token": token})

    assert (found.status_code, kinds(found.json())) == (200, {"c1": "offered"})
    assert (nothing.status_code, nothing.content) == (204, b"")


async def test_a_contact_is_picked_begun_transferred_and_refused(http: Client) -> None:
    desk = await sign_in(http)
    await push(http, "c1", queue="Later")
    await push(http, "c2", "c3", "c4")

    worklist = (await http.get("/v1/agents/ana/worklist")).json()["items"]
    picked = await http.post(f"{SESSION}/contacts/c1/pick", json={"epoch": desk["epoch"]})
    begun = await http.post(
        f"{SESSION}/contacts", json={"epoch": desk["epoch"], "queue": "Support", "channel": "chat", "contact_id": "o1"}
    )
    moved = await act(http, desk, "c1", "transfer", queue="Support")
    failed = await act(http, desk, "c2", "error", error="no line")
    rejected = await act(http, desk, "c3", "reject")
    wrong = await http.post(f"{SESSION}/contacts/c4/hold", json={"epoch": desk["epoch"], "token": 1})

    assert [one["contact_id"] for one in worklist] == ["c1"]
    assert kinds(picked.json())["c1"] == "connected"
    assert kinds(begun.json())["o1"] == "connected"
    assert (moved.status_code, rejected.status_code) == (200, 200)
    assert ("c2", "error") in [(slot["contact_id"], slot["kind"]) for slot in failed.json()["slots"]]
    assert (wrong.status_code, wrong.json()["type"]) == (409, "/problems/stale-token")


async def test_it_says_what_an_agent_would_get(http: Client) -> None:
    await push(http, "c1")

    told = (await http.get("/v1/agents/ana/explanation")).json()

    assert told["agent"] == "ana"
