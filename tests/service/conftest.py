"""One of each class of the service, on a real server that is empty."""

from collections.abc import Iterator

import pytest
from conftest import RealServer

from fairlead import (
    Administrator,
    Producer,
    Supervisor,
)


@pytest.fixture
def producer(server: RealServer) -> Iterator[Producer]:
    with Producer.connect(server.url) as producer:
        yield producer


@pytest.fixture
def supervisor(producer: Producer, server: RealServer) -> Iterator[Supervisor]:
    with Supervisor.connect(server.url) as supervisor:
        yield supervisor


@pytest.fixture
def administrator(server: RealServer) -> Iterator[Administrator]:
    with Administrator.connect(server.url) as administrator:
        yield administrator
