"""An agent begins a contact itself."""

from dataclasses import replace

import pytest
from centre import Centre, profile
from conftest import RealServer

from fairlead import errors
from fairlead.domain.configuration import fresh_configuration
from fairlead.domain.profile import Concurrency, Entry
from fairlead.domain.queue import Queue
from fairlead.service.administrator import Administrator
from fairlead.service.agent import Agent, begin
from fairlead.store import reading
from fairlead.store.new_contact import Callback
from fairlead.store.offers import Answer
from fairlead.store.transitions import producing

CALLS = profile([Entry("Q", "voice")], channels={"voice": Concurrency(1)}, outbound_queue="Other")


def begins(centre: Centre, name: str, contact_id: str, **options: object) -> Answer:
    centre.now_us += 1
    return centre.store.run(begin(centre.sessions[name], {"to": "anna"}, contact_id=contact_id, **options))


def test_an_agent_begins_a_contact_itself(centre: Centre) -> None:
    centre.configure(Queue("Other", acw_s={"voice": 60}), profiles=[CALLS])
    centre.sign_in("ana", accepts=False)

    (offer,) = begins(centre, "ana", "out", customer="anna", attributes={"why": "renewal"}).offers
    record = centre.store.run(reading.contact("out", with_payload=True))
    centre.push("waits")
    waits = centre.who("waits")
    centre.does("ana", "complete", "out")

    assert (offer.contact_id, offer.state, offer.direction) == ("out", "connected", "outbound")
    assert offer.payload == b'{"to":"anna"}'
    assert (record.queue, record.direction, record.attributes, record.agent) == (
        "Other", "outbound", {"why": "renewal"}, "ana",
    )  # fmt: skip
    assert waits == ""
    assert centre.held("ana") == {"out": "acw"}
    assert centre.events("contact.queued", "contact.connected") == ["contact.connected", "contact.queued"]


def test_what_an_agent_began_is_handled_time_of_its_queue_and_no_answer_of_it(centre: Centre) -> None:
    centre.configure(profiles=[CALLS])
    centre.sign_in("ana")
    begins(centre, "ana", "out", queue="Q")
    centre.passes(30)

    centre.does("ana", "complete", "out")

    counted = centre.store.run(reading.totals())["Q:voice"]
    assert {name[0] for name in counted} == {"h"}


def test_it_takes_a_slot_whatever_the_status(centre: Centre) -> None:
    centre.configure(profiles=[CALLS])
    centre.sign_in("ana")
    centre.does("ana", "set_status", "Break")

    begins(centre, "ana", "first")

    with pytest.raises(errors.NoSlot, match="agent 'ana' has no free slot for voice now: 1 of 1 are taken; `fairlead"):
        begins(centre, "ana", "second")
    with pytest.raises(errors.NoSlot, match="agent 'ana' takes no email: its profile has no slot for it; `fairlead"):
        begins(centre, "ana", "mail", channel="email")
    assert centre.held("ana") == {"first": "connected"}


def test_it_needs_a_queue_and_an_id_of_its_own(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c", queue="Overflow")

    for options, refusal in (
        ({}, "has no outbound_queue"), ({"queue": "Nowhere"}, "'Nowhere' does not exist"),
        ({"queue": "Q", "contact_id": "c"}, "belongs to another contact"),
    ):  # fmt: skip
        with pytest.raises((errors.UnknownQueue, errors.ContactExists), match=refusal):
            begins(centre, "ana", **{"contact_id": "out", **options})
    assert centre.held("ana") == {}


def test_a_repeated_request_begins_one_contact(centre: Centre) -> None:
    centre.configure(profiles=[CALLS])
    session = centre.sign_in("ana")
    request = begin(session, contact_id="out")

    first, second = centre.store.run(request), centre.store.run(request)

    assert [offer.contact_id for offer in (*first.offers, *second.offers)] == ["out", "out"]
    assert centre.held("ana") == {"out": "connected"}


def test_what_a_lost_session_began_waits_in_its_queue_until_it_expires(centre: Centre) -> None:
    centre.configure(Queue("Other", expiry_s={"voice": 60}), profiles=[CALLS])
    centre.sign_in("ana")
    begins(centre, "ana", "out")

    centre.does("ana", "sign_out")
    waits = centre.line()
    centre.passes(61)

    assert (waits, centre.state("out")) == (["out"], "expired")


def test_the_outbound_queue_of_a_profile_is_in_use(server: RealServer) -> None:
    with Agent.connect("ana", server.url) as ana, Administrator.connect(server.url) as administrator:
        ana.sign_in()
        basic = fresh_configuration().profiles["BasicRoutingProfile"]
        administrator.put(Queue("Calls"), 0)
        version = administrator.object("profile", basic.name)[1]
        administrator.put(replace(basic, outbound_queue="Calls"), version)

        (offer,) = ana.begin({"n": 1}).offers
        with pytest.raises(errors.ObjectInUse):
            administrator.remove("queue", "Calls", administrator.object("queue", "Calls")[1])
        ana.complete([offer])

    assert (offer.state, offer.queue) == ("connected", "Calls")


@pytest.mark.parametrize(("expiry_s", "state"), [(60, "expired"), (0, "queued")])
def test_what_an_agent_began_and_gives_back_expires_as_its_queue_says_but_for_the_time_it_was_held(
    centre: Centre, expiry_s: int, state: str
) -> None:
    centre.configure(Queue("Q", expiry_s={"voice": expiry_s}))
    centre.sign_in("ana")
    begins(centre, "ana", "out", queue="Q")
    centre.passes(30)
    centre.does("ana", "set_status", "Break")
    centre.does("ana", "release", "out")

    centre.passes(59.99)
    before = centre.state("out")
    centre.passes(0.02)

    assert (before, centre.state("out")) == ("queued", state)


def test_who_has_refused_a_contact_for_good_may_be_given_it_when_it_is_called_back(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=None))
    centre.sign_in("bo")
    centre.does("bo", "set_status", "Break")
    centre.sign_in("ana", accepts=False)
    centre.push("c")
    centre.does("ana", "reject", "c")
    centre.run(producing.request_callback, "c", Callback(delay_s=60))

    centre.passes(60)

    assert centre.held("ana") == {"c": "offered"}
