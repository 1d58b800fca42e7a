"""Contacts that are put back by hand, and those that go on to another queue since nobody answers."""

import pytest
from centre import Centre, profile
from raw import raw

from fairlead import errors
from fairlead.domain.profile import Entry
from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.new_contact import Callback
from fairlead.store.transitions import producing, supervising
from fairlead.store.transitions.renewing import find_unseen


def test_what_never_was_queued_ranks_from_when_it_is_put_back_and_by_its_age(centre: Centre) -> None:
    for name, age_s in (("plain", 0), ("older", 60), ("younger", -60)):
        centre.push(name, start_in_s=5, age_adjustment_s=age_s)
    centre.configure(Queue("Q", max_contacts=0))
    centre.passes(5)
    centre.configure(Queue("Q"))
    centre.push("first")

    for name in ("plain", "older", "younger"):
        centre.run(supervising.retry, name)

    assert centre.line() == ["older", "first", "plain", "younger"]


def test_a_callback_that_no_queue_took_keeps_its_rank_when_it_is_put_back(centre: Centre) -> None:
    centre.push("c")
    centre.run(producing.request_callback, "c", Callback(60), "Overflow")
    rank_us = centre.store.run(reading.contact("c")).rank_us
    centre.configure(Queue("Overflow", enabled=False))
    centre.passes(60)
    parked = centre.state("c")
    centre.configure(Queue("Overflow"))

    centre.run(supervising.retry, "c")

    found = centre.store.run(reading.contact("c"))
    assert (parked, found.state, found.rank_us) == ("parked", "queued", rank_us)


def test_what_is_parked_again_and_ended_is_not_put_back(centre: Centre) -> None:
    centre.configure(Queue("Q", max_attempts=1))
    centre.sign_in("ana")
    centre.push("c")
    centre.fails("ana", "c")
    centre.run(supervising.retry, "c")
    centre.fails("ana", "c")
    centre.run(supervising.stop, "c")

    with pytest.raises(errors.WrongState, match="completed"):
        centre.run(supervising.retry, "c")


def test_a_chat_of_an_agents_own_waits_as_long_as_ever_once_it_is_put_back(centre: Centre) -> None:
    session = centre.sign_in("ana")
    centre.push("c", "@ana", "chat")
    for _ in range(5):
        centre.fails("ana", "c")
        centre.passes(10)
    parked = centre.state("c")
    centre.store.run(session.sign_out())
    centre.passes(90_000)

    centre.run(supervising.retry, "c")
    centre.passes(89_999)
    before = centre.state("c")
    centre.passes(1)

    assert (parked, before, centre.state("c")) == ("parked", "queued", "expired")


@pytest.mark.parametrize("full", [False, True])
def test_what_nobody_answers_may_exceed_a_full_overflow_queue_by_a_fifth_and_goes_on_beyond(
    centre: Centre, full: bool
) -> None:
    centre.configure(
        Queue("Q", max_offers=1, overflow="Overflow", missed_slot_s=0), Queue("More"),
        Queue("Overflow", max_contacts=5, overflow="More"),
    )  # fmt: skip
    for place in range(5):
        centre.push(f"c{place}", "Overflow")
    if full:
        centre.push("moved", "Other")
        centre.run(supervising.move, "moved", "Overflow")
    centre.sign_in("ana", accepts=False)
    centre.push("c")

    centre.passes(20)

    assert centre.where("c") == ("More" if full else "Overflow")


@pytest.mark.parametrize("full", [False, True])
def test_what_has_waited_too_long_may_exceed_a_full_overflow_queue_by_a_fifth_and_goes_on_beyond(
    centre: Centre, full: bool
) -> None:
    centre.configure(
        Queue("Q", overflow_after_s=60, overflow="Overflow"), Queue("Overflow", max_contacts=5, overflow="More"),
        Queue("More"),
    )  # fmt: skip
    for place in range(5):
        centre.push(f"c{place}", "Overflow")
    centre.push("c")
    if full:
        centre.push("moved", "Other")
        centre.run(supervising.move, "moved", "Overflow")

    centre.passes(60)

    assert centre.where("c") == ("More" if full else "Overflow")


def test_what_ends_while_it_waits_is_counted_by_how_it_ends(centre: Centre) -> None:
    for name in ("expires", "is stopped", "leaves"):
        centre.push(name.replace(" ", "-"), expiry_s=10)
    centre.run(supervising.stop, "is-stopped")
    centre.run(producing.abandon, "leaves")

    centre.passes(60)

    counts = centre.counts("Q:voice")
    assert {name: counts.get(name, 0) for name in ("expired", "stopped", "x1", "queued")} == {
        "expired": 1, "stopped": 1, "x1": 1, "queued": 3,
    }  # fmt: skip


def test_only_what_a_session_has_not_seen_and_still_has_is_looked_for(centre: Centre) -> None:
    centre.configure(Queue("Q", acw_s={"chat": 60}), profiles=[profile([Entry("Q", "chat")])])
    for name in ("ana", "bo", "cem"):
        centre.sign_in(name, capacity=2)
    for place in range(5):
        centre.push(f"c{place}", channel="chat")
    holders = [centre.who(f"c{place}") for place in range(5)]
    sessions = [centre.sessions[name] for name in ("ana", "bo", "cem")]
    before = centre.store.run(find_unseen(centre.keys, sessions))
    for name in ("ana", "bo"):
        centre.store.run(centre.sessions[name].take())
    seen = centre.store.run(find_unseen(centre.keys, sessions))
    centre.does("cem", "complete", "c2")
    centre.does("bo", "complete", *["c1"])

    assert holders == ["ana", "bo", "cem", "ana", "bo"]
    assert (before, seen) == (["ana", "bo", "cem"], ["cem"])
    assert centre.store.run(find_unseen(centre.keys, sessions)) == []


def test_a_contact_in_its_pause_forgets_who_has_refused_it_as_the_pause_ends(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=None))
    centre.sign_in("ana", accepts=False)
    centre.sign_in("bo")
    centre.sign_in("cem")
    centre.does("cem", "set_status", "Break")
    centre.push("c")
    centre.does("ana", "reject", "c")
    centre.fails("bo", "c")
    centre.does("bo", "set_status", "Break")
    centre.configure(Queue("Q"))

    centre.passes(2)

    assert centre.held("ana") == {"c": "offered"}
    assert centre.store.run(reading.contact("c")).refused == ()
    assert not raw(centre.store).hexists(centre.keys.contact("c"), "refused")
