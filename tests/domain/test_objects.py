"""What kind an object of a configuration is of, and which others it names."""

from dataclasses import replace
from typing import Any

import pytest

from fairlead.domain.agent import AVAILABLE, Agent
from fairlead.domain.configuration import fresh_configuration
from fairlead.domain.hours import Hours
from fairlead.domain.intake import Choice, Intake, Rule
from fairlead.domain.objects import Object, Reference, checked_kind, kind_of, references_of
from fairlead.domain.profile import Entry, RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.errors import InvalidConfiguration

SERVES = (Entry("Q", "voice"), Entry("Q", "chat"), Entry("Other", "voice"))
SERVED = [Reference("entries", "queue", "Q"), Reference("entries", "queue", "Other")]


@pytest.mark.parametrize(
    ("one", "kind", "named"),
    [
        (Agent("ana", "P"), "agent", [Reference("profile", "profile", "P")]),
        (
            Agent("ana", "P", overflow="Q"), "agent",
            [Reference("profile", "profile", "P"), Reference("overflow", "queue", "Q")],
        ),
        (RoutingProfile("P", {}, SERVES), "profile", SERVED),
        (RoutingProfile("P", {}, SERVES, outbound_queue="Other"), "profile", SERVED),
        (
            RoutingProfile("P", {}, SERVES, outbound_queue="Calls"), "profile",
            [*SERVED, Reference("outbound_queue", "queue", "Calls")],
        ),
        (Queue("Q"), "queue", []),
        (
            Queue("Q", hours="H", overflow="Other", missed_status="Away"), "queue",
            [
                Reference("hours", "hours", "H"), Reference("overflow", "queue", "Other"),
                Reference("missed_status", "status", "Away"),
            ],
        ),
        (
            Intake("Front", (Rule("queues.Busy.open", Choice("@ana")), Rule("true", Choice(refuse="no"))), Choice("Q")),
            "intake",
            [
                Reference("rules", "agent", "ana"), Reference("rules", "queue", "Q"),
                Reference("rules", "queue", "Busy"),
            ],
        ),
        (AVAILABLE, "status", []),
        (Hours("H", "UTC", {}), "hours", []),
    ],
)  # fmt: skip
def test_an_object_names_others_each_once(one: Object, kind: str, named: list[Reference]) -> None:
    assert kind_of(one) == kind
    assert checked_kind(kind_of(one)) == kind
    assert references_of(one) == named


@pytest.mark.parametrize("one", [None, "Q", Entry("Q", "voice")])
def test_what_is_no_object_is_refused(one: Any) -> None:
    with pytest.raises(InvalidConfiguration, match="is no object of a configuration"):
        kind_of(one)


def test_the_instance_as_a_whole_names_the_queue_to_which_agent_queues_overflow() -> None:
    fresh = fresh_configuration()

    assert fresh.references() == []
    assert replace(fresh, agent_queue_overflow="Q").references() == [Reference("agent_queue_overflow", "queue", "Q")]


def test_what_is_no_kind_is_refused() -> None:
    kind: Any = "team"

    with pytest.raises(InvalidConfiguration, match="'team' is no kind of object"):
        checked_kind(kind)
