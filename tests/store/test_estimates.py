"""How long a contact would wait that enters a queue now."""

from datetime import date, time

import pytest
from centre import Centre
from commands import Run
from conftest import RealServer

from fairlead import errors
from fairlead.domain.hours import Hours
from fairlead.domain.queue import Queue
from fairlead.service.estimate import estimate_queue, estimate_wait
from fairlead.service.producer import Producer

SHUT = Hours("Shut", "UTC", {}, {date(2020, 1, 1): ((time(9), time(10)),)})


def test_a_queue_is_estimated_before_a_contact_enters_it(centre: Centre) -> None:
    centre.sign_in("ana")
    for number in range(8):
        centre.push(f"c{number}", priority=3)
    for number in range(6):
        centre.passes(60)
        centre.does("ana", "complete", f"c{number}")

    last, first = centre.store.run(estimate_queue("Q", "voice", 3)), centre.store.run(estimate_queue("Q", "voice", 2))
    centre.push("new", priority=3)
    then = centre.store.run(estimate_wait("new"))

    assert (last.position, first.position, last.method) == (2, 1, "rate of answering")
    assert (last.position, last.wait_s) == (then.position, pytest.approx(then.wait_s))


def test_who_comes_while_an_agent_is_free_does_not_wait(centre: Centre) -> None:
    nobody = centre.store.run(estimate_queue("Q"))
    centre.sign_in("ana")
    somebody = centre.store.run(estimate_queue("Q"))
    centre.push("c")

    assert (nobody.wait_s, nobody.position) == (None, 1)
    assert (somebody.wait_s, somebody.method) == (0, "an agent is free")
    assert centre.store.run(estimate_queue("Q")).wait_s != 0
    assert centre.store.run(estimate_queue("Overflow")).wait_s is None


def test_a_closed_queue_has_no_estimate(centre: Centre) -> None:
    centre.configure(Queue("Q", hours="Shut"), hours=[SHUT])
    centre.sign_in("ana")

    found = centre.store.run(estimate_queue("Q"))

    assert (found.wait_s, found.method) == (None, "the queue is closed")


def test_an_unknown_queue_is_not_estimated(centre: Centre) -> None:
    with pytest.raises(errors.UnknownQueue):
        centre.store.run(estimate_queue("Nowhere"))


def test_the_producer_and_the_command_tell_it(server: RealServer, run: Run) -> None:
    with Producer.connect(server.url) as producer:
        producer.push("BasicQueue")
        found = producer.estimate_queue("BasicQueue")

    told = run(server.url, "queues", "estimate", "BasicQueue")

    assert found.position == 2
    assert ("2" in told.out, "unknown (no answers" in told.out, told.code) == (True, True, 0)
    assert '"position":2' in run(server.url, "queues", "estimate", "BasicQueue", "--json").out.replace(" ", "")
