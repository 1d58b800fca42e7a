"""Whoever is signed in stands where it should, and nobody else does."""

from collections import Counter
from collections.abc import Mapping

from fairlead.domain.channel import CHANNELS
from fairlead.domain.slots import KEPT, ON_CONTACT, WITH_AGENT
from fairlead.store.checking.claims import (
    Claim,
    fields_of,
    has_field,
    hash_of,
    is_member,
    is_not_in,
    judged,
    stands_at,
    stands_in,
    text,
    words_of,
)
from fairlead.store.checking.contacts import REMOVE_IT
from fairlead.store.checking.lines import COUNT_AGAIN, differences
from fairlead.store.checking.moments import Finding
from fairlead.store.keys import PAUSE_TRACK, Keys
from fairlead.store.members import due_member, lane_of, read_channels, read_limits, read_slots, read_special
from fairlead.store.procedure import Steps, ask

Record = Mapping[str, str]

FIELDS = (
    "profile", "epoch", "status", "routable", "absent", "next_status", "capacity", "available_us", "offerable",
    "activity", "holder", "skillset", "slots", "own",
)  # fmt: skip
OF_SESSIONS = ("status", "activity", "absent", "next_status", "offerable", "holder", "slots")
"""What a record has while there is a session."""

ANEW = "sign the agent out and in again; report this as a bug"


def agent(keys: Keys, name: str) -> Steps[list[Finding]]:
    """An agent's record, and all that it says of where the agent stands."""
    key = keys.agent(name)
    row = fields_of(FIELDS, (yield from ask(("HMGET", key, *FIELDS)))[0])
    if not row:
        return []
    if "profile" not in row:
        return [Finding(key, "no profile", "an agent's whole record", ANEW)]
    found = yield from judged([is_member(keys.agents, name)], "apply the configuration again; report this as a bug")
    found += yield from _own(keys, name, row)
    if "epoch" not in row:
        left = [field for field in OF_SESSIONS if field in row]
        told = "nothing of a session, since there is none"
        return found + [Finding(key, f"{field} {row[field]}", told, ANEW) for field in left]
    found += yield from judged(
        [
            is_member(keys.online(row["profile"]), name),
            is_member(keys.holder(row.get("holder", "")), name),
            stands_in(keys.due, due_member("session", name)),
        ],
        ANEW,
    )
    found += yield from _slots(keys, name, row)
    return found + (yield from _availability(keys, name, row))


def _own(keys: Keys, name: str, row: Record) -> Steps[list[Finding]]:
    """How many contacts wait in the agent's own queue."""
    queue = f"@{name}"
    tracks = yield from ask(*(("HVALS", keys.tracks(queue, channel)) for channel in CHANNELS))
    lines = [
        keys.waiting(queue, channel, track)
        for channel, its in zip(CHANNELS, tracks, strict=True)
        for track in ("", PAUSE_TRACK, *words_of(its))
    ]
    many = sum((yield from ask(*(("ZCARD", line) for line in lines))))
    found = yield from judged([is_member(keys.owned, name, so=many > 0)], COUNT_AGAIN)
    if int(row.get("own", 0)) != many:
        told = f"own = {row.get('own', 0)}"
        found.append(Finding(keys.agent(name), told, f"own = {many}, who wait there", COUNT_AGAIN))
    return found


def owned(keys: Keys, name: str) -> Steps[list[Finding]]:
    """Whoever stands among the agents in whose own queues contacts wait is there."""
    is_there, exists = yield from ask(("SISMEMBER", keys.owned, name), ("EXISTS", keys.agent(name)))
    if not is_there or exists:
        return []
    return [Finding(keys.owned, name, f"no {name}: there is no such agent", REMOVE_IT)]


def _slots(keys: Keys, name: str, row: Record) -> Steps[list[Finding]]:
    """Each slot that stands for a contact has it. After-contact work may be that of one that has gone on."""
    slots = [(one, *one.split(" ")) for one in row.get("slots", "").split(";") if one]
    held = [(one, token, kind, contact_id) for one, token, _, kind, contact_id, *_ in slots
            if kind in WITH_AGENT or kind == "acw"]  # fmt: skip
    records = yield from ask(
        *(("HMGET", keys.contact(held_id), "state", "agent", "token", "rings") for *_, held_id in held)
    )
    return [
        Finding(
            keys.agent(name), f"slot {one}, of a contact that is {' '.join(text(word) or '-' for word in record)}",
            f"a contact that is {kind} {name} {token}", ANEW,
        )
        for (one, token, kind, _), (*record, rings) in zip(held, records, strict=True)
        if [text(word) for word in record] != [kind, name, token] and (kind != "acw" or text(record[2]) == token)
        and f"{name} {token}" not in (text(rings) or "").split(";")
    ]  # fmt: skip


def _availability(keys: Keys, name: str, row: Record) -> Steps[list[Finding]]:
    """What the agent may be offered now by its status, its profile and its slots, and the sets that say so."""
    profile = row["profile"]
    (channels, skillsets, of_limits), status, special, unindexed = yield from ask(
        ("HMGET", keys.profile(profile), "channels", "skillsets", "limits"),
        ("HGET", keys.statuses, row.get("status", "")), ("HGET", keys.instance, "special"),
        ("HEXISTS", keys.unindexed, profile),
    )  # fmt: skip
    if unindexed or row.get("holder") in read_special(special).lost:
        return []
    is_routable = (text(status) or "custom").split(" ")[0] == "routable"
    is_idle = is_routable and "absent" not in row
    kinds = [one.split(" ")[1:3] for one in row.get("slots", "").split(";") if one]
    may: list[str] = [
        channel for channel in CHANNELS
        if is_idle and not row.get("next_status") and _has_slot(text(channels) or "", kinds, channel, row)
    ]  # fmt: skip
    limits = read_limits(text(of_limits) or "")
    slots = read_slots(row.get("slots", ""))
    held = Counter(lane_of(queue, channel) for _, channel, kind, _, queue in slots if kind != "paused")
    may += [lane for lane, most in limits.items() if held[lane] < most and lane.split(":")[1] in may]
    on_contact = any(kind in ON_CONTACT for _, kind in kinds)
    activity = "contact" if on_contact else "idle" if is_idle else ""
    claims = [
        has_field(keys.agent(name), "routable", str(int(is_routable))),
        _same_text(keys.agent(name), "offerable", " ".join(may)),
        _same_text(keys.agent(name), "activity", activity),
    ]
    pools = [profile, *([f"{profile}~{row.get('skillset') or '-'}"] if text(skillsets) else [])]
    for pool in pools:
        for lane in (*CHANNELS, *limits):
            available = keys.available(pool, lane)
            at = stands_at(available, name, int(row["available_us"])) if lane in may else is_not_in(available, name)
            claims.append(at)
    return (yield from judged(claims, ANEW))


def _same_text(key: str, field: str, value: str) -> Claim:
    """A field has that text; it may be missing when there is none."""
    return Claim(("HGET", key, field), lambda found: (found or "") == value, f"{field} = {value}")


def _has_slot(channels: str, kinds: list[list[str]], channel: str, row: Record) -> bool:
    """A slot of the channel is free, and what the agent holds of other channels allows others."""
    concurrency = {str(one): its for one, its in read_channels(channels).items()}
    used = Counter(one for one, kind in kinds if kind != "paused")
    paused, most, capacity = sum(kind == "paused" for _, kind in kinds), concurrency.get(channel), int(row["capacity"])
    if most is None or used[channel] >= most.slots or 0 < capacity <= used.total():
        return False
    if channel == "task" and used[channel] + paused >= 2 * most.slots:
        return False
    others = {one for one, kind in kinds if kind not in ("paused", *KEPT)} - {channel}
    return all(other in concurrency and concurrency[other].allows_others for other in others)


def online(keys: Keys, profile: str, name: str) -> Steps[list[Finding]]:
    """Whoever stands among the signed-in agents of a profile is one."""
    return (yield from _signed_in(keys, keys.online(profile), name, "profile", profile))


def holder(keys: Keys, of: str, name: str) -> Steps[list[Finding]]:
    """Whoever stands among those whom a process has signed in is one."""
    return (yield from _signed_in(keys, keys.holder(of), name, "holder", of))


def _signed_in(keys: Keys, key: str, name: str, field: str, expected: str) -> Steps[list[Finding]]:
    is_there, (epoch, value) = yield from ask(("SISMEMBER", key, name), ("HMGET", keys.agent(name), "epoch", field))
    if not is_there or (epoch and text(value) == expected):
        return []
    told = f"whose {field} is {text(value)}" if epoch else "who is not signed in"
    return [Finding(key, f"{name}, {told}", f"those who are signed in, of that {field}", REMOVE_IT)]


def available(keys: Keys, pool_and_lane: str, name: str) -> Steps[list[Finding]]:
    """Whoever stands among the available agents may be offered that channel, and is of that profile."""
    pool, _, lane = pool_and_lane.partition(":")
    key = keys.available(pool, lane)
    score, values = yield from ask(
        ("ZSCORE", key, name), ("HMGET", keys.agent(name), "epoch", "profile", "skillset", "offerable")
    )
    epoch, profile, skillset, offerable = (text(value) or "" for value in values)
    is_one = epoch and pool in (profile, f"{profile}~{skillset or '-'}") and lane in offerable.split(" ")
    if score is None or is_one:
        return []
    told = f"who may be offered {offerable or 'nothing'} in {profile}" if epoch else "who is not signed in"
    return [Finding(key, f"{name}, {told}", "agents who may be offered it now", REMOVE_IT)]


def present(keys: Keys, profile: str) -> Steps[list[Finding]]:
    """How many agents of a profile are signed in, by their proficiencies."""
    key = keys.present(profile)
    told, names = yield from ask(("HGETALL", key), ("SMEMBERS", keys.online(profile)))
    rows = yield from ask(*(("HMGET", keys.agent(name), "skillset", "routable") for name in words_of(names)))
    counted: Counter[str] = Counter()
    for skillset, routable in rows:
        counted[text(skillset) or "-"] += 1
        counted[f"{text(skillset) or '-'}+"] += text(routable) == "1"
    return list(differences(key, hash_of(told), {one: str(many) for one, many in counted.items() if many}))


def skillsets(keys: Keys) -> Steps[list[Finding]]:
    """How many agents of each profile have the same proficiencies, signed in or not."""
    names, profiles = yield from ask(("SMEMBERS", keys.agents), ("SMEMBERS", keys.profiles))
    rows = yield from ask(*(("HMGET", keys.agent(name), "profile", "skillset", "skills") for name in words_of(names)))
    counted: dict[str, Counter[str]] = {profile: Counter() for profile in words_of(profiles)}
    for profile, skillset, skills in ([text(value) or "" for value in row] for row in rows):
        if skills and profile in counted:
            counted[profile][f"{skillset} {skills}"] += 1
    told = yield from ask(*(("HGETALL", keys.skillsets(profile)) for profile in counted))
    noted = yield from ask(*(("HGET", keys.profile(profile), "skillsets") for profile in counted))
    found: list[Finding] = []
    for (profile, many), row, names_in_use in zip(counted.items(), told, noted, strict=True):
        split = [(*one.partition(" "), count) for one, count in many.items()]
        should = {skillset: f"{count} {skills}" for skillset, _, skills, count in split}
        found += differences(keys.skillsets(profile), hash_of(row), should)
        known = sorted(["-", *should]) if should else []
        if sorted((text(names_in_use) or "").split()) != known:
            told_names = f"skillsets = {text(names_in_use)}"
            found.append(Finding(keys.profile(profile), told_names, f"skillsets = {' '.join(known)}", COUNT_AGAIN))
    return found
