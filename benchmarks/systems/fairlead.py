"""Fairlead as its users run it: `fairlead.Producer` and `fairlead work`."""

import sys
from collections import deque
from collections.abc import Iterable
from typing import Any, ClassVar

from benchmarks.systems.system import QUEUES, Job, Options, System
from fairlead.store.keys import Keys

AGENT_SLOTS = 10
"""Chats that an agent holds at a time: the most that a profile allows."""

TRACKS = 20
"""Different criteria that contacts wait with."""


def configuration(channel: str, profiles: Iterable[str] = ("Bench",), queues: Iterable[str] = QUEUES) -> str:
    """Queues, and profiles that serve each of them with the same priority."""
    lines = [f"[queues.{queue}]" for queue in QUEUES]
    for profile in profiles:
        slots = 1 if channel == "voice" else AGENT_SLOTS
        entries = ", ".join(f'{{ queue = "{queue}", channel = "{channel}", priority = 1 }}' for queue in queues)
        lines += [f"[profiles.{profile}]", f"channels.{channel} = {{ slots = {slots} }}", f"entries = [{entries}]"]
    return "\n".join(lines)


def work_command(url: str, agents: Iterable[str], handler: str, *further: str, profile: str = "Bench") -> list[str]:
    command = [sys.executable, "-m", "fairlead.cli.main", "work", "--redis", url, "--handler", handler]
    command += ["--profile", profile, *further]
    return command + [word for agent in agents for word in ("--agent", agent)]


class Fairlead(System):
    name = "Fairlead"
    setup = (
        "`fairlead work`, one agent with one chat at a time; at its best 10 agents with 10 chats each in one process; "
        "its handler is quick; with leases, fencing and events"
    )
    package = "fairlead"
    ranks = "yes"
    at_best = 100
    pushes_in_bulk = True
    log_keys = Keys().events
    channel: ClassVar[str] = "chat"

    def prepare(self, options: Options) -> None:
        from fairlead import Administrator, parse_configuration

        with Administrator.connect(options.url) as administrator:
            administrator.apply(parse_configuration(self.configuration(), "benchmark"))

    def configuration(self) -> str:
        return configuration(self.channel)

    def contact(self, job: Job) -> dict[str, Any]:
        """What is said of a contact."""
        return {"channel": self.channel, "priority": job.priority}

    def command(self, role: str, options: Options) -> list[str]:
        if role != "work":
            return super().command(role, options)
        agents = [f"agent{number}" for number in range(max(options.at_once // AGENT_SLOTS, 1))]
        limit = ("--concurrency", "1") if options.at_once == 1 else ()
        handler = "benchmarks.counting:handle_contact"
        return work_command(options.url, agents, handler, "--quick-handler", "--log-level", "error", *limit)

    def push(self, options: Options, jobs: Iterable[Job]) -> None:
        from fairlead import Producer

        with Producer.connect(options.url) as producer:
            for job in jobs:
                producer.push(job.queue, job.payload, **self.contact(job))

    def push_bulk(self, options: Options, jobs: Iterable[Job]) -> None:
        from fairlead import Producer, new_contact

        contacts = (new_contact(job.queue, job.payload, **self.contact(job)) for job in jobs)
        with Producer.connect(options.url) as producer:
            deque(producer.push_many(contacts), maxlen=0)


class FairleadVoice(Fairlead):
    name = "Fairlead, voice"
    setup = "as Fairlead, on the voice channel"
    channel = "voice"


class FairleadCriteria(Fairlead):
    name = f"Fairlead, {TRACKS} criteria"
    setup = f"as Fairlead, but each contact asks for one of {TRACKS} products, and the agent knows them all"

    def configuration(self) -> str:
        levels = ", ".join(f'"Product:P{number}" = 4' for number in range(TRACKS))
        return f'{super().configuration()}\n[agents.agent0]\nprofile = "Bench"\nproficiencies = {{ {levels} }}\n'

    def contact(self, job: Job) -> dict[str, Any]:
        return super().contact(job) | {"criteria": [f"Product:P{job.number % TRACKS} >= 3"]}
