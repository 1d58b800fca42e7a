"""Two agents at their desks, a supervisor at the wallboard and their customers, while the server, Redis and a network
are killed under them: nothing is lost.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import Run
from conftest import REAL_SERVERS, RealServer, eventually
from playwright.sync_api import Browser, Page, expect
from web.at_desk import Centre, Desk, configure
from web.conftest import Serving
from web.network import Network

from web import browser as browsers

DURABLE = ("--appendonly", "yes", "--appendfsync", "always")


@pytest.fixture
def durable(tmp_path: Path) -> Iterator[RealServer]:
    """A Redis that has everything again after it was killed."""
    server = RealServer(REAL_SERVERS[0], tmp_path, *DURABLE)
    yield server
    server.kill()


class Floor:
    """The desks of ana and bo, by the agent's name, and what is done at them."""

    def __init__(self, desks: dict[str, Desk], centre: Centre) -> None:
        self._desks, self._centre = desks, centre

    def answered(self, *contacts: str) -> None:
        """Each rings somewhere, and is accepted there."""
        for contact in contacts:
            self._centre.is_in(contact, "offered")
            desk = self._desk_of(contact)
            desk.shows(contact, "Rings")
            desk.card(contact).get_by_role("button", name="Accept").click()
            desk.shows(contact, "Connected")

    def completed(self, *contacts: str) -> None:
        """Each is completed, and what is left to do after it."""
        for contact in contacts:
            desk = self._desk_of(contact)
            desk.card(contact).get_by_role("button", name="Complete").click()
            desk.card(contact).get_by_role("button", name="End after-contact work").click()
            self._centre.is_in(contact, "completed")

    def _desk_of(self, contact: str) -> Desk:
        return self._desks[str(self._centre.contact(contact)["agent"])]


def assign_at_the_wallboard(page: Page, contact: str, agent: str) -> None:
    page.locator("#search input").fill(contact)
    page.get_by_role("button", name="Find").click()
    panel = page.locator("#search .panel")
    panel.get_by_label("Assign to").select_option(agent)
    panel.get_by_role("button", name="Assign", exact=True).click()
    expect(panel.locator(".facts")).to_contain_text("offered")


def test_nothing_is_lost_when_the_server_redis_and_a_network_are_killed(
    browser: Browser, durable: RealServer, run: Run
) -> None:
    configure(durable.url)
    serving = Serving(durable.url)
    centre, network = Centre(serving.address), Network(serving.address)
    with browsers.fresh(browser) as of_ana, browsers.fresh(browser) as of_bo, browsers.fresh(browser) as of_eva:
        ana, bo = Desk(of_ana, network.address), Desk(of_bo, serving.address)
        ana.sign_in("ana")
        bo.sign_in("bo")
        floor = Floor({"ana": ana, "bo": bo}, centre)
        for desk in (ana, bo):
            desk.is_live()
        wallboard = of_eva.new_page()
        wallboard.goto(serving.address)
        expect(wallboard.locator("#agents tbody")).to_contain_text("bo")

        for contact in ("c1", "c2"):
            centre.push(contact, customer="mia", payload={"order": 4711})
        floor.answered("c1", "c2")
        serving.process.kill()
        serving.process.wait()
        serving = Serving(durable.url, "--port", serving.address.rpartition(":")[2])
        for desk in (ana, bo):
            desk.is_live()
        floor.completed("c1", "c2")

        centre.push("c3", queue="Later")
        assign_at_the_wallboard(wallboard, "c3", "bo")
        floor.answered("c3")
        centre.push("c4")
        floor.answered("c4")
        durable.kill()
        for desk in (ana, bo):
            expect(desk.page.locator("#state")).to_have_text("No connection")
        durable.start()
        for desk in (ana, bo):
            desk.is_live()
        floor.completed("c3", "c4")

        bo.page.get_by_label("Status").select_option("Lunch")
        bo.page.get_by_role("button", name="Set now").click()
        expect(bo.page.locator("#doing")).to_have_text("Lunch")
        centre.push("c5")
        floor.answered("c5")
        bo.page.get_by_label("Status").select_option("Available")
        bo.page.get_by_role("button", name="Set now").click()
        network.goes()
        bo.shows("c5", "Rings")
        network.is_back()
        floor.answered("c5")
        expect(ana.page.locator("#why")).to_contain_text("The session was lost")
        ana.sign_in("ana")
        ana.is_live()
        centre.push("c6")
        floor.answered("c6")
        floor.completed("c5", "c6")

        expect(wallboard.locator("#state")).to_have_text("Live")
        eventually(lambda: centre.agent("ana")["slots"] == centre.agent("bo")["slots"] == [])
    network.close()
    assert serving.end()[0] == 0
    audited = run(durable.url, "audit")
    assert audited.code == 0, audited.out
