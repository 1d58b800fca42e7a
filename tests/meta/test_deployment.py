"""The files for a deployment: Redis takes the users, and each user can do its work and nothing else."""

import configparser
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
import yaml
from commands import READING, Run
from conftest import REAL_SERVERS, eventually
from deployed import ROOT, DeployedServer
from fairlead_web.api.app import make_app
from fairlead_web.api.site import Site
from fairlead_web.metrics import age, exposition
from fairlead_web.webhooks.delivering import LIMIT_S
from fairlead_worker.shift import SIGN_OUT_LIMIT_S
from fairlead_worker.stopping import GRACE_S
from fairlead_worker.worker import DRAIN_LIMIT_S
from prometheus_client.parser import text_string_to_metric_families

from fairlead.domain.measures import total
from fairlead.errors import RedisRefused
from fairlead.server.connection import connect
from fairlead.service.gateway import AsyncGateway
from fairlead.service.opening import find_instance
from fairlead.service.producer import Producer
from fairlead.service.snapshot import take_snapshot
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.keys import FAMILIES, LAYOUT
from fairlead.store.sources import commands
from fairlead.store.transitions import configuring

UNITS = sorted(path.name for path in (ROOT / "deploy" / "systemd").iterdir())


@pytest.fixture(params=REAL_SERVERS)
def deployed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DeployedServer]:
    server = DeployedServer(request.param, tmp_path)
    yield server
    server.kill()


def test_each_user_does_its_work_and_nothing_else(deployed: DeployedServer) -> None:
    admin = Store(deployed.client())
    admin.run(configuring.prepare_instance(admin.keys))

    _produce_work_and_watch(deployed, admin)


NOTHING = "redis.register_function('nothing', function() return 1 end)"
TRIED: dict[str, tuple[str | int, ...]] = {
    "read the configuration": ("HGETALL", "{fairlead}:queue:Sales"),
    "read contacts": ("HGETALL", "{fairlead}:contact:c1"),
    "read the state of agents": ("HGETALL", "{fairlead}:agent:ana"),
    "read events": ("XRANGE", "{fairlead}:events", "-", "+"),
    "read measures": ("HGETALL", "{fairlead}:totals"),
    "read payloads": ("HGETALL", "{fairlead}:payloads"),
    "read secrets of webhooks": ("HGETALL", "{fairlead}:webhook:w"),
    "read what was delivered to a webhook": ("XREVRANGE", "{fairlead}:deliveries:w", "+", "-"),
    "hand an event on for delivery": ("RPUSH", "rq:queue:fairlead-webhooks-fairlead", "wh-1"),
    "take a delivery": ("LMOVE", "rq:queue:fairlead-webhooks-fairlead", "rq:queue:taken", "LEFT", "RIGHT"),
    "read other jobs of RQ": ("HGETALL", "rq:job:other"),
    "read offers on their way to a worker": ("LRANGE", "{fairlead}:inbox:w", 0, 1),
    "take offers on their way to a worker": ("BLPOP", "{fairlead}:inbox:w", "0.001"),
    "look through the names of keys": ("SCAN", 0),
    "run transitions of contacts": ("EVAL", "return redis.call('EXISTS', KEYS[1])", 1, "{fairlead}:contact:c1"),
    "write any key of the instance, past the rules": ("EVAL", "return redis.call('DEL', KEYS[1])", 1, "{fairlead}:x"),
    "read or write another instance": ("EXISTS", "{other}:instance"),
    "end other connections": ("CLIENT", "KILL", "ID", "999999"),
    "see other connections, and slow commands": ("CLIENT", "LIST"),
    "change settings of the server": ("CONFIG", "SET", "maxmemory", "0"),
    "load code that others run": ("FUNCTION", "LOAD", f"#!lua name=nothing\n{NOTHING}"),
    "change users": ("ACL", "SETUSER", "nobody"),
    "delete everything": ("FLUSHALL",),
}
"""What the page on deployment says that users may or may not do, each as a command that needs the right."""


def test_each_user_may_do_what_the_page_on_deployment_says(deployed: DeployedServer) -> None:
    page = (ROOT / "docs" / "deployment.md").read_text()
    header, _, *rows = page[page.index("| may | ") :].partition("\n\n")[0].splitlines()
    users = [cell.strip(" `") for cell in header.strip("|").split("|")[1:]]
    told = {
        (cells[0].strip(), user): cell.strip()
        for cells in (row.strip("|").split("|") for row in rows)
        for user, cell in zip(users, cells[1:], strict=True)
    }

    found = {
        (what, user): "yes" if _may(deployed.url_of(user), command) else "-"
        for what, command in TRIED.items()
        for user in users
    }

    assert users == ["admin", "worker", "web", "producer", "relay", "deliver", "monitor"]
    assert told == found


def _may(url: str, command: tuple[str | int, ...]) -> bool:
    with connect(url) as client:
        try:
            client.execute_command(*command)
        except redis.exceptions.NoPermissionError:
            return False
        except redis.ResponseError as refusal:
            return "No such client" in str(refusal)
        return True


def test_the_monitor_may_read_every_family_but_those_with_payloads_and_secrets(deployed: DeployedServer) -> None:
    monitor = connect(deployed.url_of("monitor"))

    refused = set()
    for family in FAMILIES:
        for key in (f"{{fairlead}}:{family}", f"{{fairlead}}:{family}:x"):
            try:
                monitor.exists(key)
            except redis.exceptions.NoPermissionError:
                refused.add(family)

    assert refused == {"payloads", "inbox", "tokens", "webhooks", "webhook"}


@pytest.mark.parametrize(("user", "lacks"), [("worker", "-hset"), ("producer", "-zadd"), ("worker", "resetkeys")])
def test_who_lacks_a_right_is_told_before_anything_is_begun(deployed: DeployedServer, user: str, lacks: str) -> None:
    deployed.client().execute_command("ACL", "SETUSER", user, lacks, "~{fairlead}:instance")

    for _ in range(2):
        with pytest.raises(RedisRefused, match=r"the right to run (HSET|ZADD).*deploy/redis/users.acl"):
            find_instance(deployed.url_of(user), None, makes_instance=True)
        assert deployed.client().keys() in ([], [b"{fairlead}:instance"])
        deployed.client().hset("{fairlead}:instance", mapping={"version": 1, "layout": LAYOUT})


def test_nobody_logs_in_as_the_default_user(deployed: DeployedServer) -> None:
    for login in ("", ":@", "default:@", "default:change-default@"):
        with pytest.raises(redis.exceptions.AuthenticationError):
            connect(f"unix://{login}{deployed.socket}").ping()


@pytest.mark.parametrize("stop", [DeployedServer.end, DeployedServer.kill], ids=["ended", "killed"])
def test_a_deployment_keeps_its_configuration_and_contacts_when_redis_is_started_again(
    deployed: DeployedServer, run: Run, stop: Callable[[DeployedServer], None]
) -> None:
    run(deployed.url_of("admin"), "apply", str(ROOT / "examples" / "contact-centre.toml"))
    for number in range(3):
        run(deployed.url_of("producer"), "produce", "push", "Sales", "--id", f"c{number}", "--payload", '{"a": 1}')
    before = _seen(deployed, run)

    deployed.settle()
    stop(deployed)
    deployed.start()

    assert before["contacts"] == ["c0", "c1", "c2"]
    assert _seen(deployed, run) == before
    assert "refus" not in run(deployed.url_of("monitor"), "doctor").out
    assert run(deployed.url_of("producer"), "produce", "push", "Sales", "--id", "c1", "--payload", '{"a": 1}').code == 0


def _seen(server: DeployedServer, run: Run) -> dict[str, Any]:
    """What the monitor's user finds."""
    url, admin = server.url_of("monitor"), server.url_of("admin")
    contacts = json.loads(run(url, "contacts", "list", "--json").out)
    return {
        "contacts": [contact["contact_id"] for contact in contacts],
        "configuration": run(url, "export").out,
        "payload": json.loads(run(admin, "contacts", "show", "c2", "--payload", "--json").out)["payload"],
        "version": json.loads(run(url, "status", "--json").out)["configuration_version"],
        "events": run(url, "events", "--json").out,
    }


def test_every_user_may_run_every_command_that_looks(deployed: DeployedServer, run: Run) -> None:
    run(deployed.url_of("admin"), "apply", str(ROOT / "examples" / "contact-centre.toml"))
    run(deployed.url_of("admin"), "produce", "push", "Sales", "--id", "c1")

    for user in ("producer", "worker", "monitor"):
        for command in READING:
            done = run(deployed.url_of(user), *command)
            if user == "monitor" and "--payload" in command:
                assert done.code == RedisRefused.exit_code
                continue
            assert (done.code, done.err) == (0, ""), (user, command, done)
            assert "not examined" not in done.out


def test_the_doctor_tells_that_the_append_only_file_would_not_be_replayed(deployed: DeployedServer, run: Run) -> None:
    run(deployed.url_of("admin"), "status")
    whole = run(deployed.url_of("monitor"), "doctor")
    deployed.client().execute_command("ACL", "SETUSER", "default", "-@all")
    bare = run(deployed.url_of("monitor"), "doctor")
    deployed.client().execute_command("ACL", "SETUSER", "monitor", "-acl")
    unknown = run(deployed.url_of("monitor"), "doctor")

    assert "user default has the rights to replay" in whole.out
    assert bare.code == 1
    assert "user default may not DEL" in bare.out
    assert "ACL SETUSER default off ~* &* +@all" in bare.out
    assert "not examined: this user may not ask for the rights of `default`" in unknown.out


async def test_the_server_for_http_does_its_work_with_a_user_of_its_own(deployed: DeployedServer) -> None:
    admin = Store(deployed.client())
    admin.run(configuring.prepare_instance(admin.keys))
    async with await AsyncGateway.connect(deployed.url_of("web"), "fairlead") as gateway:
        site = Site(gateway)
        transport = httpx.ASGITransport(make_app(site))
        async with site.working(), httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            asked = [
                await http.get("/readyz"),
                await http.put("/v1/queues/Q", json={}, headers={"If-None-Match": "*"}),
                await http.put("/v1/contacts/c1", json={"queue": "Q"}),
                await http.get("/v1/contacts"),
                await http.get("/v1/contacts/c1/explanation"),
                await http.post("/v1/agents/ana/session", json={"profile": "BasicRoutingProfile"}),
                await http.get("/v1/measures/current"),
                await http.get("/v1/events"),
            ]
        _, token = await gateway.create_token(["admin"])
        assert await gateway.has_all_events()

    assert [one.text for one in asked if one.status_code not in (200, 201)] == []
    assert token


@pytest.mark.parametrize("user", ["producer", "worker", "web", "monitor"])
def test_every_user_may_ask_whether_the_server_serves(deployed: DeployedServer, user: str) -> None:
    Store(deployed.client()).run(configuring.prepare_instance(Store(deployed.client()).keys))

    assert Store(connect(deployed.url_of(user))).run(reading.version())


def test_producers_and_workers_may_run_every_command_of_the_scripts() -> None:
    rights = (ROOT / "deploy" / "redis" / "users.acl").read_text().splitlines()

    for user in ("producer", "worker", "web"):
        line = next(line for line in rights if line.startswith(f"user {user} "))
        assert {"+" + command.lower() for command in commands()} <= set(line.split())


def unit(name: str) -> configparser.ConfigParser:
    """A systemd unit; a setting that is given twice is an error."""
    parser = configparser.ConfigParser(interpolation=None, comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names of settings keep their case
    parser.read_string((ROOT / "deploy" / "systemd" / name).read_text())
    return parser


@pytest.mark.parametrize("name", UNITS)
def test_every_unit_runs_a_command_that_there_is_without_rights_that_it_does_not_need(name: str) -> None:
    service = unit(name)["Service"]

    program, *words = service["ExecStart"].split()
    command = list(takewhile(lambda word: not word.startswith(("-", "$")), words))
    options = words[len(command) :]
    asked = subprocess.run(
        [sys.executable, "-m", "fairlead.cli.main", *command, "--help"], capture_output=True, text=True
    )
    told = asked.stdout

    assert asked.returncode == 0
    assert program == "/opt/fairlead/bin/fairlead"
    assert [option for option in options if option.startswith("--") and option not in told] == []
    assert service["Type"] == "exec"
    assert service["NoNewPrivileges"] == "yes"
    assert (service["CapabilityBoundingSet"], service["ProtectSystem"]) == ("", "strict")


def test_systemd_waits_longer_than_a_worker_takes_to_stop() -> None:
    waits_s = float(unit("fairlead-worker@.service")["Service"]["TimeoutStopSec"])

    assert waits_s > DRAIN_LIMIT_S + SIGN_OUT_LIMIT_S + GRACE_S


def test_systemd_and_compose_wait_longer_than_a_delivery_takes() -> None:
    waits_s = float(unit("fairlead-webhooks-deliver@.service")["Service"]["TimeoutStopSec"])
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["webhooks-deliver"]

    assert waits_s == float(compose["stop_grace_period"].rstrip("s")) > LIMIT_S


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
@pytest.mark.parametrize("name", UNITS)
def test_systemd_takes_every_unit(name: str, tmp_path: Path) -> None:
    text = (ROOT / "deploy" / "systemd" / name).read_text().replace("/opt/fairlead/bin/fairlead", sys.executable)
    (tmp_path / name).write_text(text)

    done = subprocess.run(["systemd-analyze", "verify", str(tmp_path / name)], capture_output=True, text=True)

    assert [line for line in done.stderr.splitlines() if name.partition("@")[0] in line] == []


def test_every_metric_that_the_page_on_deployment_names_is_shown(store: Store) -> None:
    page = (ROOT / "docs" / "deployment.md").read_text()
    store.run(configuring.prepare_instance(store.keys))

    shown = {
        name
        for family in text_string_to_metric_families(exposition(store.run(take_snapshot())) + age(0))
        for name in (family.name, f"{family.name}_total")
    }
    named = set(re.findall(r"`(fairlead_[a-z_]+)", page))

    assert len(named) > 20
    assert named - shown == set()


def _produce_work_and_watch(server: DeployedServer, admin: Store) -> None:
    command = [sys.executable, "-m", "fairlead.cli.main", "work", "--agent", "ana", "--handler", "echo"]
    command += ["--redis", server.url_of("worker"), "--profile", "BasicRoutingProfile"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as worker:
        producer = Producer(Store(connect(server.url_of("producer"))))
        producer.push("BasicQueue", {"a": 1}, contact_id="c1")
        eventually(lambda: admin.run(reading.contact("c1")).state == "completed")
        assert total(Store(connect(server.url_of("monitor"))).run(take_snapshot()).queues[0].totals, "h") == 1
        worker.terminate()
        assert worker.wait(60) == 0


def test_the_compose_file_has_redis_two_workers_a_producer_and_the_monitor() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]

    workers = [name for name, service in services.items() if service["command"][0] == "work"]

    assert {"redis", "producer", "monitor"} <= services.keys()
    assert len(workers) >= 2
    assert "healthcheck" in services["redis"]
    assert "healthcheck" in services["monitor"]


def test_the_compose_file_obeys_the_official_schema() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]

    done = subprocess.run([*command, str(ROOT / "docker-compose.yml")], capture_output=True, text=True)

    assert done.returncode == 0, done.stdout
