"""Ruling 23: every request may be repeated: the same one gets the same answer, and has no second effect."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from centre import Centre, profile

from fairlead import errors
from fairlead.domain.agent import AVAILABLE
from fairlead.domain.profile import Entry
from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.request import Request
from fairlead.store.transitions import configuring, producing, supervising

SERVED = profile([Entry(queue, "voice") for queue in ("Q", "Other")])


def _moves(centre: Centre) -> Request[Any]:
    return supervising.move(centre.keys, "c", "Other")


UNDONE: dict[str, tuple[Callable[[Centre], Request[Any]], Callable[[Centre], Any]]] = {
    "a move": (_moves, lambda centre: centre.run(supervising.move, "c", "Q")),
    "a priority": (
        lambda centre: producing.update(centre.keys, "c", priority=1),
        lambda centre: centre.run(producing.update, "c", priority=5),
    ),
    "a status": (
        lambda centre: supervising.set_agent_status(centre.keys, "ana", "Break"),
        lambda centre: centre.run(supervising.set_agent_status, "ana", AVAILABLE.name),
    ),
    "a next status": (
        lambda centre: supervising.set_next_status(centre.keys, "bo", "Break"),
        lambda centre: centre.run(supervising.set_next_status, "bo", ""),
    ),
}


def _looks(centre: Centre) -> tuple[Any, ...]:
    contact = centre.store.run(reading.contact("c"))
    agents = centre.store.run(reading.agent_states(["ana", "bo"]))
    return contact.queue, contact.priority, [(one.status, one.next_status) for one in agents]


@pytest.mark.parametrize("what", UNDONE)
def test_ruling_23_a_repetition_does_not_undo_what_came_later(centre: Centre, what: str) -> None:
    asked, undo = UNDONE[what]
    centre.configure(profiles=[profile([Entry("Overflow", "voice")])])
    centre.sign_in("ana")
    centre.sign_in("bo")
    centre.push("held", "Overflow")
    centre.push("too", "Overflow")
    centre.push("c")
    before, request = _looks(centre), asked(centre)
    first = centre.store.run(request)
    assert _looks(centre) != before
    undo(centre)
    assert _looks(centre) == before

    again = centre.store.run(request)

    assert (again, _looks(centre)) == (first, before)


def test_ruling_23_it_is_known_by_its_name_whoever_asks_again(centre: Centre) -> None:
    centre.push("c")
    centre.store.run(_moves(centre).named("move-1"))
    centre.run(supervising.move, "c", "Q")

    assert centre.store.run(_moves(centre).named("move-1")) == "Other"
    assert centre.where("c") == "Q"
    centre.store.run(_moves(centre).named("move-2"))
    assert centre.where("c") == "Other"


def test_ruling_23_a_refusal_is_repeated_too(centre: Centre) -> None:
    centre.configure(Queue("Other", max_contacts=0))
    centre.push("c")
    request = _moves(centre)
    with pytest.raises(errors.QueueFull):
        centre.store.run(request)
    centre.configure(Queue("Other"))

    with pytest.raises(errors.QueueFull):
        centre.store.run(request)
    centre.store.run(_moves(centre))

    assert centre.where("c") == "Other"


def test_ruling_23_a_repeated_apply_is_not_changed_meanwhile(centre: Centre) -> None:
    current, version = centre.store.run(reading.configuration_in_force())
    target = replace(current, queues={**current.queues, "New": Queue("New")})
    applied = centre.store.run(configuring.apply_configuration(centre.keys, target, version))
    later = replace(target, queues={**target.queues, "Q": Queue("Q", max_contacts=7)})
    centre.store.run(configuring.apply_configuration(centre.keys, later, applied))

    again = centre.store.run(configuring.apply_configuration(centre.keys, target, version))

    assert again == applied
    assert centre.store.run(reading.configuration_in_force())[0].queues["Q"].max_contacts == 7
    other = replace(target, queues={**target.queues, "Third": Queue("Third")})
    with pytest.raises(errors.ConfigurationChanged):
        centre.store.run(configuring.apply_configuration(centre.keys, other, version))


def test_ruling_23_what_stood_in_the_way_of_an_apply_may_be_gone(centre: Centre) -> None:
    centre.push("c", "Other")
    current, version = centre.store.run(reading.configuration_in_force())
    target = replace(current, queues={name: one for name, one in current.queues.items() if name != "Other"})
    with pytest.raises(errors.QueueInUse):
        centre.store.run(configuring.apply_configuration(centre.keys, target, version))
    centre.run(producing.abandon, "c")

    centre.store.run(configuring.apply_configuration(centre.keys, target, version))

    assert "Other" not in centre.store.run(reading.configuration_in_force())[0].queues


def test_ruling_23_an_object_that_was_removed_can_be_made_again(centre: Centre) -> None:
    for _ in range(2):
        made = centre.run(configuring.put_object, Queue("New"), 0)
        centre.run(configuring.remove_object, "queue", "New", made)
    centre.run(configuring.put_object, Queue("New"), 0)

    assert "New" in centre.store.run(reading.configuration_in_force())[0].queues


def test_ruling_23_another_request_with_a_sessions_number_is_refused(centre: Centre) -> None:
    session = centre.sign_in("ana", accepts=False)
    centre.push("c", channel="chat")
    centre.push("d", channel="chat")
    first, second = centre.offer("ana", "c"), centre.offer("ana", "d")
    one, other = session.accept(first), replace(session, _op=session._op - 1).accept(second)
    centre.store.run(one)

    with pytest.raises(errors.OperationReused):
        centre.store.run(other)
