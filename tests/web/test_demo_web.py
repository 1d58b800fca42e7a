"""The demo in the browser: from a clone one command, and a person takes contacts beside its workers."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from processes import without_settings
from web.at_desk import Desk
from web.browser import Tab

from web import browser as browsers

DEMO = Path(__file__).parents[2] / "examples" / "demo_web.py"


@pytest.fixture
def address() -> Iterator[str]:
    command, environment = [sys.executable, "-u", str(DEMO)], without_settings() | {"PORT": "0", "COLUMNS": "200"}
    demo = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert demo.stdout
    told = ""
    while not (found := re.search(r"Open (http://\S+/)\s", told)):
        line = demo.stdout.readline()
        assert line, told
        told += line
    yield found[1].rstrip("/")
    demo.terminate()
    rest, _ = demo.communicate(timeout=60)
    assert "stopped" in rest


def test_a_guest_takes_contacts_at_the_desk_of_the_demo(browser: Browser, address: str) -> None:
    with browsers.fresh(browser) as context:
        board = Tab(context.new_page())
        board.page.goto(address)
        expect(board.page.locator("#state")).to_have_text("Live")
        expect(board.page.locator("#queues tbody tr").first).to_be_visible()
        desk = Desk(context, address)
        desk.sign_in("guest")
        desk.is_live()

        ringing = desk.page.locator(".card.offered").first
        expect(ringing).to_contain_text("customer-")
        ringing.get_by_role("button", name="Accept").click()
        taken = desk.page.locator(".card.connected").first
        expect(taken).to_contain_text("language")
        taken.get_by_role("button", name="Complete").click()

        expect(desk.page.locator(".card.acw").first).to_be_visible()
        expect(board.page.locator("#agents tbody")).to_contain_text("guest")
        assert board.said == []
        desk.says_nothing()
