"""What commands print for people: names that stay whole, local times, durations, and what `top` does with keys."""

import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import RealServer, eventually
from processes import without_settings
from rich.text import Text

from fairlead.cli.grid import Column, table
from fairlead.cli.keyboard import keys_of
from fairlead.cli.shown import agent_rows, contact_rows, settings_rows
from fairlead.cli.tables import queue_lines
from fairlead.cli.times import duration, moment, zone
from fairlead.cli.view import View
from fairlead.domain.configuration import fresh_configuration
from fairlead.domain.measures import Estimate
from fairlead.service.snapshot import Snapshot
from fairlead.store.reading import AgentState, ContactRecord, QueueState, Slot

NOW_US = 1_800_000_000_000_000
MINUTE_US = 60_000_000

CONTACT = ContactRecord(
    contact_id="c1", state="queued", queue="Sales", channel="chat", priority=5, queued_us=NOW_US - 3 * MINUTE_US,
    rank_us=NOW_US - 4 * MINUTE_US, attempts=0, again_us=None, agent="", token=None, error="", track="1", step=2,
    criteria=("30000000 Language:French~4~5&Product:Cards~2~4", "- !@ana,bo"), refused=(), chain_length=1,
    direction="inbound", customer="", related_to="", attributes={"tier": "gold"}, headers={},
    expires_us=None, expires_by_itself=False, connected_us=None,
    is_callback=False,
)  # fmt: skip


@pytest.fixture
def in_kolkata(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"), (30, "30 s"), (59.96, "1 min"), (200, "3 min 20 s"), (3_600, "1 h"), (7_500, "2 h 5 min"),
        (86_400, "1 d"), (529_200, "6 d 3 h"),
    ],
)  # fmt: skip
def test_a_duration_has_no_more_digits_than_are_of_use(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.usefixtures("in_kolkata")
def test_times_are_local_and_say_so() -> None:
    yesterday_us = NOW_US - 86_400_000_000

    assert (moment(NOW_US, NOW_US), moment(yesterday_us, NOW_US)) == ("13:30:00", "2027-01-14 13:30:00")
    assert zone(NOW_US) == "IST, UTC+05:30"


def test_a_contact_is_shown_with_what_there_is_to_say() -> None:
    rows = dict(contact_rows(CONTACT, NOW_US, Estimate(2, 90.0, "rate of answering", "high")))

    assert rows["state"] == "queued, chat in Sales"
    assert rows["waits"].startswith("3 min, since ")
    assert rows["rank"] == "1 min older than it is"
    assert rows["answer"] == "in about 1 min 30 s (by rate of answering, high confidence)"
    assert rows["step 1"] == "Language:French >= 4 and Product:Cards in [2, 4], for 30 s"
    assert rows["step 2"] == "not (agents [ana, bo]) (now)"
    assert rows["attributes"] == "tier=gold"
    assert not any("None" in text or re.search(r"\d{12}", text) for text in rows.values())
    assert {"error", "agent", "callback", "payload", "attempts"} & rows.keys() == set()


def test_an_agent_is_shown_with_what_it_holds() -> None:
    slots = (Slot(7, "chat", "connected", "c1"), Slot(8, "voice", "missed", "c2"))
    agent = AgentState(
        "ana", "P", "Ana", "Available", NOW_US - MINUTE_US, activity="contact", activity_us=NOW_US - MINUTE_US,
        worker="w", offerable_channels=("chat",), slots=slots, lease_ends_us=NOW_US + 12_000_000,
    )  # fmt: skip

    rows = agent_rows(agent, NOW_US)

    assert dict(rows)["status"].startswith("Available for 1 min, since ")
    assert dict(rows)["does"].startswith("on contact for 1 min")
    assert dict(rows)["lease"] == "ends in 12 s"
    assert [text for word, text in rows if word == "holds"] == [
        "c1: connected, chat", "c2: an offer that was missed, voice",
    ]  # fmt: skip


def test_settings_are_shown_as_they_are_written_in_the_file() -> None:
    settings = {"enabled": True, "max_contacts": None, "hours": "", "offer_window_ms": {"voice": 500}, "acw_s": {}}

    assert settings_rows(settings) == [("enabled", "yes"), ("offer_window_s", "voice 0.5")]


@pytest.mark.parametrize(
    ("width", "headings"), [(None, "contact state error"), (52, "contact state"), (10, "contact state")]
)
def test_a_narrow_terminal_gets_fewer_columns_and_whole_names(width: int | None, headings: str) -> None:
    rows = [("c" * 40, "queued", "E" * 30), ("c2", "on_hold", "")]

    lines = [line.plain for line in table([Column("contact"), Column("state"), Column("error", 1)], rows, width)]

    assert lines[0].split() == headings.split()
    assert lines[1].startswith("c" * 40 + "  queued")


def test_keys_are_told_one_by_one() -> None:
    assert keys_of("s\x1b[A\x1b[6~/x\x7f\r\x1b") == [
        "s", "up", "page down", "/", "x", "backspace", "enter", "escape",
    ]  # fmt: skip


def snapshot_of(*queues: tuple[str, int, int]) -> Snapshot:
    states = tuple(QueueState(name, "voice", waiting, 0, oldest_us, {}) for name, waiting, oldest_us in queues)
    return Snapshot(NOW_US, fresh_configuration(), 1, states, (), 0)


def shown_by(view: View, snapshot: Snapshot, height: int = 20) -> list[str]:
    return [str(line) for line in view.screen(snapshot, None, 80, height).renderables]


def queues_in(lines: list[str]) -> list[str]:
    return [line.split()[0] for line in lines if " voice " in line]


def test_keys_sort_and_filter_what_top_shows() -> None:
    snapshot, view = snapshot_of(("a", 1, 9_000_000), ("b", 7, 5_000_000), ("c", 0, 0)), View()

    by_name = queues_in(shown_by(view, snapshot))
    view.press("s")
    by_load = queues_in(shown_by(view, snapshot))
    view.press("s")
    by_time = queues_in(shown_by(view, snapshot))
    for key in ("/", "B", "q", "backspace", "enter"):
        assert view.press(key)

    assert (by_name, by_load, by_time) == (["a", "b", "c"], ["b", "a", "c"], ["a", "b", "c"])
    assert queues_in(shown_by(view, snapshot)) == ["b"]
    assert not view.press("q")


def test_top_scrolls_to_its_last_line_and_no_further() -> None:
    snapshot, view = snapshot_of(*((f"q{number:03}", 0, 0) for number in range(100))), View()

    first = shown_by(view, snapshot)
    for key in ("page down", "down", "up"):
        view.press(key)
    second = shown_by(view, snapshot)
    view.press("end")
    last = shown_by(view, snapshot)
    view.press("down")

    assert (queues_in(first)[0], len(first)) == ("q000", 20)
    assert queues_in(second)[0] == f"q{len(queues_in(first)):03}"
    assert "Agents" in last
    assert shown_by(view, snapshot) == last


def test_lines_are_made_once_for_keys_that_only_scroll(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def counting(*arguments: Any) -> list[Text]:
        made.append("")
        return queue_lines(*arguments)

    monkeypatch.setattr("fairlead.cli.view.queue_lines", counting)
    snapshot, view = snapshot_of(*((f"q{number:03}", 0, 0) for number in range(100))), View()

    for key in ("down", "page down", "end", "s", "up"):
        shown_by(view, snapshot)
        view.press(key)
    shown_by(view, snapshot_of(("new", 1, 0)))

    assert len(made) == 3  # the first time, in another order, and of another snapshot


def test_top_at_a_terminal_follows_keys_until_q(server: RealServer) -> None:
    near, far = pty.openpty()
    command = [sys.executable, "-m", "fairlead.cli.main", "top", "--every", "0.2", "--redis", server.url]
    process = subprocess.Popen(command, stdin=far, stdout=far, stderr=far, env=without_settings())
    os.close(far)
    told = b""

    def has(text: bytes) -> bool:
        nonlocal told
        told += os.read(near, 65_536)
        return text in told

    eventually(lambda: has(b"sort: name"))
    os.write(near, b"s")
    eventually(lambda: has(b"sort: load"))
    os.write(near, b"q")

    assert process.wait(60) == 0
    os.close(near)


def test_a_table_without_rows_says_so_instead_of_showing_headings_alone() -> None:
    assert [line.plain for line in table([Column("queue")], [], 80, "Queues")] == ["Queues", "none"]
