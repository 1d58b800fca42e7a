"""What the tests of traces and metrics share: what this process has told, in its memory, and a receiver of OTLP."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from conftest import RealServer, eventually
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Tracer

from fairlead import Producer, telemetry


class Seen:
    """All that this process has told of itself."""

    def __init__(self) -> None:
        self._exporter, self._reader = InMemorySpanExporter(), InMemoryMetricReader()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.meters = MeterProvider([self._reader])

    @property
    def tracer(self) -> Tracer:
        """For the spans of a program that uses Fairlead."""
        return self.tracers.get_tracer("shop")

    def spans(self, name: str = "") -> list[ReadableSpan]:
        """The spans that have ended, in that order; of that name."""
        return [span for span in self._exporter.get_finished_spans() if not name or span.name == name]

    def span(self, name: str) -> ReadableSpan:
        """The only span of a name, once it is there."""
        eventually(lambda: self.spans(name), 10)
        [found] = self.spans(name)
        return found

    def metrics(self) -> dict[str, Any]:
        """The metrics by name."""
        data = self._reader.get_metrics_data()
        scopes = [scope for resource in (data.resource_metrics if data else ()) for scope in resource.scope_metrics]
        return {metric.name: metric for scope in scopes for metric in scope.metrics}

    def points(self, name: str) -> dict[tuple[str, str, str], Any]:
        """The points of a metric by operation, queue and type of error."""
        keys = ("messaging.operation.name", "messaging.destination.name", "error.type")
        found = self.metrics()[name].data.data_points
        return {tuple(str(point.attributes.get(key, "")) for key in keys): point for point in found}  # type: ignore[misc]


def linked(span: ReadableSpan, to: ReadableSpan) -> bool:
    """Whether a span has one link, to that span."""
    found = [(link.context.trace_id, link.context.span_id) for link in span.links]
    return bool(to.context) and found == [(to.context.trace_id, to.context.span_id)]


@pytest.fixture
def seen() -> Iterator[Seen]:
    found = Seen()
    telemetry.instrument(found.tracers, found.meters)
    yield found
    telemetry.uninstrument()


@pytest.fixture
def producer(server: RealServer, seen: Seen) -> Iterator[Producer]:
    with Producer.connect(server.url) as producer:
        yield producer


@dataclass
class Receiver:
    """A receiver of OTLP over HTTP: keeps what it is sent as it was encoded, decoded."""

    address: str = ""
    traces: list[ExportTraceServiceRequest] = field(default_factory=list)
    metrics: list[ExportMetricsServiceRequest] = field(default_factory=list)

    def spans(self, service: str) -> dict[str, Any]:
        """The spans of a service by name."""
        found = [one for request in self.traces for one in request.resource_spans]
        return {
            span.name: span
            for one in found if _attributes(one.resource)["service.name"] == service
            for scope in one.scope_spans for span in scope.spans
        }  # fmt: skip

    def metric_names(self, service: str) -> set[str]:
        """The names of the metrics of a service."""
        found = [one for request in self.metrics for one in request.resource_metrics]
        return {
            metric.name
            for one in found if _attributes(one.resource)["service.name"] == service
            for scope in one.scope_metrics for metric in scope.metrics
        }  # fmt: skip


def _attributes(resource: Any) -> dict[str, str]:
    return {one.key: one.value.string_value for one in resource.attributes}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    kinds: dict[str, tuple[Any, list[Any]]] = {
        "/v1/traces": (ExportTraceServiceRequest, found.traces),
        "/v1/metrics": (ExportMetricsServiceRequest, found.metrics),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kind, received = kinds[self.path]
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/x-protobuf"
            received.append(kind.FromString(body))
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        found.address = f"http://127.0.0.1:{listening.server_port}"
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield found
        listening.shutdown()
