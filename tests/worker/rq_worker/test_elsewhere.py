"""Contacts are where Sentinels or a cluster keep them; RQ keeps its records on a server of its own."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import REAL_SERVERS, RealServer, eventually
from constellations import Cluster, Constellation, Watched
from redis.crc import key_slot
from worker.rq_worker.horses import StartRq

from fairlead.service.producer import Producer


@pytest.fixture(params=["Sentinels", "cluster"])
def constellation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Constellation]:
    kind, folder = REAL_SERVERS[0], tmp_path
    one = Watched(kind, folder) if request.param == "Sentinels" else Cluster(kind, folder, "fairlead")
    yield one
    one.end()


def test_a_work_horse_handles_contacts_whose_master_is_replaced(
    constellation: Constellation, server: RealServer, start_rq: StartRq, tmp_path: Path
) -> None:
    files = [tmp_path / name for name in ("before", "after")]
    with Producer.connect(constellation.url) as producer:
        producer.push("BasicQueue", str(files[0]), contact_id="before")
        start_rq("shop:plain", server, FAIRLEAD_REDIS_URL=constellation.url)
        eventually(files[0].exists)

        constellation.fail_over()
        producer.push("BasicQueue", str(files[1]), contact_id="after")

        eventually(files[1].exists)


def test_rq_whose_records_would_be_in_a_cluster_says_so_at_once(start_rq: StartRq, tmp_path: Path) -> None:
    cluster = Cluster(REAL_SERVERS[0], tmp_path, "fairlead")
    try:
        first_asked = cluster.nodes[key_slot(b"rq:suspended") // 5_461]  # what RQ asks before it makes its worker
        node = SimpleNamespace(url=f"redis://127.0.0.1:{first_asked.port}")
        worker = start_rq("shop:plain", node, FAIRLEAD_REDIS_URL=cluster.url)  # type: ignore[arg-type]

        assert worker.wait(60) != 0
    finally:
        cluster.end()

    assert "RQ cannot keep its records in a cluster" in (tmp_path / "rq.log").read_text()
