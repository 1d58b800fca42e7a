"""Masters that Sentinels watch are replaced on purpose and killed, again and again, by both kinds of server."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from time import monotonic, time_ns

import pytest
import redis
from conftest import REAL_SERVERS, eventually
from constellations import FAILOVER_TIMEOUT_S, Node, Watched
from faults.storm import HANDLER, PATIENCE_US
from load import Load

from fairlead.server.connection import connect
from fairlead.service.history import Finding, History, check_history, record_history
from fairlead.service.history.recording import Told
from fairlead.store.checking import examine_state
from fairlead.store.client import Store

ROUNDS = 5
AGENTS = (("ana", "bo"), ("cem", "dora"))
LAG_S = 2
AS_PROMISED = ("--min-replicas-to-write", "1", "--min-replicas-max-lag", str(LAG_S))
EVERYSEC, ALWAYS = (("--appendfsync", word) for word in ("everysec", "always"))
NO_FILE = ("--appendonly", "no")

Tell = Callable[[Mapping[str, object]], None]


class Busy:
    """Two producers that push all the time, and two workers; what all of them were told is kept."""

    def __init__(self, watched: Watched, folder: Path) -> None:
        self.watched = watched
        self._told = folder / "told"
        self._told.touch()
        (folder / "shop.py").write_text(HANDLER)
        self.loads = [
            Load(watched.url, folder, "shop:noting", number=number, agents=agents)
            for number, agents in enumerate(AGENTS)
        ]
        self.store = Store(connect(watched.url))
        self.gaps_s: list[float] = []

    def handles(self) -> None:
        for load in self.loads:
            load.handles()

    def during(self, act: Callable[[], None]) -> None:
        """Something happens, and all is well again: how long nothing was acknowledged is noted."""
        for load in self.loads:
            load.times_s[:] = [monotonic()]
        act()
        self.handles()
        self.gaps_s.append(max(load.longest_gap_s() for load in self.loads))

    def acknowledged(self) -> list[str]:
        return [one for load in self.loads for one in load.acknowledged]

    def lost(self) -> set[str]:
        """What nobody knows of, although it was acknowledged."""
        return {one for load in self.loads for one in load.lost(load.acknowledged)}

    def ends(self, at_risk: Callable[[], frozenset[str]] = frozenset) -> History:
        """Nothing more is pushed, and all is handled that is not lost. Returns what has happened, and what everybody
        was told. `at_risk`: what may be lost, once nothing is pushed.
        """
        for load in self.loads:
            load.pause()
        lost = self.lost()
        assert lost <= at_risk()
        for load in self.loads:
            load.completes([one for one in load.acknowledged if one not in lost])
            assert load.worker.poll() is None
        assert self.store.run(examine_state()).findings == ()
        history = self.store.run(record_history())
        history.told = [Told("pushed", one) for one in self.acknowledged()]
        history.told += [Told(**json.loads(line)) for line in self._told.read_text().splitlines()]
        history.plain = set(self.acknowledged())
        return history


@pytest.fixture
def watched(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Watched]:
    kind, down_after_s, level = request.param
    one = Watched(kind, tmp_path, *AS_PROMISED, *level, down_after_s=down_after_s)
    yield one
    one.end()


@pytest.fixture
def busy(watched: Watched, tmp_path: Path) -> Iterator[Busy]:
    busy = Busy(watched, tmp_path)
    with ExitStack() as running:
        for load in busy.loads:
            running.enter_context(load)
        busy.handles()
        yield busy


class Stubborn:
    """A client that knows of no Sentinel, and writes to one server for as long as that takes it."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._ended = Event()
        self.written = 0
        self.last_s = 0.0
        """When a write was acknowledged last."""
        self._thread = Thread(target=self._write)
        self._thread.start()

    def _write(self) -> None:
        while not self._ended.wait(0.005):
            with suppress(redis.RedisError):
                self._node.ask("SET", "stubborn", self.written + 1)
                self.written += 1
                self.last_s = monotonic()

    def ends(self) -> int:
        self._ended.set()
        self._thread.join()
        return self.written


def findings_of(history: History) -> list[Finding]:
    return check_history(history, PATIENCE_US, PATIENCE_US, are_leases_long=False)


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("watched", [(REAL_SERVERS[0], 10, EVERYSEC)], indirect=True)
def test_a_failover_on_purpose_loses_nothing_again_and_again(watched: Watched, busy: Busy, tell: Tell) -> None:
    for _ in range(ROUNDS):
        before = watched.serving()
        stubborn = Stubborn(before)
        busy.during(watched.fail_over)
        assert before.role[0] == "slave"
        written = stubborn.ends()
        kept = int(str(watched.serving().ask("GET", "stubborn")))
        assert kept - written in (0, 1)  # of the last one the answer may be lost
        watched.in_step()
    watched.serving().ask("DEL", "stubborn")

    history = busy.ends()

    tell({
        "failovers": ROUNDS, "contacts": len(busy.acknowledged()), "events": len(history.events),
        "s the longest gap": round(max(busy.gaps_s), 2),
    })  # fmt: skip
    assert findings_of(history) == []


@dataclass(frozen=True)
class Risk:
    """A time in which what was acknowledged may be lost: which contacts, and from which token to which."""

    contacts: frozenset[str]
    since_us: int
    until_us: int

    def has(self, told: Told) -> bool:
        return self.since_us <= told.token <= self.until_us or (told.told == "pushed" and told.contact in self.contacts)


def at_risk_since(since_us: int, safe: set[str], busy: Busy) -> Risk:
    """What was pushed since then, and may just be on its way."""
    pushed = {*busy.acknowledged(), *(load.next_one for load in busy.loads)}
    return Risk(frozenset(pushed - safe), since_us, time_ns() // 1_000)


def dies(watched: Watched, busy: Busy) -> Risk:
    """The master is killed; it starts again when another one serves, and follows that.

    At risk is what was acknowledged since all replicas were seen to be in step, until it died.
    """
    since_us, safe = time_ns() // 1_000, set(busy.acknowledged())
    watched.in_step()
    dead = watched.kill_master()
    risk = at_risk_since(since_us, safe, busy)
    watched.rejoins(dead)
    busy.handles()
    watched.in_step()
    return risk


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("watched", "rounds"),
    [
        pytest.param((REAL_SERVERS[-1], 2, EVERYSEC), ROUNDS, id="everysec"),
        pytest.param((REAL_SERVERS[0], 2, ALWAYS), 2, id="always"),
        pytest.param((REAL_SERVERS[0], 2, NO_FILE), 2, id="no-file"),
    ],
    indirect=["watched"],
)
def test_a_master_that_dies_again_and_again_loses_only_what_no_replica_had(
    watched: Watched, busy: Busy, tell: Tell, rounds: int
) -> None:
    risks: list[Risk] = []
    epoch, since_us, safe = watched.epoch, time_ns() // 1_000, set(busy.acknowledged())
    for _ in range(rounds):
        began_s = monotonic()
        busy.during(lambda: risks.append(dies(watched, busy)))
        eventually(lambda: monotonic() > began_s + 2 * FAILOVER_TIMEOUT_S + 1)  # noqa: B023

    def at_risk() -> frozenset[str]:
        if watched.epoch != epoch + rounds:  # Sentinels that get no time for two seconds replace masters who are alive
            risks.append(at_risk_since(since_us, safe, busy))
        return frozenset().union(*(risk.contacts for risk in risks))

    history = busy.ends(at_risk)

    lost = busy.lost()
    tell({
        "kills": rounds, "epochs of the Sentinels": watched.epoch - epoch, "contacts": len(busy.acknowledged()),
        "events": len(history.events),
        "lost of those that no replica had": len(lost), "s the longest gap": round(max(busy.gaps_s), 2),
    })  # fmt: skip
    assert {one.found.split()[0] for one in findings_of(history) if one.kind == "lost contact"} == lost
    history.told = [one for one in history.told if not any(risk.has(one) for risk in risks)]
    assert findings_of(history) == []


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "watched",
    [
        pytest.param((REAL_SERVERS[0], 30, EVERYSEC), id="everysec"),
        pytest.param((REAL_SERVERS[-1], 30, ALWAYS), id="always"),
    ],
    indirect=True,
)
def test_a_master_that_is_back_before_it_is_replaced_has_lost_nothing(
    watched: Watched, busy: Busy, tell: Tell
) -> None:
    epoch, master = watched.epoch, watched.serving()

    def dies() -> None:
        master.kill()
        master.start()
        watched.in_step()

    for _ in range(3):
        busy.during(dies)

    history = busy.ends()
    tell({
        "kills": 3, "contacts": len(busy.acknowledged()), "s the longest gap": round(max(busy.gaps_s), 2),
    })  # fmt: skip
    assert (watched.epoch, watched.serving()) == (epoch, master)
    assert findings_of(history) == []


@pytest.mark.long
@pytest.mark.parametrize("watched", [(kind, 2, EVERYSEC) for kind in REAL_SERVERS], indirect=True)
def test_a_master_that_is_replaced_and_lives_takes_nothing_more_after_three_seconds(
    watched: Watched, tell: Tell
) -> None:
    before = watched.serving()
    stubborn = Stubborn(before)
    eventually(lambda: stubborn.written > 100)

    eventually(watched._is_begun)
    eventually(lambda: any(one.is_master for one in watched.nodes if one is not before))
    replaced_s = monotonic()
    eventually(lambda: before.role[0] == "slave")
    written = stubborn.ends()

    kept = int(str(watched.serving().ask("GET", "stubborn")))
    took_s = stubborn.last_s - replaced_s
    tell({"lost": written - kept, "s for which it took more": round(took_s, 2)})
    assert took_s <= LAG_S + 1
