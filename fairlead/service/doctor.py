"""Checks of a server and an instance: what was found, why it matters, what to do."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from fairlead.configuration.warnings import warnings_of
from fairlead.domain.agent import Agent
from fairlead.domain.names import AGENT_QUEUE_PREFIX, is_agent_queue
from fairlead.errors import RedisError, RedisRefused, UnknownAgent
from fairlead.service.explain import explain_contact, told_together
from fairlead.service.snapshot import Snapshot, take_snapshot
from fairlead.store import reading
from fairlead.store.library import PREFIX, library
from fairlead.store.procedure import Source, Steps, ask, ask_each, ask_one, procedure
from fairlead.store.reading import QueueState
from fairlead.store.rights import CALLS, READS, RUNS, lacking

Verdict: TypeAlias = Literal["ok", "warn", "fail"]

LARGEST_CLOCK_DIFFERENCE_S = 2.0
OVERDUE_US = 5_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `advice` is empty when all is well."""

    name: str
    verdict: Verdict
    found: str
    advice: str = ""


@procedure
def examine(source: Source) -> Steps[list[Check]]:
    """Every check, in order. What this user may not look at is told as a check that fails, and the rest go on.

    Nothing is changed, but that the library of transitions is loaded when it is missing and this user may.
    """
    found: list[Check] = []
    for subject, look in _LOOKS.items():
        try:
            found += yield from look(source)
        except RedisRefused as failure:
            found.append(Check(subject, "fail", str(failure), _RIGHTS_ADVICE))
    return found


def _server(source: Source) -> Steps[list[Check]]:
    info: dict[str, Any] = yield from ask_one("INFO")
    checks = [_version(info), _persistence(info)]
    if info.get("aof_enabled"):
        checks.append((yield from _replay(source)))
    return [*checks, _eviction(info), _memory(info), (yield from _functions())]


def _instance(source: Source) -> Steps[list[Check]]:
    snapshot = yield from take_snapshot("signed_in", afresh=True).steps(source)
    checks = [(yield from _sweeping(source, snapshot)), *(yield from _stuck(source, snapshot))]
    checks += yield from _unserved(source, snapshot)
    checks += yield from _away(source, snapshot)
    return [*checks, *(yield from _overflows(source, snapshot)), *(yield from _calendars(source, snapshot))]


def _version(info: dict[str, Any]) -> Check:
    name = info.get("server_name", "redis")
    return Check("server", "ok", f"{name} {info.get('valkey_version', info['redis_version'])}")


def _persistence(info: dict[str, Any]) -> Check:
    if info.get("aof_enabled"):
        return Check("persistence", "ok", "append-only file is on")
    return Check(
        "persistence",
        "warn",
        "the append-only file is off: contacts are lost when Redis ends",
        "set appendonly yes in redis.conf",
    )


def _eviction(info: dict[str, Any]) -> Check:
    policy = info.get("maxmemory_policy", "noeviction")
    if policy == "noeviction" or not info.get("maxmemory"):
        return Check("eviction", "ok", policy)
    return Check(
        "eviction",
        "fail",
        f"{policy}: Redis deletes contacts when its memory is full",
        "set maxmemory-policy noeviction",
    )


def _memory(info: dict[str, Any]) -> Check:
    most = info.get("maxmemory", 0)
    used = info["used_memory"]
    if not most or used < 0.9 * most:
        return Check("memory", "ok", info["used_memory_human"])
    return Check("memory", "warn", f"{100 * used / most:.0f} % of maxmemory", "raise maxmemory, or add workers")


def _clock(source: Source) -> Steps[list[Check]]:
    (seconds, microseconds), (offset, doubt) = yield from ask(
        ("TIME",), ("HMGET", source.keys.instance, "offset_us", "doubt")
    )
    apart_s = abs(seconds + microseconds / 1e6 - time.time())
    offset_s = int(offset or 0) / 1e6
    found = f"{apart_s:.2f} s from this machine's clock; the engine's offset is {offset_s:.1f} s"
    if doubt:
        found += "; Redis' clock has jumped, and no worker has swept since"
        return [Check("clock", "warn", found, "start a worker: its sweeps decide whether the clock was set")]
    if apart_s < LARGEST_CLOCK_DIFFERENCE_S and abs(offset_s) < LARGEST_CLOCK_DIFFERENCE_S:
        return [Check("clock", "ok", found)]
    return [Check("clock", "warn", found, "keep both clocks by NTP")]


def _rights(source: Source) -> Steps[list[Check]]:
    """Whether this user may run each command that reads and scripts call; a script would be refused in its middle."""
    try:
        user = (yield from ask_one("ACL", "WHOAMI")).decode()
        lacks = yield from lacking(source, user, READS)
        may_run = not (yield from lacking(source, user, RUNS))
        if may_run:
            lacks += yield from lacking(source, user, {one: CALLS[one] for one in CALLS.keys() - READS})
    except RedisError:
        return [Check("rights", "ok", "not examined: this user may not ask for its rights")]
    if lacks:
        told = f"user {user} may not {', '.join(sorted(lacks))}, which Fairlead needs"
        return [Check("rights", "fail", told, _RIGHTS_ADVICE)]
    if may_run:
        return [Check("rights", "ok", f"user {user} may run scripts and every command that they call")]
    return [Check("rights", "warn", f"user {user} may not run scripts: it can only read", _RIGHTS_ADVICE)]


def _functions() -> Steps[Check]:
    """Whether transitions run as functions, and which libraries nobody may need any more. It loads what is missing, so
    that an administrator can do that for programs that may not.
    """
    try:
        rows = yield from ask_one("FUNCTION", "LIST", "LIBRARYNAME", f"{PREFIX}*")
    except RedisError:
        return Check("functions", "ok", "not examined: this server has none, or this user may not list them")
    told = [row if isinstance(row, dict) else dict(zip(row[::2], row[1::2], strict=True)) for row in rows]
    names = {row[b"library_name"].decode() for row in told}
    own = library()
    if own.name not in names:
        try:
            yield from ask_one("FUNCTION LOAD", own.text)
        except RedisError as failure:
            found = f"{own.name} is not loaded: transitions run as scripts, which costs Redis more time ({failure})"
            return Check("functions", "warn", found, "run `fairlead doctor` as a user who may load it, such as admin")
    if others := sorted(names - {own.name}):
        return Check(
            "functions",
            "warn",
            f"libraries of other versions are loaded: {', '.join(others)}",
            "when programs of no other version run any more: FUNCTION DELETE each; who needs one loads it again",
        )
    return Check("functions", "ok", f"transitions run as functions of {own.name}")


def _replay(source: Source) -> Steps[Check]:
    """Redis 7.0 to 7.2 replay what scripts wrote with the rights of `default`, though nobody may log in as it."""
    try:
        lacks = yield from lacking(source, "default", CALLS)
    except RedisError:
        return Check("replay", "ok", "not examined: this user may not ask for the rights of `default`")
    if not lacks:
        return Check("replay", "ok", "user default has the rights to replay the append-only file")
    return Check(
        "replay", "fail", f"user default may not {', '.join(lacks)}: Redis 7.0 to 7.2 lose at their next start all "
        "that scripts wrote", "ACL SETUSER default off ~* &* +@all, and the same in the file of users: it needs its "
        "rights though nobody may log in as it",
    )  # fmt: skip


_RIGHTS_ADVICE = "see deploy/redis/users.acl"

CALENDAR_WARNING_US = 30 * 86_400 * 1_000_000


def _calendars(source: Source, snapshot: Snapshot) -> Steps[list[Check]]:
    """Opening times are written some way ahead, and carried on long before they end, by whoever sweeps."""
    checks: list[Check] = []
    for name in snapshot.configuration.hours:
        hours = source.keys.hours(name)
        last, first = yield from ask(("ZRANGE", hours, -1, -1, "WITHSCORES"), ("ZRANGE", hours, 0, 1))
        left_us = (last[0][1] if last else 0) - snapshot.at_us
        if left_us < CALENDAR_WARNING_US and len(first) > 1:
            checks.append(Check(
                "hours", "warn", f"the opening times of {name} are known for {max(0, left_us) / 86.4e9:.0f} more days",
                "start a worker: it carries them on within a day, where it knows the time zone",
            ))  # fmt: skip
    return checks


def _sweeping(source: Source, snapshot: Snapshot) -> Steps[Check]:
    overdue = yield from ask_one("ZCOUNT", source.keys.due, "-inf", snapshot.at_us - OVERDUE_US)
    if not overdue:
        return Check("sweeping", "ok", "nothing is overdue")
    return Check("sweeping", "fail", f"{overdue} due times have passed: no worker sweeps", "start a worker")


def _stuck(source: Source, snapshot: Snapshot) -> Steps[list[Check]]:
    held = [(agent.name, slot) for agent in snapshot.agents for slot in agent.slots if slot.kind != "missed"]
    holders = yield from ask_each(("HMGET", source.keys.contact(one.contact_id), "agent", "token") for _, one in held)
    wrong = sum(
        (by, token) != (name.encode(), str(slot.token).encode())
        for (name, slot), (by, token) in zip(held, holders, strict=True)
    )
    found = "every slot has its contact" if not wrong else f"{wrong} slots hold a contact that is not their agent's"
    parked = snapshot.parked
    return [
        Check("slots", "fail" if wrong else "ok", found, "report this as a bug" if wrong else ""),
        Check(
            "parked", "warn" if parked else "ok", f"{parked} contacts are parked",
            "see `fairlead contacts parked`, then `fairlead contacts retry`" if parked else "",
        ),
    ]  # fmt: skip


def _overflows(source: Source, snapshot: Snapshot) -> Steps[list[Check]]:
    configuration = snapshot.configuration
    chosen = {choice.queue for intake in configuration.intakes.values() for choice in intake.choices()}
    agents: dict[str, Agent] = {}
    for queue in filter(is_agent_queue, sorted(chosen)):
        agents |= yield from _agent(source, queue.removeprefix(AGENT_QUEUE_PREFIX))
    advice = "change the configuration: `fairlead export`, `fairlead apply`"
    warnings = warnings_of(replace(configuration, agents=agents))
    return [Check("overflow", "warn", warning, advice) for warning in warnings]


def _agent(source: Source, name: str) -> Steps[dict[str, Agent]]:
    """The agent by its name, unless it has been removed."""
    try:
        found, _ = yield from reading.object_in_force("agent", name).steps(source)
    except UnknownAgent:
        return {}
    return {name: found} if isinstance(found, Agent) else {}


def _away(source: Source, snapshot: Snapshot) -> Steps[list[Check]]:
    """Contacts that wait for an agent who is away, and for nobody else, ever."""
    if snapshot.configuration.agent_queue_overflow:
        return []
    names = sorted(name.decode() for name in (yield from ask_one("SMEMBERS", source.keys.owned)))
    rows = yield from ask_each(("HMGET", source.keys.agent(name), "epoch", "overflow", "own") for name in names)
    waiting = {
        name: int(own)
        for name, (epoch, overflow, own) in zip(names, rows, strict=True)
        if own and not epoch and not overflow
    }
    if not waiting:
        return []
    told = ", ".join(f"{name} ({many})" for name, many in list(waiting.items())[:_MOST_EXPLAINED])
    more = f" and {len(waiting) - _MOST_EXPLAINED} more" if len(waiting) > _MOST_EXPLAINED else ""
    return [Check(
        "away", "warn",
        f"contacts wait in the own queues of agents who are not signed in, and overflow nowhere: {told}{more}",
        "set overflow and overflow_after_s of the agents, or agent_queue_overflow and agent_queue_overflow_after_s of "
        "[instance]; or move the contacts: `fairlead contacts move`",
    )]  # fmt: skip


def _unserved(source: Source, snapshot: Snapshot) -> Steps[list[Check]]:
    staffed = {agent.profile for agent in snapshot.agents if agent.is_signed_in}
    served = {
        (entry.queue, entry.channel)
        for profile in snapshot.configuration.profiles.values()
        if profile.name in staffed
        for entry in profile.entries
    }
    checks: list[Check] = []
    for state in snapshot.queues:
        if state.waiting and not state.queue.startswith("@") and (state.queue, state.channel) not in served:
            why = (yield from _why_first_waits(source, state)) if len(checks) < _MOST_EXPLAINED else ""
            found = f"{state.waiting} contacts wait in {state.queue} on {state.channel}, "
            found += f"which no signed-in agent's profile serves{why}"
            checks.append(Check("staffing", "warn", found, "sign in an agent whose profile has that entry"))
    return checks


_MOST_EXPLAINED = 5
"""Of how many queues the doctor says who could serve them, which costs a look at each agent."""


def _why_first_waits(source: Source, state: QueueState) -> Steps[str]:
    """Why the first contact in line waits, by the rules."""
    ids = yield from reading.ids_in_line(state.queue, state.channel, 1).steps(source)
    if not ids:
        return ""
    explained = yield from explain_contact(ids[0]).steps(source)
    return "".join(f"; {why}" for why in told_together(explained))


_LOOKS: dict[str, Callable[[Source], Steps[list[Check]]]] = {
    "server": _server, "clock": _clock, "rights": _rights, "instance": _instance,
}  # fmt: skip
