"""/docs tells people what /openapi.json tells programs, on a page that needs nothing from elsewhere."""

import re
from collections.abc import Callable

import httpx
import pytest
from conftest import RealServer
from fairlead_web.api.reference import render
from playwright.sync_api import Browser, expect
from web.browser import Tab
from web.conftest import Serving
from web.test_accessible import violations

from web import browser as browsers


async def test_the_page_has_every_operation_and_every_schema_and_all_links_lead_somewhere(
    http: httpx.AsyncClient,
) -> None:
    document = (await http.get("/openapi.json")).json()

    answer = await http.get("/docs")

    names = {one["operationId"] for methods in document["paths"].values() for one in methods.values()}
    ids = re.findall(r'id="([^"]+)"', answer.text)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert names | set(document["components"]["schemas"]) == set(ids)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', answer.text)) - set(ids) == set()
    assert "<script" not in answer.text
    for told in ("The highest token that is known.", "up to 20 items", "by default <code>5</code>"):
        assert told in answer.text


async def test_what_a_document_says_is_text_and_never_markup(http: httpx.AsyncClient) -> None:
    document = (await http.get("/openapi.json")).json()
    operation = document["paths"]["/v1/contacts"]["post"]
    operation["description"] = operation["operationId"] = "<img src=x onerror=alert(1)>"

    assert "<img" not in render(document)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_the_page_is_accessible_and_its_console_says_nothing(
    browser: Browser, serving: Callable[..., Serving], server: RealServer, scheme: str, width: int
) -> None:
    size = {"width": width, "height": 900}
    with browsers.fresh(browser, color_scheme=scheme, viewport=size) as context:
        tab = Tab(context.new_page())
        tab.page.goto(f"{serving().address}/docs")
        tab.page.get_by_role("link", name="push_contact", exact=True).click()
        expect(tab.page.get_by_role("heading", name="push_contact", exact=True)).to_be_in_viewport()
        found = violations(tab.page)
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= width

    assert (found, tab.said) == ([], [])
