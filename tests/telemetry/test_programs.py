"""The programs export as OTEL_* says; and without that, or without OpenTelemetry, nothing is there that costs."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from conftest import RealServer, eventually
from processes import without_settings
from telemetry.conftest import Receiver

from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.telemetry import is_wanted

MAIN = [sys.executable, "-m", "fairlead.cli.main"]

WITHOUT = """
import sys
sys.modules["opentelemetry"] = None
from fairlead.cli.entry import main
sys.argv = ["fairlead", *sys.argv[1:]]
main()
"""


def exporting(receiver: Receiver) -> dict[str, str]:
    return without_settings() | {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.address, "OTEL_BSP_SCHEDULE_DELAY": "100"}


@pytest.fixture
def worker(server: RealServer, receiver: Receiver, tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    work = ["work", "--agent", "ana", "--handler", "echo", "--redis", server.url]
    with subprocess.Popen([*MAIN, *work], cwd=tmp_path, env=exporting(receiver)) as process:
        eventually(lambda: Store(server.client()).run(reading.agents_signed_in()))
        yield process
        process.kill()


def test_a_trace_goes_from_the_producers_process_to_the_workers_and_is_exported_by_otlp(
    server: RealServer, receiver: Receiver, worker: "subprocess.Popen[bytes]"
) -> None:
    push = ["produce", "push", "BasicQueue", "--id", "c", "--redis", server.url]
    subprocess.run([*MAIN, *push], env=exporting(receiver), check=True)
    eventually(lambda: "settle BasicQueue" in receiver.spans("fairlead-work"))
    worker.send_signal(signal.SIGTERM)
    worker.wait()

    [sent], handled = receiver.spans("fairlead-produce").values(), receiver.spans("fairlead-work")
    process, settle = handled["process BasicQueue"], handled["settle BasicQueue"]
    assert [(link.trace_id, link.span_id) for link in process.links] == [(sent.trace_id, sent.span_id)]
    assert (settle.trace_id, settle.parent_span_id) == (process.trace_id, process.span_id)
    assert sent.start_time_unix_nano < process.start_time_unix_nano < settle.start_time_unix_nano
    assert receiver.metric_names("fairlead-produce") >= {"messaging.client.sent.messages"}
    assert receiver.metric_names("fairlead-work") >= {"messaging.process.duration"}


def test_a_request_over_http_is_a_span_by_its_route_and_the_send_is_within_it(
    server: RealServer, receiver: Receiver
) -> None:
    command = [*MAIN, "serve", "--port", "0", "--redis", server.url]
    with subprocess.Popen(command, env=exporting(receiver), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        address = process.stdout.readline().strip()
        above = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
        httpx.put(f"{address}v1/contacts/c", json={"queue": "BasicQueue"}, headers=above).raise_for_status()
        httpx.get(f"{address}healthz").raise_for_status()
        process.terminate()
        process.wait()

    spans = receiver.spans("fairlead-serve")
    asked, sent = spans.pop("PUT /v1/contacts/{contact_id}"), spans.pop("send BasicQueue")
    assert (asked.trace_id.hex(), asked.parent_span_id.hex()) == (
        above["traceparent"][3:35],
        above["traceparent"][36:52],
    )
    assert sent.parent_span_id == asked.span_id
    assert set(spans) == set()
    assert receiver.metric_names("fairlead-serve") >= {"http.server.request.duration", "messaging.client.sent.messages"}


def test_a_handler_that_is_left_behind_does_not_keep_spans_from_being_exported(
    server: RealServer, receiver: Receiver, tmp_path: Path
) -> None:
    (tmp_path / "shop.py").write_text("import time\ndef stuck(contact):\n    time.sleep(3600)\n")
    work = ["work", "--agent", "ana", "--handler", "shop:stuck", "--handler-limit", "0.1", "--redis", server.url]
    environment = exporting(receiver) | {"OTEL_BSP_SCHEDULE_DELAY": "3600000"}
    with subprocess.Popen([*MAIN, *work], cwd=tmp_path, env=environment) as process:
        push = ["produce", "push", "BasicQueue", "--id", "c", "--redis", server.url]
        subprocess.run([*MAIN, *push], env=without_settings(), check=True)
        eventually(lambda: Store(server.client()).run(reading.contact("c")).attempts)
        process.send_signal(signal.SIGTERM)
        process.wait()

    assert "process BasicQueue" in receiver.spans("fairlead-work")


def test_a_program_ends_although_the_collector_never_answers(server: RealServer, tmp_path: Path) -> None:
    for_hours = {"OTEL_EXPORTER_OTLP_TIMEOUT": "3600", "OTEL_METRIC_EXPORT_TIMEOUT": "3600000"}
    work = ["work", "--agent", "ana", "--handler", "echo", "--redis", server.url]
    push = ["produce", "push", "BasicQueue", "--id", "c", "--redis", server.url]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{silent.getsockname()[1]}"}
        environment = without_settings() | for_hours | address
        subprocess.run([*MAIN, *push], cwd=tmp_path, env=environment, check=True)
        with subprocess.Popen([*MAIN, *work], cwd=tmp_path, env=environment) as process:
            eventually(lambda: Store(server.client()).run(reading.contact("c")).state == "completed")
            process.send_signal(signal.SIGTERM)
            process.wait()

    assert process.returncode == 0


@pytest.mark.parametrize(
    ("environment", "is_so"),
    [
        ({}, False), ({"OTEL_SERVICE_NAME": "shop"}, False), ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, True), ({"OTEL_TRACES_EXPORTER": "console"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_SDK_DISABLED": "true"}, False),
    ],
)  # fmt: skip
def test_telemetry_is_wanted_when_the_environment_says_where_it_is_to_go(
    environment: dict[str, str], is_so: bool
) -> None:
    assert is_wanted(environment) is is_so


def test_programs_work_without_opentelemetry(server: RealServer, tmp_path: Path) -> None:
    def without(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-c", WITHOUT, *arguments, "--redis", server.url], cwd=tmp_path, capture_output=True,
            text=True, env=without_settings() | environment,
        )  # fmt: skip

    plain = without("produce", "push", "BasicQueue")
    wanted = without("produce", "push", "BasicQueue", OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1")

    assert plain.returncode == 0, plain.stderr
    assert wanted.returncode == 2
    assert "pip install 'fairlead[otel]'" in " ".join(wanted.stderr.split())


def test_what_watches_is_not_even_imported_unless_it_is_wanted() -> None:
    code = """
import sys
import fairlead_worker.commands, fairlead_producers.commands, fairlead_web.commands, fairlead_worker.rq
from fairlead.service.tracing import sending, watched, watcher
from fairlead.telemetry import instrument_by_environment
imported = [one for one in sys.modules if one.startswith("fairlead.telemetry.")]
print(instrument_by_environment("x"), watcher(), sending(1), imported)
"""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)

    assert done.stdout.strip() == "False None (1, None) []"
