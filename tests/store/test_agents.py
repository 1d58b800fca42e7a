"""Agents: next status, after-contact work, the availability clock, presence and pausing."""

import re
from dataclasses import replace

import pytest
from centre import Centre, profile
from raw import raw

from fairlead import errors
from fairlead.domain.agent import Status
from fairlead.domain.channel import CHANNELS, MAX_SLOTS
from fairlead.domain.profile import Concurrency, Entry
from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.transitions import configuring, supervising

ACW = Queue("Q", acw_s={"voice": 10})


def available_us(centre: Centre, name: str) -> int:
    return centre.store.run(reading.agent_states([name]))[0].available_us


@pytest.mark.parametrize("status", ["On Break", "On\nBreak", "\udcff", "x" * 65])
def test_what_cannot_be_a_status_is_named_as_it_was_given(centre: Centre, status: str) -> None:
    centre.sign_in("ana")

    for ask in (supervising.set_agent_status, supervising.set_next_status):
        with pytest.raises(errors.InvalidName, match=re.escape(repr(status))):
            centre.run(ask, "ana", status)
    with pytest.raises(errors.InvalidName, match=re.escape(repr(status))):
        centre.does("ana", "set_status", status)

    assert centre.status("ana") == "Available"


def test_a_failure_is_told_even_when_its_text_cannot_be_sent(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.push("failed")
    centre.does("ana", "accept", "failed")
    centre.push("lost", channel="chat")

    centre.fails("ana", "failed", "OSError at \udcff.py:1")
    centre.does("ana", "report_error", "lost", "no \udcff")

    told = [event.fields["error"] for event in centre.store.run(reading.events_after()) if "error" in event.fields]
    assert told == ["OSError at ?.py:1", "no ?"]


def test_a_next_status_stops_routing_at_once_and_begins_with_the_last_free_slot(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c", channel="chat")
    centre.run(supervising.set_next_status, "ana", "Break")
    centre.push("d", channel="chat")

    assert (centre.status("ana"), centre.held("ana")) == ("Available", {"c": "connected"})
    centre.does("ana", "complete", "c")

    assert (centre.status("ana"), centre.line()) == ("Break", ["d"])


def test_a_next_status_clears_after_contact_work(centre: Centre) -> None:
    centre.configure(ACW)
    centre.sign_in("ana")
    centre.push("c")
    centre.does("ana", "complete", "c")

    assert centre.run(supervising.set_next_status, "ana", "Break") == "Break"

    assert (centre.held("ana"), centre.state("c")) == ({}, "completed")


def test_a_next_status_that_is_taken_back_lets_routing_go_on(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c", channel="chat")
    centre.run(supervising.set_next_status, "ana", "Break")
    centre.push("d", channel="chat")

    centre.run(supervising.set_next_status, "ana", "")

    assert centre.held("ana") == {"c": "connected", "d": "connected"}


def test_after_contact_work_takes_the_slot_until_it_times_out(centre: Centre) -> None:
    centre.configure(ACW)
    centre.sign_in("ana")
    centre.push("c")
    centre.push("d")
    centre.does("ana", "complete", "c")

    centre.passes(9.999)
    assert (centre.held("ana"), centre.state("c")) == ({"c": "acw"}, "acw")
    centre.passes(0.001)

    assert (centre.held("ana"), centre.state("c")) == ({"d": "connected"}, "completed")
    assert centre.events("contact.acw_started", "contact.completed") == ["contact.acw_started", "contact.completed"]


def test_after_contact_work_is_cleared_by_hand(centre: Centre) -> None:
    centre.configure(ACW)
    centre.sign_in("ana")
    centre.push("c")
    centre.push("d")
    centre.does("ana", "complete", "c")

    centre.clears("ana", "c")

    assert centre.held("ana") == {"d": "connected"}


def test_a_channel_without_after_contact_work_ends_at_once(centre: Centre) -> None:
    centre.configure(ACW)
    centre.sign_in("ana")
    centre.push("c", channel="chat")

    centre.does("ana", "complete", "c")

    assert centre.state("c") == "completed"


def test_leaving_after_contact_work_restarts_the_availability_clock(centre: Centre) -> None:
    centre.configure(ACW)
    centre.sign_in("ana")
    centre.push("c")
    centre.does("ana", "complete", "c")
    before_us = available_us(centre, "ana")

    centre.passes(10)

    assert available_us(centre, "ana") > before_us


@pytest.mark.parametrize(
    ("timer", "direction", "restarts"),
    [
        ("since_last_activity", "inbound", True),
        ("since_last_activity", "outbound", True),
        ("since_last_inbound", "inbound", True),
        ("since_last_inbound", "outbound", False),
    ],
)
def test_outbound_work_restarts_the_clock_unless_the_profile_counts_from_the_last_inbound(
    centre: Centre, timer: str, direction: str, restarts: bool
) -> None:
    centre.configure(ACW, profiles=[profile([Entry("Q", "voice")], agent_availability_timer=timer)])
    centre.sign_in("ana")
    before_us = available_us(centre, "ana")

    centre.push("c", direction=direction)
    accepted = available_us(centre, "ana") != before_us
    centre.does("ana", "complete", "c")
    before_acw_us = available_us(centre, "ana")
    centre.passes(10)

    assert accepted is restarts
    assert (available_us(centre, "ana") != before_acw_us) is restarts


def test_a_session_that_stops_renewing_is_taken_out_of_routing_and_then_signed_out(centre: Centre) -> None:
    centre.sign_in("ana", lease_s=30)
    centre.push("held")
    centre.passes(19.9)
    centre.push("before", channel="chat")
    centre.passes(0.2)
    centre.push("after", channel="chat")

    assert centre.held("ana") == {"held": "connected", "before": "connected"}
    centre.passes(9.8)
    assert centre.store.run(reading.agent_states(["ana"]))[0].is_signed_in
    centre.passes(0.2)

    assert not centre.store.run(reading.agent_states(["ana"]))[0].is_signed_in
    assert sorted(centre.line()) == ["after", "before", "held"]
    assert centre.events("agent.lost") == ["agent.lost"]


def test_a_session_that_renews_again_comes_back_into_routing(centre: Centre) -> None:
    centre.sign_in("ana", lease_s=30)
    centre.passes(21)
    centre.push("c")

    centre.renews("ana")
    assert centre.held("ana") == {"c": "connected"}
    centre.passes(19)

    assert centre.held("ana") == {"c": "connected"}


def test_a_paused_task_takes_no_slot_and_twice_the_maximum_may_be_held(centre: Centre) -> None:
    channels = {"task": Concurrency(2), "voice": Concurrency(1)}
    centre.configure(profiles=[profile([Entry("Q", "task")], channels=channels)])
    centre.sign_in("ana")
    for number in range(6):
        centre.push(f"t{number}", channel="task")
    assert len(centre.held("ana")) == 2

    centre.does("ana", "pause", "t0")
    centre.does("ana", "pause", "t1")
    assert sorted(centre.held("ana")) == ["t0", "t1", "t2", "t3"]
    centre.does("ana", "pause", "t2")
    assert len(centre.held("ana")) == 4
    centre.does("ana", "resume", "t0")
    centre.does("ana", "resume", "t1")

    assert list(centre.held("ana").values()).count("connected") == 3


def test_only_a_task_is_paused(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c")

    with pytest.raises(errors.WrongState, match="only tasks"):
        centre.does("ana", "pause", "c")


def test_a_contact_on_hold_keeps_its_slot_and_can_be_completed(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c")
    centre.push("d")

    centre.does("ana", "hold", "c")
    assert (centre.state("c"), centre.held("ana")) == ("on_hold", {"c": "on_hold"})
    centre.does("ana", "resume", "c")
    centre.does("ana", "hold", "c")
    centre.does("ana", "complete", "c")

    assert centre.held("ana") == {"d": "connected"}
    assert centre.events("contact.held", "contact.resumed") == ["contact.held", "contact.resumed", "contact.held"]


def test_an_agents_own_queue_is_above_all_and_holds_ten(centre: Centre) -> None:
    for number in range(10):
        centre.push(f"own{number}", queue="@ana", channel="chat")
    centre.push("old", channel="chat", age_adjustment_s=900)

    with pytest.raises(errors.QueueFull, match="its limit is 10"):
        centre.push("own10", queue="@ana", channel="chat")
    centre.sign_in("ana", capacity=1)

    assert centre.held("ana") == {"own0": "connected"}


@pytest.mark.parametrize("channel", CHANNELS)
def test_an_agent_holds_as_many_contacts_as_its_channel_has_slots(centre: Centre, channel: str) -> None:
    centre.sign_in("ana")

    for number in range(MAX_SLOTS[channel] + 1):
        centre.push(f"c{number}", channel=channel)

    assert (len(centre.held("ana")), centre.line()) == (MAX_SLOTS[channel], [f"c{MAX_SLOTS[channel]}"])


def test_a_changed_concurrency_acts_at_once_on_contacts_that_wait(centre: Centre) -> None:
    one = profile([Entry("Q", "chat")], channels={"chat": Concurrency(1)})
    centre.configure(profiles=[one])
    centre.sign_in("ana")
    for number in range(3):
        centre.push(f"c{number}", channel="chat")

    centre.configure(profiles=[profile([Entry("Q", "chat")], channels={"chat": Concurrency(3)})])

    assert len(centre.held("ana")) == 3


def test_a_status_whose_type_changes_acts_at_once_on_who_is_in_it(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.does("ana", "set_status", "Break")
    centre.push("c")
    configuration, version = centre.store.run(reading.configuration_in_force())
    statuses = {**configuration.statuses, "Break": Status("Break", "routable")}

    target = replace(configuration, statuses=statuses)
    centre.store.run(configuring.apply_configuration(centre.keys, target, version))

    assert centre.held("ana") == {"c": "connected"}


def test_a_next_status_begins_while_only_a_paused_task_is_left(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("t", channel="task")
    centre.does("ana", "pause", "t")

    assert centre.run(supervising.set_next_status, "ana", "Break") == "Break"


def test_a_paused_task_can_be_completed(centre: Centre) -> None:
    centre.configure(Queue("Q", acw_s={"task": 60}))
    centre.sign_in("ana")
    centre.push("t", channel="task")
    centre.does("ana", "pause", "t")

    assert centre.does("ana", "complete", "t").fenced == ()

    assert (centre.state("t"), centre.held("ana")) == ("completed", {})


def test_a_changed_status_type_keeps_the_next_status(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c")
    centre.run(supervising.set_next_status, "ana", "Break")
    configuration, version = centre.store.run(reading.configuration_in_force())
    statuses = {**configuration.statuses, "Available": Status("Available", "custom")}
    target = replace(configuration, statuses=statuses)
    centre.store.run(configuring.apply_configuration(centre.keys, target, version))

    centre.does("ana", "complete", "c")

    assert centre.status("ana") == "Break"


def test_what_changes_an_agent_without_a_contact_is_told_by_an_event(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=0, missed_slot_s=5))
    centre.sign_in("ana", accepts=False)
    centre.push("c", channel="chat")
    centre.passes(21)
    centre.passes(5)
    centre.run(supervising.set_next_status, "ana", "Break")

    told = [event.fields for event in centre.store.run(reading.events_after()) if event.name == "agent.status_changed"]

    assert [one.get("reason") or one.get("next_status") for one in told] == [
        "slot_cleared", "Break", "next_status",
    ]  # fmt: skip


def test_a_profiles_version_never_repeats_even_when_it_was_removed(centre: Centre, store: Store) -> None:
    def version_of_p() -> int:
        return int(raw(store).hget(centre.keys.profile("P"), "version"))

    first = version_of_p()
    other = profile([Entry("Q", "voice")], "R")
    centre.configure(profiles=[other])
    centre.configure()

    assert version_of_p() > first
