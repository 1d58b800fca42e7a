"""Who goes first when much comes at once, or nearly: contacts of the same rank, and agents with queues of their own."""

from collections.abc import Callable

import pytest
from centre import Centre, S, profile

from fairlead.domain.criteria import parse_step
from fairlead.domain.profile import Concurrency, Entry
from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.transitions import supervising


@pytest.mark.parametrize("queues", [("Q", "Other"), ("Other", "Q")])
def test_of_two_contacts_of_the_same_rank_the_one_that_came_first_goes_first(
    centre: Centre, queues: tuple[str, str]
) -> None:
    centre.configure(profiles=[profile(Entry(queue, "voice") for queue in ("Q", "Other"))])
    first, second = queues
    centre.push("came_first", first)
    centre.now_us = centre.store.run(reading.contact("came_first")).queued_us + 10 * S - 1
    centre.push("is_adjusted", second, age_adjustment_s=10)

    centre.sign_in("ana")

    ranks = {centre.store.run(reading.contact(name)).rank_us for name in ("came_first", "is_adjusted")}
    assert (len(ranks), centre.held("ana")) == (1, {"came_first": "connected"})


def test_contacts_for_several_agents_that_are_due_together_each_reach_their_own(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "chat")])])
    for name in ("ana", "bo", "cem"):
        centre.sign_in(name)
    centre.push("busy", "@bo")
    for name in ("ana", "bo", "cem"):
        centre.push(f"for_{name}", f"@{name}", start_in_s=10)

    centre.passes(11)

    assert {name: centre.who(f"for_{name}") for name in ("ana", "bo", "cem")} == {"ana": "ana", "bo": "", "cem": "cem"}
    assert centre.line() == ["for_bo"]


def test_a_contact_for_one_agent_and_one_for_all_that_are_due_together_go_to_both(centre: Centre) -> None:
    for name in ("ana", "bo"):
        centre.sign_in(name)
    centre.push("for_all", start_in_s=10)
    centre.push("for_ana", "@ana", start_in_s=10)

    centre.passes(11)

    assert (centre.who("for_ana"), centre.who("for_all")) == ("ana", "bo")


def test_a_contact_for_somebody_who_is_not_signed_in_waits_beside_the_others_that_are_due(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("for_bo", "@bo", start_in_s=10)
    centre.push("for_all", start_in_s=10)

    centre.passes(11)

    assert (centre.who("for_bo"), centre.who("for_all")) == ("", "ana")


def test_a_change_that_gives_an_agent_a_channel_brings_what_waits_for_that_agent_alone(centre: Centre) -> None:
    calls = {"voice": Concurrency(1)}
    centre.configure(profiles=[profile([Entry("Q", "voice")], channels=calls)])
    for name in ("bo", "ana", "cem"):
        centre.sign_in(name)
    for name in ("ana", "cem"):
        centre.push(f"for_{name}", f"@{name}", "chat")

    centre.configure(profiles=[profile([Entry("Q", "voice")], channels={**calls, "chat": Concurrency(1)})])

    assert (centre.who("for_ana"), centre.who("for_cem")) == ("ana", "cem")


def test_whom_the_queue_prefers_for_skills_has_most_of_all_that_are_asked_for(centre: Centre) -> None:
    centre.configure(Queue("Q", agent_choice="most_skilled"), agents={"ana": {"L:fr": 2}, "bo": {"L:fr": 1, "L:de": 2}})
    for name in ("ana", "bo"):
        centre.sign_in(name)

    centre.push("c", criteria=(parse_step("L:fr >= 1 or L:de >= 1"),))

    assert centre.who("c") == "bo"


@pytest.mark.parametrize(
    "gives_back",
    [
        lambda centre: centre.does("ana", "reject", "c"),
        lambda centre: centre.run(supervising.move, "c", "Other"),
    ],
)
def test_whose_offer_ends_is_among_those_who_may_get_the_contact(
    centre: Centre, gives_back: Callable[[Centre], object]
) -> None:
    centre.configure(profiles=[profile(Entry(queue, "voice") for queue in ("Q", "Other"))])
    for name in ("ana", "bo"):
        centre.sign_in(name, accepts=False)
    centre.push("c")

    gives_back(centre)

    assert (centre.who("c"), centre.held("bo")) == ("ana", {})


@pytest.mark.parametrize("names", [("ana", "bo"), ("bo", "ana")])
def test_of_those_who_fit_with_other_proficiencies_the_one_available_longest_is_chosen(
    centre: Centre, names: tuple[str, str]
) -> None:
    centre.configure(agents={"ana": {"L:fr": 3}, "bo": {"L:fr": 4}})
    for name in ("cem", *names):
        centre.sign_in(name)

    centre.push("c", criteria=(parse_step("L:fr >= 2"),))

    assert centre.who("c") == names[0]


def test_of_those_who_fit_contacts_that_are_due_together_the_one_available_longest_takes_first(centre: Centre) -> None:
    centre.configure(agents={"ana": {"L:fr": 3, "L:de": 3}, "bo": {"L:fr": 3}})
    for name in ("cem", "bo", "ana"):
        centre.sign_in(name)
    for language in ("fr", "de"):
        centre.push(language, start_in_s=10, criteria=(parse_step(f"L:{language} >= 2"),))

    centre.passes(11)

    assert (centre.who("fr"), centre.who("de"), centre.held("cem")) == ("bo", "ana", {})


def test_who_has_no_proficiencies_is_found_when_another_agent_gets_and_loses_the_first(centre: Centre) -> None:
    lacks_french = (parse_step("not (L:fr >= 1)"),)
    centre.sign_in("ana")

    centre.configure(agents={"bo": {"L:fr": 3}})
    centre.push("first", criteria=lacks_french)
    with_french = centre.who("first")
    centre.does("ana", "complete", "first")
    centre.configure()
    centre.push("second", criteria=lacks_french)

    assert (with_french, centre.who("second")) == ("ana", "ana")


def test_a_contact_that_ranks_younger_than_it_is_passes_one_that_has_not_waited_long_enough(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "voice", 1, 10)])])
    centre.push("has_waited", age_adjustment_s=-30)
    centre.passes(15)
    centre.push("has_not", age_adjustment_s=-1)
    centre.passes(5)

    centre.sign_in("ana")

    assert (centre.line(), centre.held("ana")) == (["has_not"], {"has_waited": "connected"})


def test_agents_who_become_free_together_each_get_what_waits_for_them_alone(centre: Centre) -> None:
    centre.configure(Queue("Q", acw_s={"voice": 10}))
    for name in ("bo", "ana"):
        centre.sign_in(name)
        centre.push(f"call_of_{name}")
    for name in ("bo", "ana"):
        centre.does(name, "complete", f"call_of_{name}")
    centre.push("for_ana", "@ana")

    centre.passes(11)

    assert centre.who("for_ana") == "ana"


def test_what_has_waited_long_enough_is_taken_before_what_is_more_urgent_and_has_not(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "voice", 1, 10)])])
    for name, priority in (("urgent", 4), ("plain", 5)):
        centre.push(name, priority=priority)
    centre.passes(10)
    centre.push("most_urgent", priority=1)

    centre.sign_in("ana")

    assert centre.held("ana") == {"urgent": "connected"}


@pytest.mark.parametrize("on_the_way", [[], ["Break", "Offline"]])
def test_who_says_again_to_be_available_keeps_the_place_and_who_comes_back_does_not(
    centre: Centre, on_the_way: list[str]
) -> None:
    for name in ("ana", "bo"):
        centre.sign_in(name)

    for status in (*on_the_way, "Available"):
        centre.does("ana", "set_status", status)
    centre.push("c")

    assert centre.who("c") == ("bo" if on_the_way else "ana")


def test_who_served_the_customer_last_is_preferred_however_many_have_been_available_longer(centre: Centre) -> None:
    others = {f"a{number}": {} for number in range(100)}
    centre.configure(Queue("Q", agent_choice="last_agent"), agents=others)
    centre.sign_in("bo")
    centre.push("before", customer="anna")
    centre.does("bo", "complete", "before")
    for name in others:
        centre.sign_in(name)
    for status in ("Break", "Available"):
        centre.does("bo", "set_status", status)

    centre.push("c", customer="anna")

    assert centre.who("c") == "bo"
