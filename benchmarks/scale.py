"""`make scale`: very many contacts through one instance, and very many agents whose connections are all cut."""

import json as json_text
import os
import re
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.fleet import fleet, until
from benchmarks.machine import cores
from benchmarks.redis_server import Server, running_server
from benchmarks.systems.fairlead import configuration
from benchmarks.systems.system import Job
from fairlead import Administrator, Producer, Supervisor, new_contact, parse_configuration
from fairlead.store.transitions.working import LEASE_MS

RETENTION_S = 10
"""How long ended contacts are kept here: short, so that what expires is most of the run."""
BACKLOG, AT_ONCE = 10_000, 2_000
"""While fewer contacts wait, so many more are pushed."""
AGENTS_EACH = 10
EDGE = 0.2
"""The rate of the first and of the last fifth are compared, and the memory after the first two fifths with the end."""

Points = list[dict[str, float]]


def scale(
    contacts: Annotated[int, typer.Option(min=1, help="How many contacts go through.")] = 1_000_000,
    agents: Annotated[int, typer.Option(min=0, help="How many agents are cut off; 0: leave that out.")] = 10_000,
    processes: Annotated[int, typer.Option(min=1, help="Worker processes.")] = 4,
    json: Annotated[Path | None, typer.Option(help="Write the figures to this file.")] = None,
) -> None:
    """Send very many contacts through a few worker processes; then cut off very many agents."""
    with _placed() as core:
        with running_server(core) as server:
            points = through(server, contacts, processes)
        figures = _figures(points)
        if agents:
            with running_server(core) as server:
                figures |= cut_off(server, agents, processes)
    what = f"{contacts:,} contacts through {processes} worker processes; {agents:,} agents in {processes} processes."
    date = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    found = {"date": date, "what": what, "figures": figures, "points": points}
    for name, figure in figures.items():
        typer.echo(f"{name:58} {figure}")
    if json:
        json.write_text(json_text.dumps(found, indent=1) + "\n")


@contextmanager
def _placed() -> Iterator[int | None]:
    """redis-server has one core for itself, everything else has all others."""
    pinned = cores()
    if not pinned:
        yield None
        return
    everywhere = os.sched_getaffinity(0)
    os.sched_setaffinity(0, everywhere - {pinned[0]})
    try:
        yield pinned[0]
    finally:
        os.sched_setaffinity(0, everywhere)


def through(server: Server, contacts: int, processes: int) -> Points:
    """Push contacts so that some always wait, until all have ended; a point for each second."""
    _prepare(server, f"[instance]\nended_retention_s = {RETENTION_S}\n")
    with (
        fleet(server, AGENTS_EACH * processes, processes),
        Producer.connect(server.url) as producer,
        Supervisor.connect(server.url) as supervisor,
    ):
        began, pushed, points = time.monotonic(), 0, [_point(0.0, 0, 0.0, server)]
        ended = 0
        while ended < contacts:
            ended = pushed - sum(queue.waiting for queue in supervisor.queues())
            now_s = time.monotonic() - began
            if now_s - points[-1]["s"] >= 1 or ended == contacts:
                _progress(ended, contacts, now_s)
                rate = (ended - points[-1]["ended"]) / (now_s - points[-1]["s"])
                points.append(_point(now_s, ended, rate, server))
            if pushed - ended < BACKLOG and pushed < contacts:
                more = min(AT_ONCE, contacts - pushed)
                _push(producer, pushed, more)
                pushed += more
            else:
                time.sleep(0.02)
    return points


def _point(now_s: float, ended: int, rate: float, server: Server) -> dict[str, float]:
    used_mb = round(server.used_bytes() / 1e6, 1)
    return {"s": round(now_s, 2), "ended": ended, "rate": round(rate), "used_mb": used_mb}


def _prepare(server: Server, instance: str = "") -> None:
    with Administrator.connect(server.url) as administrator:
        administrator.apply(parse_configuration(instance + configuration("chat"), "benchmark"))


def _push(producer: Producer, first: int, many: int) -> None:
    jobs = map(Job, range(first, first + many))
    contacts = (new_contact(job.queue, job.payload, channel="chat", priority=job.priority) for job in jobs)
    deque(producer.push_many(contacts), maxlen=0)


def _progress(ended: int, contacts: int, now_s: float) -> None:
    typer.echo(f"\r{ended:,} of {contacts:,} after {now_s:.0f} s", nl=False, err=True)
    if ended == contacts:
        typer.echo(err=True)


def _figures(points: Points) -> dict[str, str]:
    last = points[-1]
    first_rate, last_rate = _rate_between(points, 0, EDGE), _rate_between(points, 1 - EDGE, 1)
    settled = next(point for point in points if point["ended"] >= 2 * EDGE * last["ended"])
    return {
        "contacts a second": f"{last['ended'] / last['s']:,.0f}",
        "rate of the last fifth, against the first (goal >= 0.9)": f"{last_rate / first_rate:.2f}",
        "memory after two fifths, MB": f"{settled['used_mb']:,.0f}",
        "memory at the end, MB": f"{last['used_mb']:,.0f}",
        "most memory, MB": f"{max(point['used_mb'] for point in points):,.0f}",
    }


def _rate_between(points: Points, begin: float, end: float) -> float:
    """Contacts a second between two shares of all contacts."""
    total = points[-1]["ended"]
    low = max((point for point in points if point["ended"] <= begin * total), key=lambda point: point["s"])
    high = next(point for point in points if point["ended"] >= end * total)
    return (high["ended"] - low["ended"]) / max(high["s"] - low["s"], 1e-9) or 1e-9


def cut_off(server: Server, agents: int, processes: int) -> dict[str, str]:
    """Let agents sign in, cut all connections, and see when the session of each has been renewed."""
    _prepare(server)
    with Supervisor.connect(server.url) as supervisor:
        began_us = supervisor.now_us()
        with fleet(server, agents, processes, pause_s=1.0):
            states = supervisor.agents()
            signed_in_us = [state.status_us for state in states if state.is_signed_in]
            cut_us = supervisor.now_us()
            server.client.client_kill_filter(_type="normal", skipme=True)
            back_us: dict[str, int] = {}

            def are_back() -> bool:
                for state in supervisor.agents():
                    renewed_us = state.lease_ends_us - LEASE_MS * 1_000
                    if state.is_signed_in and renewed_us > cut_us:
                        back_us.setdefault(state.name, renewed_us)
                return len(back_us) == agents

            until(are_back, f"{agents} agents to be back", pause_s=1.0)
            time.sleep(LEASE_MS / 1_000)
            still = sum(state.is_signed_in for state in supervisor.agents())
    logs = [file.read_text() for file in server.folder.glob("worker*.log")]
    return {
        f"{agents:,} agents signed in, from the start of processes, s": f"{(max(signed_in_us) - began_us) / 1e6:.1f}",
        "from the first to the last of them, s (goal <= 10)": f"{(max(signed_in_us) - min(signed_in_us)) / 1e6:.1f}",
        "all connections cut, all sessions renewed, s (goal <= 10)": f"{(max(back_us.values()) - cut_us) / 1e6:.1f}",
        "signed in a lease later": f"{still:,} of {agents:,}",
        "warnings of the workers meanwhile": _warnings(logs),
    }


def _warnings(logs: list[str]) -> str:
    counted: Counter[str] = Counter()
    for line in "".join(logs).splitlines():
        told: dict[str, Any] = json_text.loads(line) if re.match(r"\{.*\}$", line) else {"event": line[:80]}
        counted[told.get("event", "?")] += 1
    return ", ".join(f"{what}: {many}" for what, many in counted.items()) or "none"
