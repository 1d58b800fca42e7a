"""Whom a queue's choice prefers, of those who may take a contact."""

from dataclasses import replace

import pytest
from domain.pure_centre import NOW_US, centre_with, new_contact, token_of

from fairlead.domain.choose import preference
from fairlead.domain.contact import Waiting
from fairlead.domain.criteria import parse_expression
from fairlead.domain.eligible import FreeAgent
from fairlead.domain.profile import RoutingProfile
from fairlead.domain.queue import AgentChoice

ASKS = parse_expression("L:fr >= 1 and L:de in [1, 3] or T:db >= 2 and agents [ana] or L:fr >= 3")
CONTACT = Waiting("c", "Q", "voice", 5, NOW_US, NOW_US, ASKS, last_agent="bo")
ANA = FreeAgent(
    "ana", RoutingProfile("P", {}, ()), 0, used={"chat": 2, "task": 1}, proficiencies={"L:fr": 3, "L:de": 2, "X:y": 5}
)


@pytest.mark.parametrize(
    ("choice", "of_ana", "of_bo"),
    [("longest_idle", 0, 0), ("least_loaded", 3, 3), ("most_skilled", -5, -5), ("last_agent", 1, 0)],
)
def test_the_lower_is_preferred(choice: AgentChoice, of_ana: int, of_bo: int) -> None:
    assert preference(CONTACT, ANA, choice) == of_ana
    assert preference(CONTACT, replace(ANA, name="bo"), choice) == of_bo


def test_a_contact_that_was_moved_is_new_to_its_queue_and_counts_as_answered_again() -> None:
    centre = centre_with(ana=True)
    centre.push(new_contact("c"), NOW_US)
    centre.set_status("ana", NOW_US + 1, is_routable=False)
    centre.release("ana", [token_of(centre, "c")], NOW_US + 2)

    centre.move("c", "Work", "keep", NOW_US + 3)
    centre.set_status("ana", NOW_US + 4, is_routable=True)

    assert centre.state.counts["answered"] == 2
