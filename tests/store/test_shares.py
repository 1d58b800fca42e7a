"""What keeps contacts from starving: a priority that is raised, overflow, and shares by weight."""

import pytest
from centre import Centre, profile

from fairlead.domain.criteria import parse_step
from fairlead.domain.profile import Entry
from fairlead.domain.queue import Queue


@pytest.mark.parametrize("rising", [True, False])
def test_starvation_control_raises_the_priority_of_who_has_waited_so_long(centre: Centre, rising: bool) -> None:
    centre.configure(Queue("Q", raise_after_s=60, raise_to=2))
    centre.push("old", priority=8)
    centre.push("top", priority=1)
    centre.passes(60 if rising else 59.9)
    centre.push("young", priority=3)
    centre.passes(0)

    assert centre.line() == (["top", "old", "young"] if rising else ["top", "young", "old"])


def test_who_ranks_older_than_it_is_does_not_hide_who_has_really_waited(centre: Centre) -> None:
    centre.configure(Queue("Q", raise_after_s=60, raise_to=2))
    centre.push("waits")
    centre.passes(59)
    centre.push("adjusted", age_adjustment_s=600)

    centre.passes(1)

    assert centre.line() == ["waits", "adjusted"]


@pytest.mark.parametrize(("waited_s", "queue"), [(29.9, "Q"), (30.1, "Overflow")])
def test_starvation_control_lets_who_has_waited_so_long_overflow(centre: Centre, waited_s: float, queue: str) -> None:
    centre.configure(Queue("Q", overflow_after_s=30, overflow="Overflow"))
    centre.push("c")

    centre.passes(waited_s)

    assert centre.where("c") == queue


def test_what_overflows_has_left_its_queue(centre: Centre) -> None:
    centre.configure(Queue("Q", overflow_after_s=30, overflow="Overflow"))
    centre.push("c")
    centre.passes(30)

    centre.sign_in("ana")

    assert centre.line() == ["c"]
    assert centre.held("ana") == {}


def test_starvation_control_finds_those_who_ask_for_an_agent_and_those_who_rank_younger(centre: Centre) -> None:
    centre.configure(Queue("Q", raise_after_s=60, raise_to=2))
    centre.push("asks", criteria=(parse_step("L:fr >= 3"),))
    centre.push("other", criteria=(parse_step("L:de >= 3"),))
    centre.push("younger", age_adjustment_s=-600)
    centre.passes(60)

    centre.push("new", priority=3)

    assert centre.line()[-1] == "new"


def test_entries_that_share_by_weight_are_served_in_proportion(centre: Centre) -> None:
    entries = [Entry("Q", "voice", 1, weight=3), Entry("Other", "voice", 2, weight=1)]
    centre.configure(profiles=[profile(entries, sharing="weighted")])
    for number in range(20):
        centre.push(f"q{number:02}")
        centre.push(f"o{number:02}", queue="Other")
    centre.sign_in("ana")

    served = []
    for _ in range(12):
        (contact,) = centre.held("ana")
        served.append(contact[0])
        centre.does("ana", "complete", contact)

    assert (served.count("q"), served.count("o")) == (9, 3)


def test_strict_priority_is_the_default(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "voice", 1), Entry("Other", "voice", 2)])])
    centre.push("worse", queue="Other")
    for number in range(3):
        centre.push(f"q{number}")
    centre.sign_in("ana")

    for number in range(3):
        assert centre.held("ana") == {f"q{number}": "connected"}
        centre.does("ana", "complete", f"q{number}")
    assert centre.held("ana") == {"worse": "connected"}


def test_a_contact_at_the_end_of_its_chain_does_not_keep_others_from_overflowing(centre: Centre) -> None:
    centre.configure(Queue("Q", overflow_after_s=5, overflow="Other"), Queue("Other", overflow_after_s=5, overflow="Q"))
    centre.push("old")
    for _ in range(14):
        centre.passes(6)
    stays = centre.where("old")
    centre.push("young", queue=stays)

    centre.passes(6)

    assert (centre.where("old"), centre.where("young") != stays) == (stays, True)
