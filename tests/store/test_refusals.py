"""What is refused, by what name, and what is left alone: the requests of agents, supervisors and producers."""

from collections.abc import Callable

import pytest
from centre import Centre

from fairlead import errors
from fairlead.domain.queue import Queue
from fairlead.store.new_contact import Callback
from fairlead.store.transitions import producing, supervising
from fairlead.store.transitions.working import Session


def test_an_agent_clears_no_slot_that_it_has_not(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c")
    connected = centre.offer("ana", "c").token

    for token in (connected, connected + 1):
        with pytest.raises(errors.StaleToken, match=str(token)):
            centre.does("ana", "clear", token)

    assert centre.held("ana") == {"c": "connected"}


def test_what_has_been_completed_by_a_supervisor_is_completed_for_its_agent_too(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("gone", channel="chat")
    centre.push("held", channel="chat")
    offers = [centre.offer("ana", name) for name in ("gone", "held")]
    centre.run(supervising.stop, "gone")
    centre.push("offered", channel="chat")

    request = centre.sessions["ana"].complete(offers)
    answers = [centre.store.run(request) for _ in range(2)]

    assert [answer.fenced for answer in answers] == [(), ()]
    assert (centre.state("gone"), centre.state("held"), centre.state("offered")) == (
        "completed", "completed", "connected",
    )  # fmt: skip


def test_what_is_only_offered_cannot_be_completed(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.push("c", channel="task")
    offer = centre.offer("ana", "c")

    answer = centre.does("ana", "complete", offer)

    assert (answer.fenced, centre.held("ana")) == (("c",), {"c": "offered"})


def test_a_failure_that_parks_a_contact_says_so_however_often_it_is_asked(centre: Centre) -> None:
    centre.configure(Queue("Q", max_attempts=1))
    centre.sign_in("ana")
    centre.push("c")
    request = centre.sessions["ana"].fail([(centre.offer("ana", "c"), "ValueError")])

    answers = [centre.store.run(request) for _ in range(2)]

    assert [(answer.parked, answer.fenced) for answer in answers] == [(("c",), ())] * 2


@pytest.mark.parametrize(
    "ask",
    [
        lambda centre: centre.run(supervising.move, "c", "Other"),
        lambda centre: centre.run(producing.request_callback, "c", Callback()),
        lambda centre: centre.run(producing.abandon, "c"),
        lambda centre: centre.run(supervising.retry, "c"),
    ],
)
def test_a_contact_that_is_connected_stays_with_its_agent(centre: Centre, ask: Callable[[Centre], None]) -> None:
    centre.sign_in("ana")
    centre.push("c")

    with pytest.raises(errors.WrongState, match="'c' is connected"):
        ask(centre)

    assert (centre.who("c"), centre.where("c")) == ("ana", "Q")


@pytest.mark.parametrize(("queue", "refusal"), [("Nowhere", errors.UnknownQueue), ("@nobody", errors.UnknownAgent)])
def test_a_contact_is_not_sent_where_nothing_is(centre: Centre, queue: str, refusal: type[Exception]) -> None:
    centre.push("c")

    with pytest.raises(refusal, match=queue.removeprefix("@")):
        centre.run(producing.request_callback, "c", Callback(), queue)
    with pytest.raises(refusal, match=queue.removeprefix("@")):
        centre.run(supervising.move, "c", queue)

    assert (centre.state("c"), centre.where("c"), centre.line()) == ("queued", "Q", ["c"])


def test_a_callback_may_be_asked_for_in_an_agents_own_queue(centre: Centre) -> None:
    centre.push("c")
    centre.run(producing.request_callback, "c", Callback(), "@ana")
    centre.sign_in("bo")
    centre.sign_in("ana")

    centre.passes(1)

    assert centre.who("c") == "ana"


def test_nobody_signs_in_on_a_profile_that_is_not_there(centre: Centre) -> None:
    session = Session(centre.keys, "dora", "w", "here/w/1")

    with pytest.raises(errors.UnknownProfile, match="'Nowhere'"):
        centre.store.run(session.sign_in(profile="Nowhere"))
    with pytest.raises(errors.UnknownAgent, match="'dora'"):
        centre.store.run(session.sign_in())


def test_who_is_signed_out_is_not_signed_out_again(centre: Centre) -> None:
    session = centre.sign_in("ana")
    centre.store.run(session.sign_out())

    with pytest.raises(errors.SessionEnded, match="'ana'"):
        centre.store.run(session.sign_out())
    with pytest.raises(errors.UnknownAgent, match="'dora'"):
        centre.run(supervising.sign_out_agent, "dora")

    assert centre.run(supervising.sign_out_agent, "ana") == []


def test_a_former_session_does_not_sign_out_the_present_one(centre: Centre) -> None:
    former = centre.sign_in("ana")
    centre.store.run(former.sign_out())
    centre.sign_in("ana")

    with pytest.raises(errors.SessionEnded):
        centre.store.run(former.sign_out())
    centre.push("c")

    assert centre.who("c") == "ana"


def test_an_agents_queue_that_is_not_there_is_named_by_its_agent(centre: Centre) -> None:
    with pytest.raises(errors.UnknownAgent, match="'nobody'"):
        centre.push("c", "@nobody")


def test_a_second_session_is_told_for_how_long_the_first_one_lives(centre: Centre) -> None:
    centre.sign_in("ana", lease_s=15)
    centre.now_us += 5_000_000 - 1  # and one with the next sign-in

    with pytest.raises(errors.AgentSignedIn) as refusal:
        centre.sign_in("ana")

    assert refusal.value.lease_left_ms == 10_000


def test_what_another_agent_works_on_afterwards_is_fenced(centre: Centre) -> None:
    centre.configure(Queue("Q", acw_s={"voice": 60}))
    for name in ("ana", "bo"):
        centre.sign_in(name)
    centre.push("c")
    offer = centre.offer("ana", "c")
    centre.does("ana", "complete", "c")

    assert centre.does("bo", "complete", offer).fenced == ("c",)
    assert centre.does("ana", "complete", offer).fenced == ()


def test_a_repeated_push_says_where_the_contact_is_now(centre: Centre) -> None:
    centre.push("c")
    centre.run(supervising.move, "c", "Overflow")
    centre.sign_in("ana")
    centre.run(supervising.assign, "c", "ana")

    again = centre.push("c")

    assert (again.created, again.state, again.queue) == (False, "connected", "Overflow")
