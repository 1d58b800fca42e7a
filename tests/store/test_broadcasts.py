"""Broadcast offers: a contact rings at several agents at once, and the first who accepts has it."""

from typing import Any

import pytest
from centre import Centre, profile
from store.ringing import PEOPLE, ringing, rings

from fairlead import errors
from fairlead.domain.agent import Agent
from fairlead.domain.channel import Channel
from fairlead.domain.criteria import parse_step
from fairlead.domain.profile import Concurrency, Entry
from fairlead.domain.queue import Queue
from fairlead.service.explain import explain_contact
from fairlead.service.report import read_agent_report, read_report
from fairlead.service.timeline import read_timeline
from fairlead.store import reading
from fairlead.store.transitions import supervising


def test_a_contact_rings_at_as_many_as_its_queue_says_those_available_longest(centre: Centre) -> None:
    ringing(centre, offer_to=2)

    assert rings(centre) == ["ana", "bo"]
    assert centre.held("cem") == {}
    assert centre.counts("Q:voice")["offers"] == 2
    assert [centre.counts(name).get("offers") for name in PEOPLE] == [1, 1, None]


@pytest.mark.parametrize("first", PEOPLE)
def test_the_first_who_accepts_has_it_and_the_others_have_missed_nothing(centre: Centre, first: str) -> None:
    ringing(centre)
    others = [name for name in PEOPLE if name != first]

    centre.does(first, "accept", "c")

    assert (centre.state("c"), centre.who("c")) == ("connected", first)
    assert [centre.held(name) for name in others] == [{}, {}]
    assert centre.events("contact.rescinded", "contact.accepted", "contact.missed", "contact.requeued") == [
        "contact.rescinded", "contact.rescinded", "contact.accepted",
    ]  # fmt: skip
    assert {name: centre.counts(name).get("rescinded", 0) for name in PEOPLE} == {first: 0} | dict.fromkeys(others, 1)
    assert centre.counts("Q:voice")["rescinded"] == 2
    assert "missed" not in centre.counts("Q:voice")
    centre.passes(30)
    assert (centre.state("c"), centre.who("c")) == ("connected", first)


def test_whoever_is_asked_no_more_takes_what_waits_at_once(centre: Centre) -> None:
    ringing(centre)
    for name in ("d", "e"):
        centre.push(name)
    assert centre.line() == ["d", "e"]

    centre.does("bo", "accept", "c")

    assert (rings(centre, "d"), centre.line()) == (["ana", "cem"], ["e"])


def test_who_comes_too_late_is_refused_and_so_is_its_repetition(centre: Centre) -> None:
    ringing(centre)
    late = centre.offer("bo", "c")
    centre.does("ana", "accept", "c")

    for what in ("accept", "reject"):
        with pytest.raises(errors.StaleToken, match="'c'"):
            centre.does("bo", what, late)
    assert (centre.state("c"), centre.who("c")) == ("connected", "ana")


def test_a_repeated_accept_is_answered_as_it_was(centre: Centre) -> None:
    ringing(centre)
    session, offer = centre.sessions["bo"], centre.offer("bo", "c")
    request = session.accept(offer)
    centre.store.run(request)
    centre.store.run(request)

    assert (centre.state("c"), centre.who("c"), centre.held("ana")) == ("connected", "bo", {})
    assert centre.counts("Q:voice")["rescinded"] == 2


def test_it_rings_at_those_alone_who_would_take_it_next(centre: Centre) -> None:
    voice = {"voice": Concurrency(1)}
    first = profile([Entry("Other", "voice", 1), Entry("Q", "voice", 2)], "first", channels=voice)
    delayed = profile([Entry("Q", "voice", 1, delay_s=30)], "delayed", channels=voice)
    plain = profile([Entry("Q", "voice")], channels=voice)
    centre.configure(
        Queue("Q", offer_to=3), profiles=[plain, first, delayed],
        agents={"bo": "first", "cem": "delayed", "dora": Agent("dora", "P", auto_accept=frozenset({"voice"}))},
    )  # fmt: skip
    for name in ("ana", "bo", "cem", "dora"):
        centre.sign_in(name, accepts=False)

    centre.push("c")

    assert rings(centre) == ["ana", "bo"]  # cem may not yet, and dora accepts by itself


def test_who_accepts_by_itself_has_it_at_once_where_it_is_its_turn(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_to=3))
    centre.sign_in("ana")
    centre.sign_in("bo", accepts=False)

    centre.push("c")

    assert (centre.state("c"), centre.who("c"), centre.held("bo")) == ("connected", "ana", {})


def test_it_rings_at_those_who_satisfy_its_step(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_to=3), agents={"ana": {"L:fr": 2}, "bo": {"L:fr": 4}, "cem": {"L:de": 5}})
    for name in PEOPLE:
        centre.sign_in(name, accepts=False)

    centre.push("c", criteria=(parse_step("L:fr >= 1"),))

    assert rings(centre) == ["ana", "bo"]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [({"agent_choice": "round_robin"}, ["ana", "bo"]),
     ({"agent_choice": "highest_proficiency", "choice_proficiency": "L:fr"}, ["bo", "cem"]),
     ({"agent_choice": "last_agent"}, ["cem", "ana"])],
)  # fmt: skip
def test_it_rings_at_those_whom_its_queue_prefers(centre: Centre, choice: Any, expected: list[str]) -> None:
    centre.configure(
        Queue("Q", offer_to=2, **choice), agents={"ana": {"L:fr": 1}, "bo": {"L:fr": 5}, "cem": {"L:fr": 4}}
    )
    centre.sign_in("cem")
    centre.push("before", customer="zoe")
    centre.does("cem", "complete", "before")
    centre.store.run(centre.sessions["cem"].sign_out())
    for name in PEOPLE:
        centre.sign_in(name, accepts=False)

    centre.push("c", customer="zoe")

    assert rings(centre) == expected


def test_a_queue_that_chooses_in_turn_goes_on_behind_all_whom_it_has_asked(centre: Centre) -> None:
    ringing(centre, offer_to=2, agent_choice="round_robin")
    centre.does("ana", "accept", "c")
    centre.does("ana", "complete", "c")

    centre.push("d")

    assert rings(centre, "d") == ["cem", "ana"]


def test_in_an_agents_own_queue_it_rings_at_its_agent_alone(centre: Centre) -> None:
    ringing(centre, "ana", "bo")
    centre.run(supervising.stop, "c")

    centre.push("own", queue="@bo")

    assert rings(centre, "own") == ["bo"]


@pytest.mark.parametrize("channel", ["chat", "task"])
def test_two_contacts_ring_at_the_same_agents_where_they_have_slots(centre: Centre, channel: Channel) -> None:
    slots = {channel: Concurrency(2), "voice": Concurrency(1)}
    centre.configure(
        Queue("Q", offer_to=2),
        profiles=[profile([Entry("Q", channel), Entry("Q", "voice")], channels=slots)],
    )
    for name in ("ana", "bo"):
        centre.sign_in(name, accepts=False)
    for name in ("c", "d", "e"):
        centre.push(name, channel=channel)
    assert (rings(centre, "c"), rings(centre, "d"), centre.line()) == (["ana", "bo"], ["ana", "bo"], ["e"])

    centre.does("ana", "accept", "c")

    assert (rings(centre, "d"), rings(centre, "e")) == (["ana", "bo"], ["bo"])
    centre.does("bo", "accept", "d")
    assert centre.held("ana") == {"c": "connected"}


def test_a_queue_counts_a_contact_once_wherever_it_rings(centre: Centre) -> None:
    ringing(centre, max_contacts=2)
    centre.push("d")

    with pytest.raises(errors.QueueFull):
        centre.push("e")


def test_the_setting_changes_what_comes_not_what_rings(centre: Centre) -> None:
    ringing(centre)
    centre.configure(Queue("Q", offer_again_after_s=0))
    assert rings(centre) == ["ana", "bo", "cem"]

    centre.does("cem", "accept", "c")
    centre.push("d")

    assert rings(centre, "d") == ["ana"]


def test_a_report_tells_what_another_has_answered_and_that_is_no_miss(centre: Centre) -> None:
    ringing(centre, "ana", "bo")
    centre.does("bo", "accept", "c")

    (queue,) = [row for row in centre.store.run(read_report(60, 60)) if row.queue == "Q"]
    agents = {row.agent: row for row in centre.store.run(read_agent_report(60, 60))}

    assert (queue.answered_elsewhere, queue.non_response) == (1, 0)
    told = {name: (row.offers, row.answered_elsewhere, row.non_response) for name, row in agents.items() if row.offers}
    assert told == {"ana": (1, 1, 0), "bo": (1, 0, 0)}


def test_all_at_whom_it_rings_are_told_and_it_is_found_by_each(centre: Centre) -> None:
    ringing(centre)

    explained = centre.store.run(explain_contact("c"))
    assert [explained.contact.agent, *(name for name, _ in explained.contact.rings)] == ["ana", "bo", "cem"]
    for name in (*PEOPLE, "dora"):
        page = centre.store.run(reading.find_contacts(reading.ContactFilter(agent=name)))
        assert [one.contact_id for one in page.contacts] == (["c"] if name in PEOPLE else [])


def test_a_timeline_has_one_time_in_which_it_rang_at_all(centre: Centre) -> None:
    ringing(centre)
    centre.now_us += 3_000_000
    centre.does("ana", "reject", "c")
    centre.now_us += 4_000_000
    centre.does("cem", "accept", "c")

    spans = [(one.state, one.agent) for one in centre.store.run(read_timeline("c")).spans]
    assert spans == [("queued", ""), ("offered", "ana, bo, cem"), ("connected", "cem")]
    offered = centre.store.run(read_timeline("c")).times_us()["offered"]
    assert 7_000_000 <= offered < 7_000_010
