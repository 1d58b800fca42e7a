"""A client of a real server for what gains nothing from a second kind."""

from collections.abc import Iterator

import pytest
import redis
from conftest import RealServer


@pytest.fixture
def real_client(server: RealServer) -> Iterator[redis.Redis]:
    client = server.client()
    yield client
    client.close()
