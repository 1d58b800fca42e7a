"""What becomes of contacts in the pure Centre: places in line, moves, steps, shares, limits."""

from dataclasses import replace

import pytest
from domain.pure_centre import CHANNELS, NOW_US, P, S, centre_with, configuration_of, new_contact, token_of

from fairlead.domain.centre import Assignment, Slot
from fairlead.domain.criteria import parse_step
from fairlead.domain.profile import Entry, RoutingProfile
from fairlead.domain.queue import Queue, Rank


def test_a_contact_is_parked_with_its_last_attempt_and_forgiven_when_it_is_retried() -> None:
    centre = centre_with(ana=True)
    centre.push(new_contact("c"), NOW_US)

    first = centre.fail("ana", [token_of(centre, "c")], NOW_US + 1)
    last = centre.fail("ana", [token_of(centre, "c")], NOW_US + 2)
    parked = [*centre.state.parked]
    given = centre.retry("c", NOW_US + 3)
    (slot,) = centre.state.agents["ana"].slots.values()

    assert (first, last, parked) == ([Assignment("ana", "c", is_offered=False)], [], ["c"])
    assert given == [Assignment("ana", "c", is_offered=False)]
    assert (slot.contact.attempts, centre.state.parked) == (0, {})


@pytest.mark.parametrize(
    ("rank", "rank_us", "age_us"),
    [("keep", NOW_US - 60 * S, 60 * S), ("back", NOW_US + 9, 0), ("front", 0, 0)],
)
def test_a_move_begins_the_wait_anew_and_ranks_as_asked(rank: str, rank_us: int, age_us: int) -> None:
    centre = centre_with()
    asked = {"refused": (("bo", 0),), "steps": (parse_step("agents [bo]"),)}
    centre.push(replace(new_contact("c"), age_us=60 * S, **asked), NOW_US)

    given = centre.move("c", "Work", rank, NOW_US + 9)
    moved = centre.state.waiting["c"]

    assert given == []
    assert (moved.queue, moved.queued_us, moved.step, moved.step_us) == ("Work", NOW_US + 9, 0, NOW_US + 9)
    assert (moved.rank_us, moved.age_us, moved.refused, len(moved.steps)) == (rank_us, age_us, (), 1)


def test_a_move_starts_the_steps_again_and_acts_at_once() -> None:
    centre = centre_with(ana=True)
    centre.push(replace(new_contact("c"), queue="Else", steps=(parse_step("agents [ana] for 5s"),)), NOW_US)
    centre.sweep(NOW_US + 6 * S)
    before = centre.state.waiting["c"].step

    given = centre.move("c", "Q", "keep", NOW_US + 7 * S)

    assert before == 1
    assert given == [Assignment("ana", "c", is_offered=False)]


def test_ruling_17_a_move_within_the_queue_changes_the_rank_alone() -> None:
    centre = centre_with()
    centre.push(new_contact("c"), NOW_US)
    centre.push(new_contact("d"), NOW_US + 1)
    before = centre.state.waiting["d"]

    given = centre.move("d", "Q", "front", NOW_US + 9)

    after = centre.state.waiting["d"]
    assert given == []
    assert after.rank_us < centre.state.waiting["c"].rank_us
    assert replace(after, rank_us=before.rank_us) == before


@pytest.mark.parametrize(("rank", "rank_us", "age_us"), [("keep", NOW_US, 60 * S), ("back", NOW_US + 70 * S, 0)])
def test_ruling_17_a_move_within_the_queue_starts_the_steps_that_it_brings(
    rank: Rank, rank_us: int, age_us: int
) -> None:
    centre = centre_with()
    steps = (parse_step("agents [bo] for 5s"), parse_step("agents [cem]"))
    centre.push(replace(new_contact("c"), age_us=60 * S, steps=(parse_step("agents [ana] for 5s"),)), NOW_US + 60 * S)
    centre.sweep(NOW_US + 66 * S)
    before = centre.state.waiting["c"]

    nothing = centre.move("c", "Q", "keep", NOW_US + 67 * S)
    unmoved = centre.state.waiting["c"]
    given = centre.move("c", "Q", rank, NOW_US + 70 * S, steps)

    moved = centre.state.waiting["c"]
    assert (nothing, given, before.step, unmoved) == ([], [], 1, before)
    assert (moved.steps, moved.step, moved.step_us) == (steps, 0, NOW_US + 70 * S)
    assert (moved.rank_us, moved.age_us, moved.queued_us) == (rank_us, age_us, NOW_US + 60 * S)


def test_an_update_of_the_criteria_starts_with_their_first_step() -> None:
    centre = centre_with()
    steps = (parse_step("agents [bo] for 5s"), parse_step("agents [cem]"))
    centre.push(new_contact("c"), NOW_US)

    centre.update("c", NOW_US + 9, criteria=steps)

    updated = centre.state.waiting["c"]
    assert (updated.steps, updated.step, updated.step_us) == (steps, 0, NOW_US + 9)


def test_a_pause_and_a_refusal_are_over_at_their_end_and_the_first_of_them_comes_due_first() -> None:
    contact = replace(new_contact("c"), again_us=NOW_US + 5, refused=(("ana", NOW_US + 9), ("bo", 0)))

    assert contact.again_at_us() == NOW_US + 5
    assert contact.at(NOW_US + 4) == contact
    assert contact.at(NOW_US + 5) == replace(contact, again_us=0)
    assert contact.at(NOW_US + 5).again_at_us() == NOW_US + 9
    assert contact.at(NOW_US + 9).refused == (("bo", 0),)
    assert contact.at(NOW_US + 9).again_at_us() is None


def test_a_queue_turns_away_what_comes_when_nobody_is_there() -> None:
    centre = centre_with()
    centre.apply_configuration(configuration_of(P, Queue("Q", turn_away_when="nobody_staffed"), Queue("Work")), NOW_US)
    calls = [new_contact("c"), replace(new_contact("d"), queue="Work")]
    asks = replace(new_contact("e"), steps=(parse_step("agents [cem]"),))

    before = [centre.state.turns_away(one, NOW_US) for one in calls]
    centre.sign_in("ana", NOW_US + 1)
    after = [centre.state.turns_away(one, NOW_US + 1) for one in (*calls, asks)]
    centre.set_status("ana", NOW_US + 2, is_routable=False)
    away = [centre.state.turns_away(one, NOW_US + 2) for one in calls]

    assert (before, after, away) == ([True, False], [False, False, False], [True, False])


def test_an_update_changes_the_priority_or_the_rank_and_nothing_else() -> None:
    centre = centre_with()
    centre.push(replace(new_contact("c"), age_us=10 * S), NOW_US)

    given = [centre.update("c", NOW_US + 1, priority=2), centre.update("c", NOW_US + 2, age_adjustment_s=30)]
    contact = centre.state.waiting["c"]

    assert given == [[], []]
    assert (contact.priority, contact.rank_us, contact.age_us) == (2, NOW_US - 30 * S, 30 * S)
    assert contact.queued_us == NOW_US


def test_an_abandoned_contact_is_gone() -> None:
    centre = centre_with()
    centre.push(new_contact("c"), NOW_US)

    given = centre.abandon("c", NOW_US + 1)

    assert given == []
    assert (centre.state.waiting, centre.state.counts) == ({}, {"pushed": 1, "abandoned": 1})


def test_a_changed_configuration_acts_at_once_and_a_changed_profile_shares_anew() -> None:
    centre = centre_with(ana=True)
    weighted = RoutingProfile(
        "P", CHANNELS, (Entry("Q", "voice", weight=2), Entry("Work", "voice")), sharing="weighted"
    )
    centre.apply_configuration(configuration_of(weighted), NOW_US + 1)
    centre.push(replace(new_contact("c"), queue="Else"), NOW_US + 2)
    centre.push(new_contact("d"), NOW_US + 3)
    centre.complete("ana", token_of(centre, "d"), NOW_US + 4)
    shared = dict(centre.state.passes["P"]), centre.state.served_last["P"]

    same = centre.apply_configuration(configuration_of(weighted), NOW_US + 5)
    kept = dict(centre.state.passes)
    given = centre.apply_configuration(configuration_of(replace(P, entries=(Entry("Else", "voice"),))), NOW_US + 6)

    assert shared == ({("Q", "voice"): 500_000}, 0)
    assert (same, kept) == ([], {"P": {("Q", "voice"): 500_000}})
    assert centre.state.passes == {}
    assert given == [Assignment("ana", "c", is_offered=False)]
    assert centre.state.served_last == {}


def test_entries_that_share_by_weight_are_served_in_proportion() -> None:
    centre = centre_with()
    weighted = RoutingProfile(
        "P", CHANNELS, (Entry("Q", "voice", weight=3), Entry("Work", "voice")), sharing="weighted"
    )
    centre.apply_configuration(configuration_of(weighted, Queue("Q"), Queue("Work")), NOW_US)
    for place in range(8):
        centre.push(replace(new_contact(f"q{place}"), queue="Q"), NOW_US + place)
        centre.push(replace(new_contact(f"w{place}"), queue="Work"), NOW_US + place)

    centre.sign_in("ana", NOW_US + 10)
    served = []
    for place in range(8):
        (slot,) = centre.state.agents["ana"].slots.values()
        served.append(slot.contact.queue)
        centre.complete("ana", token_of(centre, slot.contact.contact_id), NOW_US + 20 + place)

    assert (served.count("Q"), served.count("Work")) == (6, 2)


def test_what_is_given_by_hand_takes_no_share() -> None:
    centre = centre_with(ana=True)
    weighted = RoutingProfile("P", CHANNELS, (Entry("Q", "voice"), Entry("Q", "task")), sharing="weighted")
    centre.apply_configuration(configuration_of(weighted), NOW_US)
    centre.set_status("ana", NOW_US + 1, is_routable=False)
    for name in ("picked", "assigned"):
        centre.push(new_contact(name), NOW_US + 2)

    centre.pick("ana", "picked", NOW_US + 3)
    centre.assign("assigned", "ana", NOW_US + 4)
    centre.begin("ana", new_contact("begun"), NOW_US + 5)

    assert len(centre.state.agents["ana"].slots) == 3
    assert (centre.state.passes, centre.state.turns) == ({}, {})


def test_a_contact_that_pauses_pauses_no_more_once_it_is_given_by_hand() -> None:
    centre = centre_with(ana=True)
    centre.apply_configuration(configuration_of(P, Queue("Q", retry_delay_s=60)), NOW_US)
    centre.push(new_contact("c"), NOW_US + 1)
    centre.fail("ana", [token_of(centre, "c")], NOW_US + 2)
    pauses_until_us = centre.state.waiting["c"].again_us

    centre.assign("c", "ana", NOW_US + 3)

    (slot,) = centre.state.agents["ana"].slots.values()
    assert (pauses_until_us, slot.contact.again_us) == (NOW_US + 2 + 60 * S, 0)


def test_a_queue_is_full_with_what_waits_and_what_is_offered() -> None:
    centre = centre_with(ana=False)

    room = [centre.state.has_room("Q")]
    for name in ("c", "d"):
        centre.push(new_contact(name), NOW_US)
        room.append(centre.state.has_room("Q"))

    assert room == [True, True, False]
    assert centre.state.has_room("Work")


def test_an_agents_own_queue_takes_ten_contacts_and_only_that_agent_gets_them() -> None:
    centre = centre_with(bo=True)

    room = []
    for place in range(10):
        room.append(centre.state.has_room("@ana"))
        centre.push(replace(new_contact(f"c{place}"), queue="@ana"), NOW_US + place)
    given = centre.sign_in("ana", NOW_US + 20)

    assert all(room)
    assert given == [Assignment("ana", "c0", is_offered=False)]
    assert [centre.state.has_room("@ana"), len(centre.state.waiting)] == [True, 9]


def test_stamps_rise_though_the_clock_stands_still() -> None:
    centre = centre_with()

    stamps = [centre.state.stamp(at_us) for at_us in (NOW_US, NOW_US, NOW_US, NOW_US + 10)]

    assert stamps == [NOW_US, NOW_US + 1, NOW_US + 2, NOW_US + 10]


def test_what_comes_due_stands_in_order_of_time() -> None:
    centre = centre_with(ana=False)
    centre.push(replace(new_contact("c"), queue="Else", steps=(parse_step("agents [bo] for 5s"),)), NOW_US)
    centre.push(new_contact("d"), NOW_US + 1)

    due = centre.state.due()

    assert due == [(NOW_US + 5 * S, "step", "c"), (NOW_US + 20 * S + 1, "offer", "d")]


def test_steps_end_by_the_clock_one_after_the_other_but_not_in_an_agents_queue() -> None:
    steps = (parse_step("agents [bo] for 5s"), parse_step("agents [ana] for 10s"), parse_step("agents [cem]"))
    contact = replace(new_contact("c"), steps=steps, step_us=NOW_US)

    active = [contact.at(NOW_US + seconds * S).step for seconds in (0, 4.999_999, 5, 14.999_999, 15, 1_000)]
    own = replace(contact, queue="@ana").at(NOW_US + 1_000 * S)

    assert active == [0, 0, 1, 1, 2, 2]
    assert (own.step, own.step_ends_us()) == (0, None)
    assert contact.at(NOW_US + 15 * S).step_us == NOW_US + 15 * S
    assert (contact.waiting().step, replace(contact, step=3).waiting().step) == (1, 0)


def test_a_slot_knows_nothing_of_its_end_unless_told() -> None:
    slot = Slot("connected", new_contact("c"))

    assert slot.ends_us is None
