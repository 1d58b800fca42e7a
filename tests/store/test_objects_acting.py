"""A change of one object of the configuration acts at once on whom it concerns."""

from dataclasses import replace

import pytest
from centre import Centre, profile
from objects import put

from fairlead.domain.agent import AVAILABLE, BREAK, Agent, Status
from fairlead.domain.hours import Hours, parse_span
from fairlead.domain.profile import Entry
from fairlead.domain.queue import Queue
from fairlead.errors import StatusDisabled
from fairlead.store import reading
from fairlead.store.transitions import supervising


def test_a_changed_profile_acts_at_once_on_who_waits(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "chat", 1)])])
    centre.sign_in("ana")
    centre.push("c1", "Other", "chat")

    version = put(centre.store, profile([Entry("Q", "chat", 1), Entry("Other", "chat", 2)]))

    assert centre.who("c1") == "ana"
    connected = [event for event in centre.store.run(reading.events_after()) if event.name == "contact.connected"]
    assert connected[0].fields["profile_version"] == str(version)


def test_a_changed_agent_acts_at_once_on_who_waits(centre: Centre) -> None:
    centre.configure(profiles=[profile([]), profile([Entry("Other", "chat")], "Others")])
    centre.sign_in("ana")
    centre.push("c1", "Other", "chat")

    put(centre.store, Agent("ana", "Others"))

    assert centre.who("c1") == "ana"
    assert centre.events("agent.profile_changed") == ["agent.profile_changed"]


def test_changed_hours_open_a_queue_at_once(centre: Centre) -> None:
    closed = Hours("Days", "UTC", {})
    centre.configure(Queue("Q", hours="Days"), hours=[closed])
    centre.sign_in("ana")
    centre.push("c1")
    waiting = centre.state("c1")

    put(centre.store, replace(closed, week={day: (parse_span("00:00-24:00"),) for day in _week()}))

    assert (waiting, centre.who("c1")) == ("queued", "ana")


def _week() -> list[str]:
    return ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def test_a_status_whose_type_changes_acts_at_once_on_who_is_in_it(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.does("ana", "set_status", "Break")
    centre.push("c1")
    waiting = centre.state("c1")

    put(centre.store, Status("Break", "routable"))

    assert (waiting, centre.who("c1")) == ("queued", "ana")


def test_an_agent_on_its_way_to_a_next_status_gets_nothing_when_its_status_becomes_routable(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("held", channel="chat")
    centre.does("ana", "set_status", "Break")
    centre.run(supervising.set_next_status, "ana", "Offline")
    centre.push("c1", channel="chat")

    put(centre.store, Status("Break", "routable"))
    waiting = centre.state("c1")
    centre.does("ana", "complete", "held")

    assert (waiting, centre.state("c1"), centre.status("ana")) == ("queued", "queued", "Offline")


def test_nobody_is_put_into_a_disabled_status_and_who_is_in_it_stays(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.sign_in("bo")
    centre.does("ana", "set_status", "Break")
    put(centre.store, replace(BREAK, enabled=False))

    with pytest.raises(StatusDisabled, match="status 'Break' is disabled"):
        centre.does("bo", "set_status", "Break")
    with pytest.raises(StatusDisabled):
        centre.run(supervising.set_agent_status, "bo", "Break")
    with pytest.raises(StatusDisabled):
        centre.run(supervising.set_next_status, "bo", "Break")

    assert (centre.status("ana"), centre.status("bo")) == ("Break", AVAILABLE.name)


def test_a_next_status_that_was_asked_for_before_it_was_disabled_begins(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c1")
    centre.run(supervising.set_next_status, "ana", "Break")
    put(centre.store, replace(BREAK, enabled=False))

    centre.does("ana", "complete", "c1")

    assert centre.status("ana") == "Break"
