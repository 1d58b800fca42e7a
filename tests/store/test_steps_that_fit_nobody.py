"""Routing steps that exclude agents by name, or that nobody can satisfy any more."""

import pytest
from centre import Centre

from fairlead.domain.criteria import parse_step
from fairlead.domain.queue import Queue
from fairlead.store import reading


@pytest.mark.parametrize("many", [1, 2])
def test_when_the_last_one_who_fits_leaves_what_it_held_goes_to_others_at_once(centre: Centre, many: int) -> None:
    centre.configure(Queue("Q", skip_steps_when="nobody_signed_in"), agents={"bo": {"L:fr": 4}})
    session = centre.sign_in("bo")
    for number in range(many):
        centre.push(f"c{number}", channel="chat", criteria=(parse_step("L:fr >= 4 for 600s"),))
    centre.sign_in("ana")

    centre.store.run(session.sign_out())

    assert centre.held("ana") == {f"c{number}": "connected" for number in range(many)}


def test_who_is_excluded_by_name_does_not_hide_the_next_who_fits(centre: Centre) -> None:
    centre.configure(agents={name: {"L:fr": 3} for name in ("ana", "bo")})
    for name in ("ana", "bo"):
        centre.sign_in(name)

    centre.push("c", criteria=(parse_step("not (agents [ana]) and L:fr >= 1 or agents [cem]"),))

    assert centre.who("c") == "bo"


@pytest.mark.parametrize("asks", ["agents [ana]", "agents [bo, ana]", "L:fr >= 4 or agents [ana]", "L:de >= 1"])
def test_an_agent_who_fits_and_is_signed_in_keeps_the_step_alive_whatever_it_does(centre: Centre, asks: str) -> None:
    centre.configure(Queue("Q", skip_steps_when="nobody_signed_in"), agents={"ana": {"L:de": 1}, "cem": {}})
    for name in ("ana", "cem"):
        centre.sign_in(name)
    centre.does("ana", "set_status", "Offline")

    centre.push("c", criteria=(parse_step(f"{asks} for 600s"),))
    centre.passes(1)

    assert (centre.who("c"), centre.line()) == ("", ["c"])


def test_an_agent_who_is_named_and_signed_out_keeps_no_step_alive(centre: Centre) -> None:
    centre.configure(Queue("Q", skip_steps_when="nobody_signed_in"), agents={"ana": {}, "bo": {}})
    centre.sign_in("bo")

    centre.push("c", criteria=(parse_step("agents [ana] for 600s"),))

    assert centre.who("c") == "bo"


def test_a_step_that_ends_early_says_so_and_the_next_one_begins(centre: Centre) -> None:
    centre.configure(Queue("Q", skip_steps_when="nobody_signed_in"), agents={"bo": {"L:fr": 2}})
    centre.sign_in("bo")
    centre.does("bo", "set_status", "Offline")
    steps = [parse_step(f"{asks} for 600s") for asks in ("L:fr >= 4", "L:fr >= 3", "L:fr >= 2", "L:fr >= 1")]

    centre.push("c", criteria=tuple(steps))

    ended = [one.fields for one in centre.store.run(reading.events_after()) if one.name == "contact.step_expired"]
    assert [(one["step"], one["reason"]) for one in ended] == [
        ("1", "nobody_signed_in"), ("2", "nobody_signed_in"),
    ]  # fmt: skip
    assert centre.store.run(reading.contact("c")).step == 3
    centre.passes(599)
    assert centre.store.run(reading.contact("c")).step == 3
    centre.passes(1)
    assert centre.store.run(reading.contact("c")).step == 4
