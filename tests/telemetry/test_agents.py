"""Who works as an agent by itself receives and settles within whatever it does."""

import pytest
from conftest import RealServer
from opentelemetry.trace import SpanKind
from telemetry.conftest import Seen, linked

from fairlead import Agent, AsyncAgent, Producer
from fairlead.errors import SessionEnded, WrongState
from fairlead.telemetry.sessions import MOST_KNOWN, TracedSession


def test_what_an_agent_takes_is_received_and_what_it_ends_is_settled(
    producer: Producer, server: RealServer, seen: Seen
) -> None:
    with Agent.connect("ana", server.url, auto_accept=True) as agent:
        agent.sign_in(profile="BasicRoutingProfile")
        producer.push("BasicQueue", contact_id="c")
        with seen.tracer.start_as_current_span("work") as work:
            [offer] = agent.take().offers
            agent.complete([offer])

    sent, received, settled = (seen.span(f"{one} BasicQueue") for one in ("send", "receive", "settle"))
    assert [received.kind, settled.kind] == [SpanKind.CLIENT, SpanKind.CLIENT]
    assert received.parent == settled.parent == work.get_span_context()
    assert linked(received, sent)
    assert linked(settled, sent)
    assert (received.attributes or {})["messaging.message.id"] == "c"
    assert {name for name in seen.metrics() if "process" in name} == set()


async def test_what_is_there_at_the_sign_in_is_received_by_it(
    producer: Producer, server: RealServer, seen: Seen
) -> None:
    producer.push("BasicQueue", contact_id="c")

    async with await AsyncAgent.connect("ana", server.url, auto_accept=True) as agent:
        [offer] = await agent.sign_in(profile="BasicRoutingProfile")
        await agent.release([offer])

    assert seen.spans("receive BasicQueue")[0].links
    assert (seen.spans("settle BasicQueue")[0].attributes or {})["fairlead.outcome"] == "release"


def test_taking_nothing_has_no_span(producer: Producer, server: RealServer, seen: Seen) -> None:
    with Agent.connect("ana", server.url) as agent:
        agent.sign_in(profile="BasicRoutingProfile")
        agent.take()

    assert seen.spans() == []


def test_what_is_settled_too_late_is_an_error(producer: Producer, server: RealServer, seen: Seen) -> None:
    producer.push("BasicQueue", contact_id="c")
    with Agent.connect("ana", server.url, auto_accept=True) as agent:
        [offer] = agent.sign_in(profile="BasicRoutingProfile")
        with pytest.raises(WrongState):
            agent.retry_callback(offer)
        agent.complete([offer])
        agent.complete([offer, offer])
        agent.sign_out()
        with pytest.raises(SessionEnded):
            agent.complete([offer])
        agent.session.epoch = 0

    told = [(span.attributes or {}) for span in seen.spans() if span.name.startswith("settle")]
    assert [one.get("error.type") for one in told][0:2] == ["WrongState", None]
    assert told[-1]["error.type"] == "SessionEnded"


def test_a_session_remembers_a_bounded_number_of_contacts(producer: Producer, server: RealServer, seen: Seen) -> None:
    with Agent.connect("ana", server.url) as agent:
        session = agent.session
        assert isinstance(session, TracedSession)
        agent.sign_in(profile="BasicRoutingProfile")
        producer.push("BasicQueue", contact_id="c")
        [offer] = agent.take().offers
        for token in range(MOST_KNOWN + 10):
            session.handled_in(type(offer)(**{**_fields(offer), "token": token}), None)  # type: ignore[arg-type]

        known = len(session._known)

    assert known == MOST_KNOWN


def _fields(offer: object) -> dict[str, object]:
    return {name: getattr(offer, name) for name in offer.__dataclass_fields__}  # type: ignore[attr-defined]
