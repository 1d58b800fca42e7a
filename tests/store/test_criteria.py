"""Routing criteria in the store: tracks, steps, exclusions and proficiencies that change."""

import pytest
from centre import Centre, profile

from fairlead.domain.agent import Agent
from fairlead.domain.criteria import parse_step
from fairlead.domain.profile import Entry
from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.transitions import supervising


def steps(*texts: str) -> tuple[object, ...]:
    return tuple(parse_step(text) for text in texts)


def test_the_next_contact_that_fits_is_taken_when_the_oldest_ones_step_excludes_the_agent(centre: Centre) -> None:
    centre.configure(agents={"ana": {"L:de": 3}})
    centre.push("french", criteria=steps("L:fr >= 1"))
    centre.push("german", criteria=steps("L:de >= 3"))
    centre.push("any")

    centre.sign_in("ana", capacity=1)

    assert centre.held("ana") == {"german": "connected"}


def test_when_all_steps_have_expired_anybody_who_serves_the_queue_may_take_it(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c", criteria=steps("L:fr >= 5 for 10s", "L:fr >= 3 for 5s"))

    centre.passes(14.999)
    assert centre.who("c") == ""
    centre.passes(0.001)

    assert centre.who("c") == "ana"
    assert centre.events("contact.step_expired") == ["contact.step_expired"] * 2


def test_changed_proficiencies_act_at_once(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c", criteria=steps("L:fr >= 3"))

    centre.configure(agents={"ana": {"L:fr": 2}})
    assert centre.who("c") == ""
    centre.configure(agents={"ana": {"L:fr": 3}})

    assert centre.who("c") == "ana"


def test_who_lacks_the_attribute_satisfies_not(centre: Centre) -> None:
    centre.configure(agents={"bo": {"L:fr": 3}})
    centre.sign_in("bo")
    centre.push("c", criteria=steps("not (L:fr >= 3)"))
    assert centre.who("c") == ""

    centre.sign_in("ana")

    assert centre.who("c") == "ana"


@pytest.mark.parametrize(("level", "fits"), [(1, False), (2, True), (4, True), (5, False)])
def test_a_range_includes_its_ends(centre: Centre, level: int, fits: bool) -> None:
    centre.configure(agents={"ana": {"L:fr": level}})
    centre.sign_in("ana")

    centre.push("c", criteria=steps("L:fr in [2, 4]"))

    assert (centre.who("c") == "ana") is fits


def test_a_preferred_agent_must_serve_the_queue_too(centre: Centre) -> None:
    centre.configure(
        profiles=[profile([Entry("Q", "voice")]), profile([Entry("Other", "voice")], "R")], agents={"bo": "R"}
    )
    centre.sign_in("bo")

    centre.push("c", criteria=steps("agents [bo]"))

    assert centre.who("c") == ""


def test_of_those_who_satisfy_a_step_the_one_available_longest_gets_the_contact(centre: Centre) -> None:
    centre.configure(agents={"ana": {"L:fr": 5}, "bo": {"L:fr": 3}, "cem": {}})
    for name in ("cem", "bo", "ana"):
        centre.sign_in(name)

    centre.push("c", criteria=steps("L:fr >= 3"))

    assert centre.who("c") == "bo"


def test_the_step_clock_runs_during_the_delay(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "voice", 1, 20)])])
    centre.sign_in("ana")
    centre.push("c", criteria=steps("L:fr >= 1 for 15s"))

    centre.passes(20)

    assert centre.who("c") == "ana"


def test_the_step_clock_runs_through_a_miss(centre: Centre) -> None:
    centre.configure(agents={"ana": {"L:fr": 4}})
    centre.sign_in("ana", accepts=False)
    centre.push("c", criteria=steps("L:fr >= 3 for 10s"))
    centre.passes(21)

    centre.sign_in("bo")

    assert centre.who("c") == "bo"


def test_steps_do_not_run_in_an_agents_own_queue_and_begin_when_it_leaves_it(centre: Centre) -> None:
    centre.push("c", queue="@bo", criteria=steps("L:fr >= 3 for 10s"))
    centre.passes(30)
    assert centre.store.run(reading.contact("c")).step == 1

    centre.run(supervising.move, "c", "Q")
    centre.sign_in("ana")
    centre.passes(9.999)
    assert centre.who("c") == ""
    centre.passes(0.001)

    assert centre.who("c") == "ana"


def test_a_queue_may_skip_a_step_that_no_signed_in_agent_satisfies(centre: Centre) -> None:
    centre.configure(Queue("Q", skip_steps_when="nobody_signed_in"), agents={"bo": {"L:fr": 4}})
    centre.sign_in("ana")
    two = steps("L:fr >= 4 for 60s", "L:fr >= 1 for 60s")
    centre.push("first", criteria=two)
    assert centre.who("first") == "ana"

    centre.sign_in("bo")
    centre.store.run(centre.sessions["bo"].set_status("Break"))
    centre.sign_in("cem")
    centre.push("second", criteria=two)

    assert (centre.who("second"), centre.store.run(reading.contact("second")).step) == ("", 1)


def test_a_waiting_contacts_step_ends_early_when_the_last_agent_who_satisfies_it_signs_out(centre: Centre) -> None:
    centre.configure(Queue("Q", skip_steps_when="nobody_signed_in"), agents={"bo": {"L:fr": 4}})
    centre.sign_in("bo")
    centre.store.run(centre.sessions["bo"].set_status("Break"))
    centre.sign_in("ana")
    centre.push("c", criteria=steps("L:fr >= 4 for 600s"))
    assert centre.who("c") == ""

    centre.store.run(centre.sessions["bo"].sign_out())
    centre.passes(1)

    assert centre.who("c") == "ana"


def test_most_skilled_prefers_the_highest_levels_of_what_the_step_names(centre: Centre) -> None:
    centre.configure(
        Queue("Q", agent_choice="most_skilled"), agents={"ana": {"L:fr": 3, "T:db": 5}, "bo": {"L:fr": 5}, "cem": {}}
    )
    for name in ("cem", "ana", "bo"):
        centre.sign_in(name)

    centre.push("c", criteria=steps("L:fr >= 3"))

    assert centre.who("c") == "bo"


def test_least_loaded_prefers_who_holds_fewest(centre: Centre) -> None:
    centre.configure(Queue("Q", agent_choice="least_loaded"))
    centre.sign_in("ana")
    centre.push("a1", channel="chat")
    centre.push("a2", channel="chat")
    centre.sign_in("bo")
    centre.push("b1", channel="chat")
    centre.does("ana", "set_status", "Break")
    centre.does("bo", "set_status", "Break")
    centre.does("ana", "set_status", "Available")
    centre.does("bo", "set_status", "Available")

    centre.push("c", channel="chat")

    assert centre.who("c") == "bo"


def test_last_agent_prefers_who_served_the_customer_before(centre: Centre) -> None:
    centre.configure(Queue("Q", agent_choice="last_agent"))
    centre.sign_in("ana")
    centre.sign_in("bo")
    centre.sign_in("cem")
    centre.push("first", customer="anna")
    assert centre.who("first") == "ana"
    centre.does("ana", "complete", "first")
    centre.push("other", customer="otto")

    centre.push("second", customer="anna")

    assert (centre.who("other"), centre.who("second")) == ("bo", "ana")


def test_who_is_preferred_takes_the_contact_by_an_entry_of_its_own_profile(centre: Centre) -> None:
    centre.configure(
        Queue("Q", agent_choice="most_skilled"),
        profiles=[profile([Entry("Q", "voice", 7)]), profile([Entry("Q", "voice", 2)], "R")],
        agents={"bo": Agent("bo", "R", proficiencies={"L:fr": 5}), "ana": {"L:fr": 3}},
    )
    centre.sign_in("ana")
    centre.sign_in("bo")

    centre.push("c", criteria=steps("L:fr >= 3"))

    told = [event.fields for event in centre.store.run(reading.events_after()) if event.name == "contact.connected"]
    assert [(one["agent"], one["profile"], one["entry_priority"]) for one in told] == [("bo", "R", "2")]


def test_ruling_22_most_skilled_counts_nothing_under_not(centre: Centre) -> None:
    centre.configure(Queue("Q", agent_choice="most_skilled"), agents={"ana": {}, "bo": {"L:fr": 3}, "cem": {"L:de": 2}})
    for name in ("ana", "bo", "cem"):
        centre.sign_in(name)

    centre.push("c", criteria=[parse_step("not (L:fr in [4, 5])")])
    centre.push("d", criteria=[parse_step("not (L:fr in [4, 5]) and not (L:xx >= 1) or L:de >= 1")])

    assert (centre.who("c"), centre.who("d")) == ("ana", "cem")
