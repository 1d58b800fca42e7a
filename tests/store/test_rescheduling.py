"""The time of a scheduled contact changes, or its customer leaves before it has come."""

import pytest
from centre import Centre, S
from commands import Run
from conftest import RealServer

from fairlead import errors
from fairlead.service.producer import Producer
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.new_contact import Callback
from fairlead.store.transitions import producing


@pytest.mark.parametrize("new_s", [30, 90])
def test_a_scheduled_contact_begins_at_its_new_time(centre: Centre, new_s: int) -> None:
    centre.push("c", channel="task", start_in_s=60, expiry_s=100)
    begins_us = centre.now_us + new_s * S

    for _ in range(2):
        centre.run(producing.reschedule, "c", begins_us)
    centre.passes((begins_us - centre.now_us) / S - 0.001)
    before = centre.state("c")
    centre.passes(0.001)
    begun = centre.state("c")
    centre.passes(99.9)
    late = centre.state("c")
    centre.passes(0.2)

    assert (before, begun, late, centre.state("c")) == ("scheduled", "queued", "queued", "expired")
    assert len(centre.events("contact.scheduled")) == 2


def test_a_time_that_has_passed_is_now(centre: Centre) -> None:
    centre.push("c", channel="task", start_in_s=60)

    centre.run(producing.reschedule, "c", centre.now_us - S)
    centre.passes(0)

    assert centre.state("c") == "queued"


def test_a_callback_gets_another_time_and_keeps_its_rank(centre: Centre) -> None:
    centre.push("first")
    centre.run(producing.request_callback, "first", Callback(600))
    centre.push("second")

    centre.run(producing.reschedule, "first", centre.now_us + 10 * S)
    centre.passes(10)

    assert centre.line() == ["first", "second"]


@pytest.mark.parametrize("beyond_us", [0, 1_000_000])
def test_a_new_time_is_at_most_six_days_ahead(centre: Centre, beyond_us: int) -> None:
    centre.push("c", channel="task", start_in_s=60)
    at_us = centre.now_us + 1 + 6 * 86_400 * S + beyond_us

    if not beyond_us:
        centre.run(producing.reschedule, "c", at_us)
    else:
        with pytest.raises(errors.InvalidContact, match="at most 6 days"):
            centre.run(producing.reschedule, "c", at_us)


def test_what_is_not_scheduled_gets_no_other_time(centre: Centre) -> None:
    centre.push("c")

    with pytest.raises(errors.WrongState, match="queued"):
        centre.run(producing.reschedule, "c", centre.now_us)
    with pytest.raises(errors.UnknownContact):
        centre.run(producing.reschedule, "nobody", centre.now_us)


def test_a_scheduled_contact_is_abandoned_and_counts_as_no_loss_of_its_queue(centre: Centre) -> None:
    centre.push("c", channel="task", start_in_s=60)

    for _ in range(2):
        centre.run(producing.abandon, "c")
    centre.passes(61)

    assert (centre.state("c"), centre.line("scheduled")) == ("abandoned", [])
    assert not centre.store.run(reading.totals()).get("Q:task", {})


def test_the_producer_and_the_command_change_the_time(server: RealServer, run: Run) -> None:
    with Producer.connect(server.url) as producer:
        producer.push("BasicQueue", contact_id="c", channel="task", start_in_s=600)
        producer.reschedule("c", Store(server.client()).run(reading.now_us()) + 500 * S)

    told = [
        run(server.url, "contacts", "reschedule", "c", *words)
        for words in (("--start-in", "60"), ("--start-at", "2020-01-01T00:00:00"), ())
    ]

    assert [one.code for one in told] == [0, 0, 2]
    assert "c enters its queue at" in told[0].out
    assert Store(server.client()).run(reading.contact("c")).state == "scheduled"
