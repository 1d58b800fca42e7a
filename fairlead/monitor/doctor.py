"""Checks of a server and an instance: what was found, why it matters, what to do."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from redis.exceptions import RedisError

from fairlead.errors import UnknownContact
from fairlead.monitor.snapshot import Snapshot, take_snapshot
from fairlead.store.client import Store
from fairlead.store.reading import read_contact
from fairlead.store.scripts import commands

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


def examine(store: Store) -> list[Check]:
    """Every check, in order."""
    info: dict[str, Any] = store.client.info()
    snapshot = take_snapshot(store)
    checks = [_version(info), _persistence(info), _eviction(info), _memory(info), _clock(store), _rights(store)]
    checks += [_sweeping(store, snapshot), *_stuck(store, snapshot), *_unserved(snapshot)]
    return [*checks, *_calendars(store, snapshot)]


def _version(info: dict[str, Any]) -> Check:
    name = info.get("server_name", "redis")
    return Check("server", "ok", f"{name} {info.get('valkey_version', info['redis_version'])}")


def _persistence(info: dict[str, Any]) -> Check:
    if info.get("aof_enabled"):
        return Check("persistence", "ok", "append-only file is on")
    return Check(
        "persistence", "warn", "append-only file is off: contacts are lost when Redis ends", "set appendonly yes"
    )


def _eviction(info: dict[str, Any]) -> Check:
    policy = info.get("maxmemory_policy", "noeviction")
    if policy == "noeviction" or not info.get("maxmemory"):
        return Check("eviction", "ok", policy)
    return Check("eviction", "fail", f"{policy}: Redis may throw contacts away", "set maxmemory-policy noeviction")


def _memory(info: dict[str, Any]) -> Check:
    most = info.get("maxmemory", 0)
    used = info["used_memory"]
    if not most or used < 0.9 * most:
        return Check("memory", "ok", info["used_memory_human"])
    return Check("memory", "warn", f"{100 * used / most:.0f} % of maxmemory", "raise maxmemory, or add workers")


def _clock(store: Store) -> Check:
    seconds, microseconds = store.client.time()
    apart_s = abs(seconds + microseconds / 1e6 - time.time())
    offset, doubt = store.client.hmget(store.keys.instance, "offset_us", "doubt")
    offset_s = int(offset or 0) / 1e6
    found = f"{apart_s:.2f} s from this machine's, the engine's offset is {offset_s:.1f} s"
    if doubt:
        found += "; it was set or nobody has swept, and no sweep has judged which"
        return Check("clock", "warn", found, "start a worker: its sweeps judge the clock")
    if apart_s < LARGEST_CLOCK_DIFFERENCE_S and abs(offset_s) < LARGEST_CLOCK_DIFFERENCE_S:
        return Check("clock", "ok", found)
    return Check("clock", "warn", found, "let NTP keep both clocks")


def _rights(store: Store) -> Check:
    """Whether this user may run each command that the scripts call; Redis would refuse it in the middle of a script."""
    key = store.keys.instance
    try:
        user = store.client.execute_command("ACL", "WHOAMI").decode()
        if not _may(store, user, ["EVALSHA", "0" * 40, "1", key]):
            found = f"user {user} may not run scripts: it can only read"
            return Check("rights", "warn", found, "see deploy/redis/users.acl")
        lacks = [command for command in sorted(commands()) if not _may(store, user, [command, *_SAMPLES[command]])]
    except RedisError:
        return Check("rights", "ok", "not examined: this user may not ask for its rights")
    if lacks:
        found = f"user {user} may not {', '.join(lacks)}, which scripts call"
        return Check("rights", "fail", found, "see deploy/redis/users.acl")
    return Check("rights", "ok", f"user {user} may run scripts and every command that they call")


def _may(store: Store, user: str, command: list[str]) -> bool:
    keyed = [store.keys.instance if word == "KEY" else word for word in command]
    return store.client.execute_command("ACL", "DRYRUN", user, *keyed) in (b"OK", "OK")


_SAMPLES: dict[str, list[str]] = {
    "DEL": ["KEY"], "EXISTS": ["KEY"], "EXPIRE": ["KEY", "1"], "GET": ["KEY"], "HDEL": ["KEY", "f"],
    "HEXISTS": ["KEY", "f"], "HGET": ["KEY", "f"], "HGETALL": ["KEY"], "HINCRBY": ["KEY", "f", "1"], "HKEYS": ["KEY"],
    "HMGET": ["KEY", "f"], "HSET": ["KEY", "f", "v"], "LRANGE": ["KEY", "0", "1"], "RPUSH": ["KEY", "v"],
    "SADD": ["KEY", "v"], "SET": ["KEY", "v"], "SMEMBERS": ["KEY"], "SREM": ["KEY", "v"], "TIME": [],
    "XADD": ["KEY", "*", "f", "v"], "ZADD": ["KEY", "1", "v"], "ZCARD": ["KEY"], "ZRANGE": ["KEY", "0", "1"],
    "ZREM": ["KEY", "v"], "ZSCORE": ["KEY", "v"],
}  # fmt: skip
"""Arguments with which ACL DRYRUN takes each command; a test compares them with the scripts."""

CALENDAR_WARNING_US = 30 * 86_400 * 1_000_000


def _calendars(store: Store, snapshot: Snapshot) -> Iterator[Check]:
    """Opening times are written some way ahead; every change of the configuration writes them anew."""
    for name in snapshot.configuration.hours:
        last = store.client.zrange(store.keys.hours(name), -1, -1, withscores=True)
        left_us = (last[0][1] if last else 0) - snapshot.at_us
        if left_us < CALENDAR_WARNING_US and len(store.client.zrange(store.keys.hours(name), 0, 1)) > 1:
            yield Check(
                "hours", "warn", f"the opening times of {name} are known for {max(0, left_us) / 86.4e9:.0f} more days",
                "apply the configuration again with any change: `fairlead export`, `fairlead apply`",
            )  # fmt: skip


def _sweeping(store: Store, snapshot: Snapshot) -> Check:
    overdue = store.client.zcount(store.keys.due, "-inf", snapshot.at_us - OVERDUE_US)
    if not overdue:
        return Check("sweeping", "ok", "nothing is overdue")
    return Check("sweeping", "fail", f"{overdue} due times have passed: nobody sweeps", "start a worker")


def _stuck(store: Store, snapshot: Snapshot) -> Iterator[Check]:
    wrong = 0
    for agent in snapshot.agents:
        for slot in agent.slots:
            wrong += slot.kind != "missed" and _holder_of(store, slot.contact_id) != (agent.name, slot.token)
    found = "every slot has its contact" if not wrong else f"{wrong} slots whose contact is elsewhere"
    yield Check("slots", "fail" if wrong else "ok", found, "report this as a bug" if wrong else "")
    parked = snapshot.parked
    yield Check(
        "parked", "warn" if parked else "ok", f"{parked} contacts are parked",
        "see `fairlead contacts parked`, then `fairlead contacts retry`" if parked else "",
    )  # fmt: skip


def _holder_of(store: Store, contact_id: str) -> tuple[str, int | None] | None:
    try:
        contact = read_contact(store, contact_id)
    except UnknownContact:
        return None
    return contact.agent, contact.token


def _unserved(snapshot: Snapshot) -> Iterator[Check]:
    staffed = {agent.profile for agent in snapshot.agents if agent.is_signed_in}
    served = {
        (entry.queue, entry.channel)
        for profile in snapshot.configuration.profiles.values()
        if profile.name in staffed
        for entry in profile.entries
    }
    for state in snapshot.queues:
        if state.waiting and not state.queue.startswith("@") and (state.queue, state.channel) not in served:
            yield Check(
                "staffing", "warn", f"{state.waiting} contacts wait in {state.queue} on {state.channel}, "
                "which no signed-in agent's profile serves", "sign in an agent whose profile has that entry",
            )  # fmt: skip
