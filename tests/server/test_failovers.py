"""A worker and a producer go on while another server takes over, and nothing that was acknowledged is lost."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

import pytest
from conftest import REAL_SERVERS, eventually
from constellations import Cluster, Constellation, Watched
from processes import told, without_settings, worker_command
from store.consistency import check

from fairlead import errors
from fairlead.errors import FairleadError
from fairlead.server.connection import connect
from fairlead.service.producer import Producer
from fairlead.service.supervisor import Supervisor
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.transitions import configuring, producing
from fairlead.store.transitions.working import Session

PUSH_EVERY_S = 0.02


class Load:
    """A worker process, and a producer that pushes all the time and notes what was acknowledged, and when."""

    def __init__(self, url: str, folder: Path) -> None:
        self._producer = Producer.connect(url)
        self.acknowledged: list[str] = []
        self.times_s: list[float] = []
        self.failures: list[FairleadError] = []
        self._may_push = threading.Event()
        self._is_idle = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._push)
        self._url = url
        command = worker_command(url, "echo")
        with (folder / "worker0.log").open("wb") as log:
            self.worker = subprocess.Popen(command, stderr=log, env=without_settings())

    def __enter__(self) -> Self:
        self._may_push.set()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._may_push.set()
        self._thread.join()
        self.worker.kill()
        self.worker.wait()

    def _push(self) -> None:
        number = 0
        while not self._ended.wait(PUSH_EVERY_S):
            self._is_idle.set()
            self._may_push.wait()
            self._is_idle.clear()
            number += 1
            try:
                self._producer.push("BasicQueue", contact_id=f"c{number}")
            except FairleadError as failure:
                self.failures.append(failure)
                return
            self.times_s.append(monotonic())
            self.acknowledged.append(f"c{number}")

    def pause(self) -> None:
        """Push nothing, from when the last push is acknowledged."""
        self._may_push.clear()
        self._is_idle.clear()
        eventually(self._is_idle.is_set)

    def go_on(self) -> None:
        self._may_push.set()

    def handles(self, more: int = 25) -> None:
        """Wait until so many more contacts have been pushed and handled."""
        many = len(self.acknowledged) + more
        eventually(lambda: len(self.acknowledged) >= many or self.failures)
        assert not self.failures
        with Supervisor.connect(self._url) as supervisor:
            eventually(lambda: supervisor.contact(self.acknowledged[-1]).state == "completed")

    def longest_gap_s(self) -> float:
        return max(later - sooner for sooner, later in pairwise(self.times_s))

    def not_completed(self) -> list[str]:
        """Of what was acknowledged; a contact that is lost is not known at all."""
        with Supervisor.connect(self._url) as supervisor:
            return [one for one in self.acknowledged if supervisor.contact(one).state != "completed"]


@pytest.fixture(params=[Watched, Cluster], ids=["sentinel", "cluster"])
def constellation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Constellation]:
    kind = REAL_SERVERS[0]
    one = Watched(kind, tmp_path) if request.param is Watched else Cluster(kind, tmp_path, "fairlead")
    yield one
    one.end()


def test_a_worker_goes_on_when_another_server_takes_over(
    constellation: Constellation, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with Load(constellation.url, tmp_path) as load:
        load.handles()
        constellation.fail_over()
        load.handles()
        planned_s = load.longest_gap_s()

        load.pause()
        constellation.in_step()
        load.times_s[:] = [monotonic()]
        constellation.kill_master()
        load.go_on()
        load.handles()
        killed_s = load.longest_gap_s()
        load.pause()

        assert load.not_completed() == []
        assert load.worker.poll() is None
    record_property("gap_s", {"planned": planned_s, "killed": killed_s})
    log = (tmp_path / "worker0.log").read_text()
    assert told(tmp_path, "redis serves again"), log


@pytest.fixture(scope="module", params=REAL_SERVERS)
def cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    one = Cluster(request.param, tmp_path_factory.mktemp("cluster"), "fairlead")
    yield one
    one.end()


def test_a_node_that_hands_its_slot_over_runs_no_half_of_a_transition(cluster: Cluster) -> None:
    store = Store(connect(cluster.url, "fairlead", retries=0))
    store.run(configuring.prepare_instance(store.keys))
    session = Session(store.keys, "ana", "w", "here")
    store.run(session.sign_in(profile="BasicRoutingProfile"))
    store.run(producing.push(store.keys, producing.NewContact("BasicQueue", "voice", contact_id="c1")))
    offers = store.run(session.take()).offers
    nodes = cluster.serving(), cluster.begin_to_hand_over()

    with pytest.raises(errors.RedisBusy, match="moving these keys"):
        store.run(session.complete(offers))
    with pytest.raises(errors.RedisBusy, match="moving these keys"):
        store.run(session.sign_out())
    for one in nodes:
        one.ask("CLUSTER", "SETSLOT", cluster.slot, "STABLE")

    assert store.run(reading.contact("c1")).state == "connected"
    assert store.run(session.complete(offers)).fenced == ()
    store.run(session.sign_out())
    check(store)


def test_a_worker_waits_while_its_slot_is_handed_to_another_node(cluster: Cluster, tmp_path: Path) -> None:
    Producer.connect(cluster.url).push("BasicQueue", contact_id="before")
    before = cluster.serving()

    with Load(cluster.url, tmp_path) as load:
        load.handles()
        cluster.hand_over(meanwhile=lambda: eventually(lambda: told(tmp_path, "redis does not serve")))
        load.handles()
        load.pause()

        assert cluster.serving() is not before
        assert load.not_completed() == []
        assert load.worker.poll() is None
    with Supervisor.connect(cluster.url) as supervisor:
        assert supervisor.contact("before").state == "completed"
