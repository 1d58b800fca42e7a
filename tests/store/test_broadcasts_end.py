"""How a contact that rings at several agents rings no more, other than by being answered."""

from typing import Any

import pytest
from centre import Centre, S
from store.ringing import PEOPLE, ringing, rings

from fairlead.domain.agent import Agent
from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.new_contact import Callback
from fairlead.store.transitions import producing, supervising
from fairlead.store.transitions.describing import describe_session


@pytest.mark.parametrize("order", [("ana", "bo", "cem"), ("cem", "bo", "ana"), ("bo", "ana", "cem")])
def test_it_rings_on_until_the_last_has_rejected_it(centre: Centre, order: tuple[str, ...]) -> None:
    ringing(centre, max_offers=3)
    before = centre.store.run(reading.contact("c"))

    for name in order[:2]:
        centre.does(name, "reject", "c")
        assert (centre.state("c"), centre.held(name)) == ("offered", {})
    assert rings(centre) == [order[2]]
    centre.does(order[2], "reject", "c")

    assert centre.state("c") == "parked"  # nobody has answered it three times
    assert centre.events("contact.rejected", "contact.requeued") == ["contact.rejected"] * 3
    assert centre.counts("Q:voice")["rejected"] == 3
    after = centre.store.run(reading.contact("c"))
    assert (after.queued_us, after.rank_us, after.rings) == (before.queued_us, before.rank_us, ())


def test_when_the_last_has_rejected_it_it_goes_back_to_its_place(centre: Centre) -> None:
    ringing(centre, "ana", "bo")
    centre.push("d")
    centre.configure(Queue("Q", offer_to=3, offer_again_after_s=60))

    centre.does("bo", "reject", "c")
    assert rings(centre, "d") == ["bo"]
    centre.does("ana", "reject", "c")

    assert (centre.line(), centre.held("ana")) == (["c"], {})
    centre.does("bo", "accept", "d")
    centre.does("bo", "complete", "d")
    centre.passes(60)
    assert rings(centre) == ["ana", "bo"]


def test_all_who_let_it_ring_have_missed_it(centre: Centre) -> None:
    ringing(centre)

    centre.passes(20)

    assert [centre.held(name) for name in PEOPLE] == [{"c": "missed"}] * 3
    assert centre.state("c") == "queued"
    assert centre.counts("Q:voice")["missed"] == 3
    assert [centre.counts(name)["missed"] for name in PEOPLE] == [1, 1, 1]


def test_each_has_its_own_window(centre: Centre) -> None:
    centre.configure(
        Queue("Q", offer_to=3, missed_slot_s=5, offer_again_after_s=60),
        agents={
            "ana": Agent("ana", "P", offer_window_ms={"voice": 8_000}),
            "bo": Agent("bo", "P", offer_window_ms={"voice": 4_000}),
        },
    )
    for name in PEOPLE:
        centre.sign_in(name, accepts=False)
    centre.push("c")
    begins_us = centre.now_us
    assert [centre.offer(name, "c").deadline_us - begins_us for name in PEOPLE] == [8 * S, 4 * S, 20 * S]
    ends = {name: centre.store.run(describe_session(centre.keys, name)).slots[0].deadline_us for name in PEOPLE}
    assert [ends[name] - begins_us for name in PEOPLE] == [8 * S, 4 * S, 20 * S]

    centre.passes(4)
    assert (rings(centre), centre.held("bo")) == (["ana", "cem"], {"c": "missed"})
    centre.passes(4)
    assert (rings(centre), centre.held("ana")) == (["cem"], {"c": "missed"})
    assert centre.offer("cem", "c").deadline_us - begins_us == 20 * S
    centre.passes(5)
    assert (centre.held("ana"), centre.held("bo")) == ({}, {})
    centre.passes(7)
    assert centre.events("contact.missed") == ["contact.missed"] * 3
    assert centre.state("c") == "queued"


def test_a_failed_offer_leaves_its_slot_and_it_rings_on(centre: Centre) -> None:
    ringing(centre)

    centre.does("ana", "report_error", "c", "no line")

    assert (centre.held("ana"), rings(centre)) == ({"c": "error"}, ["bo", "cem"])
    assert centre.counts("Q:voice")["error"] == 1


@pytest.mark.parametrize("name", ["ana", "bo"])
@pytest.mark.parametrize("how", ["signed out", "break", "next status", "lost", "absent"])
def test_who_leaves_is_rung_no_more_without_a_miss(centre: Centre, name: str, how: str) -> None:
    centre.configure(Queue("Q", offer_to=3))
    for one in PEOPLE:
        centre.sign_in(one, accepts=False, lease_s=9 if one == name else 10**6)
    centre.push("c")

    if how == "signed out":
        centre.store.run(centre.sessions[name].sign_out())
    elif how == "break":
        centre.does(name, "set_status", "Break")
    elif how == "next status":
        centre.run(supervising.set_next_status, name, "Break")
    else:
        centre.passes(7 if how == "absent" else 10)

    others = [one for one in PEOPLE if one != name]
    assert rings(centre) == others
    assert "missed" not in centre.counts("Q:voice")
    assert centre.events("contact.rescinded", "contact.requeued") == ["contact.rescinded"]
    centre.does(others[1], "accept", "c")
    assert centre.who("c") == others[1]


def test_when_all_have_left_it_waits_again(centre: Centre) -> None:
    ringing(centre, "ana", "bo")

    for name in ("bo", "ana"):
        centre.store.run(centre.sessions[name].sign_out())

    assert centre.line() == ["c"]
    record = centre.store.run(reading.contact("c"))
    assert (record.agent, record.rings, record.attempts) == ("", (), 0)


def _abandon(centre: Centre) -> None:
    centre.run(producing.abandon, "c")


def _stop(centre: Centre) -> None:
    centre.run(supervising.stop, "c")


def _move(centre: Centre) -> None:
    centre.run(supervising.move, "c", "Overflow")


def _expire(centre: Centre) -> None:
    centre.passes(15)


def _overflow(centre: Centre) -> None:
    centre.passes(12)


def _call_back(centre: Centre) -> None:
    centre.run(producing.request_callback, "c", Callback(60))


@pytest.mark.parametrize(
    ("ends", "state"),
    [
        (_abandon, "abandoned"), (_stop, "completed"), (_move, "queued"), (_expire, "expired"), (_overflow, "queued"),
        (_call_back, "scheduled"),
    ],
)  # fmt: skip
def test_when_the_contact_goes_it_rings_nowhere(centre: Centre, ends: Any, state: str) -> None:
    centre.configure(
        Queue("Q", offer_to=3, offer_again_after_s=0, expiry_s={"voice": 15} if ends is _expire else {},
              overflow="Overflow", overflow_after_s=12 if ends is _overflow else None)
    )  # fmt: skip
    for name in PEOPLE:
        centre.sign_in(name, accepts=False)
    centre.push("c")
    centre.push("d")
    assert centre.line() == ["d"]

    ends(centre)

    assert centre.state("c") == state
    assert "c" not in {one for name in PEOPLE for one in centre.held(name)}
    assert rings(centre, "d") == ["ana", "bo", "cem"] if ends is not _overflow else True
    rescinded = [one for one in centre.store.run(reading.events_after()) if one.name == "contact.rescinded"]
    assert [(one.fields["agent"], one.fields["reason"]) for one in rescinded][:2] == [("bo", "gone"), ("cem", "gone")]
    assert "rescinded" not in centre.counts("Q:voice")


def test_a_customer_who_leaves_has_left_each_who_was_asked(centre: Centre) -> None:
    ringing(centre)

    _abandon(centre)

    assert centre.counts("Q:voice")["left"] == 1
    assert [centre.counts(name)["left"] for name in PEOPLE] == [1, 1, 1]


@pytest.mark.parametrize("name", PEOPLE)
def test_a_supervisor_gives_it_to_one_of_them_alone(centre: Centre, name: str) -> None:
    ringing(centre)

    centre.run(supervising.assign, "c", name)

    assert rings(centre) == [name]
    assert [centre.held(one) for one in PEOPLE if one != name] == [{}, {}]


def test_what_is_changed_while_it_rings_stays_with_all(centre: Centre) -> None:
    ringing(centre)

    centre.run(producing.update, "c", priority=1)
    centre.run(supervising.move, "c", "Q", "front")

    assert rings(centre) == ["ana", "bo", "cem"]
    centre.does("cem", "accept", "c")
    assert centre.who("c") == "cem"


def test_a_session_goes_on_elsewhere_and_still_is_asked(centre: Centre) -> None:
    ringing(centre)
    before = centre.sessions["bo"]
    session = type(before)(centre.keys, "bo", "other", "here/other/1", lease_ms=10**9, auto_accept=False)
    centre.now_us += 1
    centre.store.run(session.resume_session(before.epoch))
    centre.sessions["bo"] = session

    assert rings(centre) == ["ana", "bo", "cem"]
    centre.does("bo", "accept", "c")
    assert centre.who("c") == "bo"
