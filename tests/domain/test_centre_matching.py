"""Who gets what in the pure Centre when several may, and what becomes of what comes back."""

from dataclasses import replace

import pytest
from domain.pure_centre import NOW_US, P, S, centre_with, configuration_of, new_contact, token_of

from fairlead.domain.agent import Agent
from fairlead.domain.centre import Assignment, Centre, Contact
from fairlead.domain.profile import Entry
from fairlead.domain.queue import AgentChoice, Queue

FREE = {"ana": NOW_US, "bo": NOW_US + 1, "cem": NOW_US + 2}


def centre_of(*queues: Queue, accepts_all: bool = True) -> Centre:
    """All three agents are signed in, ana first."""
    centre = Centre(configuration_of(P, *queues))
    for name, at_us in FREE.items():
        centre.sign_in(name, at_us, accepts_all=accepts_all)
    return centre


def held(centre: Centre) -> dict[str, str]:
    """Contact -> agent and kind of slot."""
    return {
        slot.contact.contact_id: f"{name} {slot.kind}"
        for name, agent in centre.state.agents.items()
        for slot in agent.slots.values()
    }


@pytest.mark.parametrize(
    ("choice", "takers"),
    [
        ("longest_idle", ["ana", "bo", "cem"]),
        ("least_loaded", ["bo", "cem", "ana"]),
        ("round_robin", ["bo", "cem", "ana"]),
    ],
)
def test_a_queue_prefers_whom_it_chooses_and_of_those_who_has_been_available_longest(
    choice: AgentChoice, takers: list[str]
) -> None:
    centre = centre_of(Queue("Q", agent_choice=choice), Queue("Work"))
    centre.push(replace(new_contact("held"), channel="task"), NOW_US + 10)
    centre.state.restart_clock("ana", NOW_US)

    given = [one for place in range(3) for one in centre.push(new_contact(f"c{place}"), NOW_US + 20 + place)]

    assert [one.agent for one in given] == takers


def test_of_those_who_become_able_together_who_has_been_available_longest_takes_first() -> None:
    centre = centre_of(Queue("Else"))
    for name in ("c", "d"):
        centre.push(replace(new_contact(name), queue="Else"), NOW_US + 10)

    profile = replace(P, entries=(Entry("Else", "voice"),))
    given = centre.apply_configuration(configuration_of(profile), NOW_US + 20)

    assert given == [Assignment("ana", "c", is_offered=False), Assignment("bo", "d", is_offered=False)]


def test_what_comes_into_an_agents_own_queue_goes_to_its_agent_at_once() -> None:
    centre = centre_of()

    given = centre.push(replace(new_contact("c"), queue="@bo"), NOW_US + 10)

    assert given == [Assignment("bo", "c", is_offered=False)]


def test_who_was_given_a_contact_is_available_anew_and_who_was_offered_one_is_not() -> None:
    centre = centre_of()
    centre.push(new_contact("c"), NOW_US + 10)
    asks = centre_of(accepts_all=False)
    asks.push(new_contact("c"), NOW_US + 10)

    assert centre.state.agents["ana"].available_us > NOW_US + 9
    assert asks.state.agents["ana"].available_us == NOW_US


def test_a_refusal_lasts_as_long_as_its_queue_says() -> None:
    centre = centre_of(Queue("Q", offer_again_after_s=1), accepts_all=False)
    centre.push(new_contact("c"), NOW_US + 10)

    centre.reject("ana", token_of(centre, "c"), NOW_US + S)

    (slot,) = centre.state.agents["bo"].slots.values()
    assert slot.contact.refused == (("ana", NOW_US + 2 * S),)


def test_who_refuses_a_contact_again_is_noted_once() -> None:
    centre = Centre(configuration_of(P, Queue("Q", offer_again_after_s=10)))
    centre.sign_in("ana", NOW_US, accepts_all=False)
    centre.push(new_contact("c"), NOW_US + 10)
    centre.reject("ana", token_of(centre, "c"), NOW_US + S)

    centre.assign("c", "ana", NOW_US + 2 * S)
    centre.reject("ana", token_of(centre, "c"), NOW_US + 3 * S)

    assert centre.state.waiting["c"].refused == (("ana", NOW_US + 13 * S),)


def test_paused_tasks_are_told_apart_from_what_takes_a_slot() -> None:
    centre = centre_with(ana=True)
    for name in ("c", "d"):
        centre.push(replace(new_contact(name), channel="task"), NOW_US)

    centre.pause("ana", token_of(centre, "c"), NOW_US + 1)

    agent = centre.state.free_agent("ana")
    assert (agent.paused, agent.used, centre.take("ana", NOW_US + 2)) == (1, {"task": 1}, [])


def test_a_failed_contact_pauses_instead_of_being_refused() -> None:
    centre = centre_of(Queue("Q", offer_again_after_s=60, retry_delay_s=4))
    centre.push(new_contact("c"), NOW_US + 10)

    centre.fail("ana", [token_of(centre, "c")], NOW_US + S)

    waiting = centre.state.waiting["c"]
    assert (waiting.again_us, waiting.refused) == (NOW_US + 5 * S, ())


def test_a_contact_that_all_who_serve_it_have_refused_for_good_is_parked() -> None:
    centre = centre_of(Queue("Q", offer_again_after_s=None), accepts_all=False)
    centre.end_sessions(["cem"], "signed_out", NOW_US + 5)
    centre.push(new_contact("c"), NOW_US + 10)

    centre.reject("ana", token_of(centre, "c"), NOW_US + 20)
    early = [*centre.state.parked]
    centre.reject("bo", token_of(centre, "c"), NOW_US + 30)

    assert early == []
    assert "c" not in centre.state.waiting
    assert [*centre.state.parked] == ["c"]
    assert held(centre) == {}


def test_a_contact_is_parked_by_a_sweep_when_the_last_who_had_not_refused_it_is_gone() -> None:
    centre = centre_of(Queue("Q", offer_again_after_s=None), accepts_all=False)
    centre.end_sessions(["cem"], "signed_out", NOW_US + 5)
    centre.set_status("bo", NOW_US + 6, is_routable=False)
    centre.push(new_contact("c"), NOW_US + 10)
    centre.reject("ana", token_of(centre, "c"), NOW_US + 20)
    centre.end_sessions(["bo"], "signed_out", NOW_US + 30)
    before = [*centre.state.waiting]

    given = centre.sweep(NOW_US + 40)

    assert (before, given) == (["c"], [])
    assert (centre.state.waiting, [*centre.state.parked]) == ({}, ["c"])


def test_the_work_of_two_agents_after_the_same_contact_ends_each_in_its_time() -> None:
    centre = centre_of(Queue("Long", acw_s={"voice": 60}), Queue("Short", acw_s={"voice": 5}))
    centre.apply_configuration(
        configuration_of(replace(P, entries=(Entry("Long", "voice"), Entry("Short", "voice"))),
                         *centre.state.configuration.queues.values()), NOW_US + 3,
    )  # fmt: skip
    centre.push(replace(new_contact("c"), queue="Long"), NOW_US + 10)
    centre.transfer("ana", token_of(centre, "c"), "Short", NOW_US + S)
    centre.complete("bo", token_of(centre, "c", "connected"), NOW_US + 2 * S)
    both = [name for name, _ in centre.state.slots("acw")]

    centre.sweep(NOW_US + 7 * S)
    left = centre.state.slots("acw")
    completed = centre.state.counts["completed"]
    centre.clear("ana", token_of(centre, "c"), NOW_US + 8 * S)

    assert (both, [name for name, _ in left]) == (["ana", "bo"], ["ana"])
    assert (completed, centre.state.counts["completed"], centre.state.counts["handled"]) == (1, 1, 2)


def test_who_signs_out_has_handled_what_it_held_and_completed_what_it_worked_on_after() -> None:
    centre = centre_with(ana=True)
    centre.push(replace(new_contact("held"), channel="task"), NOW_US)
    centre.push(replace(new_contact("done"), queue="Work"), NOW_US + 1)
    centre.complete("ana", token_of(centre, "done"), NOW_US + 2)

    centre.end_sessions(["ana"], "signed_out", NOW_US + 3)

    assert centre.state.counts == {"pushed": 2, "answered": 2, "handled": 2, "completed": 1}


def test_what_was_moved_on_is_not_completed_by_who_worked_on_after_it() -> None:
    centre = centre_with(ana=True)
    centre.push(replace(new_contact("c"), queue="Work"), NOW_US)
    centre.transfer("ana", token_of(centre, "c"), "Else", NOW_US + 1)

    centre.end_sessions(["ana"], "signed_out", NOW_US + 2)

    assert (centre.state.counts["handled"], centre.state.counts["completed"]) == (1, 0)
    assert [*centre.state.waiting] == ["c"]


def test_what_rings_at_who_leaves_goes_back_and_what_was_missed_is_cleared_by_coming_back() -> None:
    centre = centre_with(ana=False)
    centre.push(new_contact("missed"), NOW_US)
    centre.sweep(NOW_US + 20 * S)
    centre.push(replace(new_contact("rings"), channel="task"), NOW_US + 21 * S)
    before = held(centre)

    centre.set_status("ana", NOW_US + 22 * S, is_routable=False)
    away = (held(centre), [*centre.state.waiting])
    given = centre.set_status("ana", NOW_US + 23 * S, is_routable=True)

    assert before == {"missed": "ana missed", "rings": "ana offered"}
    assert away == ({"missed": "ana missed"}, ["missed", "rings"])
    assert given == [Assignment("ana", "missed", is_offered=True)]
    assert held(centre) == {"missed": "ana offered"}


def test_what_an_agent_begins_is_connected_at_once_and_answers_no_queue() -> None:
    centre = centre_with(ana=False)
    begun = Contact("out", "Q", "voice", 5, 0, 0)

    given = centre.begin("ana", begun, NOW_US + 10)

    (slot,) = centre.state.agents["ana"].slots.values()
    assert given == [Assignment("ana", "out", is_offered=False)]
    assert (slot.kind, slot.contact.queued_us, slot.contact.rank_us) == ("connected", NOW_US + 10, NOW_US + 10)
    assert centre.state.counts == {"begun": 1, "answered": 0}
    assert centre.state.waiting == {}


def test_a_limit_of_an_agents_own_goes_before_that_of_the_queue() -> None:
    centre = centre_with(ana=True)
    configured = configuration_of(P)
    agents = {**configured.agents, "ana": Agent("ana", "P", acw_s={"voice": 3})}
    centre.apply_configuration(replace(configured, agents=agents), NOW_US + 1)
    centre.push(replace(new_contact("c"), queue="Work"), NOW_US + 2)

    centre.complete("ana", token_of(centre, "c"), NOW_US + 10)

    (slot,) = centre.state.agents["ana"].slots.values()
    assert slot.ends_us == NOW_US + 10 + 3 * S
