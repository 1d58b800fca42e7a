"""The configuration over HTTP: as a whole and object by object, and nobody overwrites what they have not seen."""

from typing import Any

import httpx
import pytest
from fairlead_web.api.site import Site

from fairlead.configuration.document import DOCUMENTS, SECTIONS
from fairlead.configuration.reading import parse_configuration
from fairlead.service.gateway import AsyncGateway

Client = httpx.AsyncClient
OTHER = {"If-Match": '"999999"'}

CENTRE = """
[hours.Office]
timezone = "UTC"
week = { mon = ["08:00-17:00"] }
[queues.Support]
hours = "Office"
[profiles.P]
channels = { chat = { slots = 2 } }
entries = [{ queue = "Support", channel = "chat" }]
[agents.ana]
profile = "P"
[agents.bo]
profile = "P"
[statuses.Lunch]
type = "custom"
[intakes.I]
default = { queue = "Support" }
"""

NAMES = {"queue": "Support", "profile": "P", "agent": "ana", "status": "Lunch", "hours": "Office", "intake": "I"}


@pytest.fixture(autouse=True)
async def configured(gateway: AsyncGateway) -> None:
    await gateway.apply(parse_configuration(CENTRE, "centre.toml"))


@pytest.mark.parametrize("kind", DOCUMENTS)
async def test_an_object_is_read_changed_and_put_back(http: Client, kind: str) -> None:
    path = f"/v1/{SECTIONS[kind]}/{NAMES[kind]}"
    found = await http.get(path)
    values: dict[str, Any] = {name: value for name, value in found.json().items() if name != "name"}
    changed = values | {"description": "another"}

    unsaid = await http.put(path, json=changed)
    late = await http.put(path, json=changed, headers=OTHER)
    done = await http.put(path, json=changed, headers={"If-Match": found.headers["ETag"]})
    again = await http.get(path)
    twice = await http.put(path, json=values, headers={"If-Match": found.headers["ETag"]})
    whatever = await http.put(path, json=values, headers={"If-Match": "*"})

    assert [one.status_code for one in (unsaid, late, done, twice, whatever)] == [428, 412, 200, 412, 200]
    assert again.json() == found.json() | {"description": "another"} == done.json()
    assert again.headers["ETag"] == done.headers["ETag"] != found.headers["ETag"]
    assert late.json()["type"] == "/problems/configuration-changed"


@pytest.mark.parametrize("kind", DOCUMENTS)
async def test_objects_are_listed_page_by_page(http: Client, gateway: AsyncGateway, kind: str) -> None:
    names: list[str] = []
    after: str | None = ""
    while after is not None:
        page = (await http.get(f"/v1/{SECTIONS[kind]}", params={"limit": 1, "after": after})).json()
        names += [one["name"] for one in page["items"]]
        after = page["next_after"]

    assert names == sorted((await gateway.configuration())[0].of_kind(kind))


async def test_an_object_is_made_once_and_removed(http: Client) -> None:
    new = {"If-None-Match": "*"}
    made = await http.put("/v1/queues/Sales", json={"max_contacts": 5}, headers=new)
    again = await http.put("/v1/queues/Sales", json={"max_contacts": 6}, headers=new)
    gone = await http.delete("/v1/queues/Sales", headers={"If-Match": made.headers["ETag"]})

    assert (made.status_code, made.headers["Location"]) == (201, "/v1/queues/Sales")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/object-exists")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await http.get("/v1/queues/Sales")).status_code == 404
    assert (await http.delete("/v1/queues/Sales", headers={"If-Match": "*"})).status_code == 404
    assert (await http.delete("/v1/queues/Support")).status_code == 428


@pytest.mark.parametrize(
    ("path", "body", "status", "told"),
    [
        ("queues/S", {"max_contact": 5}, 422, "#/max_contact"),
        ("queues/S", {"max_contacts": -1}, 422, "#/max_contacts"),
        ("queues/S", {"raise_after_s": 5, "overflow_after_s": 5}, 422, ""),
        ("queues/S", {"overflow": "Nowhere"}, 422, "queue 'Nowhere'"),
        ("agents/cem", {"profile": "Nothing"}, 422, "routing profile 'Nothing'"),
        ("profiles/P", {"channels": {"fax": {"slots": 1}}}, 422, "#/channels/fax"),
    ],
)
async def test_what_cannot_be_is_refused(http: Client, path: str, body: Any, status: int, told: str) -> None:
    refused = await http.put(f"/v1/{path}", json=body, headers={"If-Match": "*"})

    assert refused.status_code == status, refused.text
    assert told in refused.json()["detail"]


async def test_an_object_that_is_named_is_not_removed(http: Client) -> None:
    refused = await http.delete("/v1/profiles/P", headers={"If-Match": "*"})

    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/object-in-use")


@pytest.mark.parametrize("kind", ["application/json", "application/toml"])
async def test_the_whole_configuration_is_read_planned_and_applied(http: Client, kind: str) -> None:
    found = await http.get("/v1/configuration", headers={"Accept": kind})
    other = found.text.replace("Support", "Helpdesk")
    sent = {"Content-Type": kind}

    planned = await http.put("/v1/configuration", content=other, headers=sent, params={"dry_run": True})
    unsaid = await http.put("/v1/configuration", content=other, headers=sent)
    late = await http.put("/v1/configuration", content=other, headers=sent | OTHER)
    done = await http.put("/v1/configuration", content=other, headers=sent | {"If-Match": found.headers["ETag"]})
    nothing = await http.put("/v1/configuration", content=other, headers=sent | {"If-Match": done.headers["ETag"]})
    after = await http.get("/v1/configuration", headers={"Accept": kind})

    changed = [(one["kind"], one["what"], one["name"]) for one in planned.json()["changes"]]
    assert {("added", "queue", "Helpdesk"), ("removed", "queue", "Support")} <= set(changed)
    assert [one.status_code for one in (planned, unsaid, late, done)] == [200, 428, 412, 200]
    assert [one.json()["applied"] for one in (planned, done, nothing)] == [False, True, False]
    assert (after.headers["ETag"], after.text) == (done.headers["ETag"], other)


@pytest.mark.parametrize(
    ("body", "kind", "status", "told"),
    [
        ('{"queues": {"S": {"max_contact": 1}}}', "application/json", 422, "queues.S.max_contact: no such key"),
        ("[queues.S]\nmax_contact = 1", "application/toml", 422, "body:2: queues.S.max_contact: no such key"),
        ("{", "application/json", 400, "no JSON"),
        ("[]", "application/json", 400, "a JSON object"),
        ("[", "application/toml", 422, "not TOML"),
        ("queues", "text/plain", 415, "application/toml"),
    ],
)
async def test_a_whole_that_cannot_be_is_refused(http: Client, body: str, kind: str, status: int, told: str) -> None:
    refused = await http.put("/v1/configuration", content=body, headers={"Content-Type": kind, "If-Match": "*"})

    assert refused.status_code == status, refused.text
    assert told in refused.json()["detail"]


async def test_who_works_sees_what_a_desk_needs_and_changes_nothing(
    http: Client, gateway: AsyncGateway, site: Site
) -> None:
    _, text = await gateway.create_token(["work"], agent="ana")
    await site.access.refresh(0)
    header = {"Authorization": f"Bearer {text}"}

    seen = [
        (await http.get(path, headers=header)).status_code
        for path in ("/v1/statuses", "/v1/queues", "/v1/agents/ana", "/v1/agents/bo", "/v1/profiles")
    ]
    changed = await http.put("/v1/statuses/Tea", json={"type": "custom"}, headers=header | {"If-None-Match": "*"})

    assert seen == [200, 200, 200, 403, 403]
    assert changed.status_code == 403


async def test_the_limit_of_an_entry_is_changed_and_acts_on_the_next_decision(http: Client) -> None:
    async def limit(most: int | None) -> int:
        found = await http.get("/v1/profiles/P")
        [entry] = found.json()["entries"]
        values = found.json() | {"entries": [entry | {"max_contacts": most}]}
        del values["name"]
        done = await http.put("/v1/profiles/P", json=values, headers={"If-Match": found.headers["ETag"]})
        assert done.status_code in (200, 422), done.text
        if done.status_code == 200:
            assert (await http.get("/v1/profiles/P")).json()["entries"][0]["max_contacts"] == most
        return done.status_code

    async def states() -> list[str]:
        return [(await http.get(f"/v1/contacts/c{number}")).json()["state"] for number in (1, 2)]

    never_closed = {"If-Match": "*"}
    await http.put("/v1/queues/Support", json={}, headers=never_closed)
    assert await limit(1) == 200
    await http.post("/v1/agents/ana/session", json={"auto_accept": True})
    for number in (1, 2):
        await http.put(f"/v1/contacts/c{number}", json={"queue": "Support", "channel": "chat"})

    assert await states() == ["connected", "queued"]
    assert [await limit(0), await limit(3)] == [422, 422]  # of two slots
    assert await states() == ["connected", "queued"]
    assert await limit(2) == 200
    assert await states() == ["connected", "connected"]
