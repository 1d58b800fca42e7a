"""The kinds of event loops that workers run in, and what stands between a client and a server."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import uvloop
from conftest import RealServer
from proxy import Gate


@pytest.hookimpl(optionalhook=True)
def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """A wire is tested in both; older releases of pytest-asyncio take the first one alone."""
    is_both = item.path.name.startswith("test_wire")
    return {"asyncio": asyncio.new_event_loop} | ({"uvloop": uvloop.new_event_loop} if is_both else {})


@pytest.fixture
def gate(server: RealServer, tmp_path: Path) -> Iterator[Gate]:
    one = Gate(tmp_path, server.socket)
    yield one
    one.close()
