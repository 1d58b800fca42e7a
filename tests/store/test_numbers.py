"""Requests of a session are known by their numbers: a repetition is answered, and another request is refused."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from centre import Centre

from fairlead import errors
from fairlead.store import reading
from fairlead.store.offers import Answer
from fairlead.store.request import Request
from fairlead.store.transitions.working import Session

Build = Callable[[Session, Centre], Request[Answer]]

PAIRS: dict[str, tuple[Build, Build]] = {
    "another contact": (
        lambda session, centre: session.accept(centre.offer("ana", "x")),
        lambda session, centre: session.accept(centre.offer("ana", "y")),
    ),
    "another script": (
        lambda session, centre: session.accept(centre.offer("ana", "x")),
        lambda session, centre: session.reject(centre.offer("ana", "x")),
    ),
    "another argument": (
        lambda session, _: session.set_status("Available"),
        lambda session, _: session.set_status("Break"),
    ),
    "another failure": (
        lambda session, centre: session.fail([(centre.offer("ana", "x"), "a\0y\0001\0b")]),
        lambda session, centre: session.fail(
            [(centre.offer("ana", "x"), "a"), (replace(centre.offer("ana", "y"), token=1), "b")]
        ),
    ),
    "another token": (
        lambda session, centre: session.accept(centre.offer("ana", "x")),
        lambda session, centre: session.accept(replace(centre.offer("ana", "x"), token=1)),
    ),
    "more contacts": (
        lambda session, centre: session.release([centre.offer("ana", "x")]),
        lambda session, centre: session.release([centre.offer("ana", "x"), centre.offer("ana", "y")]),
    ),
    "after a refusal": (
        lambda session, centre: session.complete([]),
        lambda session, _: session.set_status("Nowhere"),
    ),
}


@pytest.fixture
def ana(centre: Centre) -> Session:
    session = centre.sign_in("ana", accepts=False)
    centre.push("x", channel="chat")
    centre.push("y", channel="chat")
    return session


def told(centre: Centre) -> list[str]:
    return [event.event_id for event in centre.store.run(reading.events_after())]


@pytest.mark.parametrize(("asks", "differs"), PAIRS.values(), ids=PAIRS)
def test_another_request_of_the_same_number_is_refused_and_changes_nothing(
    centre: Centre, ana: Session, asks: Build, differs: Build
) -> None:
    first, other = asks(ana, centre), differs(ana, centre)
    centre.store.run(replace(first, args={**first.args, "op": other.args["op"]}))
    before = (centre.held("ana"), centre.status("ana"), told(centre))

    with pytest.raises(errors.OperationReused, match=rf"request {other.args['op']} of agent 'ana' .* next number"):
        centre.store.run(other)

    assert (centre.held("ana"), centre.status("ana"), told(centre)) == before


def test_a_repetition_is_known_whatever_token_it_brings(centre: Centre, ana: Session) -> None:
    request = ana.accept(centre.offer("ana", "x"))
    centre.store.run(request)
    before = told(centre)

    answers = [centre.store.run(replace(request, args={**request.args, "last_token": token})) for token in (0, 10**16)]

    assert [[offer.contact_id for offer in answer.offers] for answer in answers] == [["x", "y"], []]
    assert told(centre) == before


def test_a_refusal_is_repeated_for_the_same_request_and_reused_for_another(centre: Centre, ana: Session) -> None:
    request = ana.set_status("Nowhere")

    for _ in range(2):
        with pytest.raises(errors.UnknownStatus):
            centre.store.run(request)
    with pytest.raises(errors.OperationReused):
        centre.store.run(replace(request, args={**request.args, "status": "Break"}))

    assert centre.status("ana") == "Available"


def test_after_a_reused_number_the_next_one_is_served(centre: Centre, ana: Session) -> None:
    x, y = centre.offer("ana", "x"), centre.offer("ana", "y")
    other_tab = replace(ana)
    centre.store.run(ana.accept(x))
    with pytest.raises(errors.OperationReused):
        centre.store.run(other_tab.accept(y))

    centre.store.run(other_tab.accept(y))

    assert centre.held("ana") == {"x": "connected", "y": "connected"}


def test_a_number_that_no_request_has_had_yet_is_no_repetition(centre: Centre) -> None:
    ana = centre.sign_in("ana")
    ana._op = -1

    with pytest.raises(errors.OperationReused):
        centre.store.run(ana.set_status("Break"))

    assert centre.status("ana") == "Available"
