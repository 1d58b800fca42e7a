"""What a supervisor does with contacts that agents hold."""

import pytest
from centre import Centre, profile

from fairlead import errors
from fairlead.domain.profile import Concurrency, Entry
from fairlead.domain.queue import Queue
from fairlead.store.transitions import supervising


def test_a_supervisor_transfers_a_contact_that_an_agent_holds(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "voice")]), profile([Entry("Other", "voice")], "Others")],
                     agents={"bo": "Others"})  # fmt: skip
    centre.sign_in("ana")
    centre.sign_in("bo")
    centre.push("c")
    centre.push("next")
    stale = centre.offer("ana", "c")

    took = centre.run(supervising.transfer, "c", "Other")

    assert took == "Other"
    assert (centre.held("ana"), centre.held("bo")) == ({"next": "connected"}, {"c": "connected"})
    with pytest.raises(errors.StaleToken):
        centre.does("ana", "transfer", stale, "Q")


def test_a_repeated_transfer_does_not_take_the_contact_from_its_new_agent(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "voice")]), profile([Entry("Other", "voice")], "Others")],
                     agents={"bo": "Others"})  # fmt: skip
    centre.sign_in("ana")
    centre.push("c")
    centre.run(supervising.transfer, "c", "Other")
    again_while_it_waits = centre.run(supervising.transfer, "c", "Other")
    centre.sign_in("bo")
    token = centre.offer("bo", "c").token

    again = centre.run(supervising.transfer, "c", "Other")

    assert (again_while_it_waits, again, centre.offer("bo", "c").token) == ("Other", "Other", token)


def test_a_transfer_that_is_refused_leaves_the_contact_with_its_agent(centre: Centre) -> None:
    centre.configure(Queue("Other", max_contacts=0))
    centre.sign_in("ana")
    centre.push("c")
    centre.push("waits")

    for contact, queue, refusal in (
        ("c", "Other", errors.QueueFull), ("c", "Nowhere", errors.UnknownQueue), ("nobody", "Other", errors.NotFound),
        ("waits", "Other", errors.WrongState),
    ):  # fmt: skip
        with pytest.raises(refusal):
            centre.run(supervising.transfer, contact, queue)

    assert centre.held("ana") == {"c": "connected"}


def test_a_supervisor_holds_and_resumes_a_contact(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c")
    centre.push("waits")

    centre.run(supervising.hold, "c")
    centre.run(supervising.hold, "c")
    held = centre.held("ana"), centre.state("c")
    centre.run(supervising.resume, "c")
    centre.run(supervising.resume, "c")

    assert held == ({"c": "on_hold"}, "on_hold")
    assert (centre.held("ana"), centre.state("c")) == ({"c": "connected"}, "connected")
    assert centre.events("contact.held", "contact.resumed") == ["contact.held", "contact.resumed"]
    for act in (supervising.hold, supervising.resume, supervising.pause):
        with pytest.raises(errors.WrongState, match="queued"):
            centre.run(act, "waits")


def test_a_supervisor_pauses_a_task_and_the_agent_takes_another(centre: Centre) -> None:
    channels = {"task": Concurrency(1), "voice": Concurrency(1)}
    centre.configure(profiles=[profile([Entry("Q", "task"), Entry("Q", "voice")], channels=channels)])
    centre.sign_in("ana")
    centre.push("first", channel="task")
    centre.push("second", channel="task")
    centre.push("third", channel="task")

    centre.run(supervising.pause, "first")
    centre.run(supervising.pause, "first")
    paused = centre.held("ana")
    centre.run(supervising.resume, "first")

    assert paused == {"first": "paused", "second": "connected"}
    assert centre.held("ana") == {"first": "connected", "second": "connected"}


def test_only_tasks_are_paused(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("call")

    with pytest.raises(errors.WrongState, match="only tasks"):
        centre.run(supervising.pause, "call")


def test_a_supervisor_clears_the_slots_of_an_agent(centre: Centre) -> None:
    centre.configure(Queue("Other", acw_s={"chat": 600}),
                     profiles=[profile([Entry("Q", "voice"), Entry("Other", "chat")])])  # fmt: skip
    centre.sign_in("ana", accepts=False)
    centre.push("written", queue="Other", channel="chat")
    centre.does("ana", "accept", "written")
    centre.does("ana", "complete", "written")
    centre.push("missed")
    centre.passes(20)
    assert centre.held("ana") == {"written": "acw", "missed": "missed"}

    one = centre.run(supervising.clear_slots, "ana", "missed")
    offered_again = centre.held("ana")
    with pytest.raises(errors.WrongState, match="offered"):
        centre.run(supervising.clear_slots, "ana", "missed")
    all_others = centre.run(supervising.clear_slots, "ana")
    again = centre.run(supervising.clear_slots, "ana")

    assert (one, all_others, again) == (1, 1, 0)
    assert offered_again == {"written": "acw", "missed": "offered"}
    assert (centre.held("ana"), centre.state("written")) == ({"missed": "offered"}, "completed")


def test_slots_of_who_is_not_signed_in_are_not_cleared(centre: Centre) -> None:
    with pytest.raises(errors.SessionEnded):
        centre.run(supervising.clear_slots, "ana")
    with pytest.raises(errors.UnknownAgent):
        centre.run(supervising.clear_slots, "nobody")
