"""What would come of a configuration, of an intake or of one more contact is told, and nothing is changed."""

from typing import Any

import httpx
import pytest
from fairlead_web.api.app import make_app
from fairlead_web.api.configuration import EXAMPLE
from fairlead_web.api.site import Site

from fairlead.service.gateway import AsyncGateway

Client = httpx.AsyncClient


async def test_a_configuration_that_is_not_applied_tells_who_would_get_what(
    http: Client, gateway: AsyncGateway
) -> None:
    await gateway.open_desk("ana", profile="BasicRoutingProfile")
    await http.put("/v1/queues/Other", json={}, headers={"If-None-Match": "*"})
    await gateway.push("Other", contact_id="c1")
    entries = [{"queue": "Other", "channel": "voice"}]
    found = (await http.get("/v1/configuration")).json()
    found["profiles"]["BasicRoutingProfile"]["entries"] = entries
    version = (await http.get("/v1/configuration")).headers["ETag"]

    would = await http.post("/v1/configuration/what_if", json=found)

    [goes] = would.json()["goes"]
    assert (goes["contact"], goes["queue"], goes["channel"], goes["agent"]) == ("c1", "Other", "voice", "ana")
    assert ("BasicQueue", "voice", ["ana"]) in [
        (one["queue"], one["channel"], one["agents"]) for one in would.json()["unserved"]
    ]
    assert (await http.get("/v1/configuration")).headers["ETag"] == version
    assert (await http.get("/v1/contacts/c1")).json()["state"] == "queued"


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        ({"queues": {"S": {"max_contact": 1}}}, 422, "invalid-configuration"),
        ({"agents": {"ana": {"profile": "Nowhere"}}}, 422, "invalid-configuration"),
        ([], 400, "malformed"),
    ],
)
async def test_what_cannot_be_applied_is_refused(http: Client, body: Any, status: int, slug: str) -> None:
    refused = await http.post("/v1/configuration/what_if", json=body)

    assert (refused.status_code, refused.json()["type"]) == (status, f"/problems/{slug}")


async def test_an_intake_tells_which_rule_holds_and_pushes_nothing(http: Client) -> None:
    rules = [{"when": "attributes.tier == 'gold'", "queue": "BasicQueue", "priority": 1}]
    body = {"rules": rules, "default": {"refuse": "closed"}}
    await http.put("/v1/intakes/Front", json=body, headers={"If-None-Match": "*"})

    gold = (await http.post("/v1/intakes/Front/try", json={"attributes": {"tier": "gold"}})).json()
    other = (await http.post("/v1/intakes/Front/try", json={"channel": "chat"})).json()
    nowhere = await http.post("/v1/intakes/Back/try", json={})

    assert (gold["rule"], gold["choice"]) == (1, {"queue": "BasicQueue", "priority": 1})
    assert (other["rule"], other["choice"], other["rules"][0]["rule"]) == (0, {"refuse": "closed"}, 1)
    assert other["rules"][0]["why_not"]
    assert (nowhere.status_code, nowhere.json()["type"]) == (404, "/problems/unknown-intake")
    assert (await http.get("/v1/contacts")).json()["items"] == []


async def test_the_wait_of_one_more_contact_is_estimated_and_none_is_pushed(http: Client) -> None:
    await http.put("/v1/contacts/c1", json={"queue": "BasicQueue", "priority": 5})

    behind = (await http.get("/v1/queues/BasicQueue/estimate")).json()
    first = (await http.get("/v1/queues/BasicQueue/estimate?priority=1")).json()
    chat = (await http.get("/v1/queues/BasicQueue/estimate?channel=chat")).json()
    nowhere = await http.get("/v1/queues/Nowhere/estimate")

    assert [one["position"] for one in (behind, first, chat)] == [2, 1, 1]
    assert (nowhere.status_code, nowhere.json()["type"]) == (404, "/problems/unknown-queue")
    assert len((await http.get("/v1/contacts")).json()["items"]) == 1


async def test_it_tells_how_it_was_decided_who_got_a_contact(http: Client, gateway: AsyncGateway) -> None:
    await gateway.open_desk("ana", profile="BasicRoutingProfile")
    await http.put("/v1/contacts/c1", json={"queue": "BasicQueue"})
    token = (await http.get("/v1/contacts/c1")).json()["token"]

    told = (await http.get("/v1/contacts/c1/decision")).json()
    same = (await http.get(f"/v1/contacts/c1/decision?token={token}")).json()
    other = await http.get(f"/v1/contacts/c1/decision?token={token + 1}")
    unknown = await http.get("/v1/contacts/c2/decision")

    assert (told["recorded"]["agent"], told["reconstructed"]["chosen"]) == ("ana", "c1")
    assert told["reconstructed"]["agrees"] is True
    assert same == told
    for refused in (other, unknown):
        assert (refused.status_code, refused.json()["type"]) == (404, "/problems/unknown-contact")


async def test_the_examples_of_the_document_are_accepted(http: Client, site: Site) -> None:
    document = make_app(site).openapi()["paths"]
    bodies = document["/v1/configuration/what_if"]["post"]["requestBody"]["content"]

    for kind, one in bodies.items():
        sent = {"json": one["example"]} if kind == "application/json" else {"content": one["example"]}
        answer = await http.post("/v1/configuration/what_if", headers={"Content-Type": kind}, **sent)
        assert answer.status_code == 200, answer.text
    assert bodies["application/json"]["example"] == EXAMPLE
