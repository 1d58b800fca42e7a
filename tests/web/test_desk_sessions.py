"""The session of the agent desk: reloads, tabs, a network that goes and comes back, other machines."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import sleep

import pytest
from conftest import RealServer, eventually
from playwright.sync_api import Browser, BrowserContext, expect
from processes import below
from web.at_desk import Centre, Desk, configure
from web.conftest import Serving
from web.network import Network

from web import browser as browsers


@pytest.fixture
def served(serving: Callable[..., Serving], server: RealServer) -> Serving:
    configure(server.url)
    return serving()


@pytest.fixture
def network(served: Serving) -> Iterator[Network]:
    """The network of the desk; others reach the server without it."""
    network = Network(served.address)
    yield network
    network.close()


@pytest.fixture
def centre(served: Serving) -> Centre:
    return Centre(served.address)


@pytest.fixture
def desk(context: BrowserContext, network: Network, centre: Centre) -> Desk:
    """Ana's, who talks to c1."""
    desk = Desk(context, network.address)
    desk.sign_in()
    desk.is_live()
    centre.push("c1")
    desk.shows("c1", "Rings")
    desk.page.keyboard.press("a")
    desk.shows("c1", "Connected")
    return desk


def test_a_page_that_is_loaded_again_goes_on(desk: Desk, centre: Centre) -> None:
    before = centre.agent()["holder"], centre.contact("c1")

    desk.page.reload()

    desk.is_live()
    desk.shows("c1", "Connected")
    assert (centre.agent()["holder"], centre.contact("c1")) == before
    desk.page.keyboard.press("c")
    desk.shows("c1", "After-contact work")
    desk.says_nothing()


def test_a_second_tab_has_the_same_session_and_goes_on_when_the_first_is_closed(
    desk: Desk, context: BrowserContext, centre: Centre
) -> None:
    second = Desk(context, desk.address)
    second.sign_in()
    second.is_live()
    second.shows("c1", "Connected")
    centre.push("c2")
    for tab in (desk, second):
        tab.shows("c2", "Rings")

    second.card("c2").get_by_role("button", name="Accept").click()
    desk.shows("c2", "Connected")
    desk.card("c1").get_by_role("button", name="Complete").click()
    second.shows("c1", "After-contact work")
    desk.page.close()
    lease_ends_us = int(centre.agent()["lease_ends_us"])

    eventually(lambda: int(centre.agent()["lease_ends_us"]) > lease_ends_us + 8_000_000)  # the second one renews it
    second.is_live()
    second.shows("c2", "Connected")
    centre.push("c3")
    second.shows("c3", "Rings")
    second.says_nothing()


def test_of_two_tabs_in_which_something_is_pressed_at_once_neither_loses_it(
    desk: Desk, context: BrowserContext, centre: Centre
) -> None:
    second = Desk(context, desk.address)
    second.sign_in()
    for name in ("c2", "c3"):
        centre.push(name)
        for tab in (desk, second):
            tab.shows(name, "Rings")

    for tab, name in ((desk, "c2"), (second, "c3")):
        tab.card(name).locator("button.accept").dispatch_event("click")

    for name in ("c2", "c3"):
        for tab in (desk, second):
            tab.shows(name, "Connected")


def test_while_the_network_is_gone_it_says_so_and_does_what_was_pressed_when_it_is_back(
    desk: Desk, network: Network, centre: Centre
) -> None:
    network.goes()
    expect(desk.page.locator("#state")).to_have_text("No connection")
    expect(desk.page.locator("#stale")).to_contain_text("your contacts are back in line")
    desk.card("c1").get_by_role("button", name="Hold").click()
    network.is_back()

    desk.is_live()
    desk.shows("c1", "On hold")
    assert centre.contact("c1")["attempts"] == 0
    expect(desk.page.locator("#stale")).to_be_hidden()


def test_in_another_network_it_goes_on_and_rings(desk: Desk, network: Network, centre: Centre) -> None:
    network.is_another()
    centre.push("c2")

    desk.shows("c2", "Rings")
    centre.push("c3")
    desk.shows("c3", "Rings")
    desk.shows("c1", "Connected")
    assert centre.contact("c1")["attempts"] == 0


def test_a_network_that_is_gone_for_longer_than_the_lease_loses_the_session_and_no_contact(
    desk: Desk, network: Network, centre: Centre
) -> None:
    network.goes()
    centre.is_in("c1", "queued")
    network.is_back()

    expect(desk.page.locator("#why")).to_contain_text("The session was lost")
    desk.sign_in()
    desk.is_live()
    desk.shows("c1", "Rings")
    expect(desk.card("c1")).to_contain_text("Attempt2")


@contextmanager
def closed_laptop(network: Network) -> Iterator[None]:
    """The browser stands still, and its network is gone."""
    browser = [process for process, command in below(os.getpid()) if "chrom" in command]
    assert browser
    network.goes()
    for process in browser:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        network.is_back()
        for process in browser:
            os.kill(process, signal.SIGCONT)


@pytest.mark.skipif(sys.platform != "linux", reason="looks for the browser in /proc")
def test_a_laptop_that_is_closed_for_a_moment_goes_on(desk: Desk, network: Network, centre: Centre) -> None:
    before = centre.agent()["holder"]

    with closed_laptop(network):
        centre.push("c2")
        sleep(1)

    desk.is_live()
    desk.shows("c1", "Connected")
    desk.shows("c2", "Rings")
    assert centre.agent()["holder"] == before


@pytest.mark.skipif(sys.platform != "linux", reason="looks for the browser in /proc")
def test_a_laptop_that_is_closed_for_longer_than_the_lease_says_so_when_it_is_opened(
    desk: Desk, network: Network, centre: Centre
) -> None:
    with closed_laptop(network):
        centre.is_in("c1", "queued")

    expect(desk.page.locator("#why")).to_contain_text("The session was lost")
    desk.sign_in()
    desk.is_live()
    desk.shows("c1", "Rings")


def test_a_server_that_is_killed_and_started_again_loses_nothing(
    desk: Desk, served: Serving, serving: Callable[..., Serving], centre: Centre
) -> None:
    served.process.kill()
    served.process.wait()
    expect(desk.page.locator("#state")).to_have_text("No connection")
    serving("--port", served.address.rpartition(":")[2])

    desk.is_live()
    desk.shows("c1", "Connected")
    centre.push("c2")
    desk.shows("c2", "Rings")


def test_another_machine_goes_on_with_the_session_and_the_first_one_says_where_it_is(
    desk: Desk, browser: Browser, centre: Centre
) -> None:
    with browsers.fresh(browser) as machine:
        laptop = Desk(machine, desk.address)
        laptop.sign_in()
        expect(laptop.page.locator("#taken")).to_contain_text("ana is signed in at web/browser-")
        laptop.page.get_by_role("button", name="Go on here, with all contacts").click()
        laptop.is_live()
        laptop.shows("c1", "Connected")

        expect(desk.page.locator("#why")).to_contain_text("The session goes on at web/browser-")
        assert centre.contact("c1")["attempts"] == 0
        laptop.card("c1").get_by_role("button", name="Complete").click()
        laptop.shows("c1", "After-contact work")


def test_a_tab_that_is_closed_gives_its_contacts_back_after_the_lease(desk: Desk, centre: Centre) -> None:
    desk.page.close()

    centre.is_in("c1", "queued")
    assert centre.agent()["status"] == "Offline"
    assert "agent.signed_out" not in centre.happened()  # a tab that closes says nothing
    assert centre.happened()[-1] == "agent.lost"


def test_who_closes_the_tab_and_comes_back_in_time_has_everything(
    desk: Desk, context: BrowserContext, centre: Centre
) -> None:
    desk.page.close()
    again = Desk(context, desk.address)
    again.sign_in()

    again.is_live()
    again.shows("c1", "Connected")
    assert centre.contact("c1")["attempts"] == 0
