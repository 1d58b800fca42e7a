"""What the RQ worker tells: the span of a handler whose work horse is another process, and what the handler traces."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import RealServer, eventually
from telemetry.conftest import Receiver
from telemetry.test_programs import MAIN, exporting
from worker.rq_worker.horses import is_completed, prepared

HANDLER = """
from opentelemetry import trace
def answer(contact):
    with trace.get_tracer("shop").start_as_current_span("GET crm.example"):
        if contact.attempt == 1:
            raise TimeoutError(contact.payload)
"""


@pytest.fixture
def start_rq(server: RealServer, tmp_path: Path) -> Iterator[Callable[[dict[str, str]], "subprocess.Popen[bytes]"]]:
    (tmp_path / "shop.py").write_text(HANDLER)
    kind, started = "fairlead_worker.rq.ContactWorker", list["subprocess.Popen[bytes]"]()

    def start(environment: dict[str, str]) -> "subprocess.Popen[bytes]":
        given = {"FAIRLEAD_AGENT": "ana", "FAIRLEAD_HANDLER": "shop:answer", "FAIRLEAD_REDIS_URL": server.url}
        command = [sys.executable, "-m", "rq.cli", "worker", "-w", kind, "-u", server.url, "handling"]
        both = environment | given | {"PYTHONPATH": str(tmp_path)}
        started.append(subprocess.Popen(command, cwd=tmp_path, env=both))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_handler_in_a_work_horse_has_its_span_and_its_own_spans_are_within_it(
    server: RealServer, receiver: Receiver, start_rq: Callable[[dict[str, str]], "subprocess.Popen[bytes]"]
) -> None:
    store = prepared(server)
    process = start_rq(os.environ | exporting(receiver))
    push = ["produce", "push", "BasicQueue", "--id", "c1", "--payload", '"secret"', "--redis", server.url]
    subprocess.run([*MAIN, *push], env=exporting(receiver), check=True)
    eventually(lambda: is_completed(store), 60)
    process.terminate()
    process.wait()

    [sent] = receiver.spans("fairlead-produce").values()
    requests = [one for request in receiver.traces for one in request.resource_spans]
    spans = [span for one in requests for scope in one.scope_spans for span in scope.spans]
    handled = [span for span in spans if span.name == "process BasicQueue"]
    outcomes = [
        {one.key: one.value.string_value for one in span.attributes if one.value.string_value} for span in handled
    ]
    assert [(one["fairlead.outcome"], one.get("error.type")) for one in outcomes] == [
        ("fail", "TimeoutError"), ("complete", None),
    ]  # fmt: skip
    assert {one["messaging.consumer.group.name"] for one in outcomes} == {"BasicRoutingProfile"}
    for name in ("settle BasicQueue", "GET crm.example"):
        found = [(span.trace_id, span.parent_span_id) for span in spans if span.name == name]
        assert found == [(span.trace_id, span.span_id) for span in handled], name
    assert [[link.span_id for link in span.links] for span in handled] == [[sent.span_id]] * 2
    assert receiver.metric_names("fairlead-rq") >= {"messaging.process.duration"}
    assert "secret" not in str([span for span in spans if span.name != "GET crm.example"])
