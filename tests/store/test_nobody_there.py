"""What a queue does when of the agents who fit nobody is available, staffed or signed in."""

import pytest
from centre import Centre, profile

from fairlead.domain.agent import Agent
from fairlead.domain.contact import Waiting
from fairlead.domain.criteria import steps_of
from fairlead.domain.eligible import Circumstances, FreeAgent, is_anybody
from fairlead.domain.profile import Concurrency, Entry
from fairlead.domain.queue import Nobody, Queue
from fairlead.store import reading

FRENCH = steps_of(["L:fr >= 4 for 600s"])
WHENS: list[Nobody] = ["nobody_available", "nobody_staffed", "nobody_signed_in"]
ONE = Concurrency(1)
ONE_EACH = profile([Entry("Q", "voice"), Entry("Other", "chat")], channels={"voice": ONE, "chat": ONE})
LATE = profile([Entry("Q", "voice", delay_s=100)], "Late", channels={"voice": ONE})

IS_THERE: dict[str, tuple[bool, bool, bool]] = {
    "signed out": (False, False, False),
    "on a break": (False, False, True),
    "busy": (False, True, True),
    "busy on a channel that allows no others": (False, True, True),
    "free": (True, True, True),
}
"""What the one who speaks French does -> whether it is available, staffed, signed in."""


def bo_is(centre: Centre, what: str) -> None:
    if what == "signed out":
        return
    centre.sign_in("bo")
    if what == "on a break":
        centre.does("bo", "set_status", "Break")
    elif what == "busy":
        centre.push("held")
    elif what != "free":
        centre.push("held", queue="Other", channel="chat")


@pytest.mark.parametrize("when", WHENS)
@pytest.mark.parametrize("what", IS_THERE)
def test_a_step_ends_early_when_nobody_who_satisfies_it_is_there(centre: Centre, when: Nobody, what: str) -> None:
    centre.configure(Queue("Q", skip_steps_when=when), profiles=[ONE_EACH], agents={"bo": {"L:fr": 4}})
    bo_is(centre, what)
    centre.sign_in("ana")

    centre.push("c", criteria=FRENCH)
    is_kept = IS_THERE[what][WHENS.index(when)]

    assert centre.who("c") == ({"free": "bo"}.get(what, "") if is_kept else "ana")
    assert centre.store.run(reading.contact("c")).step == (1 if is_kept else 2)


@pytest.mark.parametrize("when", WHENS)
def test_a_step_ends_as_the_last_one_who_satisfies_it_goes(centre: Centre, when: Nobody) -> None:
    late = Agent("bo", "Late", proficiencies={"L:fr": 4})
    centre.configure(Queue("Q", skip_steps_when=when), profiles=[ONE_EACH, LATE], agents={"bo": late})
    centre.sign_in("bo")
    centre.sign_in("ana")
    centre.push("c", criteria=FRENCH)
    centre.passes(5)
    waits = centre.who("c")

    gone = []
    for act in ("busy", "break", "out"):
        if act == "busy":
            centre.push("held", queue="@bo")
        elif act == "break":
            centre.does("bo", "set_status", "Break")
        else:
            centre.does("bo", "sign_out")
        centre.passes(1)
        gone.append(centre.who("c"))

    assert waits == ""
    assert gone == [["ana"] * 3, ["", "ana", "ana"], ["", "", "ana"]][WHENS.index(when)]


@pytest.mark.parametrize("when", WHENS)
def test_staff_is_counted_anew_with_other_proficiencies_and_profiles(centre: Centre, when: Nobody) -> None:
    queue = Queue("Q", skip_steps_when=when)
    centre.configure(queue, profiles=[ONE_EACH], agents={"bo": {"L:fr": 1}})
    centre.sign_in("bo")
    centre.push("held", queue="Other", channel="chat")
    centre.push("before", criteria=FRENCH)
    before = centre.store.run(reading.contact("before")).step

    centre.configure(queue, profiles=[ONE_EACH], agents={"bo": {"L:fr": 5}})
    centre.push("after", criteria=FRENCH)

    assert before == 2
    assert centre.store.run(reading.contact("after")).step == (2 if when == "nobody_available" else 1)


@pytest.mark.parametrize("when", WHENS)
@pytest.mark.parametrize("what", IS_THERE)
def test_the_script_and_the_rule_agree_on_who_is_there(when: Nobody, what: str) -> None:
    used = {"busy": {"voice": 1}, "busy on a channel that allows no others": {"chat": 1}}.get(what, {})
    bo = FreeAgent(
        "bo", ONE_EACH, 0, what != "on a break", used, proficiencies={"L:fr": 4}, is_signed_in=what != "signed out"
    )
    contact = Waiting("c", "Q", "voice", 5, 0, 0, FRENCH[0].expression)

    assert (
        is_anybody(contact, [bo, FreeAgent("ana", ONE_EACH, 0)], Circumstances(0), when)
        == (IS_THERE[what][WHENS.index(when)])
    )
