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
    return [*checks, _sweeping(store, snapshot), *_stuck(store, snapshot), *_unserved(snapshot)]


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
    offset_s = int(store.client.hget(store.keys.instance, "offset_us") or 0) / 1e6
    found = f"{apart_s:.2f} s from this machine's, the engine's offset is {offset_s:.1f} s"
    if apart_s < LARGEST_CLOCK_DIFFERENCE_S and abs(offset_s) < LARGEST_CLOCK_DIFFERENCE_S:
        return Check("clock", "ok", found)
    return Check("clock", "warn", found, "let NTP keep both clocks")


def _rights(store: Store) -> Check:
    try:
        user = store.client.execute_command("ACL", "WHOAMI").decode()
        answer = store.client.execute_command("ACL", "DRYRUN", user, "EVALSHA", "0" * 40, "1", store.keys.instance)
    except RedisError:
        return Check("rights", "ok", "not examined: this user may not ask for its rights")
    if answer in (b"OK", "OK"):
        return Check("rights", "ok", f"user {user} may run scripts")
    return Check("rights", "warn", f"user {user} may not run scripts: it can only read", "see deploy/redis/users.acl")


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
