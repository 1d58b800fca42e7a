"""What a supervisor does at a terminal with contacts that agents hold."""

import pytest
from commands import Run
from conftest import RealServer

from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact
from fairlead.store.transitions import producing
from fairlead.store.transitions.working import Session


@pytest.fixture
def store(server: RealServer, run: Run) -> Store:
    """An instance where agent ana holds the task `c`."""
    run(server.url, "status")
    store = Store(server.client())
    store.run(Session(store.keys, "ana", "w", "here").sign_in(profile="BasicRoutingProfile"))
    store.run(producing.push(store.keys, NewContact("BasicQueue", "task", contact_id="c")))
    return store


def test_a_contact_that_an_agent_holds_is_held_paused_resumed_and_handed_on(
    store: Store, server: RealServer, run: Run
) -> None:
    told = [
        run(server.url, "contacts", *words).out.strip()
        for words in (("hold", "c"), ("resume", "c"), ("pause", "c"), ("resume", "c"), ("transfer", "c", "@ana"))
    ]

    assert told == ["c is on hold", "c is connected", "c is paused", "c is connected", "c is in @ana"]
    assert store.run(reading.contact("c")).queue == "@ana"
    names = [event.name.partition(".")[2] for event in store.run(reading.events_after())]
    assert names[-6:] == ["held", "resumed", "paused", "resumed", "transferred", "connected"]


def test_slots_of_an_agent_are_cleared(store: Store, server: RealServer, run: Run) -> None:
    none = run(server.url, "agents", "clear-slots", "ana").out
    held = run(server.url, "agents", "clear-slots", "ana", "c")

    assert none.strip() == "0 slots of ana are cleared"
    assert (held.code, "contact 'c' is connected" in held.err) == (4, True)
