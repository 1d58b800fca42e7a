"""A contact gets other criteria as it goes to another queue; their first step begins then."""

import pytest
from centre import Centre, profile
from commands import Run
from conftest import RealServer

from fairlead import errors
from fairlead.domain.criteria import steps_of
from fairlead.domain.profile import Entry
from fairlead.service.agent import Agent
from fairlead.service.producer import Producer
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.transitions import supervising

TO_BO = ["agents [bo] for 10s"]


def offers_of_other(centre: Centre, *agents: str) -> None:
    """Ana serves Q alone; the others serve Other."""
    others = profile([Entry("Other", "voice")], "Others")
    centre.configure(profiles=[profile([Entry("Q", "voice")]), others], agents=dict.fromkeys(agents, "Others"))


@pytest.mark.parametrize("rank", ["back", "keep", "front"])
def test_a_move_gives_a_contact_other_criteria(centre: Centre, rank: str) -> None:
    offers_of_other(centre, "cem")
    centre.sign_in("cem")
    centre.push("c", criteria=steps_of(["agents [nobody] for 5s"]))
    centre.passes(7)

    centre.run(supervising.move, "c", "Other", rank, criteria=TO_BO)
    centre.passes(9.9)
    before = centre.who("c")
    centre.passes(0.1)

    assert (before, centre.who("c")) == ("", "cem")


def test_a_move_drops_the_criteria_when_it_brings_none(centre: Centre) -> None:
    offers_of_other(centre, "cem")
    centre.sign_in("cem")
    first, second = ({"criteria": steps} for steps in ((), None))
    for contact, change in (("dropped", first), ("kept", second)):
        centre.push(contact, criteria=steps_of(["agents [nobody] for 60s"]))
        centre.run(supervising.move, contact, "Other", **change)

    assert (centre.who("dropped"), centre.who("kept")) == ("cem", "")


@pytest.mark.parametrize("by_supervisor", [False, True])
def test_a_transfer_gives_a_contact_criteria(centre: Centre, by_supervisor: bool) -> None:
    offers_of_other(centre, "bo", "cem")
    centre.sign_in("ana")
    centre.sign_in("cem")
    centre.push("c", criteria=steps_of(["agents [ana] for 5s"]))
    centre.passes(7)

    if by_supervisor:
        centre.run(supervising.transfer, "c", "Other", criteria=TO_BO)
    else:
        centre.store.run(centre.sessions["ana"].transfer(centre.offer("ana", "c"), "Other", criteria=TO_BO))
    centre.passes(9.9)
    before = centre.who("c")
    centre.passes(0.1)

    assert (before, centre.who("c")) == ("", "cem")


def test_criteria_that_break_the_grammar_change_nothing(centre: Centre) -> None:
    centre.push("c")

    with pytest.raises(errors.InvalidCriteria):
        centre.run(supervising.move, "c", "Other", criteria=["L:fr >= 9"])

    assert centre.where("c") == "Q"


def test_a_session_and_the_command_bring_criteria(server: RealServer, run: Run) -> None:
    with Producer.connect(server.url) as producer, Agent.connect("ana", server.url, auto_accept=True) as ana:
        ana.sign_in()
        producer.push("BasicQueue", contact_id="c")
        (offer,) = ana.take().offers

        ana.transfer(offer, "BasicQueue", criteria=TO_BO)
        handed_on = read(server)
        moved = run(server.url, "contacts", "move", "c", "@ana", "--criteria", "agents [cem]")

        assert (handed_on, moved.code, read(server)) == (("10000000 @bo",), 0, ("- @cem",))


def read(server: RealServer) -> tuple[str, ...]:
    """The criteria that the contact has."""
    return Store(server.client()).run(reading.contact("c")).criteria
