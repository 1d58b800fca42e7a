"""A disk that is full keeps new contacts out, and costs none that was acknowledged."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import REAL_SERVERS, RealServer, eventually

from fairlead import errors
from fairlead.service.producer import Producer
from fairlead.store import reading
from fairlead.store.client import Store

PAYLOAD = "x" * 60_000
BALLAST = b"0" * 1_000_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system that has room for about a hundred payloads, some of it taken."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"NOT TESTED: no small file system can be made here: {mounted.stderr.decode().strip()}")
    (folder / "ballast").write_bytes(BALLAST)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


StartServer = Callable[[str], RealServer]


@pytest.fixture(params=REAL_SERVERS)
def start(small_disk: Path, request: pytest.FixtureRequest) -> Iterator[StartServer]:
    """Start a server that writes to the small disk, by `appendfsync`."""
    started: list[RealServer] = []

    def start(appendfsync: str) -> RealServer:
        options = ("--appendonly", "yes", "--appendfsync", appendfsync, "--auto-aof-rewrite-percentage", "0")
        started.append(RealServer(request.param, small_disk, *options))
        return started[-1]

    yield start
    for server in started:
        server.kill()


def fill(producer: Producer) -> tuple[list[str], errors.FairleadError]:
    """Push until it is refused. Returns what was acknowledged, and why no more was."""
    acknowledged: list[str] = []
    while True:
        contact_id = f"c{len(acknowledged)}"
        try:
            producer.push("BasicQueue", PAYLOAD, channel="chat", contact_id=contact_id)
        except errors.FairleadError as refusal:
            return acknowledged, refusal
        acknowledged.append(contact_id)
        assert len(acknowledged) < 1_000


def pushes_again(producer: Producer) -> bool:
    with suppress(errors.RedisCannotSave):
        producer.push("BasicQueue", contact_id="last")
        return True
    return False


def waiting(server: RealServer) -> set[str]:
    return set(Store(server.client()).run(reading.open_ids()))


def test_a_full_disk_is_told_and_what_was_acknowledged_is_kept(start: StartServer, small_disk: Path) -> None:
    server = start("everysec")
    with Producer.connect(server.url) as producer:
        acknowledged, refusal = fill(producer)
        assert isinstance(refusal, errors.RedisCannotSave)
        assert waiting(server) >= set(acknowledged)

        (small_disk / "ballast").unlink()
        eventually(lambda: pushes_again(producer))

    eventually(lambda: not server.client().info("persistence")["aof_buffer_length"])
    server.kill()
    server.start()
    assert waiting(server) == {*acknowledged, "last"}


def test_a_server_that_always_syncs_ends_on_a_full_disk_and_has_kept_what_was_acknowledged(
    start: StartServer, small_disk: Path
) -> None:
    server = start("always")
    with Producer.connect(server.url) as producer:
        acknowledged, refusal = fill(producer)
    assert isinstance(refusal, errors.RedisError)
    server.process.wait(60)

    (small_disk / "ballast").unlink()
    server.start()

    assert waiting(server) >= set(acknowledged)
