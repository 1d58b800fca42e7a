"""What the monitor shows and serves."""

import gzip
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import time
from functools import partial

import pytest
import redis
from conftest import RealServer
from fairlead_web.metrics import BOUNDS_S, BUCKETED, COUNTERS, HISTOGRAMS, age, exposition
from fairlead_web.server import check_exposure, pages, serve
from prometheus_client.parser import text_string_to_metric_families
from raw import raw

from fairlead.cli.outage import Outage
from fairlead.domain.agent import Agent
from fairlead.domain.hours import Hours
from fairlead.domain.intake import Choice, Intake
from fairlead.domain.measures import histogram, total
from fairlead.errors import InvalidSetting
from fairlead.server.connection import connect
from fairlead.service.doctor import examine
from fairlead.service.shared import Shared
from fairlead.service.snapshot import queue_measures, take_snapshot
from fairlead.service.supervisor import Supervisor
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact
from fairlead.store.rights import CALLS
from fairlead.store.sources import commands
from fairlead.store.transitions import configuring, producing
from fairlead.store.transitions.sweeping import Sweeper
from fairlead.store.transitions.working import Session


@pytest.fixture
def store(server: RealServer) -> Store:
    store = Store(connect(server.url))
    store.run(configuring.prepare_instance(store.keys))
    session = Session(store.keys, "ana", "w", "here")
    store.run(session.sign_in(profile="BasicRoutingProfile"))
    for number in range(3):
        store.run(producing.push(store.keys, NewContact("BasicQueue", "voice", contact_id=f"c{number}")))
    store.run(session.complete(store.run(session.take()).offers))
    return store


@pytest.fixture
def address(store: Store) -> Iterator[str]:
    with serve(Supervisor(store), "127.0.0.1", 0, "the-token", Outage(print)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def get(address: str, token: str = "") -> tuple[int, str]:
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def test_the_measures_follow_their_definitions(store: Store) -> None:
    snapshot = store.run(take_snapshot())

    queue, agents = queue_measures(snapshot.queues[0]), snapshot.agent_measures()

    assert (queue.in_queue, queue.answered, queue.completed, queue.service_level) == (1, 2, 1, 100)
    assert (agents.online, agents.staffed, agents.available, agents.on_contact) == (1, 1, 0, 1)
    assert (agents.slots_active, agents.slots_available) == (1, 0)


def test_metrics_are_served_to_who_has_the_token(address: str) -> None:
    code, text = get(address + "/metrics", "the-token")

    assert code == 200
    assert 'fairlead_contacts_completed_total{channel="voice",queue="BasicQueue"} 1\n' in text
    assert 'fairlead_contacts_in_queue{channel="voice",queue="BasicQueue"} 1\n' in text
    assert "fairlead_agents_on_contact 1\n" in text


def test_each_sample_is_what_the_snapshot_says(store: Store) -> None:
    snapshot = store.run(take_snapshot())

    families = text_string_to_metric_families(exposition(snapshot) + age(0))
    found = {
        (sample.name, *sorted(sample.labels.items())): sample.value for one in families for sample in one.samples
    }

    assert len(found) > 40
    for state in snapshot.queues:
        labels = (("channel", state.channel), ("queue", state.queue))
        for name, counter in COUNTERS.items():
            if name in state.totals:
                assert found[f"fairlead_contacts_{name}_total", *labels] == state.totals[name], counter
        for name, (kind, _) in BUCKETED.items():
            assert found[f"fairlead_contacts_{name}_total", *labels] == total(state.totals, kind)
        for name, (kind, _) in HISTOGRAMS.items():
            base, counted = f"fairlead_{name}_seconds", histogram(state.totals, kind)
            for bound in BOUNDS_S:
                up_to = sum(many for limit, many in counted.items() if limit <= bound)
                assert found[f"{base}_bucket", labels[0], ("le", str(bound)), labels[1]] == up_to
            assert found[f"{base}_bucket", labels[0], ("le", "+Inf"), labels[1]] == total(state.totals, kind)
            assert found[f"{base}_count", *labels] == total(state.totals, kind)
            assert found[f"{base}_sum", *labels] == state.totals.get(f"{name}_us", 0) / 1e6


def test_metrics_come_compressed_to_who_takes_that(store: Store) -> None:
    headers: list[tuple[str, str]] = []
    page = pages(Supervisor(store), None, Outage(print))
    asked = {"PATH_INFO": "/metrics", "REQUEST_METHOD": "GET", "HTTP_ACCEPT_ENCODING": "gzip, deflate"}

    body = b"".join(page(asked, lambda _, given: headers.extend(given)))

    assert ("Content-Encoding", "gzip") in headers
    assert b"# TYPE fairlead_snapshot_age_seconds gauge" in gzip.decompress(body)


def test_all_who_ask_for_metrics_within_a_second_share_one_look(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = [0.0]
    monkeypatch.setattr("fairlead_web.server.Shared", partial(Shared, clock=lambda: seconds[0]))
    page = pages(Supervisor(store), None, Outage(print))

    def scrape() -> str:
        return b"".join(page({"PATH_INFO": "/metrics", "REQUEST_METHOD": "GET"}, lambda *_: None)).decode()

    before, commands = scrape(), raw(store).info("stats")["total_commands_processed"]
    seconds[0] = 0.5
    after = scrape()
    asked = raw(store).info("stats")["total_commands_processed"] - commands

    assert asked == 1  # the first look at the number itself
    assert "fairlead_snapshot_age_seconds 0.0" in before
    assert after == before.replace("fairlead_snapshot_age_seconds 0.0", "fairlead_snapshot_age_seconds 0.5")


@pytest.mark.parametrize("token", ["", "another"])
def test_metrics_are_refused_without_the_token(address: str, token: str) -> None:
    assert get(address + "/metrics", token)[0] == 401


def test_health_is_told_to_everybody(address: str) -> None:
    code, text = get(address + "/healthz")

    assert code == 200
    assert json.loads(text)["healthy"] is True


def test_an_unhealthy_server_is_told_with_the_reason(address: str, store: Store) -> None:
    raw(store).execute_command("REPLICAOF", "127.0.0.1", "1")

    code, text = get(address + "/healthz")

    raw(store).execute_command("REPLICAOF", "NO", "ONE")
    assert code == 503
    assert "read-only replica" in json.loads(text)["why"]


def test_other_machines_need_a_token() -> None:
    check_exposure("127.0.0.1", None)
    check_exposure("0.0.0.0", "token")

    with pytest.raises(InvalidSetting, match="FAIRLEAD_MONITOR_TOKEN"):
        check_exposure("0.0.0.0", None)


def test_the_doctor_finds_what_is_wrong(store: Store) -> None:
    healthy = {check.name: check.verdict for check in store.run(examine())}
    raw(store).hset(store.keys.agent("ana"), "slots", "123 voice connected elsewhere BasicQueue 1;")
    raw(store).zadd(store.keys.due, {"session:gone": 1})

    sick = {check.name: check.verdict for check in store.run(examine())}

    assert healthy["slots"] == healthy["sweeping"] == "ok"
    assert healthy["persistence"] == "warn"
    assert sick["slots"] == sick["sweeping"] == "fail"


def test_the_doctor_names_the_commands_that_a_user_may_not_run(store: Store, server: RealServer) -> None:
    assert set(CALLS) == commands()
    server.client().execute_command("ACL", "SETUSER", "half", "on", ">half", "~*", "+@all", "-zadd", "-hincrby")
    half = Store(redis.Redis(unix_socket_path=str(server.socket), username="half", password="half"))

    checks = {check.name: check for check in half.run(examine())}
    whole = {check.name: check.verdict for check in store.run(examine())}

    assert checks["rights"].verdict == "fail"
    assert "may not HINCRBY, ZADD" in checks["rights"].found
    assert whole["rights"] == "ok"


def test_the_doctor_warns_when_opening_times_run_out_since_nobody_sweeps(store: Store, server: RealServer) -> None:
    hours = Hours("Office", "UTC", {"mon": ((time(8), time(17)),)})
    configuration, version = store.run(reading.configuration_in_force())
    target = replace(configuration, hours={"Office": hours})
    long_ago_us = store.run(reading.now_us()) - 390 * 86_400 * 1_000_000
    before = Store(connect(server.url), clock=lambda: long_ago_us)
    before.run(configuring.apply_configuration(store.keys, target, version))

    found = [check.found for check in store.run(examine()) if check.name == "hours"]
    sweeper = Sweeper(store.keys)
    while store.run(sweeper.sweep()).more:
        pass

    assert found
    assert "Office are known for" in found[0]
    assert not [check for check in store.run(examine()) if check.name == "hours"]


def test_the_doctor_warns_of_what_waits_for_agents_who_are_away_and_overflows_nowhere(store: Store) -> None:
    def away() -> list[str]:
        return [check.found for check in store.run(examine()) if check.name == "away"]

    for name in ("eve", "fay", "gil"):
        session = Session(store.keys, name, "w", f"here/{name}/1", lease_ms=60_000, auto_accept=True)
        store.run(session.sign_in(profile="BasicRoutingProfile"))
        for _ in range(2):
            store.run(producing.push(store.keys, NewContact(f"@{name}", "voice")))
        if name != "gil":
            store.run(session.sign_out())

    [told] = away()
    assert told.endswith("overflow nowhere: eve (2), fay (2)")
    eve, version = store.run(reading.object_in_force("agent", "eve"))
    store.run(configuring.put_object(store.keys, replace(eve, overflow="BasicQueue", overflow_after_s=60), version))
    assert away()[0].endswith("overflow nowhere: fay (2)")
    configuration, version = store.run(reading.configuration_in_force())
    whole = replace(configuration, agent_queue_overflow="BasicQueue", agent_queue_overflow_after_s=60)
    store.run(configuring.apply_configuration(store.keys, whole, version))
    assert away() == []


def test_the_doctor_names_an_intake_that_chooses_an_agent_without_a_way_out(store: Store) -> None:
    configuration, version = store.run(reading.configuration_in_force())
    ana = Agent("ana", "BasicRoutingProfile")
    door = Intake("Door", (), Choice("@ana"))
    store.run(configuring.apply_configuration(
        store.keys, replace(configuration, agents={"ana": ana}, intakes={"Door": door}), version
    ))  # fmt: skip

    told = [check.found for check in store.run(examine()) if check.name == "overflow"]

    assert [one.partition(":")[0] for one in told] == [
        "the default of intake 'Door' chooses the own queue of agent 'ana', which has no overflow"
    ]


def test_the_oldest_contacts_age_is_its_real_wait(store: Store) -> None:
    store.run(producing.push(store.keys, NewContact("BasicQueue", "email", age_adjustment_s=3_600)))

    state = next(state for state in store.run(take_snapshot()).queues if state.channel == "email")

    assert state.oldest_us < 3_000_000_000
