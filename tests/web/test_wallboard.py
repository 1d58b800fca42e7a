"""The page at / in a real browser, served by a real server."""

import re
from collections.abc import Callable
from pathlib import Path

import fairlead_web
import httpx
import pytest
from conftest import RealServer, eventually
from playwright.sync_api import expect
from web.browser import Tab
from web.conftest import Serving

from fairlead import Administrator, Producer

MOST_BYTES = 100_000
ATTACK = '<img src=x onerror="document.title=1"><script>document.title=1</script>'


def push(address: str, contact_id: str, **fields: object) -> None:
    body = {"queue": "BasicQueue", "channel": "chat", **fields}
    assert httpx.put(f"{address}/v1/contacts/{contact_id}", json=body, timeout=60).status_code == 201


def test_a_contact_is_shown_without_a_reload_and_its_text_stays_text(
    tab: Tab, serving: Callable[..., Serving]
) -> None:
    address, page = serving().address, tab.page
    page.goto(address)
    expect(page.locator("#state")).to_have_text("Live")
    expect(page.locator("#queues-none")).to_be_visible()
    page.evaluate("window.isTheSame = true")

    push(address, "c1", attributes={"note": ATTACK}, customer="mia")

    row = page.locator("#queues tbody tr").first
    expect(row).to_contain_text("BasicQueue")
    expect(page.locator("#totals > div").first).to_have_text("Waiting1")
    expect(page.locator("#events li").first).to_contain_text("c1")
    row.get_by_role("button").click()
    expect(page.locator("#queues td.attributes")).to_have_text(f"note: {ATTACK}")
    page.get_by_role("button", name="c1", exact=True).click()
    expect(page.locator("#queues .panel")).to_contain_text("Why this waits")
    expect(page.locator("#queues .panel .facts")).to_contain_text(ATTACK)
    assert page.evaluate("[window.isTheSame, document.title]") == [True, "Fairlead"]
    assert tab.said == []


def test_what_is_pressed_is_done_and_shown(tab: Tab, serving: Callable[..., Serving]) -> None:
    address, page = serving().address, tab.page
    made = httpx.put(f"{address}/v1/queues/Other", json={}, headers={"If-None-Match": "*"})
    signed_in = httpx.post(f"{address}/v1/agents/ana/session", json={"profile": "BasicRoutingProfile", "lease_s": 600})
    httpx.put(f"{address}/v1/agents/ana/status", json={"status": "Offline"})
    push(address, "c1")
    page.goto(address)
    page.locator("#queues tbody tr").first.get_by_role("button").click()
    page.get_by_role("button", name="c1", exact=True).click()
    panel = page.locator("#queues .panel")

    panel.get_by_label("Priority").fill("2")
    panel.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator("#queues .inside td.n").nth(1)).to_have_text("2")
    panel.get_by_label("Move to").select_option("Other")
    panel.get_by_role("button", name="Move", exact=True).click()
    eventually(lambda: httpx.get(f"{address}/v1/contacts/c1").json()["queue"] == "Other")

    assert (made.status_code, signed_in.status_code) == (201, 201)
    assert httpx.get(f"{address}/v1/contacts/c1").json()["priority"] == 2
    page.locator("#search input").fill("c1")
    page.get_by_role("button", name="Find").click()
    found = page.locator("#search .panel")
    found.get_by_role("button", name="End contact").click()
    found.get_by_role("button", name="Really end it?").click()
    expect(found.locator(".facts")).to_contain_text("completed")
    expect(page.locator("#agents tbody")).to_contain_text("ana")
    assert tab.said == []


def test_figures_are_said_to_be_stale_while_the_server_is_gone_and_go_on_when_it_is_back(
    tab: Tab, serving: Callable[..., Serving]
) -> None:
    first, page = serving(), tab.page
    push(first.address, "c1")
    page.goto(first.address)
    expect(page.locator("#state")).to_have_text("Live")
    first.process.kill()
    first.process.wait()

    expect(page.locator("#stale")).to_contain_text("Stale for")
    expect(page.locator("#state")).to_have_text("Stale")

    again = serving("--port", first.address.rpartition(":")[2])
    push(again.address, "c2")
    expect(page.locator("#stale")).to_be_hidden()
    expect(page.locator("#totals > div").first).to_have_text("Waiting2")
    expect(page.locator("#events li").first).to_contain_text("c2")
    expect(page.locator("#state")).to_have_text("Live")


def test_who_may_only_look_signs_in_with_a_token_and_sees_nothing_to_press(
    tab: Tab, serving: Callable[..., Serving], server: RealServer
) -> None:
    with Administrator.connect(server.url) as administrator, Producer.connect(server.url) as producer:
        _, text = administrator.create_token(["measures", "events"])
        producer.push("BasicQueue")
    address, page = serving().address, tab.page
    page.goto(address)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()

    page.get_by_label("Token").fill("fl_wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("a token is needed")
    page.get_by_label("Token").fill(text)
    page.get_by_role("button", name="Sign in").click()

    expect(page.locator("#rights")).to_have_text("Read only")
    expect(page.locator("#queues tbody")).to_contain_text("BasicQueue")
    assert page.locator("#queues button").count() == 0
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.parametrize(("width", "query"), [(320, ""), (3840, "?tv=1")])
def test_it_fits_from_a_telephone_to_a_wall(
    tab: Tab, serving: Callable[..., Serving], width: int, query: str
) -> None:
    address, page = serving().address, tab.page
    push(address, "a-contact-with-quite-a-long-name", attributes={"note": "x" * 200})
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{address}/{query}")
    expect(page.locator("#queues tbody")).to_contain_text("BasicQueue")
    if not query:
        page.locator("#queues tbody tr").first.get_by_role("button").click()
        page.get_by_role("button", name="a-contact-with").click()
        expect(page.locator("#queues .panel")).to_contain_text("Why this waits")

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("button:visible").count() == 0 or not query
    assert tab.said == []


@pytest.mark.parametrize("page", ["board", "desk"])
def test_a_page_is_drawn_in_less_than_100_kilobytes(page: str) -> None:
    static = Path(fairlead_web.__file__).parent / "static"
    files = [file for folder in ("shared", page) for file in (static / folder).rglob("*") if file.is_file()]

    assert sum(file.stat().st_size for file in files) < MOST_BYTES
    for one in files:
        named = re.findall(r"from \"(\.[^\"]+)\"|{{static}}/([^\"]+)", one.read_text(encoding="utf-8"))
        assert {(one.parent / near).resolve() if near else static / path for near, path in named} <= {*files}
