"""A person's desk at a terminal, as a real process that reads lines."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import REAL_SERVERS, RealServer, eventually
from processes import is_signed_in, push_without_a_hint, state_of, without_settings

from fairlead.domain.channel import CHANNELS
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact
from fairlead.store.transitions import configuring, producing, supervising
from fairlead.store.transitions.working import Session

Desk = "subprocess.Popen[bytes]"


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RealServer]:
    server = RealServer(REAL_SERVERS[0], tmp_path, "--appendonly", "yes", "--appendfsync", "always")
    yield server
    server.kill()


@pytest.fixture
def desk(own_server: RealServer, tmp_path: Path) -> Iterator[Desk]:
    store = Store(own_server.client())
    store.run(configuring.prepare_instance(store.keys))
    command = [sys.executable, "-m", "fairlead.cli.main", "desk", "--agent", "ana", "--redis", own_server.url]
    with (tmp_path / "desk.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=without_settings())
    eventually(lambda: is_signed_in(store, "ana"))
    yield process
    process.kill()
    process.wait()


def types(desk: Desk, line: str) -> None:
    desk.stdin.write(line.encode() + b"\n")
    desk.stdin.flush()


def test_an_offer_whose_hint_was_lost_is_told(own_server: RealServer, desk: Desk, tmp_path: Path) -> None:
    store = Store(own_server.client())

    push_without_a_hint(store, "c1", "ana")

    eventually(lambda: "c1 is offered" in (tmp_path / "desk.log").read_text())
    types(desk, "accept c1")
    eventually(lambda: state_of(store, "c1") == "connected")
    types(desk, "complete c1")
    types(desk, "quit")
    assert desk.wait(60) == 0


def test_a_missed_offer_is_told_with_the_command_that_frees_its_slot(
    own_server: RealServer, desk: Desk, tmp_path: Path
) -> None:
    store = Store(own_server.client())
    configuration, version = store.run(reading.configuration_in_force())
    queue = replace(configuration.queues["BasicQueue"], offer_window_ms=dict.fromkeys(CHANNELS, 100))
    hurried = replace(configuration, queues={"BasicQueue": queue})
    store.run(configuring.apply_configuration(store.keys, hurried, version))

    store.run(producing.push(store.keys, NewContact("BasicQueue", "voice", contact_id="c1")))

    log = tmp_path / "desk.log"
    eventually(lambda: "c1 was not answered in time; your slot stays taken until you type: clear c1" in log.read_text())
    types(desk, "clear c1")
    eventually(lambda: log.read_text().count("c1 is offered") > 1)


def test_an_offer_that_another_agent_answers_first_is_told(own_server: RealServer, desk: Desk, tmp_path: Path) -> None:
    store, log = Store(own_server.client()), tmp_path / "desk.log"
    configuration, version = store.run(reading.configuration_in_force())
    queue = replace(configuration.queues["BasicQueue"], offer_to=2)
    target = replace(configuration, queues={"BasicQueue": queue})
    store.run(configuring.apply_configuration(store.keys, target, version))
    other = Session(store.keys, "bo", "w", "here/1", auto_accept=False)
    store.run(other.sign_in(profile="BasicRoutingProfile"))
    store.run(producing.push(store.keys, NewContact("BasicQueue", "voice", contact_id="c1")))
    eventually(lambda: "c1 is offered" in log.read_text())

    [offer] = store.run(other.take()).offers
    store.run(other.accept(offer))

    eventually(lambda: "c1 was answered by another" in log.read_text())
    assert "was not answered in time" not in log.read_text()
    types(desk, "accept c1")
    eventually(lambda: "contact 'c1' is not with you" in log.read_text())


def test_an_outage_is_told_once_and_the_desk_goes_on(own_server: RealServer, desk: Desk, tmp_path: Path) -> None:
    own_server.kill()
    eventually(lambda: "no Redis answers" in (tmp_path / "desk.log").read_text())

    own_server.start()

    eventually(lambda: "Redis serves again" in (tmp_path / "desk.log").read_text())
    types(desk, "status Break")
    eventually(lambda: "you are Break" in (tmp_path / "desk.log").read_text())
    assert (tmp_path / "desk.log").read_text().count("no Redis answers") == 1


def test_a_desk_whose_session_was_ended_elsewhere_says_so_and_ends(
    own_server: RealServer, desk: Desk, tmp_path: Path
) -> None:
    store = Store(own_server.client())

    store.run(supervising.sign_out_agent(store.keys, "ana"))

    eventually(lambda: "your session was ended elsewhere" in (tmp_path / "desk.log").read_text())
