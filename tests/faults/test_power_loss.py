"""However much of what Redis has written is lost with the power, what is left agrees with itself."""

import random
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from conftest import REAL_SERVERS, RealServer
from faults.workload import Workload

from fairlead.service.history import check_history, record_history
from fairlead.store import reading
from fairlead.store.checking import examine_state
from fairlead.store.client import Store

KEEPS = ("--appendonly", "yes", "--auto-aof-rewrite-percentage", "0")


def log_of(folder: Path) -> Path:
    """The file to which the server appends."""
    return next(folder.glob("appendonlydir/*.incr.aof"))


def cut_at(place: int, whole: Path, folder: Path) -> None:
    """A folder with the data of another one, as if only so many bytes had reached the disk."""
    shutil.copytree(whole / "appendonlydir", folder / "appendonlydir")
    with log_of(folder).open("r+b") as log:
        log.truncate(place)


@pytest.mark.parametrize("cuts", [12, pytest.param(150, marks=[pytest.mark.long, pytest.mark.timeout(600)])])
def test_a_log_that_is_cut_anywhere_leaves_contacts_counters_and_slots_that_agree(
    tmp_path: Path, seed: int, cuts: int, tell: Callable[[Mapping[str, object]], None]
) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    server = RealServer(REAL_SERVERS[0], whole, *KEEPS)
    workload = Workload(server.client(), seed)
    begins = log_of(whole).stat().st_size
    workload.run(400)
    server.client().shutdown(nosave=True)
    server.process.wait()
    size = log_of(whole).stat().st_size
    places = sorted(random.Random(seed).sample(range(begins, size), cuts))

    found = {place: _what_is_wrong(place, whole, tmp_path / str(place)) for place in places}

    tell({"bytes": size, "cuts": cuts, "inconsistent": sum(map(bool, found.values()))})
    assert {place: wrong for place, wrong in found.items() if wrong} == {}


def _what_is_wrong(place: int, whole: Path, folder: Path) -> list[object]:
    folder.mkdir()
    cut_at(place, whole, folder)
    server = RealServer(REAL_SERVERS[0], folder, *KEEPS)
    store = Store(server.client())
    last = store.run(reading.newest_events(1))
    at_us = last[-1].at_us
    store = Store(server.client(), clock=lambda: at_us)
    findings: list[object] = [*store.run(examine_state()).findings, *check_history(store.run(record_history()))]
    server.kill()
    shutil.rmtree(folder)
    return findings
