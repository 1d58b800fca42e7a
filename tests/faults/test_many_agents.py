"""Two thousand agents in four processes, whose connections are cut at once, and of whom a quarter dies."""

import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from time import monotonic

import pytest
from conftest import REAL_SERVERS, RealServer, eventually
from processes import HANDLERS, without_settings, worker_command

from fairlead.service.producer import Producer, new_contact
from fairlead.store import reading
from fairlead.store.checking import examine_state
from fairlead.store.client import Store

AGENTS = [f"a{number}" for number in range(2_000)]
WORKERS = 4
PART = len(AGENTS) // WORKERS


class Centre:
    """A server, and processes that represent all agents."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "shop.py").write_text(HANDLERS)
        self.server = RealServer(REAL_SERVERS[0], folder)
        self.producer = Producer.connect(self.server.url)
        self.store = Store(self.server.client())
        self.workers = [self.start(number) for number in range(WORKERS)]

    def start(self, number: int) -> "subprocess.Popen[bytes]":
        agents = tuple(AGENTS[number * PART : (number + 1) * PART])
        with (self.folder / f"worker{number}.log").open("ab") as log:
            return subprocess.Popen(
                worker_command(self.server.url, "echo", agents=agents), cwd=self.folder, stderr=log, stdout=log,
                env=without_settings(),
            )  # fmt: skip

    def are_all_there(self) -> bool:
        return len(self.store.run(reading.agents_signed_in())) == len(AGENTS)

    def push(self, round_: int) -> list[str]:
        ids = [f"c{round_}-{number}" for number in range(len(AGENTS))]
        list(self.producer.push_many(new_contact("BasicQueue", channel="voice", contact_id=one) for one in ids))
        return ids

    def have_ended(self, ids: list[str]) -> bool:
        return all(one.state == "completed" for one in self.store.run(reading.contacts_by_id(ids)))

    def cut(self) -> None:
        """Cut the connections of all processes."""
        self.server.client().client_kill_filter(_type="normal", skipme=True)

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()
        self.producer.close()
        self.server.kill()


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    one = Centre(tmp_path)
    yield one
    one.close()


@pytest.mark.long
def test_two_thousand_agents_lose_nothing_when_all_are_cut_off_and_many_die(
    centre: Centre, tell: Callable[[Mapping[str, object]], None]
) -> None:
    begun_s = monotonic()
    eventually(centre.are_all_there)
    signed_in_s = monotonic() - begun_s

    ids = centre.push(1)
    centre.cut()
    begun_s = monotonic()
    eventually(lambda: centre.have_ended(ids))
    handled_s = monotonic() - begun_s
    assert centre.are_all_there()

    ids += centre.push(2)
    centre.workers[0].kill()
    centre.workers[0].wait()
    centre.workers[0] = centre.start(0)
    begun_s = monotonic()
    eventually(lambda: centre.have_ended(ids) and centre.are_all_there(), within_s=120)

    tell({
        "agents": len(AGENTS), "contacts": len(ids), "s to sign in": round(signed_in_s, 1),
        "s until all is handled after a cut": round(handled_s, 1),
        "s until all is as before after a death": round(monotonic() - begun_s, 1),
    })  # fmt: skip
    completed = [
        fields[b"contact"].decode() for _, fields in centre.server.client().xrange(centre.store.keys.events)
        if fields[b"event"] == b"contact.completed"
    ]  # fmt: skip
    assert sorted(completed) == sorted(ids)
    assert centre.store.run(examine_state()).findings == ()
