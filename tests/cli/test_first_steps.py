"""What a newcomer types first, and what is refused in one line."""

import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import REAL_SERVERS, RealServer, eventually
from raw import raw

from fairlead.domain.configuration import BASIC_PROFILE, fresh_configuration
from fairlead.service.producer import Producer
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.instances import default_profile, find_instances
from fairlead.store.transitions import configuring

ROOT = Path(__file__).parents[2]
COMMAND = str(Path(sys.executable).with_name("fairlead"))
BROKEN_ADDRESSES = [
    "redis://[::1",
    "redis://:secret@[::1",
    "redis://h:port",
    "redis://localhost?no=option",
    "redis://.a",
]
Fairlead = Callable[..., "subprocess.CompletedProcess[str]"]
Start = Callable[..., "subprocess.Popen[str]"]


def environment_of(server: RealServer) -> dict[str, str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("FAIRLEAD_")}
    return environment | {"FAIRLEAD_REDIS_URL": server.url, "COLUMNS": "200"}


@pytest.fixture
def fairlead(server: RealServer, tmp_path: Path) -> Fairlead:
    """Run the installed command in a folder of the test's own; `code`: with what it must end."""

    def run(*arguments: str, code: int = 0, typed: str = "", **more: str) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [COMMAND, *arguments], input=typed, capture_output=True, text=True, cwd=tmp_path, timeout=60,
            env=environment_of(server) | more,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


@pytest.fixture
def start(server: RealServer, tmp_path: Path) -> Iterator[Start]:
    """Start the installed command in a folder of the test's own; what still runs in the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [COMMAND, *arguments], stderr=subprocess.DEVNULL, text=True, cwd=tmp_path, env=environment_of(server)
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def real(server: RealServer) -> Store:
    store = Store(server.client())
    store.run(configuring.prepare_instance(store.keys))
    return store


def configure(store: Store) -> None:
    configuration, version = store.run(reading.configuration_in_force())
    store.run(configuring.apply_configuration(store.keys, configuration, version))


def test_an_unknown_agent_gets_the_basic_profile_until_somebody_configures(store: Store) -> None:
    store.run(configuring.prepare_instance(store.keys))
    before = store.run(default_profile())

    configure(store)

    assert before == BASIC_PROFILE
    assert store.run(default_profile()) == ""


def test_an_unknown_agent_works_at_once_on_a_fresh_instance(real: Store, start: Start) -> None:
    start("work", "--agent", "ana", "--handler", "echo")
    with Producer(Store(raw(real))) as producer:
        producer.push("BasicQueue", contact_id="c1")

        eventually(lambda: real.run(reading.contact("c1")).state == "completed")

        assert real.run(reading.agent_states(["ana"]))[0].profile == BASIC_PROFILE


def test_an_unknown_agent_sits_down_at_the_desk_of_a_fresh_instance(fairlead: Fairlead) -> None:
    done = fairlead("desk", "--agent", "ana", typed="show\nquit\n")

    assert "you are Available" in done.stdout


def test_once_configured_an_unknown_agent_is_refused_with_what_to_do(real: Store, fairlead: Fairlead) -> None:
    configure(real)

    working = fairlead("work", "--agent", "ana", "--handler", "echo", code=3)
    sitting = fairlead("desk", "--agent", "ana", code=3)

    assert "agent 'ana' is not known" in working.stderr
    assert "--profile" in working.stderr
    assert "--profile" in sitting.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--log-level", "trace"), "log level 'trace' does not exist: choose one of debug, info"),
        (("--lease", "1e400"), "--lease inf is not possible: give a number from 0.5 to 86,400"),
        (("--lease", "nan"), "--lease nan is not possible"),
        (("--drain-limit", "inf"), "--drain-limit inf is not possible"),
        (("--handler", ":x"), "':x' is not a handler: write package.module:function"),
        (("--handler", ".shop:x"), "'.shop:x' is not a handler"),
        (("--handler", "broken:x"), "handler 'broken:x' cannot be loaded: ZeroDivisionError at broken.py:1"),
        (("--handler", "exec:/nope"), "/nope does not exist, or is not executable"),
        (("--handler", "exec:./broken.py"), "./broken.py does not exist, or is not executable"),
        (("--handler", "sleep:nan"), "'nan' is not a number of seconds"),
        (("--agent", ""), "agent '' is not a valid name"),
        (("--profile", "two words"), "routing profile 'two words' is not a valid name"),
    ],
)
def test_what_a_worker_cannot_start_with_is_one_line(
    fairlead: Fairlead, tmp_path: Path, options: tuple[str, ...], says: str
) -> None:
    (tmp_path / "broken.py").write_text("1 / 0\n")
    given = dict([("--agent", "ana"), ("--handler", "echo"), options])

    refused = fairlead("work", *(part for pair in given.items() for part in pair), code=2).stderr

    assert says in refused
    assert len(refused.splitlines()) == 1


def test_what_a_desk_cannot_do_with_numbers_is_one_line(fairlead: Fairlead) -> None:
    lease = fairlead("desk", "--agent", "ana", "--lease", "nan", code=2).stderr
    wait = fairlead("desk", "--agent", "ana", typed="wait inf\n", code=2).stderr

    assert "--lease nan is not possible" in lease
    assert "wait inf is not possible" in wait
    assert len((lease + wait).splitlines()) == 2


@pytest.mark.parametrize("command", [("status",), ("work", "--agent", "ana", "--handler", "echo")])
def test_a_broken_address_of_the_environment_is_told_by_reading_and_working_commands(
    fairlead: Fairlead, command: tuple[str, ...]
) -> None:
    assert fairlead(*command, code=2, FAIRLEAD_REDIS_URL="redis://[::1").stderr


@pytest.mark.parametrize("address", BROKEN_ADDRESSES)
def test_an_address_that_cannot_be_one_is_told_in_one_line_without_its_password(
    fairlead: Fairlead, address: str
) -> None:
    refused = fairlead("status", "--redis", address, code=2).stderr

    assert refused.startswith("error: ")
    assert "Redis address" in refused
    assert len(refused.splitlines()) == 1
    assert "secret" not in refused


def test_a_handler_of_the_current_folder_is_found_beside_a_package_named_worker(
    real: Store, start: Start, tmp_path: Path
) -> None:
    (tmp_path / "worker").mkdir()
    (tmp_path / "worker" / "__init__.py").write_text("raise RuntimeError('somebody else')\n")
    (tmp_path / "shop.py").write_text("def answer(contact):\n    open('answered', 'w').close()\n")
    Producer(real).push("BasicQueue", contact_id="c1")

    start("work", "--agent", "ana", "--handler", "shop:answer")

    eventually(lambda: real.run(reading.contact("c1")).state == "completed")
    assert (tmp_path / "answered").exists()


LOGGED = """
import structlog
from fairlead_worker.logs import configure_logs
configure_logs("auto", "info")
structlog.get_logger().info("completed", duration_s=1.5, queue="Sales", agent="ana", contact="c1")
"""


def test_a_terminal_shows_time_event_contact_agent_and_queue_in_this_order() -> None:
    ours, theirs = pty.openpty()
    subprocess.run([sys.executable, "-c", LOGGED], stderr=theirs, check=True, env=os.environ | {"NO_COLOR": "1"})
    os.close(theirs)

    shown = os.read(ours, 10_000).decode()

    os.close(ours)
    words = ["completed", "contact", "c1", "agent", "ana", "queue", "Sales", "duration_s"]
    assert sorted(words, key=shown.index) == words


def test_a_pipe_gets_one_json_object_a_line() -> None:
    done = subprocess.run([sys.executable, "-c", LOGGED], stderr=subprocess.PIPE, text=True, check=True)

    assert done.stderr.startswith("{")
    assert done.stderr.endswith("}\n")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "command", [("status",), ("contacts", "list"), ("events",), ("export",), ("doctor",), ("agents", "sign-out", "ana")]
)
def test_a_misspelt_instance_is_refused_with_those_that_are_there(
    real: Store, fairlead: Fairlead, command: tuple[str, ...]
) -> None:
    by_option = fairlead(*command, "--instance", "typo", code=3).stderr
    by_environment = fairlead(*command, code=3, FAIRLEAD_INSTANCE="typo").stderr

    assert by_option == by_environment
    assert "no such instance 'typo'; there are fairlead;" in by_option
    assert real.run(find_instances()) == ["fairlead"]


def test_the_default_instance_is_shown_before_anything_was_done(fairlead: Fairlead) -> None:
    assert "BasicQueue" in fairlead("queues", "list").stdout


def test_applying_and_producing_make_an_instance(fairlead: Fairlead, server: RealServer) -> None:
    fairlead("apply", str(ROOT / "examples" / "bank.toml"), "--instance", "bank")
    fairlead("produce", "push", "BasicQueue", "--instance", "shop")

    assert Store(server.client()).run(find_instances()) == ["bank", "shop"]


def test_who_may_not_look_is_told_of_no_other_instance(tmp_path: Path) -> None:
    rules = tmp_path / "users.acl"
    rules.write_text("user default on nopass ~* +@all -scan\n")
    server = RealServer(REAL_SERVERS[0], tmp_path, "--aclfile", str(rules))
    try:
        assert Store(server.client()).run(find_instances()) == []
    finally:
        server.kill()


def test_a_file_that_cannot_be_written_is_told_in_one_line(fairlead: Fairlead) -> None:
    refused = fairlead("export", "/no/such/folder/file.toml", code=2).stderr

    assert refused == "error: /no/such/folder/file.toml: cannot be written: No such file or directory\n"


def test_a_home_that_cannot_be_used_is_told_with_what_to_do(fairlead: Fairlead, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    refused = fairlead("status", code=5, FAIRLEAD_REDIS_URL="", FAIRLEAD_HOME=str(tmp_path / "file")).stderr

    assert "set FAIRLEAD_HOME to a folder of your own" in refused
    assert len(refused.splitlines()) == 1


def test_a_dry_run_ends_as_applying_would(real: Store, fairlead: Fairlead) -> None:
    Producer(real).push("BasicQueue", contact_id="c1")
    file = str(ROOT / "examples" / "contact-centre.toml")

    tried = fairlead("apply", file, "--dry-run", code=4)
    applied = fairlead("apply", file, code=4)

    assert tried.stderr == applied.stderr
    assert "queue 'BasicQueue' cannot be removed" in tried.stderr
    assert "+ queue Sales" in tried.stdout
    assert real.run(reading.configuration_in_force())[1] == 1


def test_a_trial_changes_nothing(store: Store) -> None:
    store.run(configuring.prepare_instance(store.keys))
    before, version = store.run(reading.configuration_in_force())

    store.run(configuring.try_configuration(store.keys, fresh_configuration(), version))

    assert store.run(reading.configuration_in_force()) == (before, version)


@pytest.mark.parametrize(("answer", "version"), [("y", 2), ("n", 1)])
def test_applying_at_a_terminal_asks_first(real: Store, server: RealServer, answer: str, version: int) -> None:
    done = at_a_terminal(server, answer, "apply", str(ROOT / "examples" / "bank.toml"))

    assert "Apply this?" in done
    assert real.run(reading.configuration_in_force())[1] == version


def test_applying_at_a_terminal_with_yes_does_not_ask(real: Store, server: RealServer) -> None:
    done = at_a_terminal(server, "", "apply", str(ROOT / "examples" / "bank.toml"), "--yes")

    assert "Apply this?" not in done
    assert real.run(reading.configuration_in_force())[1] == 2


def at_a_terminal(server: RealServer, typed: str, *arguments: str) -> str:
    """What a command shows at a terminal at which something is typed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [COMMAND, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=environment_of(server)
    )
    os.close(theirs)
    os.write(ours, typed.encode() + b"\n")
    shown = b""
    try:
        while part := os.read(ours, 10_000):
            shown += part
    except OSError:
        pass  # Linux's way to say that the other end is closed
    process.wait(60)
    os.close(ours)
    return shown.decode()


EMBEDDED = """
import asyncio
from fairlead import AsyncProducer, Producer
producer = Producer.connect()
producer.push("BasicQueue", {"order": 1}, contact_id="c1")
async def main():
    async with await AsyncProducer.connect() as producer:
        await producer.push("BasicQueue", {"order": 2}, contact_id="c2")
asyncio.run(main())
import gc, time
gc.collect()
print(producer.push("BasicQueue").created, flush=True)
input()
producer.push("BasicQueue", {"order": 3}, contact_id="c3")
"""


def test_a_producer_without_an_address_shares_the_commands_embedded_server(fairlead: Fairlead, tmp_path: Path) -> None:
    home = {"FAIRLEAD_REDIS_URL": "", "FAIRLEAD_HOME": str(tmp_path / "home")}
    environment = {key: value for key, value in os.environ.items() if not key.startswith("FAIRLEAD_")} | home
    code = [sys.executable, "-c", EMBEDDED]
    with subprocess.Popen(
        code, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=tmp_path
    ) as producer:
        assert producer.stdout is not None
        assert producer.stdout.readline() == "True\n"

        fairlead("contacts", "show", "c2", **home)
        producer.communicate("\n", timeout=60)

    assert producer.returncode == 0
    fairlead("contacts", "show", "c3", **home)


def test_a_producer_takes_the_address_and_the_instance_of_the_environment(
    server: RealServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIRLEAD_REDIS_URL", server.url)
    monkeypatch.setenv("FAIRLEAD_INSTANCE", "shop")

    with Producer.connect() as producer:
        producer.push("BasicQueue", contact_id="c1")

    assert server.client().exists("{shop}:contact:c1")


@pytest.mark.parametrize("name", ["Producer.connect", "asyncio.run(AsyncProducer.connect"])
def test_a_producer_that_cannot_connect_says_so_without_what_lies_below(name: str) -> None:
    code = f"import asyncio\nfrom fairlead import *\n{name}('redis://127.0.0.1:1/0'){')' * name.count('(')}"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert "fairlead.errors.RedisUnreachable: no Redis answers at 127.0.0.1:1" in done.stderr.splitlines()[-1]
    assert "redis.exceptions" not in done.stderr
