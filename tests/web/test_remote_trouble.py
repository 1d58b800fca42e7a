"""What the classes over HTTP do when the server is at its limit, cannot serve, refuses, or is gone."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from commands import Run
from conftest import REAL_SERVERS, RealServer, eventually
from fairlead_web.api.app import make_app
from fairlead_web.api.site import Site
from web.conftest import Serving

from fairlead import Producer as ToRedis
from fairlead.errors import BadInput, FairleadError, RedisError
from fairlead.remote import Agent, AsyncProducer, Gap, HttpRefused, Producer, ServerUnreachable, Supervisor
from fairlead.remote.asking import _Sending
from fairlead.remote.calls import Call
from fairlead.service.gateway import AsyncGateway
from fairlead.store.reading import Event, EventFilter


async def asking(site: Site, token: str = "") -> AsyncProducer:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    transport = httpx.ASGITransport(make_app(site), raise_app_exceptions=False)
    return AsyncProducer(httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers))


async def test_who_is_told_to_wait_waits_and_goes_on(gateway: AsyncGateway, server: RealServer, run: Run) -> None:
    token = run(server.url, "tokens", "create", "--scope", "contacts:write").out.strip()
    site = Site(gateway, rate=2)
    async with site.working(), await asking(site, token) as producer:
        plain = [
            await producer._client.put(f"/v1/contacts/p{place}", json={"queue": "BasicQueue"}) for place in range(9)
        ]
        receipts = [await producer.push("BasicQueue", contact_id=f"c{place}") for place in range(3)]

    assert 429 in {answer.status_code for answer in plain}
    assert [receipt.created for receipt in receipts] == [True] * 3


@pytest.fixture
async def own_server(tmp_path: Path) -> AsyncIterator[RealServer]:
    server = RealServer(REAL_SERVERS[0], tmp_path, "--appendonly", "yes", "--appendfsync", "always")
    yield server
    server.kill()


async def test_a_push_waits_for_a_redis_that_comes_back(own_server: RealServer) -> None:
    async with await AsyncGateway.connect(own_server.url) as gateway:
        site = Site(gateway, lambda _: None)
        async with site.working(), await asking(site) as producer:
            await producer.push("BasicQueue", contact_id="before")
            own_server.kill()
            pushing = asyncio.create_task(producer.push("BasicQueue", contact_id="c"))
            answer = await producer._client.put("/v1/contacts/other", json={"queue": "BasicQueue"})
            own_server.start()
            receipt = await pushing

    assert answer.status_code == 503
    assert receipt.contact_id == "c"


LOST, REFUSED = httpx.ReadError("lost"), httpx.ConnectError("refused")


@pytest.mark.parametrize(
    ("call", "answer", "is_sent_again"),
    [
        (Call("POST", "/"), LOST, True), (Call("POST", "/"), httpx.Response(503), True),
        (Call("POST", "/"), httpx.Response(500), False), (Call("GET", "/"), httpx.Response(429), True),
        (Call("PUT", "/", is_repeatable=False), LOST, False), (Call("PUT", "/", is_repeatable=False), REFUSED, True),
        (Call("PUT", "/", is_repeatable=False), httpx.Response(503), False),
        (Call("PUT", "/", is_repeatable=False), httpx.Response(429, headers={"Retry-After": "7"}), True),
    ],
)  # fmt: skip
def test_a_request_is_sent_again_when_twice_is_once_or_it_was_not_done(
    call: Call, answer: httpx.Response | httpx.TransportError, is_sent_again: bool
) -> None:
    pauses_s = [pause for pause in (_Sending(call, {}).pause_s(answer) for _ in range(2)) if pause is not None]

    assert bool(pauses_s) is is_sent_again
    if isinstance(answer, httpx.Response) and "Retry-After" in answer.headers:
        assert set(pauses_s) == {7.0}


def test_a_request_has_one_key_however_often_it_is_sent_and_the_next_one_another() -> None:
    keys = [_Sending(Call("POST", "/"), {}).headers["Idempotency-Key"] for _ in range(2)]

    assert len(set(keys)) == 2
    assert "Idempotency-Key" not in _Sending(Call("PUT", "/"), {}).headers


def test_who_is_not_there_or_no_server_of_ours_is_told(server: RealServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    with Producer.connect(address) as producer, pytest.raises(ServerUnreachable, match=address):
        producer.push("BasicQueue")


def test_what_only_the_server_refuses_has_its_kind(
    serving: Callable[..., Serving], server: RealServer, run: Run
) -> None:
    token = run(server.url, "tokens", "create", "--scope", "contacts:read").out.strip()
    address = serving().address

    def refusal(token: str | None) -> HttpRefused:
        with Producer.connect(address, token) as producer, pytest.raises(HttpRefused) as caught:
            producer.push("BasicQueue")
        return caught.value

    assert [(one.kind, one.status) for one in (refusal(token), refusal(None))] == [
        ("forbidden", 403), ("unauthorized", 401),
    ]  # fmt: skip
    with Supervisor.connect(address, token) as supervisor, pytest.raises(BadInput, match="limit"):
        supervisor.line("BasicQueue", "chat", 501)
    with pytest.raises(FairleadError, match="scope events"):
        next(iter(Supervisor.connect(address, token).follow(EventFilter(contact="c"))))


def test_who_follows_events_misses_none_and_hears_none_twice_when_the_server_is_killed(
    serving: Callable[..., Serving], server: RealServer
) -> None:
    first = serving()
    port = first.address.rpartition(":")[2]
    with ToRedis.connect(server.url) as producer, Supervisor.connect(first.address) as supervisor:
        producer.push("BasicQueue", contact_id="c0")
        events = supervisor.follow(EventFilter(name="contact.queued"), after="0-1")
        heard = [next(events)]
        first.process.kill()
        first.process.wait()
        for place in range(1, 6):
            producer.push("BasicQueue", contact_id=f"c{place}")
        serving("--port", port)
        heard += [next(events) for _ in range(5)]

    told = [one.fields["contact"] for one in heard if isinstance(one, Event)]
    assert told == [f"c{place}" for place in range(6)]


def test_events_that_are_gone_are_told(serving: Callable[..., Serving], server: RealServer) -> None:
    with ToRedis.connect(server.url) as producer:
        for place in range(5):
            producer.push("BasicQueue", contact_id=f"c{place}")
    server.client().xtrim("{fairlead}:events", maxlen=2, approximate=False)

    with Supervisor.connect(serving().address) as supervisor:
        followed = supervisor.follow(EventFilter(name="contact."), after="1-1")
        first, *rest = [next(followed) for _ in range(3)]

    assert isinstance(first, Gap)
    assert first.asked == "1-1"
    assert [one.fields.get("contact") for one in rest if isinstance(one, Event)] == ["c3", "c4"]


def test_an_agent_waits_for_its_contact_and_is_signed_out_in_the_end(
    serving: Callable[..., Serving], server: RealServer
) -> None:
    address = serving().address
    with ToRedis.connect(server.url) as producer, Agent.connect("ana", address, lease_s=5) as agent:
        agent.sign_in(profile="BasicRoutingProfile")
        nothing = agent.wait(0.1)
        producer.push("BasicQueue", contact_id="c")
        eventually(lambda: agent.wait(5))
        agent.keep_alive()
        [offer] = agent.take().offers
        again = agent.take().offers

    assert (nothing, offer.contact_id, again) == (False, "c", ())
    with Supervisor.connect(address) as supervisor:
        assert supervisor.agent("ana").status == "Offline"
        assert supervisor.contact("c").state == "queued"


def test_redis_errors_are_the_library_s() -> None:
    assert issubclass(ServerUnreachable, FairleadError)
    assert not issubclass(ServerUnreachable, RedisError)
