"""Spans and metrics of contacts, by OpenTelemetry's conventions for messaging.

A push is a `send` of its producer, whose context goes with the contact. A handler is a `process`, in a trace of its own
that is linked to the send: a contact may wait for hours, and be handled more than once. What the handler's agent says
of the contact then is a `settle`. No span and no metric has anything of a payload, an attribute or a customer.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from opentelemetry import context as contexts
from opentelemetry import metrics, propagate, trace
from opentelemetry.context import Context
from opentelemetry.trace import INVALID_SPAN, Link, Span, SpanKind, Status, StatusCode

from fairlead.errors import BadInput, FairleadError
from fairlead.store.new_contact import NewContact, checked_headers
from fairlead.store.offers import Offer
from fairlead.store.request import Told
from fairlead.store.transitions.producing import Receipt
from fairlead.store.transitions.working import Session
from fairlead.telemetry.sessions import TracedSession

SYSTEM = "fairlead"
SCOPE = "fairlead"
SCHEMA_URL = "https://opentelemetry.io/schemas/1.37.0"
BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""The convention's buckets, in seconds."""

Attributes = dict[str, str | int | float]


def about(operation: str, destination: str = "") -> Attributes:
    """What each span and each metric of an operation has."""
    told: Attributes = {
        "messaging.system": SYSTEM, "messaging.operation.name": operation, "messaging.operation.type": operation,
    }  # fmt: skip
    return told | {"messaging.destination.name": destination} if destination else told


class Messaging:
    """Watches: makes spans and metrics of what is asked and done."""

    def __init__(
        self, tracer_provider: trace.TracerProvider | None = None, meter_provider: metrics.MeterProvider | None = None
    ) -> None:
        from fairlead import __version__

        self._tracer = trace.get_tracer(SCOPE, __version__, tracer_provider, SCHEMA_URL)
        meter = metrics.get_meter(SCOPE, __version__, meter_provider, SCHEMA_URL)
        self._sent = meter.create_counter(
            "messaging.client.sent.messages", "{message}", "Contacts that were pushed, or refused"
        )
        self._consumed = meter.create_counter(
            "messaging.client.consumed.messages", "{message}", "Contacts that were given to a handler or an agent"
        )
        self._asked_s = meter.create_histogram(
            "messaging.client.operation.duration", "s", "How long a request about contacts took",
            explicit_bucket_boundaries_advisory=BOUNDS_S,
        )  # fmt: skip
        self._handled_s = meter.create_histogram(
            "messaging.process.duration", "s", "How long a handler took",
            explicit_bucket_boundaries_advisory=BOUNDS_S,
        )  # fmt: skip

    def sends(self, contact: NewContact) -> tuple[NewContact, Told]:
        """Begin the span of a push. Where the contact has a context already, that one goes with it, and is linked."""
        links = links_of(contact.headers)
        told: Attributes = about("send", contact.queue) | {
            "messaging.message.id": contact.contact_id,
            "messaging.message.body.size": len(contact.payload),
            "fairlead.channel": contact.channel,
            "fairlead.priority": contact.priority,
        }
        if contact.intake:
            told["fairlead.intake"] = contact.intake
        kind = SpanKind.CLIENT if links else SpanKind.PRODUCER
        began_ns = time.perf_counter_ns()
        span = self._tracer.start_span(_named("send", contact.queue), kind=kind, attributes=told, links=links)
        sent = contact if links else replace(contact, headers=_with_context(contact.headers, span))

        def hear(answer: Receipt | FairleadError) -> None:
            queue = answer.queue if isinstance(answer, Receipt) else contact.queue
            if isinstance(answer, Receipt):
                span.update_name(_named("send", queue))
                span.set_attributes(
                    {"messaging.destination.name": queue, "fairlead.state": answer.state,
                     "fairlead.repeated": not answer.created}
                )  # fmt: skip
            kept = about("send", queue) | failed(span, answer)
            span.end()
            self._sent.add(1, kept)
            self._asked_s.record((time.perf_counter_ns() - began_ns) / 1e9, kept)

        return sent, hear

    def watched(self, session: Session, *, pulls: bool) -> TracedSession:
        """The session, whose requests have spans."""
        return TracedSession.of(session, self, pulls=pulls)

    def handles(self, session: Session, offer: Offer, profile: str) -> "Process":
        """Begin the span of a handler."""
        process = Process(self._tracer, self._handled_s, session.worker, offer, profile)
        if isinstance(session, TracedSession):
            session.handled_in(offer, process.context)
        self.consumed("process", offer)
        return process

    def consumed(self, operation: str, offer: Offer) -> None:
        """Somebody has been given a contact."""
        self._consumed.add(1, about(operation, offer.queue))

    def asked(
        self, operation: str, offer: Offer | None, answer: Any, began_ns: int, parent: Context | None, told: Attributes
    ) -> None:
        """A request that began `began_ns` ago on the wall's clock has been answered, about one contact."""
        queue = offer.queue if offer else ""
        span = self._tracer.start_span(
            _named(operation, queue),
            parent,
            SpanKind.CLIENT,
            about(operation, queue) | told,
            links_of(offer.headers) if offer else (),
            began_ns,
        )
        kept = about(operation, queue) | failed(span, answer)
        span.end()
        self._asked_s.record(max(0, time.time_ns() - began_ns) / 1e9, kept)


class Process:
    """The span of a handler at work: the root of a trace, which is linked to that of the producer."""

    def __init__(
        self, tracer: trace.Tracer, handled_s: metrics.Histogram, worker: str, offer: Offer, profile: str
    ) -> None:
        self._handled_s = handled_s
        self._about = about("process", offer.queue)
        if profile:
            self._about["messaging.consumer.group.name"] = profile
        sent = trace.set_span_in_context(INVALID_SPAN, propagate.extract(offer.headers, contexts.get_current()))
        self._span = tracer.start_span(
            _named("process", offer.queue), sent, SpanKind.CONSUMER,
            self._about | {
                "messaging.message.id": offer.contact_id,
                "messaging.message.body.size": len(offer.payload),
                "messaging.client.id": worker,
                "fairlead.agent": offer.agent,
                "fairlead.attempt": offer.attempt,
                "fairlead.channel": offer.channel,
                "fairlead.waited_s": round(max(0.0, time.time() - offer.queued_us / 1e6), 6),
            },
            links_of(offer.headers),
        )  # fmt: skip
        self.context = trace.set_span_in_context(self._span, sent)
        self._began_ns = time.perf_counter_ns()

    @contextmanager
    def current(self) -> Iterator[None]:
        """While this is entered, spans that begin are the handler's. The producer's baggage is there, too."""
        token = contexts.attach(self.context)
        try:
            yield
        finally:
            contexts.detach(token)

    def ended(self, outcome: str, kind: str = "", error: str = "") -> None:
        """End the span."""
        self._span.set_attribute("fairlead.outcome", outcome)
        if kind:
            self._span.set_attribute("error.type", kind)
            self._span.set_status(Status(StatusCode.ERROR, error))
            self._about["error.type"] = kind
        self._span.end()
        self._handled_s.record((time.perf_counter_ns() - self._began_ns) / 1e9, self._about)


def links_of(headers: Mapping[str, str]) -> tuple[Link, ...]:
    """A link to the context that goes with a contact; none when it has none."""
    sent = trace.get_current_span(propagate.extract(headers, Context())).get_span_context()
    return (Link(sent),) if sent.is_valid else ()


def failed(span: Span, answer: Any) -> Attributes:
    """What tells of the error that an answer is, on the span and for metrics; nothing when it is none."""
    if not isinstance(answer, FairleadError):
        return {}
    kind = type(answer).__name__
    span.set_attribute("error.type", kind)
    span.set_status(Status(StatusCode.ERROR, str(answer)))
    return {"error.type": kind}


def _named(operation: str, destination: str) -> str:
    return f"{operation} {destination}" if destination else operation


def _with_context(headers: Mapping[str, str], span: Span) -> Mapping[str, str]:
    """The headers, and as much of a span's context as there is room for beside them."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier, trace.set_span_in_context(span))
    found = dict(headers)
    for name, text in carrier.items():
        try:
            found = dict(checked_headers({name: text} | found))
        except BadInput:  # a long baggage, say: the trace goes on without it
            continue
    return found
