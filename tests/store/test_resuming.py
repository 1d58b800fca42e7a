"""A session goes on elsewhere, in a page that was loaded again or at another machine, with all that it holds."""

from typing import Any

import pytest
from centre import Centre
from raw import hinted, raw
from store.stepping import most_calls

from fairlead import errors
from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.known import MOST_CALLS
from fairlead.store.offers import Offer
from fairlead.store.request import Request
from fairlead.store.transitions import producing, supervising
from fairlead.store.transitions.renewing import renew
from fairlead.store.transitions.working import Session

LEASE_S = 15


def elsewhere(centre: Centre, name: str = "ana", holder: str = "laptop/1", **options: Any) -> Session:
    """A session of the agent in another process, which has not signed in."""
    centre.now_us += 1
    return Session(centre.keys, name, "laptop", holder, lease_ms=LEASE_S * 1_000, auto_accept=False, **options)


def resumes(centre: Centre, before: Session, **options: Any) -> Session:
    how = {"is_dead": options.pop("is_dead", False)}
    session = elsewhere(centre, before.agent, **options)
    centre.store.run(session.resume_session(before.epoch, **how))
    centre.sessions[before.agent] = session
    return session


def tokens(centre: Centre, name: str = "ana") -> dict[str, tuple[str, int]]:
    return {slot.contact_id: (slot.kind, slot.token) for slot in centre.slots(name)}


@pytest.fixture
def before(centre: Centre) -> Session:
    """A session that holds one contact of each kind, and is on its way to a break."""
    centre.configure(Queue("Q", acw_s={"email": 60}))
    session = centre.sign_in("ana", accepts=False)
    for contact_id, channel in (
        ("missed", "chat"), ("held", "chat"), ("waits", "chat"), ("paused", "task"), ("acw", "email"),
    ):  # fmt: skip
        centre.push(contact_id, channel=channel)
    for contact_id in ("held", "waits", "paused", "acw"):
        centre.does("ana", "accept", contact_id)
    centre.passes(20)
    centre.run(producing.abandon, "missed")
    centre.does("ana", "hold", "waits")
    centre.does("ana", "pause", "paused")
    centre.does("ana", "complete", "acw")
    centre.push("offered")
    centre.offer("ana", "offered")
    return session


def test_everything_that_the_session_held_is_handed_out_again_with_its_tokens(centre: Centre, before: Session) -> None:
    held = tokens(centre)
    session = elsewhere(centre)

    offers = centre.store.run(session.resume_session(before.epoch))

    assert tokens(centre) == held
    assert {one: kind for one, (kind, _) in held.items()} == {
        "missed": "missed", "held": "connected", "waits": "on_hold", "paused": "paused", "acw": "acw",
        "offered": "offered",
    }  # fmt: skip
    assert {offer.contact_id: offer.token for offer in offers} == {
        one: held[one][1] for one in ("held", "waits", "paused", "offered")
    }
    assert {offer.attempt for offer in offers} == {1}


def test_status_and_next_status_stay(centre: Centre, before: Session) -> None:
    centre.run(supervising.set_next_status, "ana", "Break")

    resumes(centre, before)
    state = centre.store.run(reading.agent_states(["ana"]))[0]
    for contact_id in ("held", "waits", "paused"):
        centre.does("ana", "complete", contact_id)

    assert (state.status, state.next_status) == ("Available", "Break")
    assert (centre.status("ana"), centre.held("ana")) == ("Break", {"missed": "missed"})


def test_whoever_had_the_session_is_fenced(centre: Centre, before: Session) -> None:
    offer = centre.offer("ana", "held")
    epoch = before.epoch

    resumes(centre, before)

    for request in (before.complete([offer]), before.take(), before.sign_out()):
        with pytest.raises(errors.SessionEnded):
            centre.store.run(request)
    assert centre.store.run(renew(centre.keys, [before])) == [("ana", epoch)]
    assert centre.state("held") == "connected"


def test_the_session_goes_on_from_its_first_number(centre: Centre, before: Session) -> None:
    with pytest.raises(errors.UnknownStatus):
        centre.does("ana", "set_status", "Nowhere")
    number = before._op

    session = resumes(centre, before)
    session._op = number - 1
    centre.does("ana", "set_status", "Break")

    assert centre.status("ana") == "Break"


def test_a_resumed_session_is_told_as_one_event_of_the_agent(centre: Centre, before: Session) -> None:
    told = len(centre.store.run(reading.events_after()))

    session = resumes(centre, before)

    (event,) = centre.store.run(reading.events_after())[told:]
    assert (event.name, event.actor) == ("agent.resumed", "agent:ana")
    assert event.fields == {"agent": "ana", "worker": "laptop", "epoch": str(session.epoch), "capacity": "0"}


def test_a_sign_in_whose_answer_was_lost_is_repeated_by_its_name(centre: Centre) -> None:
    first, again = (elsewhere(centre) for _ in range(2))
    centre.store.run(first.sign_in(request="tab-1"))
    centre.push("c")
    centre.store.run(first.accept(centre.store.run(first.take()).offers[0]))

    offers = centre.store.run(again.sign_in(request="tab-1"))

    assert (again.epoch, again._op) == (first.epoch, first._op)
    centre.store.run(again.complete(offers))
    assert centre.state("c") == "completed"
    assert centre.events("agent.signed_in") == ["agent.signed_in"]


@pytest.mark.parametrize("is_resumed", [False, True])
def test_whoever_repeats_a_sign_in_by_its_name_holds_the_session(centre: Centre, is_resumed: bool) -> None:
    live = centre.sign_in("ana", accepts=False).epoch if is_resumed else 0
    crashed, other = (Session(centre.keys, name, "w", "killed/1", inbox="old") for name in ("ana", "bo"))
    again = elsewhere(centre, inbox="new")

    def begins(session: Session) -> Request[tuple[Offer, ...]]:
        return session.resume_session(live, request="tab-1") if is_resumed else session.sign_in(request="tab-1")

    for request in (begins(crashed), other.sign_in()):
        centre.store.run(request)

    centre.store.run(begins(again))
    centre.store.run(elsewhere(centre, "bo", "new/1").sign_in(replaces=other.epoch, is_dead=True))
    centre.push("c")

    assert centre.store.run(again.take()).offers[0].contact_id == "c"
    assert hinted(centre.store, "new") == ["ana"]
    assert raw(centre.store).smembers(centre.keys.prefix + "holder:laptop/1") == {b"ana"}
    assert not raw(centre.store).exists(centre.keys.prefix + "holder:killed/1")


def test_a_resumption_whose_answer_was_lost_is_repeated_and_a_late_one_refused(centre: Centre, before: Session) -> None:
    first, again = (elsewhere(centre) for _ in range(2))
    lost = first.resume_session(before.epoch)
    held = next(offer for offer in centre.store.run(lost) if offer.contact_id == "held")
    centre.store.run(first.hold(held))

    centre.store.run(lost)
    centre.store.run(again.resume_session(first.epoch))

    assert first._op == 1
    with pytest.raises(errors.SessionEnded):
        centre.store.run(lost)
    assert centre.events("agent.resumed") == ["agent.resumed"] * 2


def test_only_a_live_session_is_resumed(centre: Centre, before: Session) -> None:
    centre.does("ana", "sign_out")

    with pytest.raises(errors.SessionEnded):
        centre.store.run(elsewhere(centre).resume_session(before.epoch))
    centre.sign_in("ana")
    with pytest.raises(errors.SessionEnded):
        centre.store.run(elsewhere(centre).resume_session(before.epoch))
    with pytest.raises(errors.UnknownAgent):
        centre.store.run(elsewhere(centre, "nobody").resume_session(before.epoch))


@pytest.mark.parametrize("absent_s", [11, 14.9])
def test_an_absent_agent_is_present_again_and_takes_what_waits(centre: Centre, absent_s: float) -> None:
    ana = centre.sign_in("ana", accepts=False, lease_s=LEASE_S)
    centre.passes(absent_s)
    centre.push("c")

    resumes(centre, ana)

    assert (centre.who("c"), centre.state("c")) == ("ana", "offered")
    assert not centre.store.run(reading.agent_states(["ana"]))[0].is_absent
    centre.passes(9)
    assert centre.who("c") == "ana"


def test_a_resumed_session_lives_for_its_own_lease(centre: Centre, before: Session) -> None:
    resumes(centre, before)
    centre.passes(LEASE_S - 1)
    is_held = centre.state("held")

    centre.passes(1)

    assert (is_held, centre.state("held")) == ("connected", "queued")
    assert centre.store.run(reading.contact("held")).attempts == 1


def test_hints_go_to_the_inbox_of_whoever_has_resumed(centre: Centre) -> None:
    ana = centre.sign_in("ana", accepts=False, inbox="old")
    centre.push("c1", channel="chat")
    resumes(centre, ana, inbox="new")

    centre.push("c2", channel="chat")

    assert [hinted(centre.store, inbox) for inbox in ("old", "new")] == [["ana"], ["ana"]]


def test_without_an_inbox_a_resumed_session_leaves_none_behind(centre: Centre) -> None:
    ana = centre.sign_in("ana", lease_s=LEASE_S)
    centre.passes(11)
    centre.push("c")

    resumes(centre, ana)

    assert centre.who("c") == "ana"
    assert raw(centre.store).keys("*:inbox:*") == []


@pytest.mark.parametrize("calls", [1, MOST_CALLS])
def test_the_other_sessions_of_a_dead_holder_end_before_anything_is_routed(centre: Centre, calls: int) -> None:
    sessions = {}
    for name in ("ana", "bo", "cem"):
        centre.now_us += 1
        sessions[name] = Session(centre.keys, name, "w", "killed/1", capacity=1)
        centre.store.run(sessions[name].sign_in())
        centre.push("c-" + name)

    with most_calls(calls):
        resumes(centre, sessions["ana"], is_dead=True)
        centre.passes(0)

    assert (centre.who("c-ana"), centre.state("c-bo"), centre.state("c-cem")) == ("ana", "queued", "queued")
    assert centre.store.run(reading.contact("c-ana")).attempts == 0
    assert centre.events("agent.lost") == ["agent.lost"] * 2


def test_the_death_of_its_former_holder_does_not_end_a_resumed_session(centre: Centre) -> None:
    ana, bo = (Session(centre.keys, name, "w", "killed/1") for name in ("ana", "bo"))
    for session in (ana, bo):
        centre.store.run(session.sign_in())
    centre.push("c")
    resumes(centre, ana)

    centre.store.run(elsewhere(centre, "bo", "new/1").sign_in(replaces=bo.epoch, is_dead=True))

    assert (centre.who("c"), centre.state("c")) == ("ana", "connected")
    assert raw(centre.store).smembers(centre.keys.prefix + "holder:laptop/1") == {b"ana"}
    assert not raw(centre.store).exists(centre.keys.prefix + "holder:killed/1")


def test_a_process_resumes_its_own_session(centre: Centre) -> None:
    ana = centre.sign_in("ana")
    centre.push("c")

    resumes(centre, ana, holder=ana.holder)

    assert raw(centre.store).smembers(centre.keys.prefix + f"holder:{ana.holder}") == {b"ana"}
    centre.does("ana", "complete", "c")
    assert centre.state("c") == "completed"
