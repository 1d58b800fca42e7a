"""Tokens are made, listed and revoked over HTTP by whoever may do everything."""

from collections.abc import Callable

import httpx
import pytest
from fairlead_web.api.site import Site
from web.conftest import Serving
from web.test_access import bearer, made

from fairlead import remote
from fairlead.service.gateway import AsyncGateway
from fairlead.service.tokens import SCOPES

Client = httpx.AsyncClient


async def test_a_token_that_is_made_works_at_once_and_its_text_is_told_once(
    http: Client, gateway: AsyncGateway, site: Site
) -> None:
    admin = await made(gateway, site, "admin", name="root")
    body = {"scopes": ["measures", "work"], "agent": "ana", "expires_in_s": 60, "name": "desk"}
    await gateway.open_desk("ana", profile="BasicRoutingProfile")

    answer = await http.post("/v1/tokens", json=body, headers=admin)
    made_now = answer.json()
    listed = await http.get("/v1/tokens", headers=admin)
    own = await http.get("/v1/access", headers=bearer(made_now["token"]))

    text = made_now.pop("token")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    assert made_now["expires_us"] - made_now["created_us"] == 60_000_000
    assert [one["name"] for one in listed.json()["items"]] == ["desk", "root"]
    assert made_now in listed.json()["items"]
    assert "digest" not in listed.text
    assert text not in listed.text
    assert (own.json()["agent"], own.json()["scopes"]) == ("ana", ["measures", "work"])


async def test_a_token_that_is_revoked_is_refused_at_once(http: Client, gateway: AsyncGateway, site: Site) -> None:
    admin = await made(gateway, site, "admin")
    other = (await http.post("/v1/tokens", json={"scopes": ["contacts:read"]}, headers=admin)).json()
    before = await http.get("/v1/contacts", headers=bearer(other["token"]))

    gone = await http.delete(f"/v1/tokens/{other['token_id']}", headers=admin)
    after = await http.get("/v1/contacts", headers=bearer(other["token"]))
    again = await http.delete(f"/v1/tokens/{other['token_id']}", headers=admin)

    assert [one.status_code for one in (before, gone, after, again)] == [200, 204, 401, 404]
    assert again.json()["type"] == "/problems/unknown-token"


async def test_whoever_makes_the_first_token_closes_the_server(http: Client) -> None:
    answer = await http.post("/v1/tokens", json={"scopes": ["admin"]})

    assert (await http.get("/v1/contacts")).status_code == 401
    assert (await http.get("/v1/contacts", headers=bearer(answer.json()["token"]))).status_code == 200


@pytest.mark.parametrize("scope", sorted(SCOPES.keys() - {"admin"}))
async def test_no_token_makes_one_that_may_more_than_itself(
    http: Client, gateway: AsyncGateway, site: Site, scope: str
) -> None:
    await gateway.open_desk("ana", profile="BasicRoutingProfile")
    header = await made(gateway, site, scope, agent="ana" if scope == "work" else "")

    asked = [
        await http.get("/v1/tokens", headers=header),
        await http.post("/v1/tokens", json={"scopes": [scope]}, headers=header),
        await http.delete("/v1/tokens/abcdef01", headers=header),
    ]

    assert [one.status_code for one in asked] == [403, 403, 403]


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        ({"scopes": []}, "invalid-request"),
        ({"scopes": ["root"]}, "invalid-request"),
        ({"scopes": ["admin"], "expires_in_s": 0}, "invalid-request"),
        ({"scopes": ["admin"], "role": "x"}, "invalid-request"),
        ({"scopes": ["work"]}, "invalid-token"),
        ({"scopes": ["work"], "agent": "nobody"}, "unknown-agent"),
    ],
)
async def test_a_token_that_cannot_be_is_not_made(http: Client, body: dict[str, object], slug: str) -> None:
    refused = await http.post("/v1/tokens", json=body)

    assert (refused.status_code, refused.json()["type"]) == (422, f"/problems/{slug}")
    assert (await http.get("/v1/tokens")).json() == {"items": []}


def test_the_client_makes_lists_and_revokes_tokens(serving: Callable[..., Serving]) -> None:
    with remote.Administrator.connect(serving().address) as first:
        _, root = first.create_token(["admin"], name="root")
        with remote.Administrator.connect(serving().address, root) as administrator:
            token, text = administrator.create_token(["events"], name="wall")
            assert token.is_of(text)
            assert [(one.name, one.digest) for one in administrator.tokens()] == [("root", ""), ("wall", "")]

            administrator.revoke_token(token.token_id)

            assert [one.name for one in administrator.tokens()] == ["root"]
