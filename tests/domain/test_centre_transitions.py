"""Each transition of the pure Centre, step by step: times, counts, places in line and what is answered."""

from dataclasses import replace

import pytest

from fairlead.domain.agent import Agent
from fairlead.domain.centre import Assignment, Centre, Contact, Slot
from fairlead.domain.channel import Channel
from fairlead.domain.configuration import Configuration
from fairlead.domain.criteria import parse_step
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue

S = 1_000_000
NOW_US = 1_800_000_000 * S
QUEUES = {
    "Q": Queue("Q", retry_delay_s=0, max_attempts=2, max_contacts=2, exclude_rejecting=True),
    "Work": Queue("Work", acw_s={"voice": 10}),
}
ENTRIES = (Entry("Q", "voice"), Entry("Q", "task"), Entry("Work", "voice"))
CHANNELS: dict[Channel, Concurrency] = {"voice": Concurrency(1), "task": Concurrency(1, allows_others=True)}
P = RoutingProfile("P", CHANNELS, ENTRIES)


def test_an_offer_that_is_accepted_restarts_the_clock_and_counts_once_as_answered() -> None:
    centre = _centre(ana=False)
    centre.push(_contact("c"), NOW_US + 10)
    token = _token(centre, "c")

    given = centre.accept("ana", token, NOW_US + 5 * S)
    centre.release("ana", [token], NOW_US + 6 * S)
    centre.accept("ana", _token(centre, "c"), NOW_US + 7 * S)

    assert given == []
    assert centre.state.counts == {"pushed": 1, "answered": 1}
    assert centre.state.agents["ana"].available_us == NOW_US + 7 * S


def test_an_offer_lasts_as_long_as_its_queue_says_and_then_keeps_a_slot_until_it_is_cleared() -> None:
    centre = _centre(ana=False)
    centre.push(_contact("c"), NOW_US)

    before = centre.sweep(NOW_US + 20 * S - 1)
    (slot,) = centre.state.agents["ana"].slots.values()
    given = centre.sweep(NOW_US + 20 * S)
    (missed,) = centre.state.agents["ana"].slots.values()
    again = centre.clear("ana", _token(centre, "c", "missed"), NOW_US + 30 * S)

    assert (before, slot.kind, slot.ends_us) == ([], "offered", NOW_US + 20 * S)
    assert (given, missed.kind, missed.ends_us) == ([], "missed", None)
    assert again == [Assignment("ana", "c", is_offered=True)]
    assert centre.state.agents["ana"].available_us == NOW_US


def test_what_is_rejected_goes_to_somebody_else_and_not_to_that_agent_again() -> None:
    centre = _centre(ana=False, bo=False)
    centre.push(_contact("c"), NOW_US + 10)

    given = centre.reject("ana", _token(centre, "c"), NOW_US + 20)
    nobody = centre.reject("bo", _token(centre, "c"), NOW_US + 30)

    assert given == [Assignment("bo", "c", is_offered=True)]
    assert nobody == []
    assert centre.state.waiting["c"].refused == ("ana", "bo")
    assert centre.state.agents["ana"].available_us == NOW_US


def test_a_queue_that_excludes_nobody_offers_again_what_was_rejected() -> None:
    centre = _centre(ana=False)
    centre.push(replace(_contact("c"), queue="Work"), NOW_US + 10)

    given = centre.reject("ana", _token(centre, "c"), NOW_US + 20)

    assert given == [Assignment("ana", "c", is_offered=True)]


def test_after_contact_work_keeps_the_slot_until_it_ends() -> None:
    centre = _centre(ana=True)
    centre.push(replace(_contact("c"), queue="Work"), NOW_US)
    centre.push(_contact("d"), NOW_US)

    at_once = centre.complete("ana", _token(centre, "c"), NOW_US + S)
    (slot,) = centre.state.agents["ana"].slots.values()
    done = centre.state.counts["completed"]
    given = [centre.sweep(NOW_US + 11 * S - 1), centre.sweep(NOW_US + 11 * S)]

    assert (at_once, slot.kind, slot.ends_us, done) == ([], "acw", NOW_US + 11 * S, 0)
    assert given == [[], [Assignment("ana", "d", is_offered=False)]]
    assert centre.state.counts["completed"] == 1


def test_after_contact_work_restarts_the_clock_as_it_ends() -> None:
    centre = _centre(ana=True)
    centre.push(replace(_contact("c"), queue="Work"), NOW_US)
    centre.complete("ana", _token(centre, "c"), NOW_US + S)

    given = centre.clear("ana", _token(centre, "c"), NOW_US + 3 * S)

    assert given == []
    assert centre.state.agents["ana"].available_us == NOW_US + 3 * S
    assert centre.state.counts["completed"] == 1


def test_a_paused_task_leaves_its_slot_and_has_no_after_contact_work() -> None:
    centre = _centre(ana=True)
    tasks = [replace(_contact(name), channel="task") for name in ("c", "d")]
    for place, task in enumerate(tasks):
        centre.push(task, NOW_US + place)

    given = centre.pause("ana", _token(centre, "c"), NOW_US + 10)
    resumed = centre.resume("ana", _token(centre, "c"), NOW_US + 20)
    centre.pause("ana", _token(centre, "c"), NOW_US + 30)
    done = centre.complete("ana", _token(centre, "c"), NOW_US + 40)

    assert given == [Assignment("ana", "d", is_offered=False)]
    assert (resumed, done) == ([], [])
    assert centre.state.counts["completed"] == 1
    assert [slot.contact.contact_id for slot in centre.state.agents["ana"].slots.values()] == ["d"]


def test_a_paused_contact_of_a_queue_with_after_contact_work_is_done_at_once() -> None:
    centre = _centre(ana=True)
    centre.push(replace(_contact("c"), queue="Work"), NOW_US)
    token = _token(centre, "c")
    centre.pause("ana", token, NOW_US + 1)

    centre.complete("ana", token, NOW_US + 2)

    assert centre.state.agents["ana"].slots == {}
    assert centre.state.counts["completed"] == 1


def test_a_contact_on_hold_keeps_its_slot() -> None:
    centre = _centre(ana=True)
    centre.push(_contact("c"), NOW_US)
    centre.push(_contact("d"), NOW_US)

    given = centre.hold("ana", _token(centre, "c"), NOW_US + 10)

    assert given == []
    assert centre.state.slots("on_hold") == [("ana", _token(centre, "c"))]


def test_who_leaves_gives_back_what_it_held_and_what_it_was_offered() -> None:
    centre = _centre(ana=False)
    centre.push(replace(_contact("d"), channel="task"), NOW_US)
    centre.accept("ana", _token(centre, "d"), NOW_US + 1)
    centre.push(replace(_contact("c"), priority=6), NOW_US + 2)
    centre.sign_in("bo", NOW_US + 3)

    given = centre.end_sessions(["ana"], "lost", NOW_US + 4)
    held = {slot.contact.contact_id: slot.contact.attempts for slot in centre.state.agents["bo"].slots.values()}

    assert given == [Assignment("bo", "d", is_offered=False), Assignment("bo", "c", is_offered=False)]
    assert held == {"c": 0, "d": 1}
    assert "ana" not in centre.state.agents


def test_work_after_a_contact_ends_with_the_session_and_a_missed_offer_waits_already() -> None:
    centre = _centre(ana=False)
    centre.push(replace(_contact("c"), queue="Work"), NOW_US)
    centre.accept("ana", _token(centre, "c"), NOW_US + 1)
    centre.complete("ana", _token(centre, "c"), NOW_US + 2)
    centre.push(replace(_contact("d"), channel="task"), NOW_US + 3)
    centre.sweep(NOW_US + 31 * S)

    centre.end_sessions(["ana"], "lost", NOW_US + 32 * S)

    assert centre.state.counts["completed"] == 1
    assert {name: one.attempts for name, one in centre.state.waiting.items()} == {"d": 0}


def test_a_contact_is_parked_with_its_last_attempt_and_forgiven_when_it_is_retried() -> None:
    centre = _centre(ana=True)
    centre.push(_contact("c"), NOW_US)

    first = centre.fail("ana", [_token(centre, "c")], NOW_US + 1)
    last = centre.fail("ana", [_token(centre, "c")], NOW_US + 2)
    parked = [*centre.state.parked]
    given = centre.retry("c", NOW_US + 3)
    (slot,) = centre.state.agents["ana"].slots.values()

    assert (first, last, parked) == ([Assignment("ana", "c", is_offered=False)], [], ["c"])
    assert given == [Assignment("ana", "c", is_offered=False)]
    assert (slot.contact.attempts, centre.state.parked) == (0, {})


def test_what_is_released_keeps_its_place_and_what_comes_back_together_lines_up_before_anybody_takes() -> None:
    centre = _centre(ana=True)
    centre.push(replace(_contact("d"), channel="task"), NOW_US)
    centre.push(replace(_contact("c"), priority=4), NOW_US + 1)
    centre.set_status("ana", NOW_US + 2, is_routable=False)
    centre.sign_in("bo", NOW_US + 3)
    tokens = [_token(centre, "d"), _token(centre, "c")]

    given = centre.release("ana", tokens, NOW_US + 5)

    assert given == [Assignment("bo", "c", is_offered=False)]


def test_a_transfer_keeps_the_time_and_drops_the_criteria() -> None:
    centre = _centre(ana=True)
    asked = replace(_contact("c"), steps=(parse_step("agents [ana]"),), refused=("bo",))
    centre.push(asked, NOW_US + 5)
    centre.set_status("ana", NOW_US + 6, is_routable=False)

    given = centre.transfer("ana", _token(centre, "c"), "Work", NOW_US + 9)
    waiting = centre.state.waiting["c"]

    assert given == []
    assert (waiting.queue, waiting.steps, waiting.refused) == ("Work", (), ())
    assert (waiting.queued_us, waiting.is_answered) == (NOW_US + 5, False)


def test_a_transfer_goes_to_whoever_is_free_and_the_agent_takes_its_next() -> None:
    centre = _centre(ana=True)
    centre.push(_contact("c"), NOW_US)
    centre.push(_contact("d"), NOW_US + 1)

    given = centre.transfer("ana", _token(centre, "c"), "@bo", NOW_US + 9)

    assert given == [Assignment("ana", "d", is_offered=False)]
    assert [*centre.state.waiting] == ["c"]


@pytest.mark.parametrize(
    ("rank", "rank_us", "age_us"),
    [("keep", NOW_US - 60 * S, 60 * S), ("back", NOW_US + 9, 0), ("front", 0, 0)],
)
def test_a_move_begins_the_wait_anew_and_ranks_as_asked(rank: str, rank_us: int, age_us: int) -> None:
    centre = _centre()
    centre.push(replace(_contact("c"), age_us=60 * S, refused=("bo",), steps=(parse_step("agents [bo]"),)), NOW_US)

    given = centre.move("c", "Work", rank, NOW_US + 9)
    moved = centre.state.waiting["c"]

    assert given == []
    assert (moved.queue, moved.queued_us, moved.step, moved.step_us) == ("Work", NOW_US + 9, 0, NOW_US + 9)
    assert (moved.rank_us, moved.age_us, moved.refused, len(moved.steps)) == (rank_us, age_us, (), 1)


def test_a_move_starts_the_steps_again_and_acts_at_once() -> None:
    centre = _centre(ana=True)
    centre.push(replace(_contact("c"), queue="Else", steps=(parse_step("agents [ana] for 5s"),)), NOW_US)
    centre.sweep(NOW_US + 6 * S)
    before = centre.state.waiting["c"].step

    given = centre.move("c", "Q", "keep", NOW_US + 7 * S)

    assert before == 1
    assert given == [Assignment("ana", "c", is_offered=False)]


def test_a_move_within_the_queue_changes_nothing() -> None:
    centre = _centre()
    centre.push(_contact("c"), NOW_US)
    before = centre.state.waiting["c"]

    given = centre.move("c", "Q", "front", NOW_US + 9)

    assert given == []
    assert centre.state.waiting == {"c": before}


def test_an_update_changes_the_priority_or_the_rank_and_nothing_else() -> None:
    centre = _centre()
    centre.push(replace(_contact("c"), age_us=10 * S), NOW_US)

    given = [centre.update("c", NOW_US + 1, priority=2), centre.update("c", NOW_US + 2, age_adjustment_s=30)]
    contact = centre.state.waiting["c"]

    assert given == [[], []]
    assert (contact.priority, contact.rank_us, contact.age_us) == (2, NOW_US - 30 * S, 30 * S)
    assert contact.queued_us == NOW_US


def test_an_abandoned_contact_is_gone() -> None:
    centre = _centre()
    centre.push(_contact("c"), NOW_US)

    given = centre.abandon("c")

    assert given == []
    assert (centre.state.waiting, centre.state.counts) == ({}, {"pushed": 1, "abandoned": 1})


def test_becoming_available_restarts_the_clock_and_staying_so_does_not() -> None:
    centre = _centre(ana=True)

    given = centre.set_status("ana", NOW_US + 10, is_routable=True)
    stays_us = centre.state.agents["ana"].available_us
    centre.set_status("ana", NOW_US + 20, is_routable=False)
    leaves_us = centre.state.agents["ana"].available_us
    centre.push(_contact("c"), NOW_US + 25)
    again = centre.set_status("ana", NOW_US + 30, is_routable=True)

    assert (given, stays_us, leaves_us) == ([], NOW_US, NOW_US)
    assert again == [Assignment("ana", "c", is_offered=False)]


def test_a_changed_configuration_acts_at_once_and_a_changed_profile_shares_anew() -> None:
    centre = _centre(ana=True)
    weighted = RoutingProfile(
        "P", CHANNELS, (Entry("Q", "voice", weight=2), Entry("Work", "voice")), sharing="weighted"
    )
    centre.apply_configuration(_configuration(weighted), NOW_US + 1)
    centre.push(replace(_contact("c"), queue="Else"), NOW_US + 2)
    centre.push(_contact("d"), NOW_US + 3)
    centre.complete("ana", _token(centre, "d"), NOW_US + 4)
    shared = dict(centre.state.passes["P"]), centre.state.served_last["P"]

    same = centre.apply_configuration(_configuration(weighted), NOW_US + 5)
    kept = centre.state.passes
    given = centre.apply_configuration(_configuration(replace(P, entries=(Entry("Else", "voice"),))), NOW_US + 6)

    assert shared == ({("Q", "voice"): 500_000}, 0)
    assert (same, kept) == ([], {})
    assert given == [Assignment("ana", "c", is_offered=False)]
    assert centre.state.served_last == {}


def test_entries_that_share_by_weight_are_served_in_proportion() -> None:
    centre = _centre()
    weighted = RoutingProfile(
        "P", CHANNELS, (Entry("Q", "voice", weight=3), Entry("Work", "voice")), sharing="weighted"
    )
    centre.apply_configuration(_configuration(weighted, Queue("Q"), Queue("Work")), NOW_US)
    for place in range(8):
        centre.push(replace(_contact(f"q{place}"), queue="Q"), NOW_US + place)
        centre.push(replace(_contact(f"w{place}"), queue="Work"), NOW_US + place)

    centre.sign_in("ana", NOW_US + 10)
    served = []
    for place in range(8):
        (slot,) = centre.state.agents["ana"].slots.values()
        served.append(slot.contact.queue)
        centre.complete("ana", _token(centre, slot.contact.contact_id), NOW_US + 20 + place)

    assert (served.count("Q"), served.count("Work")) == (6, 2)


def test_a_queue_is_full_with_what_waits_and_what_is_offered() -> None:
    centre = _centre(ana=False)

    room = [centre.state.has_room("Q")]
    for name in ("c", "d"):
        centre.push(_contact(name), NOW_US)
        room.append(centre.state.has_room("Q"))

    assert room == [True, True, False]
    assert centre.state.has_room("Work")


def test_an_agents_own_queue_takes_ten_contacts_and_only_that_agent_gets_them() -> None:
    centre = _centre(bo=True)

    room = []
    for place in range(10):
        room.append(centre.state.has_room("@ana"))
        centre.push(replace(_contact(f"c{place}"), queue="@ana"), NOW_US + place)
    given = centre.sign_in("ana", NOW_US + 20)

    assert all(room)
    assert given == [Assignment("ana", "c0", is_offered=False)]
    assert [centre.state.has_room("@ana"), len(centre.state.waiting)] == [True, 9]


def test_stamps_rise_though_the_clock_stands_still() -> None:
    centre = _centre()

    stamps = [centre.state.stamp(at_us) for at_us in (NOW_US, NOW_US, NOW_US, NOW_US + 10)]

    assert stamps == [NOW_US, NOW_US + 1, NOW_US + 2, NOW_US + 10]


def test_what_comes_due_stands_in_order_of_time() -> None:
    centre = _centre(ana=False)
    centre.push(replace(_contact("c"), queue="Else", steps=(parse_step("agents [bo] for 5s"),)), NOW_US)
    centre.push(_contact("d"), NOW_US + 1)

    due = centre.state.due()

    assert due == [(NOW_US + 5 * S, "step", "c"), (NOW_US + 20 * S + 1, "offer", "d")]


def test_steps_end_by_the_clock_one_after_the_other_but_not_in_an_agents_queue() -> None:
    steps = (parse_step("agents [bo] for 5s"), parse_step("agents [ana] for 10s"), parse_step("agents [cem]"))
    contact = replace(_contact("c"), steps=steps, step_us=NOW_US)

    active = [contact.at(NOW_US + seconds * S).step for seconds in (0, 4.999_999, 5, 14.999_999, 15, 1_000)]
    own = replace(contact, queue="@ana").at(NOW_US + 1_000 * S)

    assert active == [0, 0, 1, 1, 2, 2]
    assert (own.step, own.step_ends_us()) == (0, None)
    assert contact.at(NOW_US + 15 * S).step_us == NOW_US + 15 * S
    assert (contact.waiting().step, replace(contact, step=3).waiting().step) == (1, 0)


def test_a_slot_knows_nothing_of_its_end_unless_told() -> None:
    slot = Slot("connected", _contact("c"))

    assert slot.ends_us is None


def _configuration(profile: RoutingProfile, *queues: Queue) -> Configuration:
    agents = {name: Agent(name, "P") for name in ("ana", "bo")}
    named = {queue.name: queue for queue in queues} or QUEUES
    return Configuration(named, {"P": profile}, agents, {})


def _centre(**signed_in: bool) -> Centre:
    """Agents sign in by name; whether each accepts all."""
    centre = Centre(_configuration(P))
    for place, (name, accepts_all) in enumerate(signed_in.items()):
        centre.sign_in(name, NOW_US + place, accepts_all=accepts_all)
    return centre


def _contact(name: str) -> Contact:
    return Contact(name, "Q", "voice", 5, 0, 0)


def _token(centre: Centre, contact_id: str, kind: str = "") -> int:
    """The token under which an agent has the contact."""
    return next(
        token
        for agent in centre.state.agents.values()
        for token, slot in agent.slots.items()
        if slot.contact.contact_id == contact_id and kind in ("", slot.kind)
    )
