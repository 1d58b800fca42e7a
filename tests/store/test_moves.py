"""Moves: what becomes of a contact's rank, delay and criteria, chains, limits of queues, and who may exceed them."""

import pytest
from centre import Centre, profile

from fairlead import errors
from fairlead.domain.criteria import Step, parse_step
from fairlead.domain.profile import Entry
from fairlead.domain.queue import Queue, Rank, allowance
from fairlead.store import reading
from fairlead.store.new_contact import NewContact
from fairlead.store.transitions import producing, supervising

FRENCH = (parse_step("Language:French >= 4 for 30s"), parse_step("Language:French >= 2"))


def ranks(centre: Centre, contact_id: str) -> tuple[int, int]:
    contact = centre.store.run(reading.contact(contact_id))
    return contact.rank_us, contact.queued_us


def test_an_agents_transfer_keeps_the_original_time_and_drops_the_criteria(centre: Centre) -> None:
    centre.configure(agents={"ana": {"Language:French": 5}})
    centre.sign_in("ana")
    centre.push("c", criteria=FRENCH)
    before = ranks(centre, "c")

    centre.does("ana", "transfer", "c", "Other")

    assert (centre.where("c"), ranks(centre, "c")) == ("Other", before)
    assert centre.store.run(reading.contact("c")).criteria == ()
    assert centre.events("contact.transferred") == ["contact.transferred"]


def test_an_agents_transfer_keeps_the_delay_satisfied(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "voice")]), profile([Entry("Other", "voice", 1, 30)], "R")],
                     agents={"bo": "R"})  # fmt: skip
    centre.sign_in("ana")
    centre.sign_in("bo")
    centre.push("c")
    centre.passes(30)

    centre.does("ana", "transfer", "c", "Other")

    assert centre.who("c") == "bo"


def test_a_move_from_queue_to_queue_ranks_from_the_move_and_restarts_criteria_and_delay(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Other", "voice", 1, 30)])], agents={"ana": {"Language:French": 2}})
    centre.sign_in("ana")
    centre.push("c", criteria=FRENCH)
    centre.passes(31)
    assert centre.store.run(reading.contact("c")).step == 2

    centre.run(supervising.move, "c", "Other")

    moved_us = centre.now_us
    assert ranks(centre, "c") == (moved_us, moved_us)
    assert centre.store.run(reading.contact("c")).step == 1
    centre.passes(29.999)
    assert centre.who("c") == ""
    centre.passes(0.001)
    assert centre.who("c") == "ana"


@pytest.mark.parametrize(("rank", "expected"), [("keep", ["old", "here"]), ("back", ["here", "old"])])
def test_an_escalation_keeps_the_rank_or_goes_to_the_back(centre: Centre, rank: str, expected: list[str]) -> None:
    centre.push("old")
    centre.passes(5)
    centre.push("here", queue="Other")
    centre.passes(5)

    centre.run(supervising.move, "old", "Other", rank)

    assert centre.line() == expected


def test_an_escalation_to_the_front_goes_before_all_of_its_priority(centre: Centre) -> None:
    centre.push("old", queue="Other", age_adjustment_s=900)
    centre.push("better", queue="Other", priority=1)
    for name in ("first", "second"):
        centre.push(name)

    for name in ("first", "second"):
        centre.run(supervising.move, name, "Other", "front")

    assert centre.line() == ["better", "first", "second", "old"]


def test_a_move_of_an_offered_contact_takes_the_offer_away(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.push("c")

    centre.run(supervising.move, "c", "Overflow")

    assert (centre.held("ana"), centre.where("c")) == ({}, "Overflow")


def test_a_chain_has_at_most_twelve_contacts(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "voice"), Entry("Other", "voice")])])
    centre.sign_in("ana")
    centre.push("c")
    for number in range(11):
        centre.does("ana", "transfer", "c", "Other" if number % 2 == 0 else "Q")

    with pytest.raises(errors.ChainTooLong, match="12"):
        centre.does("ana", "transfer", "c", "Q")

    assert (centre.who("c"), centre.store.run(reading.contact("c")).chain_length) == ("ana", 12)


def test_a_moved_contact_counts_in_the_chain(centre: Centre) -> None:
    centre.push("c", queue="Overflow")
    for number in range(11):
        centre.run(supervising.move, "c", "Q" if number % 2 == 0 else "Overflow")

    with pytest.raises(errors.ChainTooLong):
        centre.run(supervising.move, "c", "Overflow")


@pytest.mark.parametrize(("limit", "with_moves"), [(0, 0), (4, 4), (5, 6), (9, 10), (10, 12)])
def test_moves_may_exceed_the_limit_by_a_fifth_rounded_down(centre: Centre, limit: int, with_moves: int) -> None:
    assert allowance(limit) == with_moves
    centre.configure(Queue("Other", max_contacts=limit))
    for number in range(limit):
        centre.push(f"c{number}", queue="Other", channel=("voice", "chat")[number % 2])
    with pytest.raises(errors.QueueFull, match=f"its limit is {limit} contacts"):
        centre.push("late", queue="Other")

    for number in range(limit, with_moves):
        centre.push(f"c{number}")
        centre.run(supervising.move, f"c{number}", "Other")
    centre.push("stays")
    with pytest.raises(errors.QueueFull):
        centre.run(supervising.move, "stays", "Other")

    assert centre.where("stays") == "Q"


def test_a_transfer_into_a_full_queue_fails_and_the_contact_stays(centre: Centre) -> None:
    centre.configure(Queue("Other", max_contacts=0))
    centre.sign_in("ana")
    centre.push("c")

    with pytest.raises(errors.QueueFull):
        centre.does("ana", "transfer", "c", "Other")

    assert (centre.who("c"), centre.state("c"), centre.where("c")) == ("ana", "connected", "Q")


def test_a_quick_connect_may_exceed_an_agents_queue_by_a_fifth(centre: Centre) -> None:
    centre.sign_in("bo")
    for number in range(10):
        centre.push(f"own{number}", queue="@ana")
    for number in range(2):
        centre.push(f"c{number}")
        centre.does("bo", "transfer", f"c{number}", "@ana")
    centre.push("c2")

    with pytest.raises(errors.QueueFull):
        centre.does("bo", "transfer", "c2", "@ana")


def test_those_being_offered_count_as_in_the_queue(centre: Centre) -> None:
    centre.configure(Queue("Q", max_contacts=1))
    centre.sign_in("ana", accepts=False)
    centre.push("c")

    with pytest.raises(errors.QueueFull):
        centre.push("d")
    centre.does("ana", "accept", "c")

    assert centre.push("d").created


def test_a_full_queue_overflows_into_the_queue_that_it_names_and_on(centre: Centre) -> None:
    centre.configure(Queue("Q", max_contacts=0, overflow="Other"), Queue("Other", max_contacts=1, overflow="Overflow"))

    receipts = [centre.push(f"c{number}") for number in range(2)]

    assert [receipt.queue for receipt in receipts] == ["Other", "Overflow"]
    assert centre.push("c0").queue == "Other"


def test_queues_that_overflow_into_each_other_and_are_full_refuse(centre: Centre) -> None:
    centre.configure(Queue("Q", max_contacts=0, overflow="Other"), Queue("Other", max_contacts=0, overflow="Q"))

    with pytest.raises(errors.QueueFull, match="'Q'"):
        centre.push("c")


def test_a_disabled_queue_lets_nothing_in_and_still_routes_what_is_inside(centre: Centre) -> None:
    centre.push("inside")
    centre.push("elsewhere", queue="Other")
    centre.configure(Queue("Q", enabled=False))

    with pytest.raises(errors.QueueDisabled):
        centre.push("late")
    with pytest.raises(errors.QueueDisabled):
        centre.run(supervising.move, "elsewhere", "Q")
    centre.sign_in("ana")

    assert centre.held("ana") == {"inside": "connected"}


def test_the_priority_or_the_age_changes_at_once_but_not_both(centre: Centre) -> None:
    for name in ("a", "b", "c"):
        centre.push(name)
    centre.run(producing.update, "c", priority=1)
    centre.run(producing.update, "b", age_adjustment_s=60)

    assert centre.line() == ["c", "b", "a"]
    with pytest.raises(errors.InvalidContact, match="not both"):
        producing.update(centre.keys, "a", priority=1, age_adjustment_s=1)


def test_who_is_connected_is_not_changed_any_more(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c")

    with pytest.raises(errors.WrongState, match="connected"):
        centre.run(producing.update, "c", priority=1)


def test_an_offered_contact_changes_its_rank_for_when_it_comes_back(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.push("a")
    centre.push("b", priority=3)
    centre.run(producing.update, "a", priority=1)

    centre.store.run(centre.sessions["ana"].set_status("Break"))

    assert centre.line() == ["a", "b"]


def test_attributes_are_seen_by_the_agent_and_change_while_the_contact_waits(centre: Centre) -> None:
    centre.push("c", attributes={"tier": "gold"}, related_to="earlier", customer="anna")
    centre.run(producing.update, "c", attributes={"tier": "silver", "note": "called before"})

    centre.sign_in("ana")

    offer = centre.offer("ana", "c")
    assert (offer.attributes, offer.customer) == ({"tier": "silver", "note": "called before"}, "anna")
    assert centre.store.run(reading.contact("c")).related_to == "earlier"


@pytest.mark.parametrize(
    ("attributes", "is_allowed"),
    [
        ({f"a{n}": "" for n in range(30)}, True),
        ({f"a{n}": "" for n in range(31)}, False),
        ({"a": "x" * 256}, True),
        ({"a": "x" * 257}, False),
        ({"two words": "x"}, False),
    ],
)
def test_attributes_have_limits(attributes: dict[str, str], is_allowed: bool) -> None:
    if is_allowed:
        NewContact("Q", "voice", attributes=attributes)
    else:
        with pytest.raises(errors.BadInput):
            NewContact("Q", "voice", attributes=attributes)


@pytest.mark.parametrize("where", ["scheduled", "queued", "offered", "connected", "on_hold", "paused", "acw", "parked"])
def test_a_supervisor_ends_a_contact_wherever_it_is(centre: Centre, where: str) -> None:
    centre.configure(Queue("Q", acw_s={"task": 60}, max_attempts=1))
    accepts = where != "offered"
    if where not in ("scheduled", "queued"):
        centre.sign_in("ana", accepts=accepts)
    centre.push("c", channel="task", **({"start_in_s": 60} if where == "scheduled" else {}))
    doing = {"on_hold": ["hold"], "paused": ["pause"], "acw": ["complete"]}
    for what in doing.get(where, []):
        centre.does("ana", what, "c")
    if where == "parked":
        centre.fails("ana", "c")
    assert centre.state("c") == where

    centre.run(supervising.stop, "c")
    centre.run(supervising.stop, "c")

    assert (centre.state("c"), centre.line(where)) == ("completed", [])


def test_a_contact_that_ended_otherwise_is_not_ended_again(centre: Centre) -> None:
    centre.push("c")
    centre.run(producing.abandon, "c")

    with pytest.raises(errors.WrongState, match="abandoned"):
        centre.run(supervising.stop, "c")


def test_a_move_into_a_full_queue_fails_although_it_names_an_overflow_queue(centre: Centre) -> None:
    centre.configure(Queue("Other", max_contacts=0, overflow="Overflow"))
    centre.sign_in("ana")
    centre.push("held")
    centre.push("waits")

    with pytest.raises(errors.QueueFull):
        centre.does("ana", "transfer", "held", "Other")
    with pytest.raises(errors.QueueFull):
        centre.run(supervising.move, "waits", "Other")

    assert (centre.who("held"), centre.where("waits")) == ("ana", "Q")


def test_a_moved_contact_is_new_to_its_queue_for_the_measures(centre: Centre) -> None:
    centre.push("c")

    centre.run(supervising.move, "c", "Other")

    assert centre.counts("Other:voice") == {"queued": 1, "transferred": 1}


@pytest.mark.parametrize(
    ("rank", "criteria", "changed"),
    [("front", None, "rank"), ("keep", FRENCH, "criteria"), ("back", FRENCH, "rank criteria")],
)
def test_a_move_within_the_queue_tells_what_has_changed(
    centre: Centre, rank: Rank, criteria: tuple[Step, ...] | None, changed: str
) -> None:
    centre.push("c")

    centre.run(supervising.move, "c", "Q", rank, criteria=criteria)

    (event,) = [one for one in centre.store.run(reading.events_after()) if one.name == "contact.updated"]
    assert event.fields["changed"] == changed
