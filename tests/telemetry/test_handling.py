"""A handler has a span, in a trace of its own that is linked to the push; what is said of the contact then, another."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from conftest import RealServer
from fairlead_worker import Worker, quick
from opentelemetry import baggage, context
from opentelemetry.semconv._incubating.attributes import messaging_attributes as convention
from opentelemetry.trace import SpanKind, StatusCode
from processes import push
from telemetry.conftest import Seen, linked
from worker.embedding import Gate, soon

from fairlead import Contact, Producer
from fairlead.store import reading
from fairlead.store.client import Store

SECRET = "4711 0000 1111"


async def handled(server: RealServer, handler: Any, until: Callable[[], object], **options: Any) -> None:
    async with Worker(["ana"], handler, url=server.url, **options):
        await soon(until)


async def test_a_handler_is_a_process_that_is_linked_to_the_send_and_settles_within_its_own_trace(
    producer: Producer, server: RealServer, seen: Seen
) -> None:
    producer.push("BasicQueue", {"card": SECRET}, channel="chat", contact_id="c", attributes={"card": SECRET})

    await handled(server, "echo", lambda: seen.spans("settle BasicQueue"), name="w")

    sent, process, settle = (seen.span(f"{one} BasicQueue") for one in ("send", "process", "settle"))
    assert (process.kind, process.parent, linked(process, sent)) == (SpanKind.CONSUMER, None, True)
    assert (settle.kind, settle.parent, linked(settle, sent)) == (SpanKind.CLIENT, process.context, True)
    told = dict(process.attributes or {})
    assert 0 <= told.pop("fairlead.waited_s") < 60  # type: ignore[operator]
    assert told == {
        convention.MESSAGING_SYSTEM: "fairlead", convention.MESSAGING_OPERATION_NAME: "process",
        convention.MESSAGING_OPERATION_TYPE: convention.MessagingOperationTypeValues.PROCESS.value,
        convention.MESSAGING_DESTINATION_NAME: "BasicQueue", convention.MESSAGING_MESSAGE_ID: "c",
        convention.MESSAGING_MESSAGE_BODY_SIZE: 25, convention.MESSAGING_CLIENT_ID: "w",
        convention.MESSAGING_CONSUMER_GROUP_NAME: "BasicRoutingProfile", "fairlead.agent": "ana",
        "fairlead.attempt": 1, "fairlead.channel": "chat", "fairlead.outcome": "complete",
    }  # fmt: skip
    assert (settle.attributes or {})["fairlead.outcome"] == "complete"
    assert SECRET not in "".join(span.to_json() for span in seen.spans())


def test_spans_of_every_kind_of_handler_are_the_process_s_and_have_the_producers_baggage(
    producer: Producer, server: RealServer, seen: Seen
) -> None:
    def plain(contact: Contact) -> None:
        with seen.tracer.start_as_current_span(f"plain {baggage.get_baggage('tier')}"):
            pass

    async def on_the_loop(contact: Contact) -> None:
        await asyncio.sleep(0)
        with seen.tracer.start_as_current_span(f"async {baggage.get_baggage('tier')}"):
            pass

    @quick
    def at_once(contact: Contact) -> Awaitable[None]:
        with seen.tracer.start_as_current_span(f"quick {baggage.get_baggage('tier')}"):
            return on_the_loop(contact)

    for kind, handler in {"plain": plain, "async": on_the_loop, "quick": at_once}.items():
        token = context.attach(baggage.set_baggage("tier", "gold"))
        producer.push("BasicQueue", contact_id=kind)
        context.detach(token)
        asyncio.run(handled(server, handler, lambda kind=kind: seen.spans(f"{kind} gold")))

    by_contact = {
        (span.attributes or {})[convention.MESSAGING_MESSAGE_ID]: span for span in seen.spans("process BasicQueue")
    }
    for kind in ("plain", "async", "quick"):
        assert seen.spans(f"{kind} gold")[0].parent == by_contact[kind].context


async def test_a_handler_that_fails_has_type_and_place_of_its_error_and_not_what_it_says(
    producer: Producer, server: RealServer, seen: Seen
) -> None:
    def failing(contact: Contact) -> None:
        raise ValueError(contact.payload)

    producer.push("BasicQueue", SECRET, contact_id="c")
    await handled(server, failing, lambda: seen.spans("settle BasicQueue"))

    process, settle = seen.span("process BasicQueue"), seen.span("settle BasicQueue")
    assert ((process.attributes or {})["error.type"], process.status.status_code) == ("ValueError", StatusCode.ERROR)
    assert str(process.status.description).startswith("ValueError at test_handling.py:")
    assert [(one.attributes or {})["fairlead.outcome"] for one in (process, settle)] == ["fail", "fail"]
    assert settle.status.status_code is StatusCode.UNSET  # it was told of the failure, which is no failure of its own
    assert SECRET not in "".join(span.to_json() for span in seen.spans())


@pytest.mark.parametrize(
    ("handler", "kind"),
    [("sleep:3600", "timeout"), ("exec:false", "_OTHER"), (lambda contact: setattr(contact, "outcome", 1), "_OTHER")],
)
async def test_a_failure_that_is_no_exception_has_a_type(
    producer: Producer, server: RealServer, seen: Seen, handler: Any, kind: str
) -> None:
    producer.push("BasicQueue")
    limit = 0.1 if handler == "sleep:3600" else None

    await handled(server, handler, lambda: seen.spans("settle BasicQueue"), handler_limits_s=limit)

    assert (seen.span("process BasicQueue").attributes or {})["error.type"] == kind


async def test_a_contact_that_comes_again_is_linked_to_the_same_send_each_time(
    producer: Producer, server: RealServer, seen: Seen
) -> None:
    def moving(contact: Contact) -> None:
        if contact.queue == "BasicQueue":
            contact.transfer("@ana")

    producer.push("BasicQueue", contact_id="c")
    await handled(server, moving, lambda: seen.spans("settle @ana"))

    sent = seen.span("send BasicQueue")
    first, second = seen.span("process BasicQueue"), seen.span("process @ana")
    assert linked(first, sent)
    assert linked(second, sent)
    assert (first.attributes or {})["fairlead.outcome"] == "transfer"
    assert seen.span("settle BasicQueue").parent == first.context


async def test_a_refused_transfer_is_an_error_and_the_contact_fails_in_the_same_trace(
    producer: Producer, server: RealServer, seen: Seen
) -> None:
    producer.push("BasicQueue", contact_id="c")

    await handled(server, lambda contact: contact.transfer("Nowhere"), lambda: len(seen.spans("settle BasicQueue")) > 1)

    refused, failed = seen.spans("settle BasicQueue")
    assert [(one.attributes or {}).get("error.type") for one in (refused, failed)] == ["UnknownQueue", None]
    assert refused.parent == failed.parent == seen.span("process BasicQueue").context


async def test_the_span_of_a_handler_ends_when_its_agent_holds_the_contact_no_more(
    producer: Producer, server: RealServer, seen: Seen
) -> None:
    producer.push("BasicQueue", contact_id="c")
    store = Store(server.client())

    async with Worker(["ana"], Gate(), url=server.url, drain_limit_s=0.1):
        await soon(lambda: store.run(reading.contact("c")).state == "connected")

    assert (seen.span("process BasicQueue").attributes or {})["fairlead.outcome"] == "dropped"


async def test_contacts_that_nobody_has_traced_are_handled_without_a_link(
    server: RealServer, seen: Seen, producer: Producer
) -> None:
    push(Store(server.client()), "c")  # past the producer

    await handled(server, "echo", lambda: seen.spans("settle BasicQueue"))

    assert (seen.span("process BasicQueue").links, seen.span("settle BasicQueue").links) == ((), ())
