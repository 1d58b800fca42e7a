"""A worker and a producer go on while another server takes over, and nothing that was acknowledged is lost."""

from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest
from conftest import REAL_SERVERS, eventually
from constellations import Cluster, Constellation, Watched
from load import Load
from processes import told
from store.consistency import check

from fairlead import errors
from fairlead.server.connection import connect
from fairlead.service.producer import Producer
from fairlead.service.supervisor import Supervisor
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact
from fairlead.store.transitions import configuring, producing
from fairlead.store.transitions.working import Session


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

        load.completes(load.acknowledged)
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
    store.run(producing.push(store.keys, NewContact("BasicQueue", "voice", contact_id="c1")))
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
        load.completes(load.acknowledged)
        assert load.worker.poll() is None
    with Supervisor.connect(cluster.url) as supervisor:
        assert supervisor.contact("before").state == "completed"
