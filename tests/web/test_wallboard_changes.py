"""What a supervisor does at the wallboard with several contacts at once, and with the configuration; and the curve."""

import re
import time

from conftest import RealServer, eventually
from playwright.sync_api import Locator, expect
from web.at_desk import Centre
from web.browser import Tab

from fairlead.domain.measures import MINUTE_US


def opened(tab: Tab, address: str, centre: Centre, *contacts: str) -> Locator:
    """The line of a queue in which these wait."""
    for contact in contacts:
        centre.push(contact, queue="Later")
    tab.page.goto(address)
    tab.page.locator("#queues").get_by_role("button", name="Later").click()
    line = tab.page.locator("#queues .inside")
    expect(line.get_by_label("Choose", exact=False)).to_have_count(len(contacts) + 1)
    return line


def test_several_contacts_are_given_a_priority_moved_and_ended(tab: Tab, address: str, centre: Centre) -> None:
    line = opened(tab, address, centre, "c1", "c2", "c3", "c4")

    line.get_by_role("button", name="Move chosen").click()
    expect(line.get_by_role("alert")).to_have_text("choose some first")
    line.get_by_label("Choose c1").check()
    line.get_by_label("Choose c2").check()
    expect(line.get_by_text("2 chosen")).to_be_visible()
    line.get_by_label("Priority").fill("2")
    line.get_by_role("button", name="Set chosen").click()
    eventually(lambda: [centre.contact(f"c{one}")["priority"] for one in (1, 2, 3)] == [2, 2, 5])
    expect(line.get_by_text("2 chosen")).to_be_hidden()
    line.get_by_label("Choose c1").check()
    line.get_by_label("Move to").select_option("Support")
    line.get_by_role("button", name="Move chosen").click()
    eventually(lambda: centre.contact("c1")["queue"] == "Support")
    expect(line.get_by_label("Choose c1")).to_have_count(0)
    line.get_by_label("Choose all").check()
    expect(line.get_by_text("3 chosen")).to_be_visible()
    line.get_by_role("button", name="End chosen").click()
    line.get_by_role("button", name="Really end them?").click()

    eventually(lambda: {centre.contact(f"c{one}")["state"] for one in (2, 3, 4)} == {"completed"})
    assert centre.contact("c1")["state"] == "queued"
    expect(line.get_by_text("Nobody waits here.")).to_be_visible()
    assert tab.said == []


def test_what_cannot_be_moved_stays_chosen_and_keeps_no_other_from_it(
    tab: Tab, address: str, centre: Centre
) -> None:
    centre.put("/queues/Sales", max_contacts=1)
    line = opened(tab, address, centre, "c1", "c2")

    line.get_by_label("Choose all").check()
    line.get_by_label("Move to").select_option("Sales")
    line.get_by_role("button", name="Move chosen").click()

    expect(line.get_by_role("alert")).to_contain_text("1 of 2 not: queue 'Sales' is full")
    expect(line.get_by_label("Choose c2")).to_be_checked()
    assert [centre.contact(one)["queue"] for one in ("c1", "c2")] == ["Sales", "Later"]


def test_a_plan_is_shown_applied_and_refused_when_somebody_was_quicker(
    tab: Tab, address: str, centre: Centre
) -> None:
    tab.page.goto(address)
    picture = tab.page.locator("#picture")
    picture.get_by_text("Configuration: who serves what").click()
    picture.get_by_text("Change it", exact=True).click()
    text, apply = picture.get_by_label("Configuration as TOML"), picture.get_by_role("button", name="Apply")
    expect(picture.get_by_text("as it is in force")).to_be_visible()

    def edit(old: str, new: str) -> None:
        text.fill(text.input_value().replace(old, new, 1))
        picture.get_by_role("button", name="Plan", exact=True).click()

    edit("[queues.Sales]", "[queues.Sales]\nmax_contacts = 50\n[queues.Extra]")
    expect(picture.locator(".plan")).to_contain_text("max_contacts")
    expect(picture.locator(".plan")).to_contain_text("added queue Extra")
    assert "Extra" not in centre.names("queues")
    text.press_sequentially(" ")
    expect(apply).to_be_hidden()
    edit("nothing", "nothing")
    apply.click()
    picture.get_by_role("button", name="Really apply it?").click()
    expect(picture.get_by_text("Applied: 2 changed")).to_be_visible()
    assert "Extra" in centre.names("queues")
    expect(picture.locator("svg")).to_contain_text("Extra")

    edit("max_contacts = 50", "max_contacts = fifty")
    expect(picture.get_by_role("alert")).to_contain_text("TOML")
    centre.put("/queues/Sales", max_contacts=9)
    edit("max_contacts = fifty", "max_contacts = 70")
    expect(picture.get_by_role("alert")).to_contain_text("read it again")
    expect(apply).to_be_hidden()
    picture.get_by_role("button", name="Read again").click()
    eventually(lambda: "max_contacts = 9" in text.input_value())
    assert [one for one in tab.said if "412" not in one and "422" not in one] == []


def test_the_hours_are_drawn_and_listed_by_queue(tab: Tab, address: str, server: RealServer) -> None:
    minute = int(time.time() * 1e6) // MINUTE_US - 20
    counted = {"Sales:voice queued": 7, "Sales:voice a5": 4, "Sales:voice x30": 1, "Support:chat queued": 2}
    server.client().hset(f"{{fairlead}}:minute:{minute}", mapping=counted)
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url))
    tab.page.goto(address)
    expect(tab.page.locator("#state")).to_have_text("Live")
    assert not [one for one in asked if "uPlot" in one]

    tab.page.get_by_text("Intervals: how the hours went").click()
    day = tab.page.locator("#day")
    row = day.locator("tbody tr").filter(has_text="80.0 %")
    expect(row.locator("td")).to_have_text(["9", "4", "1", "80.0 %", "0:00", "\N{EN DASH}"])
    expect(day.locator(".wide tbody tr")).to_have_count(32)
    day.get_by_label("Queue").select_option("Support, chat")
    expect(day.locator("tbody td:nth-child(2)").filter(has_text=re.compile("^2$"))).to_have_count(1)
    expect(row).to_have_count(0)
    day.get_by_label("Over").select_option("7 days")

    expect(day.locator(".wide tbody tr")).to_have_count(42)
    expect(day.locator("canvas")).to_be_visible()
    expect(day.get_by_role("img", name="Arrivals, answered, abandoned and service level")).to_be_visible()
    assert tab.said == []
