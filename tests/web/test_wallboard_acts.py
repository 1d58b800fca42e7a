"""What a supervisor does at the wallboard: assigns, retries what is parked, sets a status, signs an agent out."""


import httpx
from conftest import eventually
from playwright.sync_api import Page, expect
from web.at_desk import Centre
from web.browser import Tab


def sign_in(address: str, agent: str) -> int:
    desk = httpx.post(f"{address}/v1/agents/{agent}/session", json={"lease_s": 600}, timeout=60).json()
    return int(desk["epoch"])


def park(address: str, centre: Centre, *contacts: str) -> None:
    """Let each fail for the last time."""
    epoch = sign_in(address, "bo")
    for contact in contacts:
        centre.push(contact, queue="Fragile")
        [slot] = httpx.get(f"{address}/v1/agents/bo/session", timeout=60).json()["slots"]
        for action, more in (("accept", {}), ("fail", {"error": "no such order"})):
            body = {"epoch": epoch, "token": slot["token"], **more}
            centre.post(f"/agents/bo/session/contacts/{contact}/{action}", **body)
        assert centre.contact(contact)["state"] == "parked"
    centre.delete(f"/agents/bo/session?epoch={epoch}")


def open_agent(page: Page, name: str) -> None:
    page.locator("#agents").get_by_role("button", name=name, exact=True).click()
    expect(page.locator("#agents .panel")).to_contain_text("Set status")


def test_a_contact_of_a_line_is_assigned_to_an_agent(tab: Tab, address: str, centre: Centre) -> None:
    sign_in(address, "ana")
    centre.push("c1", queue="Later")
    tab.page.goto(address)
    tab.page.locator("#queues").get_by_role("button", name="Later").click()
    tab.page.get_by_role("button", name="c1", exact=True).click()

    tab.page.locator("#queues .panel").get_by_label("Assign to").select_option("ana")
    tab.page.get_by_role("button", name="Assign", exact=True).click()

    centre.is_in("c1", "offered")
    assert centre.contact("c1")["agent"] == "ana"
    expect(tab.page.locator("#agents tbody")).to_contain_text("ringing")
    assert tab.said == []


def test_one_of_the_parked_or_all_of_them_are_retried(tab: Tab, address: str, centre: Centre) -> None:
    park(address, centre, "p1", "p2", "p3")
    tab.page.goto(address)
    parked = tab.page.locator("#parked")
    expect(parked.locator("h2")).to_have_text("Parked (3)")
    expect(parked).to_contain_text("no such order")

    parked.get_by_label("Choose p2").check()
    parked.get_by_role("button", name="Retry chosen").click()
    centre.is_in("p2", "queued")
    assert (centre.contact("p1")["state"], centre.contact("p3")["state"]) == ("parked", "parked")
    parked.get_by_role("button", name="Retry all").click()
    parked.get_by_role("button", name="Really all of them?").click()

    for contact in ("p1", "p3"):
        centre.is_in(contact, "queued")
    expect(parked).to_be_hidden()
    assert tab.said == []


def test_an_agents_status_is_set_and_the_agent_signed_out(tab: Tab, address: str, centre: Centre) -> None:
    sign_in(address, "ana")
    tab.page.goto(address)
    open_agent(tab.page, "ana")
    panel = tab.page.locator("#agents .panel")

    panel.get_by_label("Status").select_option("Lunch")
    panel.get_by_role("button", name="Set status").click()
    expect(tab.page.locator("#agents tbody")).to_contain_text("Lunch")
    assert centre.agent("ana")["status"] == "Lunch"
    panel.get_by_role("button", name="Sign out").click()
    panel.get_by_role("button", name="Really sign out?").click()

    eventually(lambda: centre.agent("ana")["status"] == "Offline")
    expect(tab.page.locator("#agents-none")).to_be_visible()
    assert tab.said == []


def test_the_theme_is_the_systems_until_another_is_chosen_and_then_stays(tab: Tab, address: str) -> None:
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    tab.page.emulate_media(color_scheme="dark")
    tab.page.goto(address)
    dark = tab.page.evaluate(ground)

    tab.page.get_by_role("button", name="Theme: system").click()
    light = tab.page.evaluate(ground)
    tab.page.reload()

    expect(tab.page.get_by_role("button", name="Theme: light")).to_be_visible()
    assert (tab.page.evaluate(ground), light != dark) == (light, True)
    tab.page.get_by_role("button", name="Theme: light").click()
    assert tab.page.evaluate(ground) == dark
