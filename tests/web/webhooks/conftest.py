"""What the tests of webhooks share: the webhooks of an instance, and a receiver."""

from collections.abc import Iterator

import pytest
from conftest import RealServer
from web.webhooks.receiving import Receiver

from fairlead.server.finding import Server
from fairlead.service.webhooks import Webhooks


@pytest.fixture
def webhooks(server: RealServer) -> Iterator[Webhooks]:
    with Webhooks.connect(server.url) as one:
        yield one


@pytest.fixture
def where(server: RealServer) -> Server:
    return Server(server.url, "fairlead")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    yield one
    one.close()
