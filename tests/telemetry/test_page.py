"""The page on traces: its example prints what it says, and it names all that there is."""

import os
import re
import subprocess
import sys
from pathlib import Path

from conftest import RealServer
from fairlead_worker import Worker
from telemetry.conftest import Seen
from worker.embedding import soon

from fairlead import Agent, Producer, telemetry

PAGE = Path(__file__).parents[2] / "docs" / "tracing.md"


async def test_the_page_names_every_attribute_and_every_metric_and_no_other(
    producer: Producer, server: RealServer, seen: Seen
) -> None:
    def failing(contact: object) -> None:
        raise ValueError

    for _ in range(2):
        producer.push("BasicQueue")
    with Agent.connect("bo", server.url, auto_accept=True) as agent:
        agent.complete(agent.sign_in(profile="BasicRoutingProfile")[:1])
    async with Worker(["ana"], failing, url=server.url):
        await soon(lambda: seen.spans("process BasicQueue"))

    named = set(re.findall(r"^\| ((?:`[a-z.A-Z_]+`(?:, )?)+)", PAGE.read_text(), re.MULTILINE))
    names = {name for cell in named for name in re.findall(r"`([a-z._]+\.[a-z._]+)`", cell)}
    told = {str(name) for span in seen.spans() for name in span.attributes or {}} | set(seen.metrics())
    assert names - told == {"fairlead.intake", "http.server.request.duration"}
    assert told - names == set()


def test_the_example_prints_what_the_page_says(server: RealServer) -> None:
    [code] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    [printed] = re.findall(r"It prints `([^`]*)`", PAGE.read_text())

    environment = os.environ | {"FAIRLEAD_REDIS_URL": server.url}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == printed


def test_the_page_names_whatever_turns_it_on() -> None:
    text = PAGE.read_text()

    assert [name for name in telemetry._WANTED_BY if name not in text and "_ENDPOINT" not in name] == []
    assert {"instrument", "uninstrument"} <= set(re.findall(r"`(\w+)\(", text))
