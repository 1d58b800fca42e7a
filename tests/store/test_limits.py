"""A profile's entry may say how many contacts of its queue and channel an agent holds at most."""

import re

import pytest
from centre import Centre, profile

from fairlead.domain.criteria import parse_step
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.errors import NoSlot
from fairlead.store.transitions import supervising

CHANNELS = {"chat": Concurrency(3, allows_others=True), "task": Concurrency(2, allows_others=True)}


def limited(most: int | None = 1, name: str = "P") -> RoutingProfile:
    entries = [Entry("Q", "chat", 1, max_contacts=most), Entry("Other", "chat", 2), Entry("Q", "task", 3)]
    return profile(entries, name, channels=CHANNELS)


@pytest.fixture
def small(centre: Centre) -> Centre:
    centre.configure(Queue("Q", missed_slot_s=None, offer_again_after_s=0), profiles=[limited()])
    return centre


def test_an_agent_at_its_limit_is_skipped_and_the_next_one_gets_the_contact(small: Centre) -> None:
    small.sign_in("ana")
    small.sign_in("bo")

    for contact in ("c1", "c2", "c3"):
        small.push(contact, channel="chat")

    assert [small.who("c1"), small.who("c2")] == ["ana", "bo"]
    assert small.state("c3") == "queued"


def test_an_agent_at_its_limit_gets_the_best_contact_of_another_queue(small: Centre) -> None:
    for contact, queue in (("c1", "Q"), ("c2", "Q"), ("c3", "Other"), ("c4", "Other"), ("c5", "Other")):
        small.push(contact, queue, "chat")

    small.sign_in("ana")

    assert set(small.held("ana")) == {"c1", "c3", "c4"}  # and of the channel it has three slots


def test_who_frees_one_gets_the_next_of_the_queue(small: Centre) -> None:
    small.sign_in("ana")
    small.push("c1", channel="chat")
    small.push("c2", channel="chat")

    small.does("ana", "complete", "c1")

    assert set(small.held("ana")) == {"c2"}


def test_another_channel_of_the_queue_has_no_limit(small: Centre) -> None:
    small.sign_in("ana")
    small.push("c1", channel="chat")

    small.push("t1", channel="task")
    small.push("t2", channel="task")

    assert set(small.held("ana")) == {"c1", "t1", "t2"}


def test_what_rings_and_what_was_missed_counts(small: Centre) -> None:
    small.sign_in("ana", accepts=False)
    small.push("c1", channel="chat")
    small.push("c2", channel="chat")

    assert small.held("ana") == {"c1": "offered"}
    small.passes(60)  # c1 is missed, and its slot is kept
    assert small.held("ana") == {"c1": "missed"}
    small.clears("ana", "c1")
    assert list(small.held("ana").values()) == ["offered"]


def test_many_who_wait_are_walked_to_those_below_their_limits(small: Centre) -> None:
    """What comes together, as with a change of the configuration, is matched by pools."""
    names = [f"a{number}" for number in range(5)]
    people = dict.fromkeys(names, "P")
    small.configure(profiles=[profile([Entry("Other", "chat")], channels=CHANNELS)], agents=people)
    for name in names:
        small.sign_in(name)
    for number in range(7):
        small.push(f"c{number}", channel="chat")
    criteria = (parse_step("agents [a0, a3]"),)
    small.push("asks", channel="chat", criteria=criteria, priority=1)

    small.configure(profiles=[limited()], agents=people)
    small.passes(1)

    assert [sorted(small.held(name)) for name in names] == [["asks"], ["c0"], ["c1"], ["c2"], ["c3"]]
    small.configure(profiles=[limited(2)], agents=people)
    small.passes(1)
    assert small.line() == []
    small.configure(profiles=[limited(None)], agents=people)
    small.passes(1)
    small.push("more", channel="chat")
    assert small.who("more") in names


def test_what_asks_for_somebody_passes_over_who_is_at_its_limit(small: Centre) -> None:
    small.configure(profiles=[limited()], agents={"ana": {"L:fr": 5}, "bo": {"L:fr": 5}, "cem": {"L:fr": 1}})
    for name in ("ana", "bo", "cem"):
        small.sign_in(name)
    criteria = (parse_step("L:fr >= 3"),)

    for contact in ("c1", "c2", "c3"):
        small.push(contact, channel="chat", criteria=criteria)

    assert [small.who("c1"), small.who("c2")] == ["ana", "bo"]
    assert small.state("c3") == "queued"


def test_a_contact_rings_at_nobody_who_is_at_its_limit(small: Centre) -> None:
    small.configure(Queue("Q", offer_to=3), profiles=[limited()])
    for name in ("ana", "bo", "cem"):
        small.sign_in(name, accepts=False)
    small.push("c1", channel="chat")
    small.does("ana", "accept", "c1")

    small.push("c2", channel="chat")

    assert [list(small.held(name)) for name in ("ana", "bo", "cem")] == [["c1"], ["c2"], ["c2"]]


def test_a_queue_that_turns_away_takes_nothing_while_all_are_at_their_limits(small: Centre) -> None:
    small.configure(Queue("Q", turn_away_when="nobody_available", overflow="Overflow"), profiles=[limited()])
    small.sign_in("ana")
    small.push("c1", channel="chat")

    small.push("c2", channel="chat")

    assert small.where("c2") == "Overflow"


def test_a_pick_above_the_limit_is_refused_with_it(centre: Centre) -> None:
    by_hand = [Entry("Q", "chat", manual_only=True, max_contacts=1)]
    centre.configure(profiles=[profile(by_hand, channels=CHANNELS)])
    centre.sign_in("ana")
    centre.push("c1", channel="chat")
    centre.push("c2", channel="chat")
    centre.does("ana", "pick", "c1")

    told = "agent 'ana' takes no more chat of queue 'Q' now: it holds 1 of at most 1"
    with pytest.raises(NoSlot, match=re.escape(told)):
        centre.does("ana", "pick", "c2")


def test_what_is_assigned_by_hand_passes_the_limit_and_counts(small: Centre) -> None:
    small.configure(profiles=[limited(2)])
    small.sign_in("ana")
    for contact in ("c1", "c2", "c3"):
        small.push(contact, channel="chat")
    assert set(small.held("ana")) == {"c1", "c2"}

    small.run(supervising.assign, "c3", "ana")

    assert set(small.held("ana")) == {"c1", "c2", "c3"}
    small.push("c4", channel="chat")
    small.does("ana", "complete", "c1")
    assert small.state("c4") == "queued"
    small.does("ana", "complete", "c2")
    assert small.who("c4") == "ana"
