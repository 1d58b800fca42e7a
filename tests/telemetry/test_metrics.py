"""The metrics of the conventions: names, units, buckets, and what they are told apart by."""

import pytest
from conftest import RealServer
from fairlead_worker import Worker
from opentelemetry.semconv._incubating.metrics import messaging_metrics as convention
from telemetry.conftest import Seen
from worker.embedding import soon

from fairlead import Contact, Producer
from fairlead.errors import UnknownQueue
from fairlead.telemetry.messaging import BOUNDS_S

UNITS = {
    convention.MESSAGING_CLIENT_SENT_MESSAGES: "{message}", convention.MESSAGING_CLIENT_CONSUMED_MESSAGES: "{message}",
    convention.MESSAGING_CLIENT_OPERATION_DURATION: "s", convention.MESSAGING_PROCESS_DURATION: "s",
}  # fmt: skip


async def test_what_is_sent_handled_and_settled_is_counted_and_timed(
    producer: Producer, server: RealServer, seen: Seen
) -> None:
    def odd_ones_fail(contact: Contact) -> None:
        if contact.payload % 2:
            raise ValueError

    for place in range(4):
        producer.push("BasicQueue", place)
    with pytest.raises(UnknownQueue):
        producer.push("Nowhere")
    async with Worker(["ana"], odd_ones_fail, url=server.url):
        await soon(lambda: len(seen.spans("settle BasicQueue")) >= 4)

    assert {name: metric.unit for name, metric in seen.metrics().items()} == UNITS
    sent = seen.points(convention.MESSAGING_CLIENT_SENT_MESSAGES)
    assert {key: point.value for key, point in sent.items()} == {
        ("send", "BasicQueue", ""): 4, ("send", "Nowhere", "UnknownQueue"): 1,
    }  # fmt: skip
    consumed = seen.points(convention.MESSAGING_CLIENT_CONSUMED_MESSAGES)
    assert {key: point.value for key, point in consumed.items()} == {("process", "BasicQueue", ""): 4}
    handled = seen.points(convention.MESSAGING_PROCESS_DURATION)
    assert {key: point.count for key, point in handled.items()} == {
        ("process", "BasicQueue", ""): 2, ("process", "BasicQueue", "ValueError"): 2,
    }  # fmt: skip
    asked = seen.points(convention.MESSAGING_CLIENT_OPERATION_DURATION)
    assert {key: point.count for key, point in asked.items()} == {
        ("send", "BasicQueue", ""): 4, ("send", "Nowhere", "UnknownQueue"): 1, ("settle", "BasicQueue", ""): 4,
    }  # fmt: skip
    assert {point.explicit_bounds for point in (*asked.values(), *handled.values())} == {BOUNDS_S}


def test_no_metric_tells_contacts_apart(producer: Producer, seen: Seen) -> None:
    for place in range(3):
        producer.push("BasicQueue", contact_id=f"c{place}")

    assert len(seen.points(convention.MESSAGING_CLIENT_SENT_MESSAGES)) == 1
