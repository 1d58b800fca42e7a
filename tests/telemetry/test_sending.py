"""A push has a span of its own, whose context goes with the contact."""

import pytest
from conftest import RealServer
from opentelemetry import baggage, context, trace
from opentelemetry.semconv._incubating.attributes import messaging_attributes as convention
from opentelemetry.trace import SpanContext, SpanKind, StatusCode, TraceFlags, TraceState
from telemetry.conftest import Seen

from fairlead import Administrator, AsyncProducer, Producer, new_contact
from fairlead.domain.queue import Queue
from fairlead.errors import QueueFull, UnknownQueue
from fairlead.store import reading
from fairlead.store.client import Store

GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def headers_of(server: RealServer, contact_id: str) -> dict[str, str]:
    return dict(Store(server.client()).run(reading.contact(contact_id)).headers)


def traceparent_of(context: SpanContext | None) -> str:
    assert context
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def test_a_push_is_a_send_by_the_conventions_and_its_context_goes_with_the_contact(
    producer: Producer, server: RealServer, seen: Seen
) -> None:
    producer.push("BasicQueue", {"order": 1}, channel="chat", contact_id="c")

    span = seen.span("send BasicQueue")
    assert span.kind is SpanKind.PRODUCER
    assert dict(span.attributes or {}) == {
        convention.MESSAGING_SYSTEM: "fairlead", convention.MESSAGING_OPERATION_NAME: "send",
        convention.MESSAGING_OPERATION_TYPE: convention.MessagingOperationTypeValues.SEND.value,
        convention.MESSAGING_DESTINATION_NAME: "BasicQueue", convention.MESSAGING_MESSAGE_ID: "c",
        convention.MESSAGING_MESSAGE_BODY_SIZE: 11, "fairlead.channel": "chat", "fairlead.priority": 5,
        "fairlead.state": "queued", "fairlead.repeated": False,
    }  # fmt: skip
    assert headers_of(server, "c") == {"traceparent": traceparent_of(span.context)}


def test_a_send_belongs_to_what_its_program_does_and_brings_tracestate_and_baggage(
    producer: Producer, server: RealServer, seen: Seen
) -> None:
    state = TraceState([("shop", "x1")])
    above = SpanContext(0xABC, 0xDEF, is_remote=True, trace_flags=TraceFlags(1), trace_state=state)
    here = baggage.set_baggage("tier", "gold", trace.set_span_in_context(trace.NonRecordingSpan(above)))
    token = context.attach(here)

    producer.push("BasicQueue", contact_id="c")

    context.detach(token)
    span = seen.span("send BasicQueue")
    assert (span.parent, span.context.trace_id if span.context else 0) == (above, 0xABC)
    assert headers_of(server, "c") == {
        "traceparent": traceparent_of(span.context), "tracestate": "shop=x1", "baggage": "tier=gold",
    }  # fmt: skip


def test_a_baggage_that_has_no_room_is_left_behind_and_the_trace_goes_on(
    producer: Producer, server: RealServer, seen: Seen
) -> None:
    token = context.attach(baggage.set_baggage("long", "x" * 480))

    producer.push("BasicQueue", contact_id="c", headers={"shop": "s"})

    context.detach(token)
    assert headers_of(server, "c") == {
        "traceparent": traceparent_of(seen.span("send BasicQueue").context), "shop": "s"
    }  # fmt: skip


def test_a_context_that_the_contact_has_already_stays_and_is_linked(
    producer: Producer, server: RealServer, seen: Seen
) -> None:
    producer.push("BasicQueue", contact_id="c", headers={"traceparent": GIVEN})

    span = seen.span("send BasicQueue")
    assert (span.kind, [traceparent_of(link.context) for link in span.links]) == (SpanKind.CLIENT, [GIVEN])
    assert headers_of(server, "c") == {"traceparent": GIVEN}


def test_a_second_push_of_the_same_contact_is_harmless_and_the_first_context_stays(
    producer: Producer, server: RealServer, seen: Seen
) -> None:
    producer.push("BasicQueue", contact_id="c")
    first = headers_of(server, "c")

    again = producer.push("BasicQueue", contact_id="c")

    assert (again.created, headers_of(server, "c")) == (False, first)
    assert [(span.attributes or {})["fairlead.repeated"] for span in seen.spans()] == [False, True]


def test_a_refused_push_has_its_error(producer: Producer, seen: Seen) -> None:
    with pytest.raises(UnknownQueue):
        producer.push("Nowhere", contact_id="c")

    span = seen.span("send Nowhere")
    assert (span.status.status_code, (span.attributes or {})["error.type"]) == (StatusCode.ERROR, "UnknownQueue")
    assert "fairlead.state" not in (span.attributes or {})


async def test_each_contact_of_a_bulk_has_a_span_and_is_told_what_became_of_it(
    producer: Producer, server: RealServer, seen: Seen
) -> None:
    with Administrator.connect(server.url) as administrator:
        administrator.put(Queue("Small", max_contacts=1), 0)
    bulk = [new_contact("Small", contact_id=f"c{place}") for place in range(2)]

    async with await AsyncProducer.connect(server.url) as other:
        refused = [type(answer) async for answer in other.push_many(bulk)][1]
        list(producer.push_many([new_contact("Small", contact_id="c0")]))

    assert refused is QueueFull
    told = [(span.attributes or {}) for span in seen.spans("send Small")]
    assert [(one[convention.MESSAGING_MESSAGE_ID], one.get("error.type")) for one in told] == [
        ("c0", None), ("c1", "QueueFull"), ("c0", None),
    ]  # fmt: skip
    assert headers_of(server, "c0")["traceparent"] == traceparent_of(seen.spans("send Small")[0].context)


def test_a_request_that_has_a_name_may_be_a_push(producer: Producer, seen: Seen) -> None:
    receipt = producer.named("once").push("BasicQueue", contact_id="c")

    assert (receipt.created, len(seen.spans("send BasicQueue"))) == (True, 1)
