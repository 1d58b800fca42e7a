"""A client of a real server for what gains nothing from a second kind, and the two commands."""

from collections.abc import Iterator

import pytest
import redis
from commands import Run
from conftest import RealServer


@pytest.fixture
def real_client(server: RealServer) -> Iterator[redis.Redis]:
    client = server.client()
    yield client
    client.close()


@pytest.fixture
def staff(command: Run) -> Run:
    return lambda *arguments: command("staff", *arguments)


@pytest.fixture
def simulate(command: Run) -> Run:
    return lambda *arguments: command("simulate", *arguments)
