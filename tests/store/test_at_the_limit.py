"""What is looked at as far as a bound says, is looked at to the last one and no further."""

from typing import Any

import pytest
from centre import BEGINS_US, Centre, S, profile
from raw import raw
from store.stepping import at_once

from fairlead import errors
from fairlead.domain.criteria import parse_step
from fairlead.domain.profile import Entry
from fairlead.domain.queue import Queue
from fairlead.store.joining import calling
from fairlead.store.transitions import producing, supervising

OLDEST = """
local engine = open_engine(KEYS[1], '')
local before = calls
local oldest_us = oldest_in(engine, 'Q', 'chat')
return { oldest_us, calls - before }
"""


def oldest(centre: Centre) -> tuple[int, int]:
    """When the contact came that has waited longest, in us since the beginning, and how often Redis was asked."""
    script = calling(OLDEST, "open_engine", "oldest_in", "spent")
    oldest_us, calls = raw(centre.store).eval(script, 1, centre.keys.instance)
    return oldest_us - BEGINS_US, calls


@pytest.mark.parametrize(("many", "calls"), [(32, 3), (33, 5)])
def test_the_oldest_contact_of_a_short_line_is_found_by_one_look_at_it(centre: Centre, many: int, calls: int) -> None:
    for number in range(many):
        centre.push(f"c{number}", channel="chat")

    assert oldest(centre) == (1, calls)


@pytest.mark.parametrize(("place", "is_found"), [(57, True), (58, False)])
def test_the_oldest_contact_is_looked_for_60_times(centre: Centre, place: int, is_found: bool) -> None:
    centre.push("old", channel="chat", priority=place)
    for priority in range(1, 64):
        centre.push(f"c{priority}", channel="chat", priority=priority)

    assert oldest(centre) == (1 if is_found else 2, 60)


@pytest.mark.parametrize(("looks", "found"), [(5, "old"), (4, "younger")])
def test_the_oldest_contact_is_looked_for_in_tracks_as_long_as_looks_are_left(
    centre: Centre, looks: int, found: str
) -> None:
    came_us = {}
    for contact_id, language in (("first", "fr"), ("old", "de"), ("younger", "fr")):
        centre.push(contact_id, channel="chat", criteria=(parse_step(f"L:{language} >= 1"),))
        came_us[contact_id] = centre.now_us - BEGINS_US
    centre.run(producing.abandon, "first")

    with at_once({"OLDEST_LOOKS": looks}):
        assert oldest(centre) == (came_us[found], looks + 1)  # and one to see which tracks there are


@pytest.mark.parametrize(("others", "who"), [(2, "last"), (3, "a0")])
def test_a_queue_chooses_among_so_many_of_a_profile(centre: Centre, others: int, who: str) -> None:
    busy = [f"a{number}" for number in range(others)]
    centre.configure(
        Queue("Q", agent_choice="least_loaded"), profiles=[profile([Entry("Q", "chat"), Entry("Q", "voice")])],
        agents={name: {} for name in (*busy, "last")},
    )  # fmt: skip
    for name in busy:
        centre.sign_in(name)
        centre.push(f"held by {name}".replace(" ", "-"), queue="Overflow")
        centre.run(supervising.assign, f"held-by-{name}", name)
    centre.sign_in("last")

    with at_once({"AGENTS_ASKED": 3}):
        centre.push("c", channel="chat")

    assert centre.who("c") == who


@pytest.mark.parametrize("asked", [(), (parse_step("L:fr >= 1"),)], ids=["anybody", "who speaks French"])
@pytest.mark.parametrize(("absent", "is_open"), [(2, True), (3, False)])
def test_so_many_of_a_profile_are_tried_for_one_who_is_there(
    centre: Centre, absent: int, is_open: bool, asked: Any
) -> None:
    gone = [f"a{number}" for number in range(absent)]
    centre.configure(
        Queue("Q", skip_steps_when="nobody_available", turn_away_when="nobody_available"),
        agents={name: {"L:fr": 1} for name in (*gone, "bo")},
    )
    for name in gone:
        centre.sign_in(name, lease_s=60)
    centre.sign_in("bo")
    centre.now_us += 61 * S  # nobody has swept: those who are gone have been available longest

    with at_once({"AGENTS_TRIED": 3}):
        if is_open:
            centre.push("c", criteria=asked)
            assert centre.who("c") == "bo"
        else:
            with pytest.raises(errors.QueueUnstaffed):
                centre.push("c", criteria=asked)
    centre.passes(0)


@pytest.mark.parametrize(("late_s", "told"), [(-1, ["agent.status_changed"]), (0, [])])
def test_whose_lease_is_over_as_its_absence_is_noted_is_lost_without_being_absent(
    centre: Centre, late_s: int, told: list[str]
) -> None:
    centre.sign_in("ana", lease_s=60)
    before = centre.events("agent.status_changed")

    centre.passes(60 + late_s)

    assert centre.events("agent.status_changed")[len(before) :] == told
