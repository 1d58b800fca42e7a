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
from fairlead.server.connection import connect
from fairlead.service.producer import Producer
from fairlead.service.supervisor import Supervisor
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.keys import DEFAULT_INSTANCE

PUSH_EVERY_S = 0.02


class Load:
    """A worker process, and a producer that pushes all the time and notes what was acknowledged, and when.

    `number`: several may run at once, each with contacts, agents and a log of its own.
    """

    def __init__(
        self, url: str, folder: Path, handler: str = "echo", *, number: int = 0, agents: tuple[str, ...] = ("ana",)
    ) -> None:
        self._name = "cde"[number]
        self._producer = Producer.connect(url)
        self.acknowledged: list[str] = []
        self.times_s: list[float] = []
        self.failures: list[FairleadError] = []
        self._may_push = threading.Event()
        self._is_idle = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._push)
        self._url = url
        command = worker_command(url, handler, agents=agents)
        with (folder / f"worker{number}.log").open("wb") as log:
            self.worker = subprocess.Popen(command, cwd=folder, stderr=log, env=without_settings())

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
                self._producer.push("BasicQueue", contact_id=f"{self._name}{number}")
            except FairleadError as failure:
                self.failures.append(failure)
                return
            self.times_s.append(monotonic())
            self.acknowledged.append(f"{self._name}{number}")

    @property
    def next_one(self) -> str:
        """What is being pushed: it may be acknowledged, and not be noted yet."""
        return f"{self._name}{len(self.acknowledged) + 1}"

    def pause(self) -> None:
        """Push nothing, from when the last push is acknowledged."""
        self._may_push.clear()
        self._is_idle.clear()
        eventually(self._is_idle.is_set)

    def go_on(self) -> None:
        self._may_push.set()

    def handles(self, more: int = 25) -> None:
        """Wait until so many more contacts have been pushed and handled.

        One that a master took with it is not waited for; whether it may be lost, who asks for `lost` must judge.
        """
        many = len(self.acknowledged) + more
        eventually(lambda: len(self.acknowledged) >= many or self.failures)
        assert not self.failures
        with Supervisor.connect(self._url) as supervisor:
            last = self.acknowledged[-1]

            def is_handled() -> bool:
                nonlocal last
                try:
                    return supervisor.contact(last).state == "completed"
                except UnknownContact:
                    last = self.acknowledged[-1]
                    return False

            eventually(is_handled)

    def completes(self, among: Sequence[str]) -> None:
        """Wait until these are handled: an offer of which the worker was not told is found by its next look, while
        later contacts are handled already.
        """
        eventually(lambda: [one for one, state in self._states(among).items() if state != "completed"] == [])
        assert self.lost(among) == []

    def longest_gap_s(self) -> float:
        return max(later - sooner for sooner, later in pairwise(self.times_s))

    def lost(self, among: Sequence[str]) -> list[str]:
        """What nobody knows of, of contacts that were acknowledged."""
        known = self._states(among)
        return [one for one in among if one not in known]

    def _states(self, among: Sequence[str]) -> dict[str, str]:
        store = Store(connect(self._url, DEFAULT_INSTANCE))
        states = {one.contact_id: one.state for one in store.run(reading.contacts_by_id(among))}
        store.close()
        return states
