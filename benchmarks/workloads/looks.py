"""What looking costs while most agents are on contact and some contacts wait."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import Any

from benchmarks.clocks import Moment
from benchmarks.redis_server import Server
from benchmarks.sample import Sample
from benchmarks.size import Size
from benchmarks.systems import FAIRLEAD
from benchmarks.systems.fairlead import configuration
from benchmarks.systems.system import QUEUES, System
from benchmarks.workloads.matching import HOUR_MS, in_turn
from benchmarks.workloads.workload import Measurement
from fairlead import Administrator, parse_configuration
from fairlead.domain.agent import OFFLINE
from fairlead.server.connection import connect
from fairlead.service.explain import explain_agent, explain_contact
from fairlead.service.snapshot import take_snapshot
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact
from fairlead.store.procedure import Procedure
from fairlead.store.transitions.producing import push
from fairlead.store.transitions.supervising import set_next_status
from fairlead.store.transitions.working import Session

NAME = "looks"
TITLE = "Cost of a look"
SAMPLES = 20
BUSY = 0.9
"""The share of the agents who hold a contact; the others have one that rings, so that nobody would take another."""
WAITING = 200

CHANGE = 0.02
"""The share of the agents of whom something changes between two looks at all of them."""

EVERYBODY, FIRST, WHY = "everybody and every queue", "the first of these looks", "why a contact waits"

LOOKS: dict[str, Callable[[], Procedure[Any]]] = {
    EVERYBODY: lambda: take_snapshot("shown"),
    "every queue": lambda: take_snapshot("none"),
    WHY: lambda: explain_contact(f"waits{WAITING // 2}"),
    "what an agent would get": lambda: explain_agent("agent0"),
}
"""What `top`, the page and /metrics read again and again; and `explain`."""


def measurements(size: Size, peers: Sequence[System]) -> Iterator[Measurement]:
    for agents, profiles, serving in size.centres:
        if serving == profiles:
            yield Measurement(FAIRLEAD, partial(centre, agents, profiles), every_round=False)


def centre(agents: int, profiles: int, server: Server) -> Iterator[Sample]:
    names = [f"Profile{number}" for number in range(profiles)]
    with Administrator.connect(server.url) as administrator:
        administrator.apply(parse_configuration(configuration("voice", names), "benchmark"))
    with closing(Store(connect(server.url))) as store:
        sessions = [
            Session(
                store.keys, f"agent{number}", "bench", "bench", lease_ms=HOUR_MS, auto_accept=number < agents * BUSY
            )
            for number in range(agents)
        ]
        in_turn(store, [one.sign_in(profile=names[number % profiles]) for number, one in enumerate(sessions)])
        held = [f"held{number}" for number in range(agents)]
        ids = [*held, *(f"waits{number}" for number in range(WAITING))]
        contacts = [
            NewContact(QUEUES[number % len(QUEUES)], "voice", contact_id=one) for number, one in enumerate(ids)
        ]
        in_turn(store, [push(store.keys, contact) for contact in contacts])
        few = [f"agent{number}" for number in range(round(agents * CHANGE))]
        for look, build in LOOKS.items():
            store.run(build())
            for number in range(SAMPLES):
                if look in {EVERYBODY, WHY}:
                    status = "" if number % 2 else OFFLINE.name
                    in_turn(store, [set_next_status(store.keys, name, status) for name in few])
                yield Sample(NAME, FAIRLEAD.name, _looked(store, server, build()), f"{look}; {agents:,} agents")
        for _ in range(SAMPLES):
            with closing(Store(connect(server.url))) as stranger:
                stranger.run(take_snapshot("none"))
                values = _looked(stranger, server, LOOKS[EVERYBODY]())
            yield Sample(NAME, FAIRLEAD.name, values, f"{FIRST}; {agents:,} agents")


def _looked(store: Store, server: Server, asked: Procedure[Any]) -> dict[str, float]:
    begin = Moment.now(server.pid)
    store.run(asked)
    end = Moment.now(server.pid)
    return {
        "server_ms": (end.server_s - begin.server_s) * 1e3,
        "client_ms": (end.client_s - begin.client_s) * 1e3,
        "all_ms": (end.wall_s - begin.wall_s) * 1e3,
    }
