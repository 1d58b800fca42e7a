"""What the tests of the server for HTTP share: an application that is asked in this process, and a real server."""

import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest
from conftest import RealServer
from fairlead_web.api.app import make_app
from fairlead_web.api.site import Site
from playwright.sync_api import Browser, BrowserContext
from processes import without_settings
from web.at_desk import Centre, configure
from web.browser import Tab

from fairlead.service.gateway import AsyncGateway
from web import browser as browsers


@pytest.fixture
async def gateway(server: RealServer) -> AsyncIterator[AsyncGateway]:
    async with await AsyncGateway.connect(server.url) as gateway:
        yield gateway


@pytest.fixture
async def site(gateway: AsyncGateway) -> AsyncIterator[Site]:
    site = Site(gateway)
    async with site.working():
        yield site


@pytest.fixture
async def http(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application, without a socket between them: an answer comes when it is whole."""
    transport = httpx.ASGITransport(make_app(site), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


class Serving:
    """`fairlead serve` as a process."""

    def __init__(self, url: str, *options: str) -> None:
        command = [sys.executable, "-m", "fairlead.cli.main", "serve", "--port", "0", "--redis", url, *options]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=without_settings()
        )
        assert self.process.stdout
        self.address = self.process.stdout.readline().strip().rstrip("/")

    def end(self) -> tuple[int, str]:
        """Stop it; its exit code, and what it said to people."""
        self.process.terminate()
        _, told = self.process.communicate(timeout=60)
        return self.process.returncode, told


@pytest.fixture
def serving(server: RealServer) -> Iterator[Callable[..., Serving]]:
    """Start `fairlead serve`, with options."""
    started: list[Serving] = []

    def start(*options: str) -> Serving:
        started.append(Serving(server.url, *options))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.end()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser."""
    with browsers.started() as browser:
        yield browser


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    """One tab of a browser that has seen nothing yet."""
    with browsers.fresh(browser) as context:
        yield Tab(context.new_page())


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browsers.fresh(browser) as context:
        yield context


@pytest.fixture
def address(serving: Callable[..., Serving], server: RealServer) -> str:
    """Of a server of the centre that at_desk configures."""
    configure(server.url)
    return serving().address


@pytest.fixture
def centre(address: str) -> Centre:
    return Centre(address)
