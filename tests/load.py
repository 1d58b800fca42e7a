"""A worker process, and a producer that pushes all the time, while something happens to their servers."""

import subprocess
import threading
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

from conftest import eventually
from processes import without_settings, worker_command

from fairlead.errors import FairleadError, UnknownContact
from fairlead.service.producer import Producer
from fairlead.service.supervisor import Supervisor

PUSH_EVERY_S = 0.02


class Load:
    """A worker process, and a producer that pushes all the time and notes what was acknowledged, and when."""

    def __init__(self, url: str, folder: Path) -> None:
        self._producer = Producer.connect(url)
        self.acknowledged: list[str] = []
        self.times_s: list[float] = []
        self.failures: list[FairleadError] = []
        self._may_push = threading.Event()
        self._is_idle = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._push)
        self._url = url
        command = worker_command(url, "echo")
        with (folder / "worker0.log").open("wb") as log:
            self.worker = subprocess.Popen(command, stderr=log, env=without_settings())

    def __enter__(self) -> Self:
        self._may_push.set()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._may_push.set()
        self._thread.join()
        self.worker.kill()
        self.worker.wait()

    def _push(self) -> None:
        number = 0
        while not self._ended.wait(PUSH_EVERY_S):
            self._is_idle.set()
            self._may_push.wait()
            self._is_idle.clear()
            number += 1
            try:
                self._producer.push("BasicQueue", contact_id=f"c{number}")
            except FairleadError as failure:
                self.failures.append(failure)
                return
            self.times_s.append(monotonic())
            self.acknowledged.append(f"c{number}")

    def pause(self) -> None:
        """Push nothing, from when the last push is acknowledged."""
        self._may_push.clear()
        self._is_idle.clear()
        eventually(self._is_idle.is_set)

    def go_on(self) -> None:
        self._may_push.set()

    def handles(self, more: int = 25) -> None:
        """Wait until so many more contacts have been pushed and handled."""
        many = len(self.acknowledged) + more
        eventually(lambda: len(self.acknowledged) >= many or self.failures)
        assert not self.failures
        with Supervisor.connect(self._url) as supervisor:
            eventually(lambda: supervisor.contact(self.acknowledged[-1]).state == "completed")

    def completes(self, among: Sequence[str]) -> None:
        """Wait until these are handled: an offer of which the worker was not told is found by its next look, while
        later contacts are handled already.
        """
        with Supervisor.connect(self._url) as supervisor:
            for one in among:
                eventually(lambda one=one: supervisor.contact(one).state == "completed")  # type: ignore[misc]

    def longest_gap_s(self) -> float:
        return max(later - sooner for sooner, later in pairwise(self.times_s))

    def lost(self, among: Sequence[str]) -> list[str]:
        """What nobody knows of, of contacts that were acknowledged."""
        with Supervisor.connect(self._url) as supervisor:
            return [one for one in among if not _is_known(supervisor, one)]


def _is_known(supervisor: Supervisor, contact_id: str) -> bool:
    try:
        supervisor.contact(contact_id)
    except UnknownContact:
        return False
    return True
