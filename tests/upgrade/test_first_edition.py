"""What the first edition has left in Redis is carried over into today's layout: all of it, in its order, of its age.

Its data was recorded with its own code: `record.py` says how.
"""

import gzip
import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from commands import Run
from conftest import REAL_SERVERS, RealServer, eventually
from processes import without_settings
from proxy import Gate
from store.consistency import check

from fairlead import errors
from fairlead.configuration.reading import parse_configuration
from fairlead.domain.criteria import Step, parse_step
from fairlead.service.migrating import Migrated, migrate
from fairlead.service.opening import open_store, prepare_store
from fairlead.service.producer import Producer
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.keys import LAYOUT, Keys

HERE = Path(__file__).parent
FOUND: list[dict[str, Any]] = json.loads((HERE / "first_edition.json").read_text())
"""What the first edition itself said of its contacts."""
CARRIED = {one["contact_id"]: one for one in FOUND if one["state"] != "acw"}
HELD = {"connected", "on_hold", "paused"}
OLD, NEW = "fairlead", "centre"
HANDLERS = """
import pathlib
def note(contact):
    with open("answered", "a") as file:
        file.write(f"{contact.contact_id} {contact.agent}\\n")
"""


@pytest.fixture(params=REAL_SERVERS)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RealServer]:
    """A server with the data that was recorded, each kind of them."""
    folder = tmp_path / "server"
    folder.mkdir()
    (folder / "appendonly.aof").write_bytes(gzip.decompress((HERE / "first_edition.aof.gz").read_bytes()))
    server = RealServer(request.param, folder, "--appendonly", "yes")
    yield server
    server.kill()


def content(server: RealServer) -> dict[bytes, object]:
    """All that is in the old instance."""
    client = server.client()
    reads: dict[bytes, Callable[[bytes], object]] = {
        b"hash": client.hgetall, b"set": client.smembers, b"string": client.get, b"stream": client.xlen,
        b"zset": lambda key: client.zrange(key, 0, -1, withscores=True), b"list": lambda key: client.lrange(key, 0, -1),
    }  # fmt: skip
    return {key: reads[client.type(key)](key) for key in client.keys("{fairlead}*")}


def new_store(server: RealServer) -> Store:
    return open_store(server.url, NEW)


def record(store: Store, contact_id: str) -> reading.ContactRecord:
    return store.run(reading.contact(contact_id, with_payload=True))


def test_the_configuration_is_carried_over(old: RealServer) -> None:
    text = (HERE / "first_edition.toml").read_text()
    meant = parse_configuration(text.replace("exclude_rejecting = true\nskip_unmatched_steps = true\n", ""), "old")
    support = replace(meant.queues["Support"], offer_again_after_s=None, skip_steps_when="nobody_signed_in")
    closed = replace(meant.queues["Old"], enabled=False)

    migrate(OLD, url=old.url, instance=NEW)

    found, _ = new_store(old).run(reading.configuration_in_force())
    assert found == replace(meant, queues={**meant.queues, "Support": support, "Old": closed})


def test_each_contact_is_carried_over_with_all_that_it_has(old: RealServer) -> None:
    before = content(old)

    done = migrate(OLD, url=old.url, instance=NEW)

    store = new_store(old)
    states = Counter(one["state"] for one in CARRIED.values())
    assert done == Migrated(
        states.total() - states["scheduled"] - states["parked"], states["scheduled"], states["parked"], 1, ()
    )
    for one in CARRIED.values():
        found = record(store, one["contact_id"])
        assert found.state == (one["state"] if one["state"] in ("scheduled", "parked") else "queued")
        for field in ("queue", "channel", "priority", "queued_us", "rank_us", "direction", "customer", "related_to",
                      "attributes", "is_callback"):  # fmt: skip
            assert getattr(found, field) == one[field], (one["contact_id"], field)
        assert json.loads(found.payload or b"") == json.loads(one["payload"])
        assert found.criteria == tuple(one["criteria"])
        assert (found.expires_us is None) == (one["expires_us"] is None)
        if one["state"] not in HELD:
            assert found.expires_us == one["expires_us"]
        if one["state"] == "parked":
            assert (found.error, found.attempts) == (one["error"], one["attempts"])
    check(store)
    assert content(old) == before


def test_every_line_has_the_order_that_it_had(old: RealServer) -> None:
    waits = [one for one in CARRIED.values() if one["state"] not in ("scheduled", "parked")]
    pairs = {(one["queue"], one["channel"]) for one in waits}

    migrate(OLD, url=old.url, instance=NEW)

    store = new_store(old)
    for queue, channel in pairs:
        line = [one for one in waits if (one["queue"], one["channel"]) == (queue, channel)]
        line.sort(key=lambda one: (one["priority"], one["rank_us"], one["queued_us"]))
        assert store.run(reading.ids_in_line(queue, channel, 100)) == [one["contact_id"] for one in line]


def test_what_was_scheduled_comes_at_its_time(old: RealServer) -> None:
    due = {name: old.client().zscore(Keys(OLD).due, f"start:{name}") for name in ("to-call", "callback", "later")}

    migrate(OLD, url=old.url, instance=NEW)

    store = new_store(old)
    client, keys = old.client(), store.keys
    assert {name: client.zscore(keys.due, f"start:{name}") for name in due} == due
    assert client.hget(keys.contact("to-call"), "callback") == client.hget(Keys(OLD).contact("to-call"), "callback")


def test_a_step_that_has_begun_ends_when_it_would_have(old: RealServer) -> None:
    begun = int(old.client().hget(Keys(OLD).contact("asks"), "step_us"))
    old.client().hset(Keys(OLD).contact("asks"), "step_us", begun + 5_000_000)

    migrate(OLD, url=old.url, instance=NEW)

    store = new_store(old)
    assert old.client().zscore(store.keys.due, "step:asks") == begun + 35_000_000


def test_a_repeated_push_is_one_still(old: RealServer) -> None:
    migrate(OLD, url=old.url, instance=NEW)

    with Producer.connect(old.url, NEW) as producer:
        plain = producer.push("Sales", {"number": 0}, channel="voice", contact_id="waits-00", priority=1)
        steps: list[Step | str] = [
            parse_step("Language:French >= 4 for 30s"), "Language:French >= 2 and Skill:Refunds >= 1"
        ]  # fmt: skip
        asking = producer.push(
            "Support", {"é": "ü"}, channel="chat", contact_id="asks", criteria=steps, direction="outbound"
        )
        with pytest.raises(errors.ContactExists):
            producer.push("Sales", {"number": 1}, channel="voice", contact_id="waits-00", priority=1)

    assert (plain.created, asking.created) == (False, False)


def test_a_real_worker_answers_all_that_wait(old: RealServer, tmp_path: Path) -> None:
    """What had an expiry that has passed meanwhile expires, and what waits in a closed queue waits on."""
    migrate(OLD, url=old.url, instance=NEW)
    store = new_store(old)
    store_now = store.run(reading.now_us())
    records = [record(store, name) for name in CARRIED]
    (tmp_path / "answering.py").write_text(HANDLERS)
    agents = [word for name in ("zoe", "ana", "gus", "hal") for word in ("--agent", name)]

    worker = subprocess.Popen(
        [sys.executable, "-m", "fairlead.cli.main", "work", *agents, "--handler", "answering:note",
         "--redis", old.url, "--instance", NEW], cwd=tmp_path, env=without_settings(), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    lasting = {
        one.contact_id for one in records
        if one.state != "parked" and one.queue != "Night" and (one.expires_us or store_now) >= store_now
    }  # fmt: skip
    try:
        eventually(lambda: lasting <= answered(tmp_path).keys())
        for one in records:
            if one.contact_id not in lasting and one.state != "parked" and one.queue != "Night":
                eventually(lambda one=one: record(store, one.contact_id).state in ("expired", "completed"))
    finally:
        worker.terminate()
        worker.wait()

    assert set(answered(tmp_path).values()) == {1}
    assert record(store, "at-night").state == "queued"


def answered(folder: Path) -> Counter[str]:
    """How often each contact was answered."""
    file = folder / "answered"
    return Counter(line.split()[0] for line in file.read_text().splitlines()) if file.exists() else Counter()


class _Stopping(list[bytes]):
    """What has been sent, up to the script of that number: nothing is answered from then on."""

    def __init__(self, gate: Gate, after: int) -> None:
        super().__init__()
        self._gate, self._left, self.reached = gate, after, threading.Event()

    def append(self, data: bytes) -> None:
        super().append(data)
        self._left -= b"FCALL" in data
        if self._left <= 0:
            self._gate.shut()
            self.reached.set()


def test_it_goes_on_where_it_died(old: RealServer, tmp_path: Path) -> None:
    """It dies several times: before anything, among the pushes, among the parked ones, and before the end."""
    for number, after in enumerate((5, 20, 50, 66, 8)):
        (tmp_path / str(number)).mkdir()
        gate = Gate(tmp_path / str(number), old.socket)
        gate.sent = stopping = _Stopping(gate, after)
        process = subprocess.Popen(
            [sys.executable, "-m", "fairlead.cli.main", "migrate", OLD, "--redis", gate.url, "--instance", NEW],
            env=without_settings(), stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert stopping.reached.wait(60)
        process.kill()
        process.wait()
        gate.close()
        with pytest.raises(errors.InstanceTooOld, match="not whole yet"):
            open_store(old.url, NEW)
        with pytest.raises(errors.InstanceTooOld, match="fairlead migrate"):
            prepare_store(old.url, NEW)

    migrate(OLD, url=old.url, instance=NEW)

    store = new_store(old)
    assert sorted(store.run(reading.open_ids())) == sorted(CARRIED)
    for one in CARRIED.values():
        assert record(store, one["contact_id"]).rank_us == one["rank_us"]
    configuration, _ = store.run(reading.configuration_in_force())
    assert sorted(configuration.agents) == ["ana", "bo", "gus", "hal", "zoe"]
    check(store)


def test_it_says_why_it_does_nothing(old: RealServer, run: Run) -> None:
    Producer.connect(old.url, "today").close()
    before = content(old)

    none = run(old.url, "migrate", "nobody", "--instance", NEW)
    known = run(old.url, "migrate", "today", "--instance", NEW)
    taken = run(old.url, "migrate", OLD, "--instance", "today")
    itself = run(old.url, "migrate", OLD, "--instance", OLD)

    assert (none.code, known.code, taken.code, itself.code) == (3, 4, 4, 4)
    assert "no instance 'nobody'" in none.err
    assert f"has layout {LAYOUT}" in known.err
    assert "'today' is there already" in taken.err
    assert "'fairlead' is there already" in itself.err
    assert content(old) == before


def test_a_queue_that_is_gone_is_there_again_for_what_is_parked_in_it(old: RealServer, run: Run) -> None:
    client, keys = old.client(), Keys(OLD)
    client.hset(keys.contact("poison-1"), "queue", "Gone")
    client.hset(keys.contact("poison-2"), "queue", "@gone")

    done = run(old.url, "migrate", OLD, "--instance", NEW)

    assert done.code == 0
    assert "Gone was no longer configured, but has contacts: it is again" in done.out
    store = new_store(old)
    configuration, _ = store.run(reading.configuration_in_force())
    assert not configuration.queues["Gone"].enabled
    assert configuration.agents["gone"].profile in configuration.profiles
    assert [record(store, name).state for name in ("poison-1", "poison-2")] == ["parked", "parked"]
