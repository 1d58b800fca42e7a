"""What the page on `fairlead.remote` says is so: its blocks run as they stand, and it tells of every method."""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from commands import Run
from conftest import RealServer
from web.conftest import Serving

import fairlead
from fairlead import remote
from fairlead.domain.queue import Queue

PAGE = (Path(__file__).parents[2] / "docs" / "remote.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
NAMES = ("Producer", "Supervisor", "Administrator", "Agent")


class EnoughError(Exception):
    """Ends a block that would go on for ever."""


def test_every_block_of_the_page_runs(serving: Callable[..., Serving], server: RealServer, run: Run) -> None:
    with fairlead.Administrator.connect(server.url) as administrator:
        administrator.put(Queue("Support"), 0)
    server.client().xtrim("{fairlead}:events", maxlen=1, approximate=False)
    address = serving().address
    printed: list[tuple[Any, ...]] = []

    def say(*told: Any) -> None:
        printed.append(told)
        if "contact.completed" in told:
            raise EnoughError

    names = {"token": run(server.url, "tokens", "create", "--scope", "admin").out.strip(), "print": say}
    for block in BLOCKS:
        with suppress(EnoughError):
            exec(block.replace("https://fairlead.example", address), names | {"last_seen": "0-1"})

    started, voice, chat, explained, gap, *events = printed
    assert len(started[0]) == 1
    assert (voice, chat) == (("Support", "voice", 0), ("Support", "chat", 1))
    assert explained == ((),)  # nobody serves it
    assert gap == ("events are gone after", "0-1")
    assert [name for _, name, _ in events][-1] == "contact.completed"


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_there_is_told(name: str) -> None:
    [table] = re.findall(r"^\| the library's \| over HTTP \|\n\|---\|---\|\n(.*?)\n\n", PAGE, re.DOTALL | re.MULTILINE)
    told = {method for row in table.splitlines() for method in re.findall(r"`(\w+)`", row.split("|")[1])}
    library, over_http = (
        {one for one in dir(getattr(module, name)) if not one.startswith("_")} for module in (fairlead, remote)
    )

    assert library - over_http - told - {"makes_instance"} == set()
    assert told - set(dir(fairlead.Administrator)) - set(dir(fairlead.Agent)) == set()
