"""docs/performance.md, made of the committed results: what stands there was measured, or does not stand there."""

import hashlib
import json
from typing import Any

from benchmarks import RESULTS, ROOT, pictures
from benchmarks.agreement import report
from benchmarks.goals import life
from benchmarks.results import Results, read
from benchmarks.systems import FAIRLEAD
from benchmarks.systems.system import BATCH
from benchmarks.tables import every_table, goal_table, system_table, table

PAGE = ROOT / "docs" / "performance.md"
PICTURES = ROOT / "docs" / "performance"
LATEST, BEFORE, SCALE = (RESULTS / f"{name}.json" for name in ("latest", "before", "scale"))
LONGEST_LINE = 120
BUSY = 0.6
"""The share of a core that redis-server may be busy with in the busiest minute: beyond it waits grow quickly."""

PICTURE_OF = {
    "One worker process, at its best concurrency": "rates",
    "From arrival to handler, worker idle": "arrival",
    "Memory of a waiting contact": "memory",
    "Cost of a match against the number of agents": "growth",
}
"""Below which table a picture stands."""


def committed() -> tuple[Results, dict[str, Any] | None, Results | None]:
    """The last run, the last run at scale, and the run before the last one."""
    scale = json.loads(SCALE.read_text()) if SCALE.exists() else None
    return read(LATEST), scale, read(BEFORE) if BEFORE.exists() else None


def digest() -> str:
    """Of the committed results, as each picture names it."""
    files = [file for file in (LATEST, SCALE) if file.exists()]
    return "results " + hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def write_page() -> None:
    found, scale, before = committed()
    PICTURES.mkdir(exist_ok=True)
    for old in PICTURES.glob("*.svg"):
        old.unlink()
    pictures.draw(found, scale, PICTURES, digest())
    PAGE.write_text(render(found, scale, before))


def render(found: Results, scale: dict[str, Any] | None, before: Results | None = None) -> str:
    drawn = pictures.pictures(found, scale)
    parts = [_head(found), _method(found), "## Results"]
    for title, text in every_table(found):
        parts.append(f"### {title}\n\n{text}")
        if PICTURE_OF.get(title) in drawn:
            parts.append(f"![{title}](performance/{PICTURE_OF[title]}.svg)")
    parts.append(f"## Goals\n\nEach is a ratio or a figure within one run.\n\n{goal_table(found)}")
    if before:
        parts.append(_twice(before, found))
    parts += [_growth(), _sizing(found), _sharding()]
    if scale:
        parts.append(_million(scale, is_drawn="million" in drawn))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _head(found: Results) -> str:
    machine = table(("what", "value"), found.machine.items(), is_text=True)
    warning = (
        f"**These are figures of a {found.kind} run, to see that everything runs, while the machine did other work:\n"
        "they do not say how fast anything is.**\n\n"
    )
    return f"""
<!-- Generated from benchmarks/results by `make bench-docs`; a test compares it. -->
# Performance

{"" if found.kind == "full" else warning}Measured on {found.date}, in {found.seconds / 60:.0f} minutes; rounds: \
{found.rounds}, of up to {found.contacts:,} contacts.

{machine}
"""


def _method(found: Results) -> str:
    return f"""
## Method

`make bench` repeats all of it, `make bench-quick` in a few minutes; `python -m benchmarks run --help` has the options.

- Everything runs in one run: each round goes through all workloads and, within each, through all systems, so that a
  noisy minute meets all alike. A cell is the median of the rounds, beside it the lowest and the highest. Compare
  ratios: absolute figures are this machine's. "CPU taken by" says which share of its cores others had meanwhile.
- No round begins that would not end within 19 minutes, so that a run on a busy machine may have fewer.
- Each measurement has a fresh redis-server without persistence, reached by a unix socket, and one process that pushes
  or works. With two cores or more, redis-server has one for itself, and everything else shares another, the helper
  threads of a client as well.
- A contact has 200 bytes of payload and a priority from 1 to 10; its handler does nothing. Fairlead and the floor have
  5 queues, and one profile of 5 entries of equal priority; the peers have one queue, and priorities where they know
  them.
- "server us" is CPU time of redis-server's main thread, "client us" CPU time of the process that pushes or works, each
  for one contact. The first {BATCH} pushes and the first fifth of what is worked off do not count.
- "Fairlead is" says how many times as fast Fairlead is as the system of the row.
- The floor is what Redis and Fairlead's own client allow: a minimal script for a push, and one for a turn, which ends a
  job and takes the best head of five queues with its payload; no leases, no fencing, no events, no measures.
- The memory of a waiting contact leaves out bounded logs of events.
- While somebody looks, 9 of 10 agents are on contact, a contact rings at each of the others, and 200 contacts wait. "in
  all" is what the caller waits for. Between two looks at everybody, or at why a contact waits, something changes of
  2 % of the agents.

{system_table(found)}
"""


def _twice(before: Results, found: Results) -> str:
    commit = before.machine.get("commit", "unknown")
    return f"""
## Measured twice

`make bench-agree` compares the last two runs: here that of {before.date}, of commit {commit}, with this one.

{report(before, found)}
"""


def _growth() -> str:
    return """
## How cost grows

- With the **contacts that wait**: hardly. A place in line is a member of a sorted set, and a look at its head costs the
  same at any length.
- With the **agents**: not at all as such. Available agents stand in a sorted set for each profile and channel; an
  arriving contact looks at the heads of the profiles that serve its queue. So the cost of a match grows with the
  *profiles that serve a queue*.
- With the **entries of a profile**: a take looks at the heads of its queues, first those of the highest priority.
- With the **payload**: by its bytes, in memory and on the wire; large content belongs elsewhere, with a reference here.
"""


def _sizing(found: Results) -> str:
    rows = []
    lives = {"one by one": life(found, FAIRLEAD.name), "in bulk, 10 agents with 10 chats": _busy_life(found)}
    for what, cost in lives.items():
        if cost:
            rate = 1e6 / cost
            rows.append((what, f"{cost:,.0f}", f"{rate:,.0f}", f"{rate * BUSY:,.0f}", f"{rate * BUSY * 3.6:,.0f}"))
    head = ("pushed and worked", "server us a contact", "/s on a full core", f"/s at {BUSY:.0%}", "thousands an hour")
    needed = table(head, rows) if rows else ""
    bytes_each = found.median("memory", FAIRLEAD.name, "bytes")
    memory = f"about {bytes_each:,.0f} bytes, and its payload beyond 200 bytes" if bytes_each else "see above"
    return f"""
## How to size an instance

**Redis** runs the commands of an instance on one core, whatever the machine has. Let it be busy for at most {BUSY:.0%}
of the busiest minute; on this machine that would be

{needed}

**Memory**: {memory}, for each contact that waits.
Ended contacts stay for `ended_retention_s` (an hour by default), without their payload, so count those of an hour as
well. The log of events keeps `events_kept` entries. While an append-only file is rewritten, Redis may need up to as
much again.

**Workers**: one process handles many agents; it is limited by its own core. "client us" of a worker, without the
handler's own work, says how many contacts a second that is. Start as many processes as the handlers need cores.

**Agents** who wait cost next to nothing: renewed leases, and one blocked connection for each process.
"""


def _busy_life(found: Results) -> float | None:
    pushed = found.median("push-bulk", FAIRLEAD.name, "server_us")
    worked = found.median("work-best", FAIRLEAD.name, "server_us")
    return pushed + worked if pushed and worked else None


def _sharding() -> str:
    return """
## When to shard

The **instance is the unit of sharding**: queues, profiles, agents and contacts of one instance share nothing with those
of another. All keys of an instance begin with its name in braces, so that all stand in one slot of a Redis Cluster.

Shard when the busiest minute keeps redis-server above the share of a core that is named above, or when its memory is no
longer enough. Give each business line, country or tenant an instance of its own (`--instance`, `FAIRLEAD_INSTANCE`),
and each busy instance a redis-server of its own. What must be routed to the same agents has to stay in one instance: an
agent who is to serve two instances has two sessions, and neither knows of the other.
"""


def _million(scale: dict[str, Any], *, is_drawn: bool) -> str:
    rows = [(name, value) for name, value in scale["figures"].items()]
    picture = "\n\n![Rate and memory over time](performance/million.svg)" if is_drawn else ""
    return f"""
## Very many contacts, and all connections cut

`make scale`, {scale["date"]}: {scale["what"]}

{table(("what", "figure"), rows, is_text=True)}{picture}
"""
