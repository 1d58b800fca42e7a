"""Names with the signs that patterns give a meaning to are names as any other."""

from datetime import time

import pytest
from centre import Centre, profile
from store.consistency import Kept
from store.stepping import most_calls

from fairlead.domain.criteria import parse_step
from fairlead.domain.hours import Hours
from fairlead.domain.profile import Entry
from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.transitions import supervising
from fairlead.store.transitions.working import Session

SIGNS = "a-b.c"
ALIKE = "ab_c"
"""What the other one would stand for, were it a pattern."""
NEVER = Hours("Never", "UTC", {"mon": ((time(8), time(9)),)})
"""Not on the Friday of these tests."""


@pytest.fixture(autouse=True)
def _both(centre: Centre) -> None:
    _configure(centre)


def _configure(centre: Centre, hours: str = "") -> None:
    entries = [Entry(name, "voice") for name in (SIGNS, ALIKE)]
    by_hand = [Entry(name, "task", manual_only=True) for name in (SIGNS,)]
    centre.configure(
        Queue(SIGNS, hours=hours), Queue(ALIKE), profiles=[profile([*entries, *by_hand])],
        agents={SIGNS: {"L:fr-CH.x": 3}, ALIKE: {}}, hours=[NEVER],
    )  # fmt: skip


def test_a_queue_closes_and_opens(centre: Centre) -> None:
    _configure(centre, hours="Never")
    centre.sign_in("ana")
    centre.push("held", SIGNS)
    centre.push("routed", ALIKE)
    assert centre.held("ana") == {"routed": "connected"}
    centre.does("ana", "complete", "routed")
    assert centre.held("ana") == {}
    centre.run(supervising.set_agent_status, "ana", "Available")

    _configure(centre)

    assert centre.held("ana") == {"held": "connected"}


def test_contacts_with_criteria_wait_and_are_matched(centre: Centre) -> None:
    for name in ("first", "second"):
        centre.push(name, SIGNS, criteria=(parse_step("L:fr-CH.x >= 3"),))
    centre.sign_in(ALIKE)
    assert centre.line() == ["first", "second"]

    centre.sign_in(SIGNS)
    centre.does(SIGNS, "complete", "first")

    assert centre.held(SIGNS) == {"second": "connected"}


def test_contacts_with_different_criteria_each_have_a_track(centre: Centre) -> None:
    for asks in ("L:fr-CH.x >= 3", "L:fr-CH.x >= 4"):
        centre.push(asks[-1], SIGNS, criteria=(parse_step(asks),))

    centre.sign_in(SIGNS)

    assert (centre.held(SIGNS), centre.line()) == ({"3": "connected"}, ["4"])


def test_a_contact_that_comes_to_a_closed_queue_leaves_nothing_to_be_done(centre: Centre) -> None:
    _configure(centre, hours="Never")
    centre.sign_in("ana")

    centre.push("held", SIGNS)

    assert (centre.line(), Kept(centre.store).is_behind) == (["held"], False)


def test_an_agent_is_preferred_by_its_name(centre: Centre) -> None:
    for name in (ALIKE, SIGNS):
        centre.sign_in(name)

    centre.push("c", SIGNS, criteria=(parse_step(f"agents [{SIGNS}]"),))

    assert centre.who("c") == SIGNS


def test_a_queue_chooses_by_skill(centre: Centre) -> None:
    centre.configure(Queue(SIGNS, agent_choice="most_skilled"), profiles=[profile([Entry(SIGNS, "voice")])],
                     agents={"ana": {"L:fr-CH.x": 2}, "bo": {"L:fr-CH.x": 4}})  # fmt: skip
    for name in ("ana", "bo"):
        centre.sign_in(name)

    centre.push("c", SIGNS, criteria=(parse_step("L:fr-CH.x >= 1"),))

    assert centre.who("c") == "bo"


def test_a_contact_is_picked(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c", SIGNS, "task")

    centre.does("ana", "pick", "c")

    assert centre.held("ana") == {"c": "connected"}


def test_a_queue_gives_its_contacts_in_turn(centre: Centre) -> None:
    centre.configure(Queue(SIGNS, agent_choice="round_robin"), profiles=[profile([Entry(SIGNS, "voice")])])
    for name in ("ana", "bo", "cem"):
        centre.sign_in(name)
        centre.does(name, "set_status", "Break")
        centre.does(name, "set_status", "Available")

    for number in range(3):
        centre.push(f"c{number}", SIGNS)

    assert [centre.who(f"c{number}") for number in range(3)] == ["ana", "bo", "cem"]


@pytest.mark.parametrize("calls", [1, 10**6])
def test_a_dead_process_loses_all_its_sessions(centre: Centre, calls: int) -> None:
    def session(name: str, holder: str) -> Session:
        return Session(centre.keys, name, "w", holder, lease_ms=10**9)

    dead = {name: session(name, "here/a-b.c/1") for name in (SIGNS, ALIKE, "ana", "bo")}
    other = session("cem", "here/ab_c/1")
    for one in (*dead.values(), other):
        centre.now_us += 1
        centre.store.run(one.sign_in())
    centre.push("held", SIGNS)
    heir = session(SIGNS, "here/a-b.c/2")

    with most_calls(calls):
        centre.now_us += 1
        centre.store.run(heir.sign_in(replaces=dead[SIGNS].epoch, is_dead=True))
        there = {one.name for one in centre.store.run(reading.agent_states()) if one.is_signed_in and not one.is_absent}
        centre.passes(0)

    assert there == {SIGNS, "cem"} or calls == 1
    signed_in = {one.name for one in centre.store.run(reading.agent_states()) if one.is_signed_in}
    assert signed_in == {SIGNS, "cem"}
    assert Kept(centre.store).is_behind is False


def test_a_contact_does_not_overflow_into_a_queue_in_which_it_has_waited(centre: Centre) -> None:
    centre.configure(
        Queue(SIGNS, overflow=ALIKE, overflow_after_s=10), Queue(ALIKE, overflow=SIGNS, overflow_after_s=10)
    )
    centre.push("c", SIGNS)

    centre.passes(10)
    once = centre.where("c")
    for _ in range(3):
        centre.passes(10)

    assert (once, centre.where("c")) == (ALIKE, ALIKE)
