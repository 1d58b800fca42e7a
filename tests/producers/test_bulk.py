"""What is pushed in bulk goes on its way while the next contacts are made, whatever happens meanwhile."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import RealServer, eventually
from proxy import Gate, LossyProxy

from fairlead import AsyncProducer, NewContact, Producer, new_contact
from fairlead.errors import FairleadError, RedisUnreachable
from fairlead.server.connection import connect
from fairlead.service.producer import PIPELINE
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.keys import Keys
from fairlead.store.transitions.configuring import prepare_instance
from fairlead.store.transitions.producing import MOST_TOGETHER, Receipt

PAYLOAD = "x" * 300
MANY = PIPELINE + 2 * MOST_TOGETHER + 1


def name(number: int) -> str:
    return f"c{number:04}"


def contact(number: int) -> NewContact:
    return new_contact("BasicQueue", PAYLOAD, channel="chat", contact_id=name(number))


def in_line(server: RealServer) -> list[str]:
    return Store(server.client()).run(reading.ids_in_line("BasicQueue", "chat", 10_000))


def told(answers: list[Receipt | FairleadError]) -> list[str]:
    return [one.contact_id for one in answers if isinstance(one, Receipt)]


def test_the_first_wait_in_line_before_the_last_is_made(server: RealServer) -> None:
    waiting = Keys().waiting("BasicQueue", "chat")

    def contacts() -> Iterator[NewContact]:
        yield from map(contact, range(1, 2 * MOST_TOGETHER))
        eventually(lambda: server.client().zcard(waiting) > MOST_TOGETHER)
        yield contact(2 * MOST_TOGETHER)

    with Producer.connect(server.url) as producer:
        answers = list(producer.push_many([contact(0)]))  # Redis has the script now
        answers += producer.push_many(contacts())

    assert told(answers) == in_line(server) == list(map(name, range(2 * MOST_TOGETHER + 1)))


def test_each_is_pushed_once_and_in_order_though_the_connection_is_cut(server: RealServer, tmp_path: Path) -> None:
    gate = Gate(tmp_path, server.socket)

    def contacts() -> Iterator[NewContact]:
        for number in range(MANY):
            if number % 150 == 149:
                gate.cut()
            yield contact(number)

    with Producer.connect(gate.url) as producer:
        answers = list(producer.push_many(contacts()))

    assert told(answers) == in_line(server) == list(map(name, range(MANY)))
    gate.close()


def test_each_is_pushed_once_though_replies_are_lost(server: RealServer, tmp_path: Path) -> None:
    proxy = LossyProxy(tmp_path, server.socket, b"FCALL", 0.3)

    store = Store(connect(proxy.url, retries=100))
    store.run(prepare_instance(store.keys))

    with Producer(store) as producer:
        answers = list(producer.push_many(map(contact, range(MANY))))

    assert proxy.lost
    assert told(answers) == in_line(server) == list(map(name, range(MANY)))
    proxy.close()


def broken() -> Iterator[NewContact]:
    yield from map(contact, range(PIPELINE + 50))
    raise LookupError("the file ends here")


def test_those_before_a_contact_that_cannot_be_made_are_pushed_and_answered(server: RealServer) -> None:
    answers: list[Any] = []

    with Producer.connect(server.url) as producer, pytest.raises(LookupError, match="the file ends here"):
        answers.extend(producer.push_many(broken()))

    assert told(answers) == in_line(server) == list(map(name, range(PIPELINE + 50)))


async def test_those_before_a_contact_that_cannot_be_made_are_pushed_in_asyncio_too(server: RealServer) -> None:
    answers: list[Any] = []

    async def push(producer: AsyncProducer) -> None:
        async for one in producer.push_many(broken()):
            answers.append(one)

    async with await AsyncProducer.connect(server.url) as producer:
        with pytest.raises(LookupError, match="the file ends here"):
            await push(producer)

    assert told(answers) == in_line(server) == list(map(name, range(PIPELINE + 50)))


def test_whoever_no_redis_answers_has_an_error_for_each_contact(server: RealServer, tmp_path: Path) -> None:
    gate = Gate(tmp_path, server.socket)
    store = Store(connect(gate.url, retries=0))
    store.run(prepare_instance(store.keys))
    producer = Producer(store)
    assert told(list(producer.push_many([contact(0)]))) == [name(0)]

    def contacts() -> Iterator[NewContact]:
        yield from map(contact, range(1, 1 + MOST_TOGETHER))
        gate.close()
        yield from map(contact, range(1 + MOST_TOGETHER, MANY))

    answers = list(producer.push_many(contacts()))

    assert len(answers) == MANY - 1
    assert {type(one) for one in answers[MOST_TOGETHER:]} == {RedisUnreachable}
    producer.close()


def test_whoever_no_redis_answers_has_an_error_for_a_contact_by_intake_too() -> None:
    producer = Producer(Store(connect("redis://127.0.0.1:1/0", retries=0)))

    answers = list(producer.push_many([new_contact(intake="Front"), new_contact("BasicQueue")]))

    assert [type(one) for one in answers] == [RedisUnreachable, RedisUnreachable]
