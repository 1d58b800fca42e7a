"""What the tests of webhooks share: the webhooks of an instance, and a receiver."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from conftest import RealServer
from processes import without_settings
from web.webhooks.receiving import Receiver

from fairlead.server.finding import Server
from fairlead.service.webhooks import Webhooks

Start = Callable[..., "subprocess.Popen[str]"]

IMPATIENT = """
from fairlead.server.finding import Server
from fairlead.service.producer import Producer
from fairlead.service.webhooks import Webhooks
from fairlead_web.webhooks.addresses import read_networks
from fairlead_web.webhooks.delivering import work

work(Server({url!r}, "fairlead"), Webhooks.connect({url!r}), read_networks("127.0.0.0/8"), looks_every_s=1)
"""
"""A deliverer that looks each second for those that have died."""


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


@pytest.fixture
def start(server: RealServer) -> Iterator[Start]:
    """Start `fairlead webhooks ...`, or a program that begins with -c; what still runs in the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def begin(*words: str, url: str = server.url) -> "subprocess.Popen[str]":
        told = () if words[0] == "-c" else ("-m", "fairlead.cli.main", "webhooks")
        command = [sys.executable, *told, *words, *(("--redis", url) if told else ())]
        environment = without_settings() | {"FAIRLEAD_WEBHOOK_NETWORKS": "127.0.0.0/8"}
        started.append(
            subprocess.Popen(
                command,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        )
        return started[-1]

    yield begin
    for one in started:
        with suppress(ProcessLookupError):
            os.killpg(one.pid, signal.SIGKILL)  # RQ's scheduler is a process of its own
        one.communicate()
