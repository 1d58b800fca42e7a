"""What a person has ended, and Redis has forgotten with its last writes, is seen again, and can be ended again."""

from collections.abc import Iterator

import httpx
import pytest
from conftest import RealServer
from playwright.sync_api import BrowserContext
from web.at_desk import Centre, Desk, configure
from web.conftest import Serving

from fairlead.remote import Agent
from fairlead.store.checking import examine_state
from fairlead.store.client import Store

SESSION = "/v1/agents/ana/session"


@pytest.fixture
def served(forgetful: RealServer) -> Iterator[Serving]:
    """A server of the centre that at_desk configures, on a Redis that may forget."""
    configure(forgetful.url)
    serving = Serving(forgetful.url)
    yield serving
    serving.end()


@pytest.fixture
def centre(served: Serving) -> Centre:
    return Centre(served.address)


def test_it_stands_in_the_session_again_and_can_be_ended_again(
    served: Serving, centre: Centre, forgetful: RealServer
) -> None:
    http = httpx.Client(base_url=served.address, timeout=60)
    epoch = http.post(SESSION, json={"auto_accept": True}).json()["epoch"]
    centre.push("c1", queue="Fragile")
    [slot] = http.get(SESSION).json()["slots"]

    def complete() -> object:
        answer = http.post(f"{SESSION}/contacts/c1/complete", json={"epoch": epoch, "token": slot["token"]})
        assert answer.is_success, answer.text
        return answer.json()["slots"]

    forgetful.forgets(complete)
    [again] = http.get(SESSION, params={"epoch": epoch}).json()["slots"]

    assert (again["contact_id"], again["kind"], again["token"]) == ("c1", "connected", slot["token"])
    assert complete() == []
    assert centre.contact("c1")["state"] == "completed"
    assert Store(forgetful.client()).run(examine_state()).findings == ()


def test_an_agent_of_a_program_gives_it_back(served: Serving, centre: Centre, forgetful: RealServer) -> None:
    with Agent.connect("ana", served.address, auto_accept=True) as ana:
        ana.sign_in()
        centre.push("c1", queue="Fragile")
        centre.push("c2", queue="Fragile")
        first, _ = ana.take().offers
        forgetful.forgets(lambda: ana.complete([first]))
        centre.is_in("c1", "connected")

        ana.keep_alive()

        assert [centre.contact(one)["state"] for one in ("c1", "c2")] == ["queued", "connected"]
        with Agent.connect("bo", served.address, auto_accept=True) as bo:
            [again] = bo.sign_in()
            bo.complete([again])
        ana.keep_alive()
        assert (again.contact_id, again.attempt) == ("c1", 1)
        assert again.token > first.token
        assert centre.contact("c2")["state"] == "connected"


def test_a_desk_shows_it_again_and_ends_it_again(
    context: BrowserContext, served: Serving, centre: Centre, forgetful: RealServer
) -> None:
    desk = Desk(context, served.address)
    desk.sign_in()
    desk.is_live()
    centre.push("c1", queue="Fragile")
    desk.shows("c1", "Rings")
    desk.card("c1").locator(".accept").click()
    desk.shows("c1", "Connected")

    def ends() -> None:
        desk.card("c1").get_by_role("button", name="Complete", exact=True).click()
        centre.is_in("c1", "completed")

    forgetful.forgets(ends)
    centre.is_in("c1", "connected")

    desk.shows("c1", "Connected")
    ends()
