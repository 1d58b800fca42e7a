"""The board for Grafana and the rules for Prometheus: a real Prometheus takes them, and they ask for what there is."""

import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from conftest import RealServer, eventually
from fairlead_web.metrics import age, exposition
from processes import push, without_settings
from prometheus_client.parser import text_string_to_metric_families

from fairlead import Agent, Producer
from fairlead.service.snapshot import take_snapshot
from fairlead.store.client import Store
from fairlead.store.transitions import configuring

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = yaml.safe_load((DEPLOY / "prometheus" / "fairlead.rules.yml").read_text())
BOARD = json.loads((DEPLOY / "grafana" / "fairlead.json").read_text())
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
VARIABLES = {"$job": ".+", "$queue": ".*", "$channel": ".*", "$threshold": "20", "$__rate_interval": "1m"}


def rules() -> list[dict[str, Any]]:
    return [rule for group in RULES["groups"] for rule in group["rules"]]


def asked_by_the_board() -> list[str]:
    """What its panels and annotations ask, as Grafana asks it."""
    asked = [target["expr"] for panel in PANELS for target in panel["targets"]]
    asked += [one["expr"] for one in BOARD["annotations"]["list"]]
    for name, value in VARIABLES.items():
        asked = [one.replace(name, value) for one in asked]
    return asked


def tool(name: str) -> str:
    found = shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not installed (apt-get install -y --no-install-recommends prometheus)")
    return found


def test_promtool_takes_the_rules_and_each_alert_goes_off_when_it_should_and_not_else(tmp_path: Path) -> None:
    shutil.copytree(DEPLOY / "prometheus", tmp_path, dirs_exist_ok=True)
    (tmp_path / "fairlead.token").write_text("t")

    for command in (
        ("check", "config", "prometheus.yml"), ("check", "rules", "fairlead.rules.yml"),
        ("test", "rules", "fairlead.rules.test.yml"),
    ):  # fmt: skip
        done = subprocess.run([tool("promtool"), *command], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_tried_with_numbers_and_says_whom_it_concerns_and_what_to_do() -> None:
    tried = yaml.safe_load((DEPLOY / "prometheus" / "fairlead.rules.test.yml").read_text())["tests"]
    alerts = {rule["alert"]: rule for rule in rules() if "alert" in rule}

    quiet = {one["alertname"] for one in tried[0]["alert_rule_test"]}
    firing = " ".join(one["labels"] for one in tried[1]["promql_expr_test"][0]["exp_samples"])

    assert quiet == alerts.keys() == set(re.findall(r'alertname="(\w+)"', firing))
    assert {rule["labels"]["severity"] for rule in alerts.values()} == {"page", "ticket", "info"}
    assert all(rule["annotations"].keys() == {"summary", "description"} for rule in alerts.values())


def test_board_and_rules_ask_for_metrics_that_there_are(store: Store) -> None:
    store.run(configuring.prepare_instance(store.keys))
    push(store, "c")
    shown = {
        sample.name: family.type
        for family in text_string_to_metric_families(exposition(store.run(take_snapshot())) + age(0))
        for sample in family.samples
    }
    recorded = {rule["record"]: "gauge" for rule in rules() if "record" in rule}
    asked = [*asked_by_the_board(), *(rule["expr"] for rule in rules())]

    named = {name for one in asked for name in re.findall(r"\b(?:fairlead_\w+|fairlead:\w+:\w+)", one)}
    counted = {name for one in asked for name in re.findall(r"(?:rate|increase)\((fairlead_\w+)", one)}

    assert named - shown.keys() - recorded.keys() == set()
    assert len(named) > 25
    assert {shown[name] for name in counted} == {"counter", "histogram"}
    assert {name for name, kind in shown.items() if kind in ("counter", "histogram")} & named == counted


def test_the_panels_of_the_board_stand_beside_each_other_and_say_what_they_show() -> None:
    places = [panel["gridPos"] for panel in BOARD["panels"]]
    cells = [
        (x, y) for at in places for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])
    ]

    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
    assert all(panel["title"] and panel["description"] for panel in PANELS)
    known = {f"${one['name']}" for one in BOARD["templating"]["list"]} | {"$__rate_interval"}
    assert (
        set(re.findall(r"\$\w+", " ".join(target["expr"] for panel in PANELS for target in panel["targets"]))) <= known
    )
    assert {panel["datasource"]["uid"] for panel in PANELS} == {"${datasource}"}


class Prometheus:
    """A real one, which watches `fairlead monitor`."""

    def __init__(self, folder: Path, target: str) -> None:
        shutil.copytree(DEPLOY / "prometheus", folder, dirs_exist_ok=True)
        config = yaml.safe_load((folder / "prometheus.yml").read_text())
        config["global"] = {"scrape_interval": "500ms", "evaluation_interval": "500ms"}
        [job] = config["scrape_configs"]
        job["static_configs"] = [{"targets": [target]}]
        (folder / "fairlead.token").write_text("secret")
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [tool("prometheus"), "--config.file=prometheus.yml", "--storage.tsdb.path=data",
                 f"--web.listen-address={self.address}"], cwd=folder, stdout=log, stderr=log,
            )  # fmt: skip

    def ask(self, what: str) -> list[Any]:
        try:
            told = httpx.get(f"http://{self.address}/api/v1/query", params={"query": what})
        except httpx.TransportError:  # it begins
            return []
        if told.status_code == httpx.codes.SERVICE_UNAVAILABLE:  # it reads its store yet
            return []
        answer = told.json()
        assert answer["status"] == "success", (what, answer)
        return list(answer["data"]["result"])


@pytest.fixture
def prometheus(server: RealServer, tmp_path: Path) -> Iterator[Prometheus]:
    command = [sys.executable, "-m", "fairlead.cli.main", "monitor", "--port", "0", "--redis", server.url]
    environment = without_settings() | {"FAIRLEAD_MONITOR_TOKEN": "secret"}
    tool("prometheus")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as monitor:
        assert monitor.stdout
        found = Prometheus(tmp_path, monitor.stdout.readline().split("/")[2])
        yield found
        for process in (found.process, monitor):
            process.terminate()
            process.wait()


def test_a_real_prometheus_has_an_answer_to_whatever_the_board_asks(server: RealServer, prometheus: Prometheus) -> None:
    with Producer.connect(server.url) as producer, Agent.connect("ana", server.url) as agent:
        agent.sign_in(profile="BasicRoutingProfile")
        producer.push("BasicQueue")
        eventually(lambda: prometheus.ask("max_over_time(fairlead_contacts_in_queue[1m]) > 0"))
        [offer] = agent.take().offers
        agent.accept(offer)
        agent.complete([offer])
        eventually(lambda: prometheus.ask("increase(fairlead_contacts_completed_total[1m]) > 0"))
        eventually(lambda: prometheus.ask("fairlead:service_level:ratio30m"))

    silent = {one for one in asked_by_the_board() if not prometheus.ask(one)}

    assert [one for one in silent if "changes(" not in one] == []
    assert prometheus.ask("ALERTS{severity='page'}") == []
