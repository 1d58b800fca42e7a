"""The files for a deployment: Redis takes the users, and each user can do its work and nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest
import redis
import yaml
from conftest import REAL_SERVERS, RealServer, eventually

from fairlead.domain.measures import total
from fairlead.monitor.snapshot import take_snapshot
from fairlead.producer import Producer
from fairlead.store.client import Store
from fairlead.store.connection import connect
from fairlead.store.reading import read_contact
from fairlead.store.scripts import commands
from fairlead.store.transitions import administering

ROOT = Path(__file__).parents[2]


class GuardedServer(RealServer):
    """A server on which nobody may do anything without a user's password."""

    def client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket), username="admin", password="change-admin")

    def url_of(self, user: str) -> str:
        return f"unix://{user}:change-{user}@{self.socket}"


def test_each_user_does_its_work_and_nothing_else(tmp_path: Path) -> None:
    server = GuardedServer(REAL_SERVERS[0], tmp_path, "--aclfile", str(ROOT / "deploy" / "redis" / "users.acl"))
    try:
        admin = Store(server.client())
        admin.run(administering.prepare_instance(admin.keys))
        _produce_work_and_watch(server, admin)
        for user in ("producer", "worker", "monitor"):
            with pytest.raises(redis.exceptions.NoPermissionError):
                connect(server.url_of(user)).flushall()
        with pytest.raises(redis.exceptions.NoPermissionError):
            connect(server.url_of("monitor")).get("elsewhere")
        with pytest.raises(redis.exceptions.NoPermissionError):
            connect(server.url_of("monitor")).delete(admin.keys.events)
    finally:
        server.kill()


def test_producers_and_workers_may_run_every_command_of_the_scripts() -> None:
    rights = (ROOT / "deploy" / "redis" / "users.acl").read_text().splitlines()

    for user in ("producer", "worker"):
        line = next(line for line in rights if line.startswith(f"user {user} "))
        assert {"+" + command.lower() for command in commands()} <= set(line.split())


def _produce_work_and_watch(server: GuardedServer, admin: Store) -> None:
    command = [sys.executable, "-m", "fairlead.cli.main", "work", "--agent", "ana", "--handler", "echo"]
    command += ["--redis", server.url_of("worker"), "--profile", "BasicRoutingProfile"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as worker:
        producer = Producer(Store(connect(server.url_of("producer"))))
        producer.push("BasicQueue", {"a": 1}, contact_id="c1")
        eventually(lambda: read_contact(admin, "c1").state == "completed")
        assert total(take_snapshot(Store(connect(server.url_of("monitor")))).queues[0].totals, "h") == 1
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


def test_the_library_imports_from_its_wheel_without_the_sources(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    wheel = next(tmp_path.glob("*.whl"))
    code = (
        "import fairlead, sys; from fairlead.store.scripts import load; load('push_contact'); print(fairlead.__file__)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": str(wheel)}
    )

    assert str(wheel) in done.stdout, done.stderr
