from collections.abc import Iterator

import pytest
from conftest import RealServer

from fairlead import Agent, Producer, Supervisor, errors
from fairlead.store.reading import ContactFilter, Event, EventFilter


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


def test_events_are_found_by_contact_queue_agent_and_name_over_the_whole_stream(supervisor: Supervisor) -> None:
    of_ended = [event.name for event in supervisor.find_events(EventFilter(contact="ended")).events]

    assert of_ended[0] == "contact.queued"
    assert of_ended[-1] == "contact.completed"
    assert [event.name for event in supervisor.newest_events(50, EventFilter(contact="ended"))] == of_ended
    assert {event.name for event in supervisor.find_events(EventFilter(agent="ana", name="agent.")).events} == {
        "agent.signed_in"
    }
    assert supervisor.newest_events(5, EventFilter(queue="Nowhere")) == []
    assert len(supervisor.newest_events(5, EventFilter(queue="BasicQueue"))) == 5


def test_the_pages_of_events_have_every_event_once_and_in_order(supervisor: Supervisor) -> None:
    found, cursor = list[Event](), "-"
    while cursor:
        page = supervisor.find_events(EventFilter(name="contact.queued"), cursor, 700)
        found += page.events
        cursor = page.cursor

    assert [event.fields["contact"] for event in found] == ["ended", *(f"c{number}" for number in range(2_500))]
