"""axe-core finds nothing wrong with what the pages show, light and dark, narrow and wide."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import RealServer
from playwright.sync_api import Browser, Page, expect
from web.at_desk import Centre, Desk, configure
from web.conftest import Serving

from web import browser as browsers

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.map((one) => `${one.id}: ${one.help} ${one.nodes.map((node) => node.html)}`);
}"""


def violations(page: Page) -> list[str]:
    """What axe-core finds, with every animation over."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: list[str] = page.evaluate(RUN)
    return found


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_the_desk_is_accessible_in_all_its_states(
    browser: Browser, serving: Callable[..., Serving], server: RealServer, scheme: str, width: int
) -> None:
    configure(server.url)
    address = serving().address
    centre = Centre(address)
    size = {"width": width, "height": 900}
    found: dict[str, list[str]] = {}
    with browsers.fresh(browser, color_scheme=scheme, viewport=size, reduced_motion="reduce", locale="de") as context:
        desk = Desk(context, address)
        expect(desk.page.get_by_role("heading", name="Anmelden")).to_be_visible()
        found["signed out"] = violations(desk.page)
        desk.page.get_by_label("Agent", exact=True).fill("ana")
        desk.page.get_by_role("button", name="Anmelden", exact=True).click()
        expect(desk.page.locator("#state")).to_have_text("Verbunden")
        found["idle"] = violations(desk.page)
        centre.push("w1", queue="Later", attributes={"amount": "12"})
        expect(desk.page.locator("#worklist")).to_be_visible()
        for name in ("c1", "c2", "c3"):
            centre.push(name, payload={"lines": [1, 2]}, attributes={"tier": "gold"}, customer="mia")
            desk.shows(name, "Klingelt Support Chat")
        for name in ("c1", "c2"):
            desk.card(name).get_by_role("button", name="Annehmen").click()
            desk.shows(name, "Verbunden")
        desk.card("c1").get_by_role("button", name="Abschließen").click()
        desk.shows("c1", "Nachbearbeitung")
        desk.card("c2").get_by_role("button", name="Weitergeben").click()
        found["busy"] = violations(desk.page)
        desk.page.keyboard.press("Escape")
        desk.page.get_by_role("button", name="Tastenkürzel").click()
        expect(desk.page.locator("#help")).to_be_visible()
        found["help"] = violations(desk.page)
        assert desk.page.evaluate("document.documentElement.scrollWidth") <= width
        desk.says_nothing()

    assert found == {state: [] for state in found}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_wallboard_is_accessible_with_everything_open(
    browser: Browser, serving: Callable[..., Serving], server: RealServer, scheme: str
) -> None:
    configure(server.url)
    address = serving().address
    centre = Centre(address)
    for name in ("c1", "c2", "c3"):
        centre.push(name, attributes={"tier": "gold"}, customer="mia")
    centre.post("/agents/ana/session", lease_s=600)
    with browsers.fresh(browser, color_scheme=scheme, reduced_motion="reduce") as context:
        page = context.new_page()
        page.goto(address)
        page.locator("#queues tbody tr").first.get_by_role("button").click()
        page.get_by_role("button", name="c1", exact=True).click()
        expect(page.locator("#queues .panel")).to_contain_text("Timeline")
        page.locator("#agents tbody tr").first.get_by_role("button").click()
        expect(page.locator("#agents .panel")).to_contain_text("Set status")
        page.get_by_text("Configuration: who serves what").click()
        expect(page.locator("#picture svg")).to_be_visible()
        page.get_by_text("Change it", exact=True).click()
        page.get_by_role("button", name="Plan", exact=True).click()
        expect(page.get_by_text("It changes nothing")).to_be_visible()
        page.get_by_text("Intervals: how the hours went").click()
        expect(page.locator("#day canvas")).to_be_visible()
        page.locator("#queues").get_by_label("Choose all").check()

        assert violations(page) == []
