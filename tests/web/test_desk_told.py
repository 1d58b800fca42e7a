"""What the desk tells when it stands otherwise than whoever works there thinks: an offer, a queue, the token."""

import re
from collections.abc import Callable
from pathlib import Path

import fairlead_web
from commands import Run
from conftest import RealServer, eventually
from fairlead_web.api.problems import pages
from playwright.sync_api import Browser, BrowserContext, expect
from web.at_desk import Centre, Desk, configure
from web.conftest import Serving

from fairlead import Supervisor
from web import browser as browsers


def test_it_tells_that_somebody_else_was_first(
    browser: Browser, context: BrowserContext, address: str, centre: Centre
) -> None:
    centre.put("/queues/Support", offer_to=2)
    with browsers.fresh(browser, locale="de") as other:
        ana, second, bo = Desk(context, address), Desk(context, address), Desk(other, address)
        ana.sign_in()
        ana.is_live()
        second.sign_in()
        second.is_live()
        bo.page.get_by_label("Agent", exact=True).fill("bo")
        bo.page.get_by_role("button", name="Anmelden", exact=True).click()
        expect(bo.page.locator("#state")).to_have_text("Verbunden")
        for contact, first in (("c1", bo), ("c2", ana)):
            centre.push(contact)
            for desk in (ana, second):
                desk.shows(contact, "Rings")
            bo.shows(contact, "Klingelt")
            first.card(contact).locator(".accept").click()

            if first is bo:
                for desk in (ana, second):
                    told = "Someone else was first: Chat from Support (c1)."
                    expect(desk.page.locator("#notice")).to_have_text(told)
                    expect(desk.card(contact)).to_have_count(0)
        expect(bo.page.locator("#notice")).to_have_text("Jemand anderes war schneller: Chat aus Support (c2).")
        centre.push("c3")
        bo.shows("c3", "Klingelt")
        centre.post("/contacts/c3/abandon")
        expect(bo.page.locator("#notice")).to_have_text("Klingelt nicht mehr: Chat aus Support (c3).")
        for desk in (ana, second, bo):
            desk.says_nothing()


def test_what_the_server_refuses_is_told_in_the_language_of_the_desk(
    browser: Browser, address: str, centre: Centre
) -> None:
    centre.put("/queues/Sales", enabled=False)
    with browsers.fresh(browser, locale="de") as context:
        desk = Desk(context, address)
        desk.page.get_by_label("Agent", exact=True).fill("ana")
        desk.page.get_by_role("button", name="Anmelden", exact=True).click()
        expect(desk.page.locator("#state")).to_have_text("Verbunden")
        centre.push("c1")
        card = desk.card("c1")
        card.get_by_role("button", name="Annehmen").click()
        desk.shows("c1", "Verbunden")
        card.get_by_role("button", name="Weitergeben").first.click()
        for queue, words in (("Sales", "Die Queue nimmt nichts an."), ("Nowhere", "Diese Queue gibt es nicht.")):
            card.get_by_label("An eine Queue").fill(queue)
            card.get_by_label("An eine Queue").press("Enter")
            expect(card.get_by_role("alert")).to_have_text(words)


def test_every_refusal_that_has_words_is_one_of_the_server() -> None:
    text = (Path(fairlead_web.__file__).parent / "static" / "desk" / "texts.js").read_text(encoding="utf-8")
    told = re.findall(r'^    "?([a-z-]+)"?: "', text[text.index("const REFUSALS") :], re.MULTILINE)

    assert len(told) > 25
    assert set(told) <= set(pages())
    assert {"wrong-state", "stale-token", "queue-full", "unknown-queue", "session-ended", "no-slot"} <= set(told)


def test_a_token_that_is_taken_back_ends_the_work_and_its_contacts_go_back(
    context: BrowserContext, serving: Callable[..., Serving], server: RealServer, run: Run
) -> None:
    configure(server.url)
    text = run(server.url, "tokens", "create", "--scope", "work", "--agent", "ana").out.strip()
    run(server.url, "tokens", "create", "--scope", "supervise")
    address = serving().address.replace("127.0.0.1", "localhost")
    desk = Desk(context, address)
    desk.page.get_by_label("Token").fill(text)
    desk.page.get_by_role("button", name="Go on").click()
    desk.page.get_by_role("button", name="Sign in", exact=True).click()
    desk.is_live()
    run(server.url, "produce", "push", "Support", "--channel", "chat", "--id", "c1")
    desk.shows("c1", "Rings")
    desk.page.keyboard.press("a")
    desk.shows("c1", "Connected")

    run(server.url, "tokens", "revoke", text.split("_")[1])

    expect(desk.page.get_by_label("Token")).to_be_visible()
    expect(desk.page.locator("#work")).to_be_hidden()
    assert "c1" not in desk.page.locator("main").inner_text()
    with Supervisor.connect(server.url) as supervisor:
        eventually(lambda: supervisor.contact("c1").state == "queued")
        assert supervisor.agent("ana").status == "Offline"
