"""Real workers on a real server, behind a proxy, while things break: by chance, drawn by a seed.

What clients were told is kept: producers note what was acknowledged, handlers what they were given.
"""

import json
import random
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Timer
from time import monotonic, time_ns

from conftest import REAL_SERVERS, RealServer, eventually
from processes import without_settings, worker_command
from proxy import Gate

from fairlead.domain.agent import AVAILABLE, OFFLINE, Agent
from fairlead.domain.configuration import Configuration
from fairlead.domain.contact import ENDED
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.errors import RedisError
from fairlead.server.connection import connect
from fairlead.service.history import Finding, History, check_history, record_history
from fairlead.service.history.recording import Configured, Told
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact
from fairlead.store.transitions import configuring, producing

LEASE_S = 2
WORKERS = (("ana", "bo"), ("cem", "dora"), ("eve", "fay"))
PATIENCE_US = 20_000_000
"""A busy machine sweeps and wakes up late; what is really lost is so for ever."""

HANDLER = """
import asyncio, json, os, random

async def noting(contact):
    line = {"told": "given", "contact": contact.contact_id, "agent": contact.agent, "token": contact.token,
            "attempt": contact.attempt}
    with open("told", "a") as told:
        told.write(json.dumps(line) + "\\n")
    await asyncio.sleep(random.random() / 20)
    exec(contact.payload or "")
"""

POISONS = ["raise ValueError", "raise SystemExit", "raise KeyboardInterrupt", "raise asyncio.CancelledError", "1 / 0"]
"""What the payloads of contacts in the queue Poison do to their handlers."""


class Storm:
    """`counts`: how often what has broken, and what came of it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.folder = folder
        self.counts: Counter[str] = Counter()
        (folder / "shop.py").write_text(HANDLER)
        (folder / "told").touch()
        options = ("--appendonly", "yes", "--appendfsync", "always", "--enable-debug-command", "yes")
        self.server = RealServer(REAL_SERVERS[0], folder, *options)
        self.gate = Gate(folder, self.server.socket)
        self.producer = Store(connect(self.gate.url))
        self.admin = Store(self.server.client())
        self.told: list[Told] = []
        self.configured: list[Configured] = []
        self.change_profile()
        self._workers: list[subprocess.Popen[bytes]] = []
        self._stopped: set[int] = set()
        self._timers: list[Timer] = []
        self._is_over = False
        self.killed: list[tuple[str, int]] = []
        """Agents whose process was killed and not started again at once, and when, by the clock."""
        self._never = Event()
        for number in range(len(WORKERS)):
            self._workers.append(self._start(number))

    def _start(self, number: int) -> "subprocess.Popen[bytes]":
        command = worker_command(
            self.gate.url, "shop:noting", "--lease", str(LEASE_S), "--name", f"w{number}", agents=WORKERS[number]
        )
        with (self.folder / f"worker{number}.log").open("ab") as log:
            return subprocess.Popen(command, cwd=self.folder, stderr=log, env=without_settings())

    # What breaks

    def kill_worker(self) -> None:
        """A worker is killed, and one of the same name is started again: at once, or when its leases have ended."""
        number = self.random.randrange(len(WORKERS))
        is_first = self._workers[number].poll() is None
        self._workers[number].kill()
        self._workers[number].wait()
        self._stopped.discard(number)
        if self.random.random() < 0.5:
            self._workers[number] = self._start(number)
        elif is_first:
            self.killed += [(name, time_ns() // 1_000) for name in WORKERS[number]]
            self._later(LEASE_S + 2, self._start_again, number)

    def _start_again(self, number: int) -> None:
        if self._workers[number].poll() is not None and not self._is_over:
            self._workers[number] = self._start(number)

    def stop_worker(self) -> None:
        """A worker stands still for longer than its lease."""
        running = sorted(set(range(len(WORKERS))) - self._stopped)
        if len(running) > 1:
            number = self.random.choice(running)
            self._stopped.add(number)
            self._workers[number].send_signal(signal.SIGSTOP)
            self._later(LEASE_S * self.random.uniform(1.2, 2), self._go_on, number, self._workers[number])

    def _go_on(self, number: int, worker: "subprocess.Popen[bytes]") -> None:
        worker.send_signal(signal.SIGCONT)
        if self._workers[number] is worker:
            self._stopped.discard(number)

    def _later(self, seconds: float, act: Callable[..., None], *arguments: object) -> None:
        timer = Timer(seconds, act, arguments)
        self._timers.append(timer)
        timer.start()

    def kill_redis(self) -> None:
        """The server is killed, and starts again from what it has written."""
        self.server.kill()
        self.server.start()

    def forget_scripts(self) -> None:
        """Nobody told the server to keep them."""
        self.server.client().script_flush()
        self.server.client().function_flush()

    def cut(self) -> None:
        """All connections are cut: replies that were on their way are lost."""
        self.gate.cut()

    def hold_back(self) -> None:
        """Replies come late."""
        self.gate.shut()
        self._passes(self.random.uniform(0.05, 0.6))
        self.gate.open()

    def half_open(self) -> None:
        """Connections stay open, and nothing comes through them any more."""
        self.gate.forget()

    def change_profile(self) -> None:
        """The profile that all agents have is another one from now on."""
        draw = self.random
        pairs = [("Q", "voice"), ("Q", "chat"), ("Poison", "chat")]
        entries = tuple(Entry(queue, channel, draw.randint(1, 3), draw.choice([0, 0, 1])) for queue, channel in pairs)  # type: ignore[arg-type]
        channels = {"voice": Concurrency(1, allows_others=True), "chat": Concurrency(3, allows_others=True)}
        profile = RoutingProfile("BasicRoutingProfile", channels, entries)  # type: ignore[arg-type]
        queues = {"Q": Queue("Q", max_attempts=100), "Poison": Queue("Poison", max_attempts=3, retry_delay_s=0)}
        agents = {name: Agent(name, profile.name) for names in WORKERS for name in names}
        statuses = {status.name: status for status in (AVAILABLE, OFFLINE)}
        target = Configuration(queues, {profile.name: profile}, agents, statuses)
        version = self.configured[-1].version if self.configured else 0
        version = self.admin.run(configuring.apply_configuration(self.admin.keys, target, version))
        self.configured.append(Configured(target, version))

    # The course

    def blows(self, faults: Sequence[Callable[["Storm"], None]], seconds: float, pause_s: float) -> None:
        """Contacts come, and with a pause before each of them things break."""
        ends, next_fault = monotonic() + seconds, monotonic() + pause_s
        while monotonic() < ends:
            self._push()
            self._passes(self.random.uniform(0, 0.06))
            if monotonic() >= next_fault:
                fault = self.random.choice(faults)
                fault(self)
                self.counts[fault.__name__] += 1
                next_fault = monotonic() + self.random.uniform(0.5, 1.5) * pause_s

    def ends(self) -> tuple[History, list[Finding]]:
        """All goes well again, until everything is done. Returns what has happened, and what was wrong with it."""
        ids = [one.contact for one in self.told]
        for timer in self._timers:
            timer.join()
        eventually(lambda: self._is_done(ids), within_s=240)
        history = self.admin.run(record_history())
        lines = (self.folder / "told").read_text().splitlines()
        history.told = self.told + [Told(**json.loads(line)) for line in lines]
        history.configured = self.configured
        history.plain = set(ids)
        for event in history.events:
            if event.fields.get("reason") == "lost" or event.name in ("contact.completed", "contact.parked"):
                self.counts[event.name] += 1
        return history, check_history(history, PATIENCE_US, PATIENCE_US, are_leases_long=False)

    def _is_done(self, ids: Sequence[str]) -> bool:
        records = self.admin.run(reading.contacts_by_id(ids))
        return len(records) == len(ids) and all(one.state in (*ENDED, "parked") for one in records)

    def recoveries_s(self, history: History) -> list[float]:
        """After how long contacts of killed processes stood in line again."""
        found = []
        for name, killed_us in self.killed:
            later = [one for one in history.events if one.at_us > killed_us and one.fields.get("agent") == name]
            ends = next((one for one in later if one.name in ("agent.lost", "agent.signed_in")), None)
            if ends and ends.name == "agent.lost":
                back = [one for one in later if one.at_us == ends.at_us and one.name == "contact.requeued"]
                found += [(one.at_us - killed_us) / 1e6 for one in back]
        return found

    def close(self) -> None:
        self._is_over = True
        for timer in self._timers:
            timer.cancel()
        for worker in self._workers:
            with suppress(ProcessLookupError):
                worker.kill()
            worker.wait()
        self.gate.close()
        self.server.kill()

    def _push(self) -> None:
        number = len(self.told)
        is_poison = number % 12 == 5
        queue, channel = ("Poison", "chat") if is_poison else ("Q", self.random.choice(["voice", "chat", "chat"]))
        payload = json.dumps(self.random.choice(POISONS) if is_poison else "").encode()
        contact_id = f"{'poison' if is_poison else 'c'}-{number}"
        new = NewContact(queue, channel, payload, contact_id=contact_id)  # type: ignore[arg-type]
        while True:
            try:
                self.producer.run(producing.push(self.producer.keys, new))
                break
            except RedisError:
                self.counts["errors to the producer"] += 1
        self.told.append(Told("pushed", contact_id))

    def _passes(self, seconds: float) -> None:
        self._never.wait(seconds)


ALL: Sequence[Callable[[Storm], None]] = (
    Storm.kill_worker, Storm.stop_worker, Storm.kill_redis, Storm.forget_scripts, Storm.cut, Storm.hold_back,
    Storm.half_open, Storm.change_profile,
)  # fmt: skip
