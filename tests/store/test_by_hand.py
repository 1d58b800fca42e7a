"""Work by hand: worklists and assignments; and requests that come twice, late or from somebody else."""

from collections.abc import Callable

import pytest
from centre import Centre, profile

from fairlead import errors
from fairlead.domain.profile import Concurrency, Entry
from fairlead.domain.queue import Queue
from fairlead.service.supervisor import worklist
from fairlead.store import reading
from fairlead.store.transitions import supervising

BY_HAND = profile([Entry("Q", "task", manual_only=True), Entry("Other", "task")])


def test_a_manual_only_entry_routes_nothing_and_its_contacts_are_picked(centre: Centre) -> None:
    centre.configure(profiles=[BY_HAND])
    centre.sign_in("ana")
    centre.push("first", channel="task")
    centre.push("second", channel="task")
    assert centre.held("ana") == {}
    assert centre.store.run(reading.ids_in_line("Q", "task", 10)) == ["first", "second"]

    centre.does("ana", "pick", "second")

    assert centre.held("ana") == {"second": "connected"}
    assert centre.state("second") == "connected"


def test_what_is_not_in_the_worklist_or_has_no_slot_is_not_picked(centre: Centre) -> None:
    centre.configure(profiles=[profile(BY_HAND.entries, channels={"task": Concurrency(1)})])
    centre.sign_in("ana")
    centre.push("mine", channel="task")
    centre.push("theirs", queue="Overflow", channel="task")
    centre.push("more", channel="task")

    with pytest.raises(errors.NotServed, match="no manual-only entry for queue 'Overflow'"):
        centre.does("ana", "pick", "theirs")
    centre.does("ana", "pick", "mine")
    with pytest.raises(errors.NoSlot, match="agent 'ana' has no free slot for task now: 1 of 1 are taken; `fairlead"):
        centre.does("ana", "pick", "more")


def on_a_break(centre: Centre) -> None:
    centre.does("ana", "set_status", "Break")


def going_on_a_break(centre: Centre) -> None:
    centre.push("held", channel="chat")
    centre.run(supervising.set_next_status, "ana", "Break")


def silent(centre: Centre) -> None:
    centre.passes(11)


def full(centre: Centre) -> None:
    centre.does("ana", "sign_out")
    centre.sign_in("ana", capacity=1)
    centre.push("held", channel="chat")


def on_a_call(centre: Centre) -> None:
    centre.push("held", channel="voice")


def with_tasks_aside(centre: Centre) -> None:
    for name in ("first", "second"):
        centre.push(name, channel="task")
        centre.does("ana", "pick", name)
        centre.does("ana", "pause", name)


@pytest.mark.parametrize(
    ("prepare", "sentence"),
    [
        (on_a_break, "agent 'ana' is not Available: in status 'Break' it gets no contacts"),
        (going_on_a_break, "agent 'ana' gets no more contacts: its next status is 'Break'"),
        (silent, "agent 'ana' is absent: its session has been out of routing for 1.0 s"),
        (full, "agent 'ana' has no capacity: it holds 1 of at most 1 contacts"),
        (on_a_call, "agent 'ana' is not offered task: it holds voice, which allows no others"),
        (with_tasks_aside, "agent 'ana' has no free slot for task now: it holds 0 active and 2 paused of at most 2"),
    ],
)
def test_a_refused_pick_names_the_filter(centre: Centre, prepare: Callable[[Centre], None], sentence: str) -> None:
    channels = {"task": Concurrency(1, allows_others=True), "chat": Concurrency(2, allows_others=True)}
    entries = (*BY_HAND.entries, Entry("Q", "chat"), Entry("Q", "voice"))
    centre.configure(profiles=[profile(entries, channels={**channels, "voice": Concurrency(1)})])
    centre.sign_in("ana", lease_s=15)
    prepare(centre)
    centre.push("c", channel="task")

    with pytest.raises(errors.NoSlot) as refused:
        centre.does("ana", "pick", "c")

    assert str(refused.value) == f"{sentence}; `fairlead explain agent ana` tells more"


def test_of_two_agents_who_pick_the_same_contact_one_gets_it(centre: Centre) -> None:
    centre.configure(profiles=[BY_HAND])
    centre.sign_in("ana")
    centre.sign_in("bo")
    centre.push("c", channel="task")
    centre.does("ana", "pick", "c")

    with pytest.raises(errors.WrongState, match="connected"):
        centre.does("bo", "pick", "c")


def test_a_supervisor_assigns_past_the_profile_and_the_slots(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c")
    centre.push("second")
    centre.push("foreign", queue="Overflow", channel="email")

    centre.run(supervising.assign, "second", "ana")
    centre.run(supervising.assign, "foreign", "ana")

    assert centre.held("ana") == {"c": "connected", "second": "connected", "foreign": "connected"}


def test_of_two_supervisors_who_assign_the_same_contact_one_wins(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.sign_in("bo")
    centre.push("c", queue="Overflow")
    centre.run(supervising.assign, "c", "ana")

    with pytest.raises(errors.WrongState, match="connected"):
        centre.run(supervising.assign, "c", "bo")
    assert centre.who("c") == "ana"


def test_an_assignment_takes_the_offer_from_who_has_it(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.push("c")
    centre.sign_in("bo")

    centre.run(supervising.assign, "c", "bo")

    assert (centre.held("ana"), centre.held("bo")) == ({}, {"c": "connected"})


def test_a_request_about_another_agents_contact_changes_nothing(centre: Centre) -> None:
    centre.configure(Queue("Q", max_attempts=1))
    centre.sign_in("ana", accepts=False)
    centre.sign_in("bo")
    centre.push("first")
    theirs = centre.offer("ana", "first")

    for what in ("accept", "reject"):
        with pytest.raises(errors.StaleToken):
            centre.does("bo", what, theirs)
    centre.does("ana", "accept", theirs)
    for what in ("hold", "retry_callback"):
        with pytest.raises(errors.StaleToken):
            centre.does("bo", what, theirs)
    for what in ("complete", "release"):
        assert centre.does("bo", what, theirs).fenced == ("first",)

    assert (centre.held("ana"), centre.held("bo"), centre.who("first")) == ({"first": "connected"}, {}, "ana")


def test_a_refused_request_gets_the_same_answer_again_and_an_older_one_is_late(centre: Centre) -> None:
    session = centre.sign_in("ana")
    centre.push("c")
    late = session.set_status("Break")
    transfer = session.transfer(centre.offer("ana", "c"), "Nowhere")
    with pytest.raises(errors.UnknownQueue):
        centre.store.run(transfer)
    centre.configure(Queue("Nowhere"))

    with pytest.raises(errors.UnknownQueue):
        centre.store.run(transfer)
    with pytest.raises(errors.StaleOperation):
        centre.store.run(late)

    assert (centre.who("c"), centre.status("ana")) == ("ana", "Available")


def test_a_repeated_assignment_and_move_have_no_second_effect(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c", queue="Overflow")
    centre.push("d", queue="Overflow")

    assert [centre.run(supervising.assign, "c", "ana") for _ in range(2)] == ["connected"] * 2
    request = supervising.move(centre.keys, "d", "Other")
    assert [centre.store.run(request) for _ in range(2)] == ["Other"] * 2

    assert len(centre.events("contact.connected", "contact.transferred")) == 2


def test_an_offer_is_assigned_again_without_effect(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.push("c", queue="Overflow")

    assert [centre.run(supervising.assign, "c", "ana") for _ in range(2)] == ["offered"] * 2

    assert len(centre.events("contact.offered")) == 1


@pytest.mark.parametrize("what", ["hold", "complete"])
def test_what_an_agent_has_on_hold_or_works_on_afterwards_is_not_assigned_to_it(centre: Centre, what: str) -> None:
    centre.configure(Queue("Q", acw_s={"voice": 60}))
    centre.sign_in("ana")
    centre.push("c")
    centre.does("ana", what, "c")

    with pytest.raises(errors.WrongState):
        centre.run(supervising.assign, "c", "ana")


def test_a_repeated_give_back_names_the_same_contacts_as_fenced(centre: Centre) -> None:
    session = centre.sign_in("ana")
    centre.push("c")
    offer = centre.offer("ana", "c")
    centre.run(supervising.stop, "c")
    request = session.release([offer])

    assert [centre.store.run(request).fenced for _ in range(2)] == [("c",), ("c",)]


BOTH_WAYS = profile(
    [Entry("Q", "task", delay_s=60), Entry("Q", "task", manual_only=True)], channels={"task": Concurrency(2)}
)


def test_what_is_routed_may_be_picked_too(centre: Centre) -> None:
    centre.configure(profiles=[BOTH_WAYS])
    centre.sign_in("ana")
    for contact in ("first", "second"):
        centre.push(contact, channel="task")
    listed = [contact.contact_id for contact in centre.store.run(worklist("ana"))]

    centre.does("ana", "pick", "second")
    picked = centre.held("ana")
    centre.passes(60)

    assert listed == ["first", "second"]
    assert (picked, centre.held("ana")) == ({"second": "connected"}, {"second": "connected", "first": "connected"})


def test_what_is_routed_alone_is_not_picked(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "task", delay_s=60), Entry("Other", "task", manual_only=True)])])
    centre.sign_in("ana")
    centre.push("c", channel="task")

    with pytest.raises(errors.NotServed):
        centre.does("ana", "pick", "c")
