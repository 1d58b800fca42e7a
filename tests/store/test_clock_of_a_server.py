"""The clock of a real server is set while it runs."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import REAL_SERVERS, RealServer
from store.world import HOUR_US, LEASE_US, S, World

from fairlead.store.client import Store
from fairlead.store.transitions.renewing import renew
from fairlead.store.transitions.sweeping import PAUSE_US

PRELOAD = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  static int (*real)(struct timeval *, void *);
  if (!real) real = dlsym(RTLD_NEXT, "gettimeofday");
  int code = real(now, zone);
  FILE *file = fopen(getenv("CLOCK_SET_BY"), "r");
  long seconds = 0;
  if (file && fscanf(file, "%ld", &seconds) != 1) seconds = 0;
  if (file) fclose(file);
  now->tv_sec += seconds;
  return code;
}
"""


@pytest.fixture
def set_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Sets the clock of each server that is started from now on."""
    compiler = shutil.which("cc")
    if not compiler or sys.platform != "linux":
        pytest.skip("no C compiler: the clock of a real server cannot be set")
    (tmp_path / "preload.c").write_text(PRELOAD)
    command = [compiler, "-shared", "-fPIC", "-o", str(tmp_path / "preload.so"), str(tmp_path / "preload.c"), "-ldl"]
    subprocess.run(command, check=True)
    monkeypatch.setenv("LD_PRELOAD", str(tmp_path / "preload.so"))
    monkeypatch.setenv("CLOCK_SET_BY", str(tmp_path / "seconds"))

    def set_clock(by_s: int) -> None:
        (tmp_path / "next").write_text(str(by_s))
        (tmp_path / "next").replace(tmp_path / "seconds")

    set_clock(0)
    return set_clock


@pytest.mark.parametrize("kind", REAL_SERVERS)
@pytest.mark.parametrize("jump_s", [3_600, -3_600])
def test_a_server_whose_clock_is_set_under_way(
    kind: str, jump_s: int, tmp_path: Path, set_clock: Callable[[int], None]
) -> None:
    server = RealServer(kind, tmp_path)
    try:
        world = World(Store(server.client()))
        sweeper = world.sweeper()
        ana = world.sign_in("ana", capacity=1)
        world.sweep(sweeper)

        set_clock(jump_s)
        seconds, _ = server.client().time()
        assert abs(int(seconds) * S - world.true_us()) > HOUR_US - 60 * S
        queued_us = world.push("c")
        lost = world.store.run(renew(world.store.keys, [ana]))
        lease_ends_us = world.due_us("session:ana")
        world.sweep(sweeper)

        assert not lost
        assert world.is_signed_in("ana")
        assert world.is_right()
        assert abs(queued_us - world.true_us()) < PAUSE_US
        assert lease_ends_us < world.true_us() + LEASE_US + PAUSE_US
    finally:
        server.kill()
