from dataclasses import replace

import pytest
from conftest import RealServer

from fairlead import (
    Agent,
    Producer,
    Supervisor,
    errors,
)
from fairlead.store.client import Store


def test_an_agent_is_offered_a_contact_and_works_on_it(producer: Producer, server: RealServer) -> None:
    with Agent.connect("ana", server.url) as ana:
        assert ana.sign_in() == ()
        producer.push("BasicQueue", "hello", contact_id="c1", channel="chat")

        assert ana.wait(5)
        (offer,) = ana.take().offers
        ana.accept(offer)
        ana.complete([offer])

        assert (offer.state, offer.payload) == ("offered", b'"hello"')
    with Supervisor.connect(server.url) as supervisor:
        assert (supervisor.contact("c1").state, supervisor.agent("ana").status) == ("completed", "Offline")


def test_an_agent_who_leaves_gives_back_what_it_holds(
    producer: Producer, supervisor: Supervisor, server: RealServer
) -> None:
    producer.push("BasicQueue", contact_id="c1", channel="chat")

    with Agent.connect("ana", server.url, auto_accept=True) as ana:
        (offer,) = ana.sign_in()
        held = supervisor.contact("c1").state

    assert (offer.contact_id, held) == ("c1", "connected")
    assert supervisor.contact("c1").state == "queued"


def test_an_agent_whose_session_ended_elsewhere_is_told_when_it_keeps_alive(
    producer: Producer, supervisor: Supervisor, server: RealServer
) -> None:
    with Agent.connect("ana", server.url) as ana:
        ana.sign_in()
        ana.keep_alive()
        supervisor.sign_out_agent("ana")

        with pytest.raises(errors.SessionEnded, match="sign in again"):
            ana.keep_alive()


def test_a_session_goes_on_in_another_place_with_all_that_it_holds(
    producer: Producer, supervisor: Supervisor, server: RealServer
) -> None:
    with Agent.connect("ana", server.url) as desktop, Agent.connect("ana", server.url) as laptop:
        desktop.sign_in()
        producer.push("BasicQueue", "hello", contact_id="c1", channel="chat")
        (offer,) = desktop.take().offers
        desktop.accept(offer)

        (held,) = laptop.resume_session()
        seen = laptop.describe()
        with pytest.raises(errors.SessionEnded):
            desktop.hold(offer)
        laptop.complete([held])

    assert (held.token, held.attempt, held.payload) == (offer.token, 1, b'"hello"')
    assert [(slot.kind, slot.contact and slot.contact.payload) for slot in seen.slots] == [("connected", b'"hello"')]
    assert supervisor.contact("c1").state == "completed"
    with pytest.raises(errors.SessionEnded):
        supervisor.session("ana")


def test_a_resumption_is_asked_again_when_its_answer_was_lost(producer: Producer, server: RealServer) -> None:
    with Agent.connect("ana", server.url) as desktop, Agent.connect("ana", server.url) as laptop:
        desktop.sign_in()
        producer.push("BasicQueue", contact_id="c1", channel="chat")
        (offer,) = desktop.take().offers
        Store(server.client()).run(replace(laptop.session).resume_session(desktop.session.epoch))

        (held,) = laptop.resume_session(desktop.session.epoch)
        laptop.accept(held)
        with pytest.raises(errors.SessionEnded):
            desktop.accept(offer)
        with pytest.raises(errors.SessionEnded):
            desktop.resume_session(desktop.session.epoch)

        assert held.token == offer.token
        assert [slot.kind for slot in laptop.describe().slots] == ["connected"]
