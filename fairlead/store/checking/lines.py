"""Tracks hold contacts, what counts them is right, and nobody waits for an agent who is available."""

from collections import Counter
from collections.abc import Iterator, Mapping

from fairlead.store.checking.claims import contrary, hash_of, number, text, words_of
from fairlead.store.checking.contacts import REMOVE_IT
from fairlead.store.checking.moments import Finding
from fairlead.store.keys import PAUSE_TRACK, Keys
from fairlead.store.members import due_member, lane_of, read_special
from fairlead.store.procedure import Steps, ask

COUNT_AGAIN = "write what it should be with redis-cli while no work goes on; report this as a bug"
WAKE = "set the agent's status again: it is given what it may take; report this as a bug"

LEFT_TO_DO = ("applying", "unindexed", "unmatched", "forgiven")
"""While there is any of it, an instance is not yet what it will be."""


MOST_COUNTED = 10_000
"""Of how many due times and parked contacts those are counted that make their queue one that is in use."""


def differences(key: str, told: Mapping[str, str], counted: Mapping[str, str]) -> Iterator[Finding]:
    """The fields of a hash of counts that are not what was counted."""
    for field in sorted(told.keys() | counted.keys()):
        if told.get(field) != counted.get(field):
            yield Finding(key, f"{field} = {told.get(field)}", f"{field} = {counted.get(field)}", COUNT_AGAIN)


def tracks(keys: Keys, queue: str, channel: str) -> Steps[list[Finding]]:
    """Each track has contacts, and scripts know that there are some."""
    key, pair = keys.tracks(queue, channel), f"{queue}:{channel}"
    row, special = yield from ask(("HGETALL", key), ("HGET", keys.instance, "special"))
    named = hash_of(row)
    lengths = yield from ask(*(("ZCARD", keys.waiting(queue, channel, track)) for track in named.values()))
    found = [
        Finding(key, f"{holds} = {track}, an empty line", f"no {holds}", REMOVE_IT)
        for (holds, track), many in zip(named.items(), lengths, strict=True)
        if not many
    ]
    if bool(named) != (pair in read_special(special).tracked):
        said = f"{pair} among the queues with tracks"
        found.append(Finding(f"{keys.instance} special", *contrary(said, so=bool(named)), COUNT_AGAIN))
    return found


def aside(keys: Keys, pair: str) -> Steps[list[Finding]]:
    """How many contacts of a queue and channel wait in tracks and pauses."""
    queue, _, channel = pair.partition(":")
    told, values = yield from ask(("HGET", keys.aside, pair), ("HVALS", keys.tracks(queue, channel)))
    lines = [keys.waiting(queue, channel, track) for track in (*words_of(values), PAUSE_TRACK)]
    many = sum((yield from ask(*(("ZCARD", line) for line in lines))))
    if (number(text(told)) or 0) == many and (told is None) == (not many):
        return []
    return [Finding(keys.aside, f"{pair} = {text(told)}", f"{pair} = {many or None}", COUNT_AGAIN)]


def apart(keys: Keys) -> Steps[list[Finding]]:
    """How many contacts of each queue are scheduled or parked; where there are too many to be counted, nothing."""
    told, parked, due = yield from ask(("HGETALL", keys.apart), ("ZCARD", keys.parked), ("ZCARD", keys.due))
    if parked + due > MOST_COUNTED:
        return []
    ids, members = yield from ask(("ZRANGE", keys.parked, 0, -1), ("ZRANGE", keys.due, 0, -1))
    starts = [one.partition(":")[2] for one in words_of(members) if one.startswith("start:")]
    rows = yield from ask(*(("HMGET", keys.contact(one), "state", "queue") for one in [*words_of(ids), *starts]))
    queues = [text(queue) or "" for state, queue in rows if text(state) in ("scheduled", "parked")]
    counted = {queue: str(many) for queue, many in Counter(queues).items()}
    return list(differences(keys.apart, hash_of(told), counted))


def oldest(keys: Keys, line: str) -> Steps[list[Finding]]:
    """A line of which something may expire is to be looked at."""
    key, member = keys.oldest(line), due_member("line", line)
    exists, at = yield from ask(("EXISTS", key), ("ZSCORE", keys.due, member))
    if not exists or at is not None:
        return []
    return [Finding(keys.due, f"no {member}", f"{member}, since there is {key}", COUNT_AGAIN)]


def matched(keys: Keys, queue: str, channel: str, now_us: str) -> Steps[list[Finding]]:
    """Nobody waits in the plain line whom an available agent may take at once. `now_us`: empty: Redis' time."""
    line = keys.waiting(queue, channel)
    head, servers, (special, offset_us), behind, (seconds, _) = yield from ask(
        ("ZRANGE", line, 0, 0), ("HGETALL", keys.servers(queue, channel)),
        ("HMGET", keys.instance, "special", "offset_us"),
        ("EXISTS", *(keys.prefix + one for one in LEFT_TO_DO)), ("TIME",),
    )  # fmt: skip
    kept = read_special(special)
    if not head or behind or queue in kept.closed or kept.lost:
        return []
    at_us = int(now_us or int(seconds) * 1_000_000 + int(offset_us or 0))
    at_once = {profile: served for profile, served in hash_of(servers).items() if served in ("0", "0 limited")}
    lanes = {"0": channel, "0 limited": lane_of(queue, channel)}
    pools = [keys.available(profile, lanes[served]) for profile, served in at_once.items()]
    firsts = yield from ask(*(("ZRANGE", pool, 0, 0) for pool in pools))
    names = {pool: text(first[0]) or "" for pool, first in zip(pools, firsts, strict=True) if first}
    leases = yield from ask(*(("ZSCORE", keys.due, due_member("session", name)) for name in names.values()))
    return [
        Finding(line, f"{text(head[0])}, while {name} is available in {pool}", "nobody whom that agent may take", WAKE)
        for (pool, name), ends_us in zip(names.items(), leases, strict=True)
        if (number(text(ends_us)) or 0) > at_us  # whose lease has passed is not there
    ]
