"""Rules of an intake that go by the estimated wait of a queue: that of `fairlead queues estimate`, or none."""

from datetime import date, time
from math import ceil

import pytest
from centre import Centre
from objects import put

from fairlead.domain.hours import Hours
from fairlead.domain.intake import Choice, Intake, Rule
from fairlead.domain.queue import Queue
from fairlead.errors import UnknownQueue
from fairlead.service import intakes
from fairlead.service.estimate import estimate_queue
from fairlead.service.intakes import push_decided, try_intake
from fairlead.store import reading
from fairlead.store.new_contact import NewContact

SHUT = Hours("Shut", "UTC", {}, {date(2020, 1, 1): ((time(9), time(10)),)})

LONG = Rule("queues.Q.estimated_s > 60", Choice("Other"), "long")
SHORT = Rule("queues.Q.estimated_s <= 60", Choice("Q"), "short")
UNKNOWN = Rule("!has(queues.Q.estimated_s)", Choice("Overflow"), "unknown")


@pytest.fixture
def front(centre: Centre) -> Centre:
    put(centre.store, Intake("Front", (LONG, SHORT, UNKNOWN), Choice("Q")))
    return centre


def chosen(centre: Centre) -> tuple[str, str]:
    """Which rule holds, and the wait that it read."""
    found = centre.store.run(try_intake("Front"))
    return found.rule_name, found.read["queues.Q.estimated_s"]


def test_a_queue_of_which_nothing_is_known_has_no_estimate_and_comparing_it_does_not_hold(front: Centre) -> None:
    """Neither with more nor with less: who wants to know asks by has()."""
    assert chosen(front) == ("unknown", "missing")
    why = [one.why_not for one in front.store.run(try_intake("Front")).rules]
    assert "estimated_s is missing" in why[0]
    assert "estimated_s is missing" in why[1]


def test_while_an_agent_is_free_it_is_zero(front: Centre) -> None:
    front.sign_in("ana")

    assert chosen(front) == ("short", "0")


def test_it_is_what_the_estimate_of_the_queue_says_and_a_decision_keeps_it(front: Centre) -> None:
    front.sign_in("ana")
    for number in range(10):
        front.push(f"c{number}")
    for number in range(6):
        front.passes(50)
        front.does("ana", "complete", f"c{number}")

    wait_s = front.store.run(estimate_queue("Q")).wait_s
    receipt = front.store.run(push_decided(NewContact("", "voice", contact_id="new", intake="Front")))

    assert wait_s is not None
    assert wait_s > 60
    assert chosen(front) == ("long", str(ceil(wait_s)))
    assert receipt.queue == "Other"
    decided = next(one for one in front.store.run(reading.events_after()) if one.fields.get("contact") == "new")
    assert decided.fields["rule"] == "1 long"
    assert decided.fields["read"] == f"queues.Q.estimated_s={ceil(wait_s)}"


def test_a_closed_queue_has_none_and_is_asked_for_the_rest_in_the_same_rules(centre: Centre) -> None:
    centre.configure(Queue("Q", hours="Shut"), hours=[SHUT])
    centre.sign_in("ana")
    rules = (Rule("queues.Q.waiting >= 0 && has(queues.Q.estimated_s)", Choice("Q")), UNKNOWN)
    put(centre.store, Intake("Front", rules, Choice("Q")))

    found = centre.store.run(try_intake("Front"))

    assert found.rule_name == "unknown"
    assert dict(found.read) == {"queues.Q.waiting": "0", "queues.Q.estimated_s": "missing"}


def test_a_queue_that_is_gone_since_the_rules_were_read_has_none(
    front: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cannot be removed while the intake names it, but both can be in between."""
    real = intakes.estimate_queue
    monkeypatch.setattr(intakes, "estimate_queue", lambda _, channel: real("Nowhere", channel))
    with pytest.raises(UnknownQueue):
        front.store.run(estimate_queue("Nowhere"))

    assert chosen(front) == ("unknown", "missing")
