"""Masters of a cluster that are replaced and killed again and again, of both kinds of server."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from time import monotonic

import pytest
from conftest import REAL_SERVERS, eventually
from constellations import Cluster
from load import Load

ROUNDS = 3


@pytest.fixture(params=REAL_SERVERS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def constellation(kind: str, tmp_path: Path) -> Iterator[Cluster]:
    one = Cluster(kind, tmp_path, "fairlead")
    yield one
    one.end()


@pytest.mark.long
def test_nothing_is_lost_that_a_replica_had_when_its_master_was_replaced_or_killed(
    constellation: Cluster, tmp_path: Path, tell: Callable[[Mapping[str, object]], None]
) -> None:
    gaps_s: dict[str, list[float]] = {"planned": [], "killed": []}
    at_risk: set[str] = set()
    with Load(constellation.url, tmp_path) as load:
        load.handles()
        for _ in range(ROUNDS):
            for how, gaps in gaps_s.items():
                load.times_s[:] = [monotonic()]
                if how == "planned":
                    constellation.fail_over()
                else:
                    safe = len(load.acknowledged)
                    constellation.in_step()
                    dead = constellation.kill_master()
                    at_risk |= set(load.acknowledged[safe:])
                    at_risk.add(load.next_one)
                    load.handles()
                    dead.start()
                    eventually(lambda dead=dead: dead.is_following)  # type: ignore[misc]
                load.handles()
                gaps.append(load.longest_gap_s())
        load.pause()
        lost = set(load.lost(load.acknowledged))
        assert lost - at_risk == set()
        load.completes([one for one in load.acknowledged if one not in lost])
        assert load.worker.poll() is None

    tell({
        "contacts": len(load.acknowledged),
        "lost of those that no replica had": len(lost),
        **{f"s the longest gap when {how}": round(max(gaps), 2) for how, gaps in gaps_s.items()},
    })  # fmt: skip
