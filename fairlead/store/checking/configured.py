"""What is kept beside the configuration, so that scripts find it quickly, is what queues and profiles say."""

from fairlead.store.checking.claims import contrary, fields_of, has_field, is_member, judged, text
from fairlead.store.checking.moments import Finding
from fairlead.store.keys import Keys
from fairlead.store.members import chosen_by, due_member, read_entries, read_special, served_text
from fairlead.store.procedure import Steps, ask

APPLY = "change the object and change it back (`fairlead export`, `fairlead apply`); report this as a bug"

NEVER = -1
"""What TTL says of a key that does not end."""

QUEUE_FIELDS = (
    "hours", "closed_policy", "agent_choice", "choice_proficiency", "raise_after_s", "overflow_after_s",
    "offer_again_after_s", "offer_to",
)  # fmt: skip


def profile(keys: Keys, name: str) -> Steps[list[Finding]]:
    """A profile is known by its name, and by the queues that it serves."""
    key = keys.profile(name)
    version, *row = (yield from ask(("HMGET", key, "version", "entries", "limits")))[0]
    if version is None:
        return []
    of_entries, limits = (text(value) or "" for value in row)
    entries = list(read_entries(of_entries, False, limits))
    claims = [has_field(keys.servers(one.queue, one.channel), name, served_text(one)) for one in entries]
    claims.append(is_member(keys.profiles, name))
    for channel in {str(one.channel) for one in entries}:
        delayed = any(one.delay_s for one in entries if one.channel == channel)
        claims.append(is_member(keys.delayed, f"{name} {channel}", so=delayed))
    return (yield from judged(claims, APPLY))


def server(keys: Keys, pair: str, name: str) -> Steps[list[Finding]]:
    """Whoever is said to serve a queue has it in its profile."""
    queue, channel = pair.split(":")
    key = keys.servers(queue, channel)
    told, entries = yield from ask(("HGET", key, name), ("HGET", keys.profile(name), "entries"))
    served = {(one.queue, one.channel) for one in read_entries(text(entries) or "", False)}
    if told is None or (queue, channel) in served:
        return []
    return [Finding(key, f"{name} = {text(told)}", f"no {name}, which does not serve it", APPLY)]


def delayed(keys: Keys, pool: str) -> Steps[list[Finding]]:
    """A pool that is looked at for its delays is of a profile that has some."""
    name, _, channel = pool.partition(" ")
    is_there, entries = yield from ask(("SISMEMBER", keys.delayed, pool), ("HGET", keys.profile(name), "entries"))
    its = read_entries(text(entries) or "", False)
    if not is_there or any(one.delay_s for one in its if one.channel == channel):
        return []
    return [Finding(keys.delayed, pool, f"no {pool}, which has no delays", APPLY)]


def queue(keys: Keys, name: str) -> Steps[list[Finding]]:
    """A queue is known by its name, its hours, how it chooses agents and how many, and whether it relieves contacts."""
    values, special, relieved = yield from ask(
        ("HMGET", keys.queue(name), *QUEUE_FIELDS), ("HGET", keys.instance, "special"),
        ("HGET", keys.instance, "relieved"),
    )  # fmt: skip
    row = fields_of(QUEUE_FIELDS, values)
    if not row:
        return []
    hours = f"{row['hours']} {row['closed_policy']}" if row.get("hours") else None
    found = yield from judged([is_member(keys.queues, name), has_field(keys.timed, name, hours)], APPLY)
    choice = row.get("agent_choice", "longest_idle")
    choice += f":{row['choice_proficiency']}" if choice == "highest_proficiency" else ""
    told = sorted(one for one in read_special(special).choices if chosen_by(one) == name)
    rings = row.get("offer_to", "1")
    should = [f"{name}*{rings}"] * (rings != "1") + [f"{name}={choice}"] * (choice != "longest_idle")
    if told != should:
        found.append(Finding(f"{keys.instance} special", f"choices {told}", f"choices {should}", APPLY))
    never_again = row.get("offer_again_after_s") == ""
    relieves = bool(row.get("raise_after_s") or row.get("overflow_after_s")) or never_again
    if relieves != (name in (text(relieved) or "").split()):
        said = f"{name} among the queues that relieve"
        found.append(Finding(f"{keys.instance} relieved", *contrary(said, so=relieves), APPLY))
    return found


def calendar(keys: Keys, hours: str) -> Steps[list[Finding]]:
    """The times at which hours of operation begin and end are carried on."""
    member = due_member("calendar", hours)
    is_there, at = yield from ask(("HEXISTS", keys.calendars, hours), ("ZSCORE", keys.due, member))
    return [Finding(keys.due, f"no {member}", f"{member} in it", APPLY)] if is_there and at is None else []


def named(keys: Keys, name: str, family: str) -> Steps[list[Finding]]:
    """A name in one of the sets of names is that of an object."""
    names = {"queue": keys.queues, "profile": keys.profiles, "agent": keys.agents}[family]
    is_there, exists = yield from ask(("SISMEMBER", names, name), ("EXISTS", f"{keys.prefix}{family}:{name}"))
    if not is_there or exists:
        return []
    return [Finding(names, name, f"no {name}: there is no such {family}", APPLY)]


def special(keys: Keys) -> Steps[list[Finding]]:
    """What few instances have is said of queues that are there."""
    its = read_special((yield from ask(("HGET", keys.instance, "special")))[0])
    lengths = yield from ask(*(("HLEN", keys.tracks(*pair.split(":"))) for pair in sorted(its.tracked)))
    queues = sorted({chosen_by(one) for one in its.choices})
    exist = yield from ask(*(("EXISTS", keys.queue(name)) for name in queues))
    void = [f"{pair} among the queues with tracks" for pair, many in zip(sorted(its.tracked), lengths, strict=True)
            if not many]  # fmt: skip
    void += [f"{name}, which chooses agents" for name, is_there in zip(queues, exist, strict=True) if not is_there]
    return [Finding(f"{keys.instance} special", told, f"no {told}", APPLY) for told in void]


def ends(keys: Keys, name: str) -> Steps[list[Finding]]:
    """A key that is kept for a while ends by itself."""
    key = keys.prefix + name
    if (yield from ask(("TTL", key)))[0] != NEVER:
        return []
    return [Finding(key, "no end", "an end: it is kept for a while", "remove it with redis-cli; report this as a bug")]
