"""The Python API for producers, synchronous and with asyncio."""

import pytest
from conftest import RealServer
from fairlead_producers.pace import Clock, Spoken
from fairlead_producers.synthetic import parse_stream, poisson
from raw import raw

from fairlead import AsyncProducer, NewContact, Producer, new_contact
from fairlead.errors import InvalidContact, UnknownQueue, WrongState
from fairlead.files.rows import Reject, json_rows
from fairlead.service.recorded.arrivals import Arrival, Columns, arrivals
from fairlead.store import reading
from fairlead.store.client import Store


def test_a_synchronous_producer_pushes_and_abandons(server: RealServer) -> None:
    with Producer.connect(server.url) as producer:
        receipt = producer.push("BasicQueue", {"order": 1}, channel="chat", priority=2, contact_id="c1")
        producer.abandon("c1")

    assert (receipt.contact_id, receipt.created, receipt.state) == ("c1", True, "queued")
    assert Store(server.client()).run(reading.contact("c1")).state == "abandoned"


async def test_an_asyncio_producer_does_the_same(server: RealServer) -> None:
    async with await AsyncProducer.connect(server.url) as producer:
        receipt = await producer.push("BasicQueue", {"order": 1}, channel="chat", contact_id="c1")
        answers = [
            answer async for answer in producer.push_many([NewContact("Nowhere", "voice"), new_contact("BasicQueue")])
        ]
        await producer.abandon("c1")
        with pytest.raises(UnknownQueue):
            await producer.push("Nowhere")

    assert receipt.created
    assert isinstance(answers[0], UnknownQueue)
    assert len(Store(server.client()).run(reading.contacts_in("queued"))) == 1


def test_a_refused_contact_does_not_stop_the_rest_of_a_bulk(server: RealServer) -> None:
    with Producer.connect(server.url) as producer:
        answers = list(
            producer.push_many([new_contact("BasicQueue"), new_contact("Nowhere"), new_contact("BasicQueue")])
        )

    assert [isinstance(answer, UnknownQueue) for answer in answers] == [False, True, False]


def test_who_has_ended_does_not_abandon(server: RealServer) -> None:
    with Producer.connect(server.url) as producer:
        producer.push("BasicQueue", contact_id="c1")
        producer.abandon("c1")
        producer.abandon("c1")
        raw(Store(server.client())).hset("{fairlead}:contact:c1", "state", "completed")

        with pytest.raises(WrongState, match="completed"):
            producer.abandon("c1")


@pytest.mark.parametrize("priority", [0, -1, 2**53, True])
def test_a_priority_outside_its_limits_is_refused(priority: int) -> None:
    with pytest.raises(InvalidContact, match="priority"):
        new_contact("BasicQueue", priority=priority)


@pytest.mark.parametrize("priority", [1, 2**53 - 1])
def test_the_limits_of_the_priority_are_allowed(priority: int) -> None:
    assert new_contact("BasicQueue", priority=priority).priority == priority


def test_a_payload_of_the_limit_is_allowed_and_one_byte_more_is_not() -> None:
    new_contact("BasicQueue", "x" * (64 * 1024 - 2))

    with pytest.raises(InvalidContact, match="65,537 bytes"):
        new_contact("BasicQueue", "x" * (64 * 1024 - 1))


def test_bad_lines_are_set_aside_with_number_and_reason() -> None:
    lines = ['{"queue": "Q"}\n', "{broken\n", "[]\n", '{"channel": "chat"}\n', '{"queue": "Q", "channel": "fax"}\n']

    rows = list(arrivals(json_rows("".join(lines)), Columns(), "file"))

    assert [type(row) for row in rows] == [Arrival, Reject, Reject, Reject, Reject]
    assert [row.line for row in rows if isinstance(row, Reject)] == [2, 3, 4, 5]


def test_arrivals_come_at_about_their_rate_and_in_order() -> None:
    made = list(poisson([parse_stream("Q:voice=60"), parse_stream("R:chat=60")], 600, seed=3, patience_s=30))

    times = [arrival.at_s for arrival in made]

    assert times == sorted(times)
    assert 1_000 < len(made) < 1_400


def test_progress_is_told_every_ten_seconds_where_there_is_no_terminal() -> None:
    times_s = iter([0.0, 4.0, 10.0, 12.0, 30.0])
    said: list[str] = []
    spoken = Spoken(40, said.append, Clock(lambda: next(times_s)))

    for count, rejected in ((10, 0), (10, 0), (10, 2), (5, 2)):
        spoken.step(count, rejected)

    assert said == ["20 of 40 contacts, 2.0/s", "35 of 40 contacts, 0.8/s, 2 rejected"]
