"""Producers push by intake, one by one and in bulk, synchronously and in asyncio, whatever changes meanwhile."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import redis
from conftest import RealServer
from objects import put, remove
from raw import raw

from fairlead import AsyncProducer, AsyncSupervisor, Producer, Supervisor, new_contact
from fairlead.domain.configuration import BASIC_QUEUE
from fairlead.domain.intake import Choice, Intake, Rule
from fairlead.domain.queue import Queue
from fairlead.errors import ConfigurationChanged, IntakeRefused, InvalidName, UnknownIntake, UnknownQueue
from fairlead.service.intakes import TRIES
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.transitions.configuring import prepare_instance

GOLD = Rule('attributes.tier == "gold"', Choice("Vip"))
FRONT = Intake("Front", (GOLD,), Choice(BASIC_QUEUE))


class Meddled(Store):
    """A store on which something happens each time just before it sends pushes."""

    acts: Iterator[Any] = iter(())

    def run_many(self, requests: Any) -> Any:
        requests = list(requests)
        if any(request.script == "push_contacts" for request in requests):
            next(self.acts, None)
        return super().run_many(requests)


@pytest.fixture
def meddled(store: Store) -> Meddled:
    store.run(prepare_instance(store.keys))
    put(store, Queue("Vip"))
    put(store, FRONT)
    return Meddled(raw(store))


@pytest.fixture
def producer(meddled: Meddled) -> Producer:
    return Producer(meddled)


def changes(store: Store) -> Iterator[int]:
    """The intake changes, again and again, in what means nothing."""
    return (put(store, Intake("Front", (GOLD,), Choice(BASIC_QUEUE), description=f"{number}")) for number in count())


def test_a_producer_pushes_by_intake(producer: Producer, store: Store) -> None:
    gold = producer.push(intake="Front", attributes={"tier": "gold"}, contact_id="c1")
    again = producer.push(intake="Front", attributes={"tier": "gold"}, contact_id="c1")
    other = producer.push(payload={"order": 1}, intake="Front")

    assert (gold.queue, gold.created, again.queue, again.created) == ("Vip", True, "Vip", False)
    assert other.queue == BASIC_QUEUE


def test_a_bulk_goes_by_intakes_and_to_queues_and_a_refused_one_does_not_stop_the_rest(
    producer: Producer, store: Store
) -> None:
    put(store, Intake("Shut", (), Choice(refuse="we are closed")))

    answers = list(
        producer.push_many(
            [
                new_contact(intake="Front", attributes={"tier": "gold"}),
                new_contact(intake="Nowhere"),
                new_contact("Nowhere"),
                new_contact(intake="Shut", channel="chat"),
                new_contact(BASIC_QUEUE),
                new_contact(intake="Front", channel="chat"),
            ]
        )
    )

    kinds = [type(one) for one in answers]
    assert kinds[1:4] == [UnknownIntake, UnknownQueue, IntakeRefused]
    assert [one.queue for one in answers if hasattr(one, "queue")] == ["Vip", BASIC_QUEUE, BASIC_QUEUE]


def test_an_intake_that_changes_before_its_decision_arrives_decides_again(
    producer: Producer, meddled: Meddled, store: Store
) -> None:
    put(store, Queue("New"))
    meddled.acts = (put(store, one) for one in [Intake("Front", (), Choice("New"))])

    receipt = producer.push(intake="Front", attributes={"tier": "gold"}, contact_id="c1")

    decision = store.run(reading.contact("c1")).decision
    assert decision
    assert (receipt.queue, decision.rule) == ("New", 0)
    assert decision.version == store.run(reading.versions("intake", ["Front"]))[0]


def test_a_bulk_decides_again_on_those_alone_whose_intake_has_changed(
    producer: Producer, meddled: Meddled, store: Store
) -> None:
    put(store, Intake("Back", (), Choice("Vip")))
    meddled.acts = (put(store, one) for one in [Intake("Front", (), Choice("Vip"))])
    batch = [new_contact(intake=name, contact_id=f"c{place}") for place, name in enumerate(["Front", "Back", "Front"])]

    answers = list(producer.push_many(batch))

    assert [(one.contact_id, one.created, one.queue) for one in answers] == [  # type: ignore[union-attr]  # receipts
        ("c0", True, "Vip"), ("c1", True, "Vip"), ("c2", True, "Vip"),
    ]  # fmt: skip


def test_an_intake_that_never_comes_to_rest_is_told(producer: Producer, meddled: Meddled, store: Store) -> None:
    meddled.acts = changes(store)

    with pytest.raises(ConfigurationChanged, match=r"intake 'Front' has changed: .* push it again"):
        producer.push(intake="Front")
    [answer] = producer.push_many([new_contact(intake="Front")])

    assert isinstance(answer, ConfigurationChanged)
    assert len(store.run(reading.contacts_in("queued"))) == 0
    assert store.run(reading.object_in_force("intake", "Front"))[0].description == str(2 * TRIES - 1)


def test_an_intake_and_its_queue_that_are_removed_before_the_decision_arrives_are_told(
    producer: Producer, meddled: Meddled, store: Store
) -> None:
    meddled.acts = (remove(store, one) for one in [FRONT])

    with pytest.raises(UnknownIntake):
        producer.push(intake="Front", attributes={"tier": "gold"})
    remove(store, Queue("Vip"))

    with pytest.raises(UnknownIntake):
        producer.push(intake="Front", attributes={"tier": "gold"})


def test_two_producers_that_know_different_versions_both_decide_by_the_newest(meddled: Meddled, store: Store) -> None:
    one, other = Producer(meddled), Producer(Store(raw(store)))
    first = [one.push(intake="Front").queue, other.push(intake="Front").queue]
    put(store, Intake("Front", (), Choice("Vip")))
    other.push(intake="Front")

    assert first == [BASIC_QUEUE, BASIC_QUEUE]
    assert [one.push(intake="Front").queue, other.push(intake="Front").queue] == ["Vip", "Vip"]


def test_an_instance_that_was_lost_and_made_again_is_asked_anew(
    producer: Producer, store: Store, client: redis.Redis
) -> None:
    producer.push(intake="Front")
    client.flushall()

    with pytest.raises(UnknownIntake):
        producer.push(intake="Front")


def test_a_name_that_is_none_is_refused(producer: Producer) -> None:
    with pytest.raises(InvalidName, match="intake 'a b' is not a valid name"):
        producer.push(intake="a b")


async def test_an_asyncio_producer_does_the_same(server: RealServer) -> None:
    store = Store(server.client())
    store.run(prepare_instance(store.keys))
    put(store, Queue("Vip"))
    put(store, FRONT)
    gold = {"tier": "gold"}

    async with await AsyncProducer.connect(server.url) as producer, await AsyncSupervisor.connect(server.url) as seen:
        one = await producer.push(intake="Front", attributes=gold)
        bulk = [new_contact(intake="Front", attributes=gold), new_contact(BASIC_QUEUE), new_contact(intake="No")]
        many = [answer async for answer in producer.push_many(bulk)]
        trial = await seen.try_intake("Front", attributes=gold)

    assert one.queue == "Vip"
    assert [getattr(answer, "queue", type(answer)) for answer in many] == ["Vip", BASIC_QUEUE, UnknownIntake]
    assert (trial.rule, trial.choice) == (1, Choice("Vip"))


def test_a_supervisor_tries_an_intake(meddled: Meddled) -> None:
    trial = Supervisor(meddled).try_intake("Front", channel="chat", attributes={"tier": "gold"}, customer="c17")

    assert (trial.rule, trial.choice.queue) == (1, "Vip")
