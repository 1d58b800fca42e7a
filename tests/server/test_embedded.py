"""The embedded server: found, shared, kept between runs, and gone when nobody uses it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import redis
from conftest import eventually

from fairlead.errors import EmbeddedUnavailable
from fairlead.server import embedded
from fairlead.server.embedded import EmbeddedRedis

USER = """
import sys
from pathlib import Path
from fairlead.server.embedded import EmbeddedRedis
used = EmbeddedRedis(Path(sys.argv[1]))
print(used.url, flush=True)
sys.stdin.read()
"""


def start_user(home: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", USER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def answers(url: str) -> bool:
    try:
        return bool(redis.Redis(unix_socket_path=url.removeprefix("unix://")).ping())
    except redis.RedisError:
        return False


def test_what_it_holds_is_kept_between_runs(tmp_path: Path) -> None:
    first = EmbeddedRedis(tmp_path)
    client = redis.Redis(unix_socket_path=str(first.socket))
    client.set("kept", "yes")
    client.close()
    first.close()
    eventually(lambda: not answers(first.url))

    second = EmbeddedRedis(tmp_path)

    assert redis.Redis(unix_socket_path=str(second.socket)).get("kept") == b"yes"
    second.close()
    eventually(lambda: not answers(second.url))


def test_processes_that_start_at_once_share_one_server_which_outlives_its_starter(tmp_path: Path) -> None:
    users = [start_user(tmp_path) for _ in range(3)]
    urls = {user.stdout.readline().strip() for user in users if user.stdout}
    assert len(urls) == 1
    url = urls.pop()

    for user in users[:2]:
        user.send_signal(signal.SIGKILL)
        user.wait()
    assert answers(url)

    users[2].kill()
    users[2].wait()
    eventually(lambda: not answers(url))
    for user in users:
        assert user.stdin is not None
        assert user.stdout is not None
        user.stdin.close()
        user.stdout.close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("whose", ["server", "keeper"])
def test_whatever_ends_it_it_starts_again_with_what_it_held_while_somebody_uses_it(
    tmp_path: Path, whose: str, number: signal.Signals
) -> None:
    used, user = EmbeddedRedis(tmp_path), start_user(tmp_path)
    assert user.stdin
    assert user.stdout
    user.stdout.readline()
    with redis.Redis(unix_socket_path=str(used.socket)) as client:
        for at in range(2):
            client.set("kept", at)
            [server] = [int(client.info("server")["process_id"])]
            keeper = int(Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[1])
            os.kill({"server": server, "keeper": keeper}[whose], number)
            eventually(lambda gone=server: answers(used.url) and client.info("server")["process_id"] != gone)

            assert client.get("kept") == str(at).encode()
    used.close()
    user.communicate("")
    eventually(lambda: not answers(used.url))


def test_who_forgets_it_uses_it_no_more_also_after_it_was_started_again(tmp_path: Path) -> None:
    used = EmbeddedRedis(tmp_path)
    url = used.url
    with redis.Redis(unix_socket_path=str(used.socket)) as client:
        gone = client.info("server")["process_id"]
        os.kill(int(gone), signal.SIGKILL)
        eventually(lambda: answers(url) and client.info("server")["process_id"] != gone)

    del used

    eventually(lambda: not answers(url))


def test_its_folder_is_its_users_alone(tmp_path: Path) -> None:
    used = EmbeddedRedis(tmp_path / "home")

    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700
    used.close()
    eventually(lambda: not answers(used.url))


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    used = EmbeddedRedis(tmp_path / ("long" * 30))

    assert len(os.fsencode(used.socket)) <= 100
    assert answers(used.url)
    used.close()
    eventually(lambda: not answers(used.url))


def test_without_any_server_the_error_says_how_to_start_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(embedded, "_bundled_binary", lambda: None)

    with pytest.raises(EmbeddedUnavailable, match="docker run"):
        embedded.server_binary()
