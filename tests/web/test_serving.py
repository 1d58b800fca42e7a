"""`fairlead serve`: when it listens, what it shows without being asked for more, and how it ends."""

import re
from collections.abc import Callable
from pathlib import Path

import fairlead_web
import httpx
import pytest
from commands import Run
from conftest import RealServer
from fairlead_web.api import pages
from fairlead_web.api.app import make_app
from fairlead_web.api.guard import CONTENT_SECURITY_POLICY, LOCAL
from fairlead_web.api.site import Site
from web.conftest import Serving

from fairlead.service.gateway import AsyncGateway

STATIC = Path(fairlead_web.__file__).parent / "static"


def test_it_serves_until_it_is_told_to_stop_and_ends_well_with_streams_open(serving: Callable[..., Serving]) -> None:
    one = serving()

    assert httpx.get(one.address + "/healthz").json() == {"healthy": True}
    with httpx.stream("GET", one.address + "/v1/events", headers={"Accept": "text/event-stream"}) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "retry: 1000"
        one.process.terminate()
        rest = list(lines)

    assert "event: ready" in rest
    assert one.end() == (0, "")


def test_it_does_not_listen_where_others_reach_it_without_tokens(server: RealServer, run: Run) -> None:
    done = run(server.url, "serve", "--host", "0.0.0.0")

    assert (done.code, done.out) == (2, "")
    assert "does not listen on 0.0.0.0 without tokens" in done.err


def test_it_says_that_its_port_is_taken(serving: Callable[..., Serving], server: RealServer, run: Run) -> None:
    port = serving().address.rpartition(":")[2]

    done = run(server.url, "serve", "--port", port)

    assert done.code == 2
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in done.err


async def test_it_lives_without_redis_and_is_ready_with_it_only(http: httpx.AsyncClient, server: RealServer) -> None:
    ready = await http.get("/readyz")
    server.kill()
    try:
        lives, waits = await http.get("/healthz"), await http.get("/readyz")
    finally:
        server.start()

    assert (ready.status_code, ready.json()["ready"]) == (200, True)
    assert lives.status_code == 200
    assert (waits.status_code, waits.json()["type"]) == (503, "/problems/redis-unreachable")
    assert waits.headers["Retry-After"] == "1"


async def test_a_server_without_tokens_answers_to_its_own_names_only(site: Site) -> None:
    transport = httpx.ASGITransport(make_app(site, LOCAL))
    async with httpx.AsyncClient(transport=transport) as http:
        assert (await http.get("http://localhost:8080/healthz")).status_code == 200
        assert (await http.get("http://[::1]:8080/healthz")).status_code == 200
        foreign = await http.get("http://rebound.example:8080/healthz")

    assert (foreign.status_code, foreign.json()["type"]) == (421, "/problems/wrong-host")


async def test_a_page_of_another_site_writes_nothing(http: httpx.AsyncClient) -> None:
    refused = await http.post("/healthz", headers={"Sec-Fetch-Site": "cross-site"})
    own = await http.post("/healthz", headers={"Sec-Fetch-Site": "same-origin"})

    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/cross-site")
    assert own.status_code == 405


async def test_the_page_names_files_that_are_kept_for_ever(http: httpx.AsyncClient) -> None:
    page = await http.get("/")
    again = await http.get("/", headers={"If-None-Match": page.headers["ETag"]})

    named = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    assert named
    for path in named:
        file = await http.get(path)
        assert (file.status_code, file.headers["Cache-Control"]) == (200, pages.FOR_EVER)
    older = await http.get(named[0].replace(pages.fingerprint(), "0" * 12))
    assert (older.status_code, older.headers["Cache-Control"]) == (200, "no-cache")
    assert (again.status_code, page.headers["Cache-Control"]) == (304, "no-cache")
    assert page.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("path", ["index.html/", "../commands.py", "..%2fcommands.py", "%2e%2e/a.py", "nothing.js"])
async def test_there_are_no_other_files(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(f"/static/{pages.fingerprint()}/{path}")).status_code == 404


def test_every_page_is_among_the_files() -> None:
    assert {*pages.PAGES.values()} <= {str(file.relative_to(STATIC)) for file in STATIC.rglob("*")}


async def test_a_method_that_is_not_allowed_is_answered_with_those_that_are(http: httpx.AsyncClient) -> None:
    refused = await http.delete("/v1/events")

    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET")
    assert refused.headers["Content-Type"] == "application/problem+json"


async def test_the_measures_are_read_once_for_all_who_ask_within_a_second(
    http: httpx.AsyncClient, gateway: AsyncGateway
) -> None:
    first = (await http.get("/v1/measures/current")).json()
    await gateway.push("BasicQueue", contact_id="c1")

    second, metrics = (await http.get("/v1/measures/current")).json(), (await http.get("/metrics")).text

    assert first == second
    assert first["queues"] == []
    assert 'fairlead_contacts_in_queue{channel="voice",queue="BasicQueue"}' not in metrics
    assert "fairlead_agents_online 0" in metrics


async def test_the_measures_say_who_is_there_for_a_queue_and_what_an_agent_may_hold(
    http: httpx.AsyncClient, gateway: AsyncGateway
) -> None:
    await gateway.push("BasicQueue", contact_id="c1", channel="chat")
    for agent in ("ana", "bo", "cem"):
        session = await http.post(f"/v1/agents/{agent}/session", json={"profile": "BasicRoutingProfile"})
        if slots := session.json()["slots"]:
            given = {"epoch": session.json()["epoch"], "token": slots[0]["token"]}
            await http.post(f"/v1/agents/{agent}/session/contacts/c1/accept", json=given)
    await http.put("/v1/agents/bo/status", json={"status": "Break", "when": "now"})
    await http.put("/v1/agents/ana/status", json={"status": "Offline", "when": "next"})

    told = (await http.get("/v1/measures/current")).json()

    queue, (ana, *_) = told["queues"][0], told["agents"]
    staffing = (queue["service_level_s"], queue["agents_staffed"], queue["agents_available"])
    assert staffing == (20, 2, 1)
    assert (ana["next_status"], ana["capacity"]["chat"] >= 1) == ("Offline", True)


async def test_measures_are_counted_in_intervals(http: httpx.AsyncClient, gateway: AsyncGateway) -> None:
    await gateway.push("BasicQueue", contact_id="c1")
    session = (await http.post("/v1/agents/ana/session", json={"profile": "BasicRoutingProfile"})).json()
    given = {"epoch": session["epoch"], "token": session["slots"][0]["token"]}
    await http.post("/v1/agents/ana/session/contacts/c1/accept", json=given)

    queues = (await http.get("/v1/measures", params={"interval_min": 60})).json()["items"]
    agents = (await http.get("/v1/measures", params={"interval_min": 60, "by": "agent"})).json()["items"]

    assert (sum(row["queued"] for row in queues), sum(row["answered"] for row in queues)) == (1, 1)
    assert {row["agent"] for row in agents} == {"ana"}
    assert (await http.get("/v1/measures", params={"since_min": 10**6})).status_code == 422
