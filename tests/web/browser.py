"""A real browser: Debian's chromium, driven by playwright, which downloads none of its own."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

MUST_BE_THERE = "FAIRLEAD_TEST_BROWSER"
"""The environment variable that makes tests fail, rather than be skipped, where there is no chromium."""

PATIENCE_MS = 60_000

expect.set_options(timeout=PATIENCE_MS)

NAMES = ("chromium", "chromium-browser", "google-chrome")
INSTALL = ("apt-get", "install", "-y", "--no-install-recommends", "chromium")


def chromium() -> str:
    """Where chromium is; skips the test where there is none. CI installs it once, if it may."""
    found = _found()
    if not found and os.environ.get("CI") and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update"], capture_output=True, check=False)
        subprocess.run(INSTALL, capture_output=True, check=False)
        found = _found()
    if found:
        return found
    reason = f"NO BROWSER: chromium is not installed ({' '.join(INSTALL)}), so no page was tried"
    if os.environ.get(MUST_BE_THERE):
        pytest.fail(reason)
    pytest.skip(reason)


def _found() -> str:
    return next((path for name in NAMES if (path := shutil.which(name))), "")


@contextmanager
def started() -> Iterator[Browser]:
    """A browser that is closed in the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def fresh(browser: Browser, **options: Any) -> Iterator[BrowserContext]:
    """A browser that has seen nothing yet: its tabs share what it keeps, and nothing with others."""
    with browser.new_context(**options) as context:
        context.set_default_timeout(PATIENCE_MS)
        yield context


class Tab:
    """A page that keeps what its console says: a page of ours says nothing."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.said: list[str] = []
        page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda failure: self.said.append(f"error: {failure}"))
