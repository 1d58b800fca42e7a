import asyncio
import inspect
from dataclasses import replace
from typing import Any

import pytest
from conftest import RealServer

import fairlead
from fairlead import (
    Administrator,
    Agent,
    AsyncAdministrator,
    AsyncAgent,
    AsyncProducer,
    AsyncSupervisor,
    Producer,
    Supervisor,
    errors,
)
from fairlead.domain.agent import Agent as Configured
from fairlead.domain.profile import Entry
from fairlead.domain.queue import Queue
from fairlead.service.asked import Asked
from fairlead.store.client import Store
from fairlead.store.transitions.configuring import apply_configuration

PAIRS = [
    (Producer, AsyncProducer),
    (Supervisor, AsyncSupervisor),
    (Administrator, AsyncAdministrator),
    (Agent, AsyncAgent),
]
BASIC = "BasicRoutingProfile"


@pytest.mark.parametrize(("sync_class", "async_class"), PAIRS)
def test_both_classes_of_a_pair_ask_the_same(sync_class: Any, async_class: Any) -> None:
    def methods(kind: type) -> dict[str, Any]:
        return {name: value for name, value in inspect.getmembers(kind) if not name.startswith("_")}

    one, other = methods(sync_class), methods(async_class)

    assert one.keys() == other.keys()
    assert all(one[name] is other[name] for name in one if isinstance(one[name], Asked))
    assert sum(isinstance(value, Asked) for value in one.values()) >= 4


@pytest.mark.parametrize("kind", [kind for pair in PAIRS for kind in pair])
def test_every_public_method_says_what_it_does(kind: type) -> None:
    undocumented = [name for name, value in inspect.getmembers(kind) if name[0] != "_" and not inspect.getdoc(value)]

    assert undocumented == []


def test_a_supervisor_sees_a_contact_moves_it_and_ends_it(producer: Producer, supervisor: Supervisor) -> None:
    producer.push("BasicQueue", {"order": 1}, contact_id="c1", channel="chat")

    seen = supervisor.contact("c1", with_payload=True)
    moved_to = supervisor.move("c1", "BasicQueue", rank="front")
    supervisor.stop("c1")

    assert (seen.state, seen.payload, moved_to) == ("queued", b'{"order":1}', "BasicQueue")
    assert supervisor.contact("c1").state == "completed"
    assert supervisor.contacts("queued") == []
    assert [event.name for event in supervisor.events()][-1] == "contact.completed"


def test_a_supervisor_puts_every_parked_contact_back(
    producer: Producer, supervisor: Supervisor, administrator: Administrator, server: RealServer
) -> None:
    administrator.change(lambda found: with_queue(found, "BasicQueue", max_attempts=1))
    with Agent.connect("ana", server.url, auto_accept=True, capacity=2) as ana:
        ana.sign_in(profile=BASIC)
        for name in ("c1", "c2"):
            producer.push("BasicQueue", contact_id=name, channel="chat")
            ana.fail([(offer, "no answer") for offer in ana.take().offers])
    assert {contact.contact_id for contact in supervisor.contacts("parked")} == {"c1", "c2"}

    put_back = supervisor.retry_parked()

    assert put_back == ["c1", "c2"]
    assert [contact.contact_id for contact in supervisor.contacts("queued")] == ["c1", "c2"]


def test_a_parked_contact_that_cannot_go_back_keeps_no_other_from_it(
    producer: Producer, supervisor: Supervisor, administrator: Administrator, server: RealServer
) -> None:
    administrator.put(Queue("Old", max_attempts=1), 0)
    administrator.change(lambda found: with_queue(found, "BasicQueue", max_attempts=1))
    administrator.change(lambda found: with_profile(found, BASIC, Entry("Old", "chat"), Entry("BasicQueue", "chat")))
    with Agent.connect("ana", server.url, auto_accept=True, capacity=1) as ana:
        ana.sign_in(profile=BASIC)
        for name, queue in (("c1", "Old"), ("c2", "BasicQueue")):
            producer.push(queue, contact_id=name, channel="chat")
            ana.fail([(offer, "no answer") for offer in ana.take().offers])
    administrator.change(lambda found: with_queue(found, "Old", enabled=False))

    with pytest.raises(errors.QueueDisabled, match="'Old'"):
        supervisor.retry_parked()

    assert [supervisor.contact(name).state for name in ("c1", "c2")] == ["parked", "queued"]


def test_an_administrator_plans_and_applies(administrator: Administrator, producer: Producer) -> None:
    producer.push("BasicQueue", contact_id="c1")
    configuration, version = administrator.configuration()

    larger = with_queue(configuration, "BasicQueue", max_contacts=7)
    planned = administrator.plan(larger)
    applied = administrator.apply(larger, planned.version)

    assert (planned.version, planned.refusal, len(planned.plan.changes)) == (version, None, 1)
    assert "1 contact waits in it" in planned.plan.changes[0].affects
    assert applied == version + 1
    assert administrator.configuration() == (larger, applied)
    with pytest.raises(errors.ConfigurationChanged):
        administrator.apply(configuration, version)


def test_a_plan_tells_what_applying_would_refuse(administrator: Administrator, producer: Producer) -> None:
    producer.push("BasicQueue", contact_id="c1")
    configuration, version = administrator.configuration()
    profiles = {name: replace(profile, entries=()) for name, profile in configuration.profiles.items()}

    planned = administrator.plan(replace(configuration, queues={}, profiles=profiles))

    assert isinstance(planned.refusal, errors.QueueInUse)
    assert administrator.configuration()[1] == version


def test_a_change_is_made_again_when_somebody_else_was_quicker(
    administrator: Administrator, server: RealServer
) -> None:
    other = Store(server.client())
    calls = []

    def make(found: Any) -> Any:
        if not calls:
            quicker = with_queue(found, "BasicQueue", service_level_s=33)
            other.run(apply_configuration(other.keys, quicker, administrator.configuration()[1]))
        calls.append(found)
        return with_queue(found, "BasicQueue", max_contacts=7)

    administrator.change(make)

    queue = administrator.configuration()[0].queues["BasicQueue"]
    assert (queue.service_level_s, queue.max_contacts, len(calls)) == (33, 7, 2)


def test_an_agents_profile_and_proficiencies_are_changed_one_by_one(administrator: Administrator) -> None:
    entry = Entry("BasicQueue", "chat")
    administrator.change(lambda found: with_profile(with_agent(found, "ana", BASIC), "Chats", entry))

    administrator.set_agent_profile("ana", "Chats")
    administrator.set_proficiencies("ana", {"Language:French": 4, "Language:German": 2})
    administrator.set_proficiencies("ana", {"Language:German": 0})

    ana = administrator.configuration()[0].agents["ana"]
    assert (ana.profile, ana.proficiencies) == ("Chats", {"Language:French": 4})
    with pytest.raises(errors.UnknownProfile, match="routing profile 'Nowhere' does not exist"):
        administrator.set_agent_profile("ana", "Nowhere")
    with pytest.raises(errors.UnknownAgent):
        administrator.set_proficiencies("bo", {})


def test_a_disabled_queue_takes_no_contact_until_it_is_enabled(
    administrator: Administrator, producer: Producer
) -> None:
    administrator.set_queue_enabled("BasicQueue", False)
    with pytest.raises(errors.QueueDisabled):
        producer.push("BasicQueue")

    administrator.set_queue_enabled("BasicQueue", True)

    assert producer.push("BasicQueue").state == "queued"
    with pytest.raises(errors.UnknownQueue, match="queue 'Nowhere' does not exist"):
        administrator.set_queue_enabled("Nowhere", True)


def test_a_worklist_has_the_contacts_that_an_agent_may_pick(
    administrator: Administrator, producer: Producer, supervisor: Supervisor
) -> None:
    by_hand = Entry("BasicQueue", "email", manual_only=True)
    administrator.change(lambda found: with_agent(with_profile(found, "Mail", by_hand), "ana", "Mail"))
    for name in ("c1", "c2", "c3"):
        producer.push("BasicQueue", contact_id=name, channel="email")

    found = supervisor.worklist("ana", 2)

    assert [contact.contact_id for contact in found] == ["c1", "c2"]
    with pytest.raises(errors.UnknownAgent):
        supervisor.worklist("bo")


async def test_events_tell_who_asked(server: RealServer, producer: Producer) -> None:
    producer.push("BasicQueue", contact_id="c1")

    with Supervisor.connect(server.url, actor="desk:eva") as eva:
        eva.update("c1", priority=1)
    async with await AsyncSupervisor.connect(server.url, actor="api:7") as program:
        await program.stop("c1")
        events = await program.events()

    assert [event.actor for event in events if event.fields.get("contact") == "c1"] == ["", "desk:eva", "api:7"]
    with pytest.raises(errors.InvalidName, match="at most 80 printable"):
        Supervisor.connect(server.url, actor="two\nlines")


async def test_the_same_is_asked_in_asyncio(server: RealServer) -> None:
    async with (
        await AsyncProducer.connect(server.url) as producer,
        await AsyncSupervisor.connect(server.url) as supervisor,
        await AsyncAdministrator.connect(server.url) as administrator,
        await AsyncAgent.connect("ana", server.url) as ana,
    ):
        await ana.sign_in()
        await producer.push("BasicQueue", 1, contact_id="c1", channel="chat")
        hinted = await ana.wait(5)
        (offer,) = (await ana.take()).offers
        await ana.accept(offer)
        await asyncio.gather(ana.complete([offer]), ana.take(), ana.keep_alive())

        assert hinted
        assert (await supervisor.contact("c1")).state == "completed"
        assert await administrator.set_queue_enabled("BasicQueue", False) == 3  # the agent who signed in was made at 2
        with pytest.raises(errors.UnknownAgent):
            await supervisor.agent("nobody")


async def test_sync_and_asyncio_read_the_same(producer: Producer, supervisor: Supervisor, server: RealServer) -> None:
    for number in range(1_100):  # more than one round trip reads
        producer.push("BasicQueue", contact_id=f"c{number:04}", channel="task", priority=1 + number % 3)

    async with await AsyncSupervisor.connect(server.url) as other:
        contacts = await other.contacts("queued", 1_050)
        snapshot = await other.snapshot()
        estimate = await other.estimate("c0007")
        checks = await other.examine()

    assert contacts == supervisor.contacts("queued", 1_050)
    assert len(contacts) == 1_050
    assert snapshot.queues[0].waiting == supervisor.snapshot().queues[0].waiting == 1_100
    assert estimate == supervisor.estimate("c0007")
    assert [check.name for check in checks] == [check.name for check in supervisor.examine()]


def test_unknown_agents_work_at_once_until_somebody_configures(server: RealServer) -> None:
    for name in ("ana", "bo"):
        with Agent.connect(name, server.url) as agent:
            agent.sign_in()

    with Administrator.connect(server.url) as administrator:
        administrator.set_queue_enabled("BasicQueue", False)

    with Agent.connect("cem", server.url) as cem, pytest.raises(errors.UnknownAgent):
        cem.sign_in()


def test_an_instance_that_nobody_made_is_not_made_by_looking(server: RealServer) -> None:
    with pytest.raises(errors.UnknownInstance, match="no such instance 'typo'"):
        Supervisor.connect(server.url, "typo")

    with Producer.connect(server.url, "typo") as producer:
        producer.push("BasicQueue", contact_id="c1")
    with Supervisor.connect(server.url, "typo") as supervisor:
        assert supervisor.contact("c1").state == "queued"


def test_every_public_name_can_be_imported() -> None:
    found = {name: getattr(fairlead, name) for name in fairlead.__all__ if name != "errors"}

    assert all(inspect.getdoc(value) for value in found.values())
    with pytest.raises(AttributeError):
        fairlead.nothing_of_that_name  # noqa: B018


def with_queue(configuration: Any, name: str, **changes: Any) -> Any:
    queues = {**configuration.queues, name: replace(configuration.queues[name], **changes)}
    return replace(configuration, queues=queues)


def with_profile(configuration: Any, name: str, *entries: Entry) -> Any:
    profile = replace(configuration.profiles[BASIC], name=name, entries=entries)
    return replace(configuration, profiles={**configuration.profiles, name: profile})


def with_agent(configuration: Any, name: str, profile: str) -> Any:
    return replace(configuration, agents={**configuration.agents, name: Configured(name, profile)})
