from collections.abc import Iterator

import pytest
from conftest import RealServer

from fairlead import Agent, Producer, Supervisor, errors
from fairlead.store.reading import ContactFilter


@pytest.fixture
def supervisor(server: RealServer) -> Iterator[Supervisor]:
    """An instance with 2,500 waiting contacts of three customers, one that is connected and one that has ended."""
    with Producer.connect(server.url) as producer, Agent.connect("ana", server.url, auto_accept=True) as ana:
        ana.sign_in(profile="BasicRoutingProfile")
        producer.push("BasicQueue", contact_id="ended", channel="chat", customer="customer1")
        ana.complete(ana.take().offers)
        for number in range(2_500):
            producer.push("BasicQueue", contact_id=f"c{number}", channel="email", customer=f"customer{number % 3}")
        with Producer.connect(server.url, "other") as stranger:
            stranger.push("BasicQueue", contact_id="elsewhere", channel="email")
        with Supervisor.connect(server.url) as supervisor:
            yield supervisor


def every(supervisor: Supervisor, wanted: ContactFilter, limit: int = 100) -> list[str]:
    found, cursor = [], "0"
    while cursor:
        page = supervisor.find_contacts(wanted, cursor, limit)
        found += [contact.contact_id for contact in page.contacts]
        cursor = page.cursor
    return found


def test_the_pages_have_every_contact_of_the_instance_and_no_other(supervisor: Supervisor) -> None:
    found = every(supervisor, ContactFilter(), 70)

    assert sorted(set(found)) == sorted({f"c{number}" for number in range(2_500)} | {"ended"})
    assert len(found) <= 2_510


def test_contacts_are_found_by_state_agent_queue_and_customer(supervisor: Supervisor) -> None:
    held = every(supervisor, ContactFilter(agent="ana", state="connected"))

    assert every(supervisor, ContactFilter(state="completed")) == ["ended"]
    assert set(every(supervisor, ContactFilter(queue="BasicQueue", customer="customer1"))) == {
        "ended",
        *(f"c{number}" for number in range(2_500) if number % 3 == 1),
    }
    assert set(held) == {slot.contact_id for slot in supervisor.agent("ana").slots} != set()
    assert every(supervisor, ContactFilter(queue="Nowhere")) == []


@pytest.mark.parametrize("cursor", ["", "-1", "x", "1 2", "\u0661"])
def test_a_cursor_that_is_none_is_refused(supervisor: Supervisor, cursor: str) -> None:
    with pytest.raises(errors.BadInput, match="use the one of the page before"):
        supervisor.find_contacts(cursor=cursor)
