"""Who may do what over HTTP: tokens, their scopes, the cookie of a browser, limits."""

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest
from commands import Run
from conftest import RealServer
from fairlead_web.api import app as application
from fairlead_web.api.access import COOKIE, Access
from fairlead_web.api.events import _told
from fairlead_web.api.problems import Refusal
from fairlead_web.api.site import Site
from web.conftest import Serving

from fairlead.errors import InvalidToken, UnknownAgent, UnknownToken
from fairlead.service.gateway import AsyncGateway
from fairlead.store.reading import EventFilter

Client = httpx.AsyncClient
OPEN = {"/docs", "/v1/access", "/healthz", "/readyz", "/", "/desk", "/static/{version}/{path:path}", "/problems/{slug}"}


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


async def made(gateway: AsyncGateway, site: Site, *scopes: str, agent: str = "", name: str = "") -> dict[str, str]:
    """The header of a new token."""
    _, text = await gateway.create_token(scopes, agent=agent, name=name)
    await site.access.refresh(0)
    return bearer(text)


def routes() -> Iterator[tuple[str, str]]:
    for router in application.ROUTERS:
        for route in router.routes:
            for method in route.methods - {"HEAD"}:
                yield method, route.path


async def test_nothing_but_what_tells_no_secret_is_open_once_there_is_a_token(
    http: Client, gateway: AsyncGateway, site: Site
) -> None:
    await made(gateway, site, "admin")

    answered = {
        path: (await http.request(method, re.sub(r"{[^}]*}", "5", path))).status_code
        for method, path in routes()
        if path not in OPEN
    }

    assert len(answered) > 25
    assert set(answered.values()) == {401}, answered


async def test_a_token_may_do_what_its_scopes_say(http: Client, gateway: AsyncGateway, site: Site) -> None:
    reads, writes = await made(gateway, site, "contacts:read"), await made(gateway, site, "contacts:write")
    steps_in, everything = await made(gateway, site, "supervise"), await made(gateway, site, "admin")
    body = {"queue": "BasicQueue"}

    async def tried(header: dict[str, str]) -> list[int]:
        pushed = await http.put("/v1/contacts/c1", json=body, headers=header)
        found = await http.get("/v1/contacts", headers=header)
        stopped = await http.post("/v1/contacts/c1/stop", headers=header)
        seen = await http.get("/v1/measures/current", headers=header)
        return [pushed.status_code, found.status_code, stopped.status_code, seen.status_code]

    assert await tried(reads) == [403, 200, 403, 403]
    assert await tried(writes) == [201, 200, 403, 403]
    assert await tried(steps_in) == [200, 200, 200, 200]
    assert (await tried(everything))[1:] == [200, 200, 200]


async def test_the_refusal_names_the_scope(http: Client, gateway: AsyncGateway, site: Site) -> None:
    header = await made(gateway, site, "events")

    refused = await http.put("/v1/contacts/c1", json={"queue": "BasicQueue"}, headers=header)

    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/forbidden")
    assert "contacts:write" in refused.json()["detail"]


async def test_a_token_for_work_works_as_its_agent_only(http: Client, gateway: AsyncGateway, site: Site) -> None:
    for agent in ("ana", "bo"):
        await http.post(f"/v1/agents/{agent}/session", json={"profile": "BasicRoutingProfile"})
    header = await made(gateway, site, "work", agent="ana")

    own = await http.get("/v1/agents/ana/session", headers=header)
    status = await http.put("/v1/agents/ana/status", json={"status": "Break"}, headers=header)
    others = await http.get("/v1/agents/bo/session", headers=header)
    contacts = await http.get("/v1/contacts", headers=header)

    assert [one.status_code for one in (own, status, others, contacts)] == [200, 200, 403, 403]


@pytest.mark.parametrize("text", ["", "x", "fl_", "fl__x", "fl_00000000_x", "Ünicode", "fl_" + "x" * 500])
async def test_what_is_no_token_is_not_authorized(gateway: AsyncGateway, site: Site, text: str) -> None:
    await made(gateway, site, "admin")

    with pytest.raises(Refusal) as refused:
        await site.access.caller(text)

    assert refused.value.told["type"] == "/problems/unauthorized"


async def test_the_secret_counts_and_not_the_id_alone(gateway: AsyncGateway, site: Site) -> None:
    token, text = await gateway.create_token(["admin"])
    _, other = await gateway.create_token(["admin"])
    await site.access.refresh(0)

    assert (await site.access.caller(text)).token == token
    with pytest.raises(Refusal):
        await site.access.caller(f"fl_{token.token_id}_{other.split('_', 2)[2]}")


async def test_a_new_token_is_known_at_once_and_a_revoked_one_is_not_for_long(gateway: AsyncGateway) -> None:
    now_s = [0.0]
    access = Access(gateway, clock=lambda: now_s[0])
    token, text = await gateway.create_token(["admin"])
    await access.caller(text)
    await gateway.revoke_token(token.token_id)
    now_s[0] = 5.0

    with pytest.raises(Refusal):
        await access.caller(text)
    with pytest.raises(UnknownToken):
        await gateway.revoke_token(token.token_id)


async def test_a_stream_ends_when_its_token_is_revoked(gateway: AsyncGateway, site: Site) -> None:
    token, text = await gateway.create_token(["events"])
    await site.access.refresh(0)
    caller = await site.access.caller(text)
    stream = _told(site, EventFilter(), caller, site.ring.end, at_once=True)
    assert b"event: ready" in await anext(stream)
    await gateway.revoke_token(token.token_id)
    await site.access.refresh(0)
    await gateway.push("BasicQueue")

    assert [text async for text in stream] == []
    assert site.streams == 0


async def test_a_server_that_had_a_token_never_opens_again(gateway: AsyncGateway) -> None:
    access = Access(gateway)
    token, _ = await gateway.create_token(["admin"])
    await access.refresh()
    await gateway.revoke_token(token.token_id)
    await access.refresh(0)

    with pytest.raises(Refusal):
        await access.caller("")


async def test_a_token_that_has_expired_is_none(gateway: AsyncGateway, server: RealServer) -> None:
    token, text = await gateway.create_token(["admin"], expires_in_s=60)
    kept = json.loads(server.client().hget("{fairlead}:tokens", token.token_id))
    server.client().hset("{fairlead}:tokens", token.token_id, json.dumps(kept | {"expires_us": token.created_us}))

    assert await gateway.tokens() == []
    assert text.split("_", 2)[2] not in json.dumps(kept)


async def test_a_token_that_cannot_be_is_refused(gateway: AsyncGateway) -> None:
    for scopes, agent, expires_in_s in [
        ([], "", None), (["everything"], "", None), (["work"], "", None), (["events"], "ana", None),
        (["events"], "", 0), (["events"], "", 10**9),
    ]:  # fmt: skip
        with pytest.raises(InvalidToken):
            await gateway.create_token(scopes, agent=agent, expires_in_s=expires_in_s)
    with pytest.raises(UnknownAgent):
        await gateway.create_token(["work"], agent="nobody")


async def test_a_browser_keeps_a_token_where_no_script_reads_it(
    http: Client, gateway: AsyncGateway, site: Site
) -> None:
    header = await made(gateway, site, "events", name="wall")
    text = header["Authorization"].removeprefix("Bearer ")

    wrong = await http.post("/v1/access", json={"token": "fl_0_0"})
    entered = await http.post("/v1/access", json={"token": text})
    rights = await http.get("/v1/access", headers={"Cookie": f"{COOKIE}={text}"})
    events = await http.get("/v1/events", headers={"Cookie": f"{COOKIE}={text}"})
    left = await http.delete("/v1/access")

    cookie = entered.headers["Set-Cookie"]
    assert wrong.status_code == 401
    assert {part.strip().lower() for part in cookie.split(";")[1:]} == {
        "httponly", "path=/", "samesite=strict", "secure",
    }  # fmt: skip
    assert rights.json() == {"name": "wall", "scopes": ["events"], "agent": ""}
    assert events.status_code == 200
    assert "Max-Age=0" in left.headers["Set-Cookie"]


async def test_events_tell_whose_token_did_it(http: Client, gateway: AsyncGateway, site: Site) -> None:
    header = await made(gateway, site, "contacts:write", name="shop")
    await http.put("/v1/contacts/c1", json={"queue": "BasicQueue"}, headers=header)

    [event] = await gateway.newest_events(1)

    assert (event.name, event.actor) == ("contact.queued", "http:shop")


async def test_a_token_that_asks_too_often_waits(gateway: AsyncGateway) -> None:
    now_s = [0.0]
    access = Access(gateway, rate=2, clock=lambda: now_s[0])
    _, text = await gateway.create_token(["events"])
    for _ in range(4):
        await access.caller(text)

    with pytest.raises(Refusal) as refused:
        await access.caller(text)
    now_s[0] = 0.5
    await access.caller(text)

    assert refused.value.told["status"] == 429
    assert refused.value.headers == {
        "Retry-After": "1", "RateLimit-Policy": '"token";q=4;w=2', "RateLimit": '"token";r=0;t=2',
    }  # fmt: skip


async def test_every_answer_to_a_token_tells_what_it_may_still_ask(
    http: Client, gateway: AsyncGateway, site: Site
) -> None:
    free = await http.get("/v1/events")
    header = await made(gateway, site, "events")

    answers = [await http.get(path, headers=header) for path in ("/v1/events", "/v1/access", "/v1/contacts")]

    assert "RateLimit" not in free.headers
    assert [one.status_code for one in answers] == [200, 200, 403]
    assert {one.headers["RateLimit-Policy"] for one in answers} == {'"token";q=1000;w=2'}
    left = [int(re.fullmatch(r'"token";r=(\d+);t=1', one.headers["RateLimit"])[1]) for one in answers]  # type: ignore[index]
    assert left[0] == 999
    assert all(990 < one <= 999 for one in left)


async def test_the_last_use_of_a_token_is_noted_once_an_hour(gateway: AsyncGateway) -> None:
    now_s = [0.0]
    access = Access(gateway, clock=lambda: now_s[0])
    token, text = await gateway.create_token(["events"])
    seen = [(await gateway.tokens())[0].used_us]
    for at_s in (0.0, 60.0, 3_599.0, 3_600.0):
        now_s[0] = at_s
        await access.caller(text)
        seen.append((await gateway.tokens())[0].used_us)

    assert seen[0] is None
    assert seen[1] == seen[2] == seen[3]
    assert None not in seen[1:]
    assert seen[4] > seen[3] > token.created_us  # type: ignore[operator]
    await gateway.revoke_token(token.token_id)
    assert await gateway._store.client.send([("EXISTS", gateway._store.keys.used)]) == [0]


@pytest.mark.parametrize("is_told", [True, False])
async def test_a_body_that_is_too_large_is_refused(http: Client, is_told: bool) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b" " * 50_000

    content = b" " * 150_000 if is_told else parts()
    refused = await http.post("/v1/contacts", content=content, headers={"Content-Type": "application/json"})
    contact = {"queue": "BasicQueue", "payload": "x" * 60_000}
    many = await http.post("/v1/contacts:batch", json={"contacts": [contact] * 3})

    assert (refused.status_code, refused.json()["type"]) == (413, "/problems/too-large")
    assert many.status_code == 200


async def test_an_older_browser_says_the_origin_of_the_page(http: Client) -> None:
    foreign = await http.post("/v1/parked/retry", headers={"Origin": "http://elsewhere"})
    own = await http.post("/v1/parked/retry", headers={"Origin": "http://test"})

    assert [foreign.status_code, own.status_code] == [403, 200]


def test_tokens_are_made_listed_and_revoked(server: RealServer, run: Run) -> None:
    done = run(server.url, "tokens", "create", "--scope", "events", "--expires", "30d", "--name", "wall")
    [listed] = json.loads(run(server.url, "tokens", "list", "--json").out)
    table = run(server.url, "tokens", "list").out
    revoked = run(server.url, "tokens", "revoke", listed["token_id"])

    assert re.fullmatch(r"fl_[0-9a-f]{8}_\S{43}\n", done.out)
    assert f"fairlead tokens revoke {listed['token_id']}" in done.err
    assert (listed["name"], listed["scopes"]) == ("wall", ["events"])
    assert done.out.strip().split("_", 2)[2] not in table + json.dumps(listed)
    assert "wall" in table
    assert "never" in table
    assert (revoked.code, run(server.url, "tokens", "list").out) == (0, "none\n")
    assert run(server.url, "tokens", "revoke", listed["token_id"]).code == 3
    assert run(server.url, "tokens", "create", "--scope", "events", "--expires", "soon").code == 2


def test_it_listens_for_others_once_there_is_a_token(
    server: RealServer, run: Run, serving: Callable[..., Serving]
) -> None:
    text = run(server.url, "tokens", "create", "--scope", "measures").out.strip()
    port = serving("--host", "0.0.0.0").address.rpartition(":")[2]

    refused = httpx.get(f"http://127.0.0.1:{port}/metrics")
    answered = httpx.get(f"http://127.0.0.1:{port}/metrics", headers=bearer(text))

    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, 'Bearer realm="fairlead"')
    assert answered.status_code == 200
