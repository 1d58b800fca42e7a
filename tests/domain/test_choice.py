"""Whom a queue's choice prefers, of those who may take a contact."""

from dataclasses import replace

import pytest
from domain.pure_centre import NOW_US, centre_with, new_contact, token_of

from fairlead.domain.channel import Channel
from fairlead.domain.choose import choose_agent, preference
from fairlead.domain.contact import Waiting
from fairlead.domain.criteria import Expression, parse_expression
from fairlead.domain.eligible import Circumstances, FreeAgent
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import AgentChoice

ASKS = parse_expression("L:fr >= 1 and L:de in [1, 3] or T:db >= 2 and agents [ana] or L:fr >= 3")
CONTACT = Waiting("c", "Q", "voice", 5, NOW_US, NOW_US, ASKS, last_agent="bo")
SLOTS: dict[Channel, Concurrency] = {"voice": Concurrency(1), "chat": Concurrency(5, allows_others=True)}
SERVES = RoutingProfile("P", {**SLOTS, "task": Concurrency(2, allows_others=True)}, (Entry("Q", "voice"),))
ANA = FreeAgent(
    "ana",
    RoutingProfile("P", SLOTS, ()),
    0,
    used={"chat": 2, "task": 1},
    proficiencies={"L:fr": 3, "L:de": 2, "X:y": 5},
)


@pytest.mark.parametrize(
    ("choice", "of_ana", "of_bo"),
    [
        ("longest_idle", 0, 0),
        ("least_loaded", 3, 3),
        ("lowest_load_ratio", 0.5, 0.5),
        ("most_skilled", -5, -5),
        ("highest_proficiency", -2, -2),
        ("last_agent", 1, 0),
    ],
)
def test_the_lower_is_preferred(choice: AgentChoice, of_ana: int, of_bo: int) -> None:
    assert preference(CONTACT, ANA, choice, proficiency="L:de") == (of_ana, "")
    assert preference(CONTACT, replace(ANA, name="bo"), choice, proficiency="L:de") == (of_bo, "")


def test_who_has_no_level_of_what_is_preferred_has_level_nought() -> None:
    nobody = replace(ANA, proficiencies={})

    assert preference(CONTACT, nobody, "highest_proficiency", proficiency="L:de") == (0, "")
    assert preference(CONTACT, nobody, "most_skilled") == (0, "")


@pytest.mark.parametrize(("capacity", "ratio"), [(0, 0.5), (4, 0.75), (6, 0.5), (7, 0.5), (1, 3)])
def test_a_load_ratio_is_of_what_profile_and_session_allow(capacity: int, ratio: float) -> None:
    assert preference(CONTACT, replace(ANA, capacity=capacity), "lowest_load_ratio") == (ratio, "")


@pytest.mark.parametrize(
    ("last", "first"), [("", "ana"), ("ana", "bo"), ("bo", "cem"), ("cem", "ana"), ("bea", "bo"), ("zoe", "ana")]
)
def test_a_turn_goes_to_the_next_by_name_and_round_again(last: str, first: str) -> None:
    agents = enumerate(("cem", "bo", "ana"))
    free = [replace(ANA, name=name, available_us=place, profile=SERVES) for place, name in agents]
    given = Circumstances(NOW_US, turns={"Q": last})

    chosen = choose_agent(replace(CONTACT, criteria=Expression()), free, given, "round_robin")

    assert chosen
    assert chosen.name == first


def test_a_contact_that_was_moved_is_new_to_its_queue_and_counts_as_answered_again() -> None:
    centre = centre_with(ana=True)
    centre.push(new_contact("c"), NOW_US)
    centre.set_status("ana", NOW_US + 1, is_routable=False)
    centre.release("ana", [token_of(centre, "c")], NOW_US + 2)

    centre.move("c", "Work", "keep", NOW_US + 3)
    centre.set_status("ana", NOW_US + 4, is_routable=True)

    assert centre.state.counts["answered"] == 2


def test_ruling_22_what_stands_under_not_is_not_asked_for() -> None:
    asks = parse_expression("not (L:fr in [4, 5]) and L:de >= 1")

    assert preference(replace(CONTACT, criteria=asks), ANA, "most_skilled")[0] == -2
