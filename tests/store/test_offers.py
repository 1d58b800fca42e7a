"""Offers: their windows, how they end, and what queues make of those that nobody answers."""

from collections.abc import Callable

import pytest
from centre import Centre, S, profile

from fairlead import errors
from fairlead.domain.agent import Agent
from fairlead.domain.channel import Channel
from fairlead.domain.profile import Entry
from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.new_contact import Callback
from fairlead.store.transitions import producing, supervising


@pytest.mark.parametrize(("channel", "window_s"), [("voice", 20), ("chat", 20), ("task", 30), ("email", 30)])
def test_an_offer_waits_as_long_as_its_channels_window(centre: Centre, channel: Channel, window_s: int) -> None:
    centre.sign_in("ana", accepts=False)
    centre.push("c", channel=channel)
    begins_us = centre.offer("ana", "c").deadline_us - window_s * S

    centre.now_us = begins_us
    centre.passes(window_s - 0.001)
    assert centre.held("ana") == {"c": "offered"}
    centre.passes(0.001)

    assert centre.held("ana") == {"c": "missed"} | ({"c": "offered"} if channel != "voice" else {})
    assert centre.events("contact.missed") == ["contact.missed"]


def test_a_queue_sets_the_window_of_each_channel(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_window_ms={"voice": 5_000, "chat": 20_000, "task": 30_000, "email": 30_000}))
    centre.sign_in("ana", accepts=False)
    centre.push("c")

    assert centre.offer("ana", "c").deadline_us == centre.now_us + 5 * S


def test_an_agent_accepts_by_itself_on_the_channels_of_its_configuration(centre: Centre) -> None:
    centre.configure(agents={"ana": Agent("ana", "P", auto_accept=frozenset({"chat"}))})
    centre.sign_in("ana", accepts=False)
    centre.push("chat", channel="chat")
    centre.push("task", channel="task")

    assert centre.held("ana") == {"chat": "connected", "task": "offered"}


def test_a_missed_slot_stays_until_it_is_cleared_and_blocks_no_other_channel(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.push("c")
    centre.passes(21)
    centre.push("chat", channel="chat")

    assert centre.held("ana") == {"c": "missed", "chat": "offered"}
    centre.passes(5)
    assert centre.state("c") == "queued"
    centre.clears("ana", "c")
    assert centre.held("ana")["c"] == "offered"


@pytest.mark.parametrize("ends", ["missed", "rejected", "error"])
def test_a_contact_that_comes_back_keeps_its_place_and_its_age(centre: Centre, ends: str) -> None:
    centre.configure(Queue("Q"))
    centre.sign_in("ana", accepts=False)
    centre.push("first")
    before = centre.store.run(reading.contact("first"))
    centre.push("second")

    if ends == "missed":
        centre.passes(21)
    else:
        offer = centre.offer("ana", "first")
        centre.does("ana", *(["reject", offer] if ends == "rejected" else ["report_error", offer, "no line"]))

    assert [name for name in ("first", "second") if not centre.who(name)] == centre.line()
    after = centre.store.run(reading.contact("first"))
    assert (after.queued_us, after.rank_us) == (before.queued_us, before.rank_us)
    kinds = [slot.kind for slot in centre.slots("ana")]
    assert kinds == (["offered"] if ends == "rejected" else [ends])


def test_an_error_slot_stays_until_it_is_cleared(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.push("c")
    centre.does("ana", "report_error", "c", "no line")

    assert centre.held("ana") == {"c": "error"}
    assert centre.store.run(reading.contact("c")).error == "no line"
    centre.clears("ana", "c")
    assert centre.held("ana") == {"c": "offered"}


def test_a_policy_clears_the_missed_slot_at_once(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=0, missed_slot_s=0))
    centre.sign_in("ana", accepts=False)
    centre.push("c")

    centre.passes(21)

    assert centre.held("ana") == {"c": "offered"}


def test_a_policy_lets_the_missed_slot_cool_down(centre: Centre) -> None:
    centre.configure(Queue("Q", missed_slot_s=8))
    centre.sign_in("ana", accepts=False)
    centre.push("c")
    centre.passes(21)

    centre.passes(7.999)
    assert centre.held("ana") == {"c": "missed"}
    centre.passes(0.001)

    assert centre.held("ana") == {"c": "offered"}


def test_so_many_misses_in_a_row_change_the_agents_status(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=0, missed_slot_s=0, status_after_misses=2, missed_status="Break"))
    centre.sign_in("ana", accepts=False)
    centre.push("c")

    centre.passes(21)
    assert centre.status("ana") == "Available"
    centre.passes(21)

    assert centre.status("ana") == "Break"
    assert centre.line() == ["c"]


def test_an_accepted_offer_forgets_the_misses_before(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=0, missed_slot_s=0, status_after_misses=2, missed_status="Break"))
    centre.sign_in("ana", accepts=False)
    centre.push("c")
    centre.passes(21)
    centre.does("ana", "accept", "c")
    centre.does("ana", "complete", "c")
    centre.push("d")

    centre.passes(21)

    assert centre.status("ana") == "Available"


def test_who_has_refused_stays_in_the_pool(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.push("c")

    centre.does("ana", "reject", "c")

    assert centre.held("ana") == {"c": "offered"}


def test_a_policy_excludes_who_has_refused(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=None))
    centre.sign_in("ana", accepts=False)
    centre.sign_in("bo", accepts=False)
    centre.does("bo", "set_status", "Break")
    centre.push("c")

    centre.does("ana", "reject", "c")
    assert (centre.held("ana"), centre.line()) == ({}, ["c"])
    centre.push("d")
    centre.does("bo", "set_status", "Available")

    assert centre.held("bo") == {"c": "offered"}
    assert centre.held("ana") == {"d": "offered"}


def test_a_contact_that_nobody_answers_goes_to_the_overflow_queue(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=0, max_offers=2, overflow="Overflow", missed_slot_s=0))
    centre.sign_in("ana", accepts=False)
    centre.push("c")

    centre.passes(21)
    assert centre.where("c") == "Q"
    centre.passes(21)

    assert (centre.where("c"), centre.state("c")) == ("Overflow", "queued")
    assert centre.events("contact.overflowed") == ["contact.overflowed"]


def test_a_contact_that_nobody_answers_is_parked_where_nothing_overflows(centre: Centre) -> None:
    centre.configure(Queue("Q", max_offers=1))
    centre.sign_in("ana", accepts=False)
    centre.push("c")

    centre.does("ana", "reject", "c")

    assert centre.line("parked") == ["c"]


def test_an_ended_offer_cannot_be_accepted(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.push("c")
    offer = centre.offer("ana", "c")
    centre.passes(21)

    with pytest.raises(errors.StaleToken):
        centre.does("ana", "accept", offer)


def test_when_the_customer_leaves_while_the_offer_is_accepted_one_of_them_wins(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.push("first")
    centre.push("second")
    offer = centre.offer("ana", "first")
    centre.does("ana", "accept", offer)
    with pytest.raises(errors.WrongState, match="connected"):
        centre.run(producing.abandon, "first")
    centre.does("ana", "complete", "first")
    late = centre.offer("ana", "second")
    centre.run(producing.abandon, "second")

    with pytest.raises(errors.StaleToken, match="went to another agent, or ended"):
        centre.does("ana", "accept", late)
    assert centre.held("ana") == {}


def test_a_profile_that_changes_while_a_contact_is_offered_leaves_the_offer(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.push("c")
    centre.configure(profiles=[profile([Entry("Other", "voice")])])

    centre.does("ana", "accept", "c")

    assert centre.state("c") == "connected"


def test_miss_and_reject_do_not_restart_the_availability_clock(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=0, missed_slot_s=0))
    centre.sign_in("ana", accepts=False)
    since_us = centre.store.run(reading.agent_states(["ana"]))[0].available_us
    centre.push("c")

    centre.passes(21)
    centre.does("ana", "reject", "c")

    assert centre.store.run(reading.agent_states(["ana"]))[0].available_us == since_us


def test_a_queue_that_excludes_nobody_any_more_forgets_who_has_refused(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=None))
    centre.sign_in("ana", accepts=False)
    centre.sign_in("bo", accepts=False)
    centre.does("bo", "set_status", "Break")
    centre.push("c")
    centre.does("ana", "reject", "c")
    assert centre.held("ana") == {}

    centre.configure(Queue("Q", offer_again_after_s=0))

    assert centre.held("ana") == {"c": "offered"}


def test_ruling_14_a_contact_does_not_overflow_to_where_it_has_waited(centre: Centre) -> None:
    centre.configure(
        Queue("Q", offer_again_after_s=0, max_offers=1, overflow="Other", missed_slot_s=0),
        Queue("Other", offer_again_after_s=0, max_offers=1, overflow="Q", missed_slot_s=0),
        profiles=[profile([Entry("Q", "voice"), Entry("Other", "voice")])],
    )
    centre.sign_in("ana", accepts=False)
    centre.push("c")

    for _ in range(13):
        centre.passes(21)

    assert (centre.where("c"), centre.held("ana")) == ("Other", {"c": "offered"})
    assert len(centre.events("contact.overflowed")) == 1
    centre.does("ana", "accept", "c")
    centre.does("ana", "transfer", "c", "Q")
    assert centre.store.run(reading.contact("c")).chain_length == 2
    centre.passes(21)
    assert centre.where("c") == "Other"


def test_a_session_that_ends_while_it_rings_is_an_offer_without_an_answer(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=0, max_offers=2))
    centre.push("c")

    for _ in range(2):
        session = centre.sign_in("ana", accepts=False)
        centre.store.run(session.sign_out())

    assert centre.line("parked") == ["c"]


def test_an_offer_that_follows_a_lost_session_has_its_whole_window(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False, lease_s=15)
    centre.push("c")
    centre.sign_in("bo", accepts=False)

    centre.passes(25)

    assert centre.held("bo") == {"c": "offered"}
    assert centre.events("contact.missed") == []


def test_an_answer_ends_the_count_of_offers_without_one(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=0, max_offers=2, missed_slot_s=0))
    centre.sign_in("ana", accepts=False)
    centre.push("c", callback=Callback(retry_delay_s=5, retries=3))
    centre.passes(1)
    centre.passes(21)
    centre.does("ana", "accept", "c")
    centre.does("ana", "retry_callback", "c")
    centre.passes(6)

    centre.passes(21)

    assert centre.held("ana") == {"c": "offered"}


def test_who_has_refused_is_forgotten_also_for_a_contact_that_is_offered_meanwhile(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=None))
    centre.sign_in("ana", accepts=False)
    session = centre.sign_in("bo", accepts=False)
    centre.push("c")
    centre.does("ana", "reject", "c")
    assert centre.held("bo") == {"c": "offered"}

    centre.configure(Queue("Q"))
    centre.store.run(session.sign_out())

    assert centre.held("ana") == {"c": "offered"}


@pytest.mark.parametrize(
    "what",
    [
        lambda centre: centre.run(producing.request_callback, "c", Callback(delay_s=1)),
        lambda centre: centre.run(supervising.move, "c", "Other"),
        lambda centre: [centre.run(supervising.assign, "c", "bo"), centre.does("bo", "accept", "c"),
                        centre.does("bo", "release", "c")],
    ],
)  # fmt: skip
def test_unanswered_offers_are_counted_anew_once_a_contact_was_answered_moved_or_is_to_be_called(
    centre: Centre, what: Callable[[Centre], object]
) -> None:
    queues = [Queue(name, offer_again_after_s=0, max_offers=2, missed_slot_s=0) for name in ("Q", "Other")]
    centre.configure(*queues, profiles=[profile([Entry(name, "voice") for name in ("Q", "Other")])])
    for name in ("ana", "bo"):
        centre.sign_in(name, accepts=False)
        centre.does(name, "set_status", "Break")
    centre.push("c")
    centre.run(supervising.assign, "c", "ana")
    centre.does("ana", "reject", "c")

    what(centre)
    centre.passes(1)
    states = []
    for _ in range(2):
        centre.run(supervising.assign, "c", "ana")
        centre.does("ana", "reject", "c")
        states.append(centre.state("c"))

    assert states == ["queued", "parked"]


def test_a_contact_that_is_to_be_called_back_is_offered_to_who_refused_it(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=None))
    centre.sign_in("ana", accepts=False)
    centre.sign_in("bo")
    centre.does("bo", "set_status", "Break")
    centre.push("c")
    centre.does("ana", "reject", "c")

    centre.run(producing.request_callback, "c", Callback(delay_s=60))
    centre.passes(60)

    assert centre.held("ana") == {"c": "offered"}


def test_how_an_offer_ended_is_counted_for_its_queue_and_its_agent(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=0, missed_slot_s=0))
    centre.sign_in("ana", accepts=False)
    centre.push("c")
    centre.does("ana", "reject", "c")
    centre.passes(20)
    centre.does("ana", "report_error", centre.offer("ana", "c"), "no line")
    centre.clears("ana", "c")
    centre.run(producing.abandon, "c")

    counts = centre.counts("Q:voice")
    of_ana = centre.counts("ana")
    ways = ("offers", "rejected", "missed", "error", "left")
    assert [counts.get(way, 0) for way in ways] == [4, 1, 1, 1, 1]
    assert [of_ana.get(way, 0) for way in ways] == [4, 1, 1, 1, 1]
