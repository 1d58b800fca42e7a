"""Rulings 5, 6, 7 and 11: next statuses, missed slots, what rings at who is not routable, and presence by the clock."""

from collections.abc import Callable

import pytest
from centre import Centre, profile

from fairlead.domain.agent import Status
from fairlead.domain.channel import CHANNELS
from fairlead.domain.criteria import parse_step
from fairlead.domain.profile import Concurrency, Entry
from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.transitions import configuring, supervising

ALONE = profile([Entry("Q", "voice"), Entry("Q", "chat")], channels={"voice": Concurrency(1), "chat": Concurrency(2)})


def _next_status(centre: Centre, name: str) -> str:
    return centre.store.run(reading.agent_states([name]))[0].next_status


def test_ruling_5_a_routable_next_status_cancels_it(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c", channel="chat")
    centre.run(supervising.set_next_status, "ana", "Break")
    centre.push("d", channel="chat")
    assert (_next_status(centre, "ana"), centre.who("d")) == ("Break", "")

    centre.run(supervising.set_next_status, "ana", "Available")

    assert (_next_status(centre, "ana"), centre.who("d"), centre.status("ana")) == ("", "ana", "Available")


def test_ruling_5_a_miss_policy_does_not_forget_the_next_status(centre: Centre) -> None:
    centre.configure(Queue("Q", status_after_misses=1, missed_status="Break", missed_slot_s=0))
    centre.sign_in("ana", accepts=False)
    centre.push("held", channel="chat")
    centre.does("ana", "accept", "held")
    centre.push("rings", channel="chat")
    centre.now_us += 1
    centre.passes(20)
    assert centre.status("ana") == "Break"
    centre.run(supervising.set_next_status, "ana", "Offline")
    assert centre.status("ana") == "Break"

    centre.does("ana", "complete", "held")

    assert centre.status("ana") == "Offline"


def test_ruling_6_a_missed_call_does_not_hold_back_a_chat(centre: Centre) -> None:
    centre.configure(profiles=[ALONE])
    centre.sign_in("ana", accepts=False)
    centre.push("call")
    centre.passes(20)
    assert centre.held("ana") == {"call": "missed"}

    centre.push("chat", channel="chat")

    assert centre.held("ana") == {"call": "missed", "chat": "offered"}


def test_ruling_6_a_failed_offer_does_not_hold_back_another_channel_either(centre: Centre) -> None:
    centre.configure(Queue("Q"), profiles=[ALONE])
    centre.sign_in("ana", accepts=False)
    centre.push("chat", channel="chat")
    centre.does("ana", "report_error", "chat", "no line")

    centre.push("call")

    assert centre.held("ana")["call"] == "offered"
    centre.does("ana", "accept", "call")
    assert centre.held("ana") == {"chat": "error", "call": "connected"}


@pytest.mark.parametrize("by", ["supervisor", "agent"])
def test_ruling_6_setting_available_clears_what_was_missed(centre: Centre, by: str) -> None:
    centre.configure(Queue("Q"), profiles=[ALONE])
    centre.sign_in("ana", accepts=False)
    centre.push("call")
    centre.passes(20)
    centre.passes(5)
    assert centre.held("ana") == {"call": "missed"}

    if by == "agent":
        centre.does("ana", "set_status", "Available")
    else:
        centre.run(supervising.set_agent_status, "ana", "Available")

    assert centre.held("ana") == {"call": "offered"}


def test_ruling_6_a_missed_slot_does_not_hold_back_a_next_status(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.push("missed")
    centre.passes(20)
    centre.push("held", channel="chat")
    centre.does("ana", "accept", "held")
    centre.run(supervising.set_next_status, "ana", "Break")
    assert centre.status("ana") == "Available"

    centre.does("ana", "complete", "held")

    assert (centre.status("ana"), centre.held("ana")) == ("Break", {"missed": "missed"})


def test_ruling_6_misses_are_counted_anew_when_the_status_changes(centre: Centre) -> None:
    centre.configure(
        Queue("Q", offer_again_after_s=0, status_after_misses=2, missed_status="Break", missed_slot_s=0)
    )
    centre.sign_in("ana", accepts=False)
    centre.push("c")
    centre.passes(20)
    centre.does("ana", "set_status", "Break")
    centre.does("ana", "set_status", "Available")

    centre.passes(20)
    assert centre.status("ana") == "Available"
    centre.passes(20)

    assert centre.status("ana") == "Break"


def _takes_break(centre: Centre) -> None:
    centre.does("ana", "set_status", "Break")


def _is_sent_away(centre: Centre) -> None:
    centre.run(supervising.set_agent_status, "ana", "Offline")


def _sets_next_status(centre: Centre) -> None:
    centre.run(supervising.set_next_status, "ana", "Break")


def _is_silent(centre: Centre) -> None:
    centre.passes(7)


def _status_changes_type(centre: Centre) -> None:
    version = int(centre.store.run(reading.object_in_force("status", "Desk"))[1])
    centre.run(configuring.put_object, Status("Desk", "custom"), version)


WAYS: dict[str, Callable[[Centre], None]] = {
    "break": _takes_break, "offline": _is_sent_away, "next status": _sets_next_status, "presence": _is_silent,
}  # fmt: skip


@pytest.mark.parametrize("channel", ["voice", "chat"])
@pytest.mark.parametrize("way", WAYS)
def test_ruling_7_what_rings_at_who_stops_being_routable_goes_to_another_without_a_miss(
    centre: Centre, way: str, channel: str
) -> None:
    centre.configure(Queue("Q", max_offers=1))
    centre.sign_in("ana", accepts=False, lease_s=9)
    centre.push("c", channel=channel)  # type: ignore[arg-type]
    centre.sign_in("bo", accepts=False)

    WAYS[way](centre)

    assert (centre.held("ana"), centre.held("bo")) == ({}, {"c": "offered"})
    assert centre.events("contact.missed") == []
    assert centre.counts("ana").get("missed", 0) == 0


def test_ruling_7_what_is_connected_stays(centre: Centre) -> None:
    centre.configure(Queue("Q"))
    centre.sign_in("ana", accepts=False)
    centre.push("held", channel="chat")
    centre.does("ana", "accept", "held")
    centre.push("rings", channel="chat")

    centre.does("ana", "set_status", "Break")

    assert (centre.held("ana"), centre.line()) == ({"held": "connected"}, ["rings"])


def test_ruling_7_in_the_agents_own_queue_it_waits_for_the_agent(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.push("own", queue="@ana")

    centre.does("ana", "set_status", "Break")
    assert (centre.held("ana"), centre.line()) == ({}, ["own"])
    centre.does("ana", "set_status", "Available")

    assert centre.held("ana") == {"own": "offered"}


def test_ruling_7_a_policy_that_changes_the_status_lets_nothing_ring_on(centre: Centre) -> None:
    centre.configure(Queue("Q", status_after_misses=1, missed_status="Break", missed_slot_s=0))
    centre.sign_in("ana", accepts=False)
    centre.push("first", channel="chat")
    centre.passes(10)
    centre.push("second", channel="chat")
    centre.sign_in("bo", accepts=False)

    centre.passes(10)

    assert (centre.status("ana"), centre.held("ana")) == ("Break", {})
    assert set(centre.held("bo")) == {"first", "second"}


def test_ruling_7_when_a_status_is_configured_as_not_routable(centre: Centre) -> None:
    centre.run(configuring.put_object, Status("Desk", "routable"), 0)
    centre.sign_in("ana", accepts=False)
    centre.does("ana", "set_status", "Desk")
    centre.push("c")
    assert centre.held("ana") == {"c": "offered"}

    _status_changes_type(centre)

    assert (centre.held("ana"), centre.line()) == ({}, ["c"])


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("queue", ["Q", "@ana"])
def test_ruling_11_who_has_not_renewed_is_not_available_though_nobody_has_swept(
    centre: Centre, queue: str, channel: str
) -> None:
    centre.sign_in("ana", lease_s=9)
    centre.now_us += 5_999_000
    centre.push("before", queue=queue, channel="email")
    centre.now_us += 2_000

    centre.push("after", queue=queue, channel=channel)  # type: ignore[arg-type]
    assert (centre.who("before"), centre.who("after")) == ("ana", "")
    centre.renews("ana")

    assert centre.who("after") == "ana"


def test_ruling_11_the_next_agent_gets_it(centre: Centre) -> None:
    centre.configure(Queue("Q", agent_choice="least_loaded"))
    centre.sign_in("ana", lease_s=9)
    centre.sign_in("bo")
    centre.sign_in("cem", lease_s=9)
    centre.now_us += 8_000_000

    centre.push("c")

    assert centre.who("c") == "bo"
    centre.passes(1)


def test_ruling_11_a_lease_that_has_passed_wholly(centre: Centre) -> None:
    centre.sign_in("ana", lease_s=2)
    centre.now_us += 6_000_000

    centre.push("c")

    assert centre.state("c") == "queued"
    centre.passes(1)


def test_ruling_11_a_session_that_goes_on_is_present_by_the_clock(centre: Centre) -> None:
    session = centre.sign_in("ana", lease_s=9)
    centre.now_us += 7_000_000
    centre.push("c")
    centre.store.run(session.resume_session(session.epoch))

    assert centre.who("c") == "ana"


def test_ruling_11_a_step_is_over_by_the_clock_when_an_agent_frees_before_the_sweep(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("held")
    centre.push("urgent", priority=1, criteria=[parse_step("agents [bo] for 30s")])
    centre.push("plain")
    centre.now_us += 29_000_000
    centre.does("ana", "complete", "held")
    assert centre.held("ana") == {"plain": "connected"}
    centre.push("later")
    centre.now_us += 1_300_000

    centre.does("ana", "complete", "plain")

    assert centre.held("ana") == {"urgent": "connected"}
    centre.passes(1)


@pytest.mark.parametrize("options", [{}, {"expiry_s": 99}], ids=["plain", "with an expiry of its own"])
def test_ruling_11_and_when_another_contact_comes(centre: Centre, options: dict[str, int]) -> None:
    centre.push("urgent", channel="chat", priority=1, criteria=[parse_step("agents [bo] for 30s")])
    centre.sign_in("ana", capacity=1)
    centre.now_us += 30_300_000

    centre.push("other", channel="chat", **options)

    assert centre.held("ana") == {"urgent": "connected"}
    centre.passes(1)
