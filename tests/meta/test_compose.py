"""docker-compose.yml, by what can be tried of it without Docker: its commands are run as they stand there."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml
from commands import Run
from conftest import RealServer, eventually
from processes import is_signed_in, without_settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from fairlead.service.administrator import Administrator
from fairlead.store.client import Store
from fairlead.store.transitions import configuring

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
START = ROOT / "deploy" / "redis" / "start.sh"
USERS = re.findall(r"^user (\w+) on >", (ROOT / "deploy" / "redis" / "users.acl").read_text(), re.MULTILINE)
RUNS_ONCE = {"setup", "tokens"}
PASSWORDS = {f"{user.upper()}_PASSWORD": f"new-{user}_1" for user in USERS}


def test_each_service_has_limits_and_says_whether_it_is_well() -> None:
    for name, service in SERVICES.items():
        limits = service["deploy"]["resources"]["limits"]
        assert limits.keys() == {"cpus", "memory"}, name
        assert service["healthcheck"].get("disable", False) == (name in RUNS_ONCE), name
        assert (service["restart"] == "no") == (name in RUNS_ONCE | {"producer"}), name


def test_what_the_compose_file_is_to_be_told_stands_in_one_example() -> None:
    asked = set(re.findall(r"\$\{(\w+)", TEXT))
    lines = (ROOT / "deploy" / "env.example").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if "=" in line)

    assert asked == given.keys()
    assert given.items() >= {f"{user.upper()}_PASSWORD": f"change-{user}" for user in USERS}.items()


class Started:
    """The server of the compose file, started as it says, in folders of this test."""

    def __init__(self, folder: Path, passwords: Mapping[str, str]) -> None:
        self.socket = folder / "redis.sock"
        words = ["--port", "0", "--unixsocket", str(self.socket), "--dir", str(folder)]
        settings = {**os.environ, **passwords, "USERS_FILE": str(folder / "users.acl")}
        with (folder / "server.log").open("wb") as log:
            self.process = subprocess.Popen(["sh", str(START), *words], env=settings, stdout=log, stderr=log)

    def url_of(self, user: str) -> str:
        return f"unix://{user}:{PASSWORDS[f'{user.upper()}_PASSWORD']}@{self.socket}"

    def answers(self, user: str, password: str) -> bool:
        client = redis.Redis(
            unix_socket_path=str(self.socket), username=user, password=password, retry=Retry(NoBackoff(), 0)
        )  # fmt: skip
        try:
            return bool(client.ping())
        except redis.AuthenticationError:
            return False
        finally:
            client.close()


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    if not shutil.which("redis-server"):
        pytest.skip("NOT TESTED: no redis-server here, which the file starts")
    before = (START.parent / "users.acl").read_bytes()
    one = Started(tmp_path, PASSWORDS)
    eventually(one.socket.exists)
    yield one
    one.process.terminate()
    one.process.wait()
    assert (START.parent / "users.acl").read_bytes() == before


def test_a_password_is_changed_in_one_place(started: Started) -> None:
    for user in USERS:
        assert started.answers(user, PASSWORDS[f"{user.upper()}_PASSWORD"]), user
        assert not started.answers(user, f"change-{user}"), user


def test_a_password_that_could_not_stand_in_an_address_is_refused(tmp_path: Path) -> None:
    server = Started(tmp_path, {"WORKER_PASSWORD": "a/b@c"})

    assert server.process.wait(10) == 2
    assert "WORKER_PASSWORD: a password here has letters" in (tmp_path / "server.log").read_text()


def run_as(service: str, url: str, words: list[str], **settings: str) -> "subprocess.Popen[bytes]":
    """Run a command of a service, which finds `fairlead` and `python` as in the image."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    given = without_settings() | {"PATH": path, "FAIRLEAD_REDIS_URL": url} | settings
    return subprocess.Popen(words, env=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def is_well(service: str, url: str) -> bool:
    kind, *words = SERVICES[service]["healthcheck"]["test"]
    assert kind == "CMD"
    return run_as(service, url, words).wait(60) == 0


def user_of(service: str) -> str:
    found = re.match(r"redis://(\w+):", SERVICES[service]["environment"]["FAIRLEAD_REDIS_URL"])
    assert found
    return found[1]


def test_replicas_of_a_worker_are_there_side_by_side_and_say_so(started: Started) -> None:
    admin = Store(redis.Redis.from_url(started.url_of("admin")))
    apply = [word.replace("/configuration.toml", str(ROOT / "examples/contact-centre.toml"))
             for word in SERVICES["setup"]["command"]]  # fmt: skip
    assert run_as("setup", started.url_of("admin"), ["fairlead", *apply]).wait(60) == 0
    bots, url = SERVICES["worker-bots"], started.url_of(user_of("worker-bots"))
    [command] = [word.replace("$$", "$") for word in bots["command"]]
    assert not is_well("worker-front", url)

    workers = [run_as("worker-bots", url, [*bots["entrypoint"], command], HOSTNAME=name) for name in ("one", "two")]
    workers.append(run_as("worker-front", url, ["fairlead", *SERVICES["worker-front"]["command"]]))
    try:
        eventually(lambda: all(is_signed_in(admin, agent) for agent in ("bot-one", "bot-two", "ana")))
        assert [worker.poll() for worker in workers] == [None, None, None]
        assert is_well("worker-front", url)
        assert not is_well("worker-help", url)
    finally:
        for worker in workers:
            worker.terminate()
            worker.wait()


def test_whoever_finds_the_instance_is_well_whatever_its_user_may(started: Started) -> None:
    store = Store(redis.Redis.from_url(started.url_of("admin")))
    store.run(configuring.prepare_instance(store.keys))
    services = ["producer", "worker-bots", "webhooks-relay", "webhooks-deliver"]

    assert {name: is_well(name, started.url_of(user_of(name))) for name in services} == dict.fromkeys(services, True)
    assert not is_well("producer", "unix:///nowhere/redis.sock")


def test_the_example_is_the_first_configuration_and_no_later_one(server: RealServer, run: Run) -> None:
    example = str(ROOT / "examples" / "contact-centre.toml")
    first = run(server.url, "apply", "--first", example)
    with Administrator.connect(server.url) as administrator:
        administrator.set_queue_enabled("Sales", False)
        changed = administrator.configuration()

    second = run(server.url, "apply", "--first", example)
    as_json = run(server.url, "apply", "--first", "--json", example)

    assert (first.code, second.code, as_json.code) == (0, 0, 0)
    assert "somebody has configured it" in second.out
    assert json.loads(as_json.out)["applied"] is False
    with Administrator.connect(server.url) as administrator:
        assert administrator.configuration() == changed
