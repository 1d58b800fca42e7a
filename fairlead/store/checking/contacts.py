"""Every contact is in exactly one place, as its record says, and comes due as it should."""

from collections.abc import Iterator, Mapping

from fairlead.domain.contact import ENDED, HELD, IN_QUEUE
from fairlead.domain.queue import EXPIRY_S
from fairlead.domain.slots import WITH_AGENT
from fairlead.store.checking.claims import (
    Claim,
    fields_of,
    has_field,
    hash_of,
    is_not_in,
    judged,
    number,
    stands_at,
    stands_in,
    text,
)
from fairlead.store.checking.moments import Finding
from fairlead.store.keys import PAUSE_TRACK, Keys
from fairlead.store.members import contact_at, due_member, place_of, read_rings
from fairlead.store.procedure import Steps, ask

Record = Mapping[str, str]

FIELDS = (
    "state", "queue", "channel", "priority", "rank", "queued_us", "track", "criteria", "step", "step_us", "refused",
    "expires_us", "again_us", "agent", "token", "connected_us", "rings",
)  # fmt: skip

MOVE_IT = (
    "see `fairlead contacts show` for what became of it; `fairlead contacts move` gives one that waits its place anew; "
    "report this as a bug"
)
REMOVE_IT = "nothing belongs there: remove it with redis-cli while no work goes on; report this as a bug"


def contact(keys: Keys, contact_id: str) -> Steps[list[Finding]]:
    """A contact's record, and all that it says of where the contact is."""
    key = keys.contact(contact_id)
    lives_s, values = yield from ask(("TTL", key), ("HMGET", key, *FIELDS))
    row = fields_of(FIELDS, values)
    if lives_s == -2:
        return []
    if lacking := sorted({"state", "queue", "channel", "priority", "rank"} - row.keys()):
        return [Finding(key, f"no {', '.join(lacking)}", "a contact's whole record", REMOVE_IT)]
    found = list(_in_itself(key, row, lives_s))
    found += yield from judged([*_places(keys, contact_id, row), *_due(keys, contact_id, row)], MOVE_IT)
    found += yield from _slots(keys, contact_id, row)
    found += yield from _track(keys, row)
    found += yield from _watched(keys, row)
    return found + (yield from _overflows(keys, contact_id, row))


def _in_itself(key: str, row: Record, lives_s: int) -> Iterator[Finding]:
    state = row["state"]
    if state in ENDED and lives_s < 0:
        yield Finding(key, f"{state}, and no end", "an end, the instance's retention after the contact's", REMOVE_IT)
    if state not in ENDED and lives_s >= 0:
        yield Finding(key, f"{state}, and ends in {lives_s} s", "no end", MOVE_IT)
    if state in ENDED:
        return
    if "rings" in row and state != "offered":
        yield Finding(key, f"{state}, rings {row['rings']}", "no rings", MOVE_IT)
    is_with_agent = state in HELD or state in ("offered", "acw")
    for field, is_expected in (
        ("agent", is_with_agent), ("token", is_with_agent), ("connected_us", state in HELD or state == "acw"),
    ):  # fmt: skip
        if (field in row) != is_expected:
            what = {True: f"{field} {row.get(field, '')}", False: f"no {field}"}
            yield Finding(key, f"{state}, {what[field in row]}", what[is_expected].strip(), MOVE_IT)


def _places(keys: Keys, contact_id: str, row: Record) -> Iterator[Claim]:
    state, place, priority = row["state"], place_in_line(contact_id, row), int(row["priority"])
    lines = {
        "queued": keys.waiting(row["queue"], row["channel"], row.get("track", "")),
        "offered": keys.offered(row["queue"], row["channel"]),
    }
    for of, line in lines.items():
        yield stands_at(line, place, priority) if of == state else is_not_in(line, place)
    yield (stands_in if state == "parked" else is_not_in)(keys.parked, contact_id)
    is_kept = state != "acw" and state not in ENDED
    exists = Claim(
        ("HEXISTS", keys.payloads, contact_id),
        lambda found: found == str(int(is_kept)),
        f"{'a' if is_kept else 'no'} payload of {contact_id}",
    )
    yield exists


def _due(keys: Keys, contact_id: str, row: Record) -> Iterator[Claim]:
    state, due = row["state"], keys.due
    expires_us = row.get("expires_us", "never")
    barred = [until_us for until_us in (int(row.get("again_us", 0)), *refusals_of(row).values()) if until_us]
    exact = {
        "expiry": int(expires_us) if state in IN_QUEUE and expires_us != "never" else None,
        "pause": min(barred) if state == "queued" and barred else None,
        "step": step_ends_us(row) if state == "queued" else None,
    }
    for kind, at_us in exact.items():
        member = due_member(kind, contact_id)
        if at_us is not None:
            yield stands_at(due, member, at_us)
        elif kind != "step" or state != "offered":  # a step's time may pass while the contact rings
            yield is_not_in(due, member)
    if not (row["queue"].startswith("@") and state in ("queued", "offered")):
        yield is_not_in(due, due_member("own", contact_id))
    for kind, of in {"start": "scheduled", "offer": "offered"}.items():
        yield (stands_in if state == of else is_not_in)(due, due_member(kind, contact_id))
    for agent, token in read_rings(row.get("rings", "")):
        yield stands_in(due, due_member("ring", f"{agent}/{token}"))


def _slots(keys: Keys, contact_id: str, row: Record) -> Steps[list[Finding]]:
    """The slots of the agents that have the contact: one, unless it rings at several."""
    state = row["state"]
    if "agent" not in row or not (state in WITH_AGENT or state == "acw"):
        return []
    found: list[Finding] = []
    for agent, token in ((row["agent"], row.get("token", "")), *read_rings(row.get("rings", ""))):
        key = keys.agent(agent)
        slots = text((yield from ask(("HGET", key, "slots")))[0]) or ""
        words = [str(token), row["channel"], state, contact_id, row["queue"], row.get("connected_us", "")]
        if " ".join(words) not in slots.split(";"):
            advice = f"`fairlead agents sign-out {agent}` gives back what it holds; report this as a bug"
            found.append(Finding(key, f"slots {slots or 'none'}", f"a slot {' '.join(words)}", advice))
    return found


def _track(keys: Keys, row: Record) -> Steps[list[Finding]]:
    """Who asks the same of an agent waits in the same track."""
    if row["state"] != "queued":
        return []
    tracks, track = keys.tracks(row["queue"], row["channel"]), row.get("track", "")
    if "again_us" in row or track == PAUSE_TRACK:
        if "again_us" in row and track == PAUSE_TRACK:
            return []
        should = f"the track {PAUSE_TRACK} while its pause lasts, and no other time"
        return [Finding(keys.waiting(row["queue"], row["channel"], track), f"track {track or '-'}", should, MOVE_IT)]
    asked = asked_of(row)
    if asked:
        return (yield from judged([has_field(tracks, asked, track)], MOVE_IT))
    return [Finding(tracks, f"track {track} for what asks nothing", "the plain line", MOVE_IT)] if track else []


def _watched(keys: Keys, row: Record) -> Steps[list[Finding]]:
    """Who expires when the queue says so stands in a line that is looked at in time."""
    if row["state"] not in IN_QUEUE or "expires_us" in row:
        return []
    wait_us = yield from _wait_us(keys, row["queue"], row["channel"])
    if not wait_us:
        return []
    line = f"{row['queue']}:{row['channel']}"
    if row["state"] == "queued" and row.get("track"):
        line += f":{row['track']}"
    oldest, member = keys.oldest(line), due_member("line", line)
    since, at = yield from ask(("ZSCORE", oldest, row["priority"]), ("ZSCORE", keys.due, member))
    since_us, at_us, queued_us = number(text(since)), number(text(at)), int(row.get("queued_us", row["rank"]))
    advice = "apply another expiry for the queue and then its own again: its lines are surveyed; report this as a bug"
    found = []
    if since_us is None or since_us > queued_us:
        found.append(Finding(oldest, f"{row['priority']} = {since_us}", f"at most {queued_us}", advice))
    if at_us is None or at_us > queued_us + wait_us:
        found.append(Finding(keys.due, f"{member} = {at_us}", f"at most {queued_us + wait_us}", advice))
    return [] if found and (yield from _is_surveyed(keys, line)) else found


def _overflows(keys: Keys, contact_id: str, row: Record) -> Steps[list[Finding]]:
    """What waits in an agent's own queue that overflows has a time at which it does, or the whole queue has one."""
    if row["state"] != "queued" or not row["queue"].startswith("@"):
        return []
    member = due_member("own", contact_id)
    of_agent, of_all, *at = yield from ask(
        ("HGET", keys.agent(row["queue"][1:]), "overflow"), ("HGET", keys.instance, "agent_queue_overflow"),
        ("ZSCORE", keys.due, member), ("ZSCORE", keys.due, due_member("own", row["queue"])),
    )  # fmt: skip
    if not (of_agent or of_all) or any(score is not None for score in at):
        return []
    return [Finding(keys.due, f"no {member}", f"{member} in it: that queue overflows", MOVE_IT)]


def _is_surveyed(keys: Keys, line: str) -> Steps[bool]:
    """Whether a line is being gone through, since its queue has got another expiry; one priority at a time."""
    surveys = [due_member("survey", f"{line} {priority}") for priority in ("-inf", *range(1, 100))]
    return any(score is not None for score in (yield from ask(("ZMSCORE", keys.due, *surveys)))[0])


def _wait_us(keys: Keys, queue: str, channel: str) -> Steps[int]:
    """How long a contact may wait unless it says so itself; 0 for ever."""
    if queue.startswith("@"):
        return {str(one): wait_s for one, wait_s in EXPIRY_S.items()}.get(channel, 0) * 1_000_000
    waits_s = text((yield from ask(("HGET", keys.queue(queue), f"expiry:{channel}")))[0])
    return int(waits_s or 0) * 1_000_000


def payload(keys: Keys, contact_id: str) -> Steps[list[Finding]]:
    """A payload belongs to a contact that is there."""
    exists, is_there = yield from ask(("HEXISTS", keys.payloads, contact_id), ("EXISTS", keys.contact(contact_id)))
    if not exists or is_there:
        return []
    return [Finding(keys.payloads, f"a payload of {contact_id}", "none: there is no such contact", REMOVE_IT)]


def parked(keys: Keys, contact_id: str) -> Steps[list[Finding]]:
    """Whoever stands among the parked contacts is parked."""
    score, state = yield from ask(("ZSCORE", keys.parked, contact_id), ("HGET", keys.contact(contact_id), "state"))
    if score is None or text(state) == "parked":
        return []
    is_so = text(state) or "nowhere: it has no record"
    return [Finding(keys.parked, f"{contact_id}, which is {is_so}", "parked contacts alone", REMOVE_IT)]


def waiting(keys: Keys, line: str, place: str) -> Steps[list[Finding]]:
    """Whoever stands in a line waits there."""
    return (yield from _in_line(keys, "waiting", line, place, "queued"))


def offered(keys: Keys, line: str, place: str) -> Steps[list[Finding]]:
    """Whoever stands among the offered ones of a queue and channel is being offered."""
    return (yield from _in_line(keys, "offered", line, place, "offered"))


def _in_line(keys: Keys, family: str, line: str, place: str, state: str) -> Steps[list[Finding]]:
    key, contact_id = f"{keys.prefix}{family}:{line}", contact_at(place.encode())
    score, values = yield from ask(("ZSCORE", key, place), ("HMGET", keys.contact(contact_id), *FIELDS))
    row = fields_of(FIELDS, values)
    if score is None:
        return []
    if not {"state", "queue", "channel", "rank"} <= row.keys():
        return [Finding(key, f"{place}, of a contact without a record", "places of contacts", REMOVE_IT)]
    own = f"{row['queue']}:{row['channel']}"
    own += f":{row['track']}" if state == "queued" and row.get("track") else ""
    if (row["state"], own, place_in_line(contact_id, row)) == (state, line, place):
        return []
    told = f"{place}, of a contact that is {row['state']} in {own}"
    return [Finding(key, told, f"the places of contacts that are {state} there", REMOVE_IT)]


def due(keys: Keys, member: str) -> Steps[list[Finding]]:
    """What comes due has an owner that waits for it."""
    kind, _, name = member.partition(":")
    score = (yield from ask(("ZSCORE", keys.due, member)))[0]
    if score is None:
        return []
    why = yield from _void(keys, kind, name)
    return [Finding(keys.due, f"{member}: {why}", "the times of what is there", REMOVE_IT)] if why else []


def _void(keys: Keys, kind: str, name: str) -> Steps[str]:
    """Why nothing comes due; empty: it does. A contact's own times are held against its record (contact)."""
    if kind == "own" and name.startswith("@"):
        return "" if (yield from ask(("EXISTS", keys.agent(name[1:]))))[0] else "there is no such agent"
    if kind == "calendar":
        return "" if (yield from ask(("HEXISTS", keys.calendars, name)))[0] else "there are no such hours"
    if kind in ("offer", "step", "pause", "expiry", "start", "own"):
        return "" if (yield from ask(("EXISTS", keys.contact(name))))[0] else "there is no such contact"
    if kind == "session":
        return "" if (yield from ask(("HEXISTS", keys.agent(name), "epoch")))[0] else "the agent is not signed in"
    if kind in ("slot", "ring"):
        agent, _, token = name.rpartition("/")
        slots = text((yield from ask(("HGET", keys.agent(agent), "slots")))[0]) or ""
        kinds = {one.split(" ")[0]: one.split(" ")[2] for one in slots.split(";") if one}
        due_kinds = ("missed", "acw") if kind == "slot" else ("offered",)
        return "" if kinds.get(token) in due_kinds else "the agent keeps no such slot"
    if kind == "hours":
        timed = hash_of((yield from ask(("HGETALL", keys.timed)))[0])
        return "" if name in {one.split(" ")[0] for one in timed.values()} else "no queue has these hours"
    return "" if kind in ("line", "survey") else "nothing of that kind comes due"


def place_in_line(contact_id: str, row: Record) -> str:
    """How a contact's place is spelled."""
    rank_us = int(row["rank"])
    queued_us = int(row.get("queued_us", rank_us))
    return place_of(rank_us, queued_us, contact_id, expires_by_itself="expires_us" in row)


def asked_of(row: Record) -> str:
    """What a waiting contact asks of an agent, as its track says it."""
    is_younger = "<" if int(row["rank"]) > int(row.get("queued_us", row["rank"])) else ""
    steps, step = row.get("criteria", "").splitlines(), int(row.get("step", 1))
    runs = step <= len(steps) and not row["queue"].startswith("@")
    expression = steps[step - 1].partition(" ")[2] if runs else ""
    if "refused" in row:
        excluded = f"!@{','.join(refusals_of(row))}"
        expression = "|".join(f"{one}&{excluded}" for one in expression.split("|")) if expression else excluded
    return is_younger + expression


def refusals_of(row: Record) -> dict[str, int]:
    """Who is not offered the contact again, and until when; 0: for good."""
    pairs = [one.partition(":") for one in row.get("refused", "").split(",") if one]
    return {name: int(until_us) for name, _, until_us in pairs}


def step_ends_us(row: Record) -> int | None:
    """When the active routing step ends."""
    steps, step = row.get("criteria", "").splitlines(), int(row.get("step", 1))
    if row["queue"].startswith("@") or step > len(steps) or steps[step - 1].startswith("- "):
        return None
    return int(row["step_us"]) + int(steps[step - 1].split(" ")[0])
