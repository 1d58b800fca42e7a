"""The data of the first edition, whose instances have no layout, read with plain commands; nothing is changed."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from fairlead.domain.agent import Agent, Status
from fairlead.domain.channel import CHANNELS, Channel, checked_channel
from fairlead.domain.configuration import Configuration, built_in_statuses
from fairlead.domain.criteria import Step, read_canonical
from fairlead.domain.hours import read_hours
from fairlead.domain.names import AGENT_QUEUE_PREFIX
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.errors import Conflict, UnknownInstance
from fairlead.store.keys import Keys
from fairlead.store.new_contact import NewContact
from fairlead.store.procedure import Source, Steps, ask_each, ask_one, procedure
from fairlead.store.reading.plain import texts
from fairlead.store.request import Argument, Request
from fairlead.store.transitions.producing import Receipt, push

WAITING = frozenset({"queued", "offered", "connected", "on_hold", "paused"})
"""States from which a contact waits again: sessions are not carried over, and who was held has not been finished."""

CARRIED = WAITING | {"scheduled", "parked"}

_QUEUE_FIELDS = (
    "display_name", "max_attempts", "service_level_s", "enabled", "max_contacts", "hours", "closed_policy", "overflow",
    "overflow_rank", "max_offers", "missed_slot_s", "status_after_misses", "missed_status", "agent_choice",
    "raise_after_s", "raise_to", "overflow_after_s",
)  # fmt: skip
_KEYS_A_LOOK = 1_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a contact stands: its state and queue, when it came, and when it was parked."""

    contact_id: str
    state: str
    queue: str
    came_us: int
    parked_us: int


@dataclass(frozen=True, slots=True)
class Found:
    """What an instance of the first edition has: its configuration, and the places of all its contacts, by age."""

    configuration: Configuration
    places: tuple[Place, ...]
    now_us: int


@procedure
def look(source: Source) -> Steps[Found]:
    """What is there. Raises UnknownInstance when there is none, Conflict when it is of another edition."""
    keys = source.keys
    instance = texts((yield from ask_one("HGETALL", keys.instance)))
    if "version" not in instance:
        raise UnknownInstance(f"no instance {keys.instance_name!r} at {source.address}: there is nothing to migrate")
    if layout := instance.get("layout"):
        raise Conflict(
            f"instance {keys.instance_name!r} has layout {layout}, so it is not of the first edition: there is nothing "
            "to migrate"
        )
    seconds, microseconds = yield from ask_one("TIME")
    now_us = int(seconds) * 1_000_000 + int(microseconds) + int(instance.get("offset_us", 0))
    places = yield from _places(keys)
    return Found((yield from _configuration(keys, instance)), tuple(places), now_us)


def _places(keys: Keys) -> Steps[list[Place]]:
    cursor, found = 0, set[bytes]()
    while True:
        cursor, some = yield from ask_one("SCAN", cursor, "MATCH", keys.contact("*"), "COUNT", _KEYS_A_LOOK)
        found.update(some)
        if not int(cursor):
            break
    records = sorted(found)
    fields = ("state", "queue", "queued_us", "rank", "age_us")
    rows = yield from ask_each(("HMGET", record, *fields) for record in records)
    ids = [record.decode().removeprefix(keys.contact("")) for record in records]
    parked = yield from ask_each(("ZSCORE", keys.parked, contact_id) for contact_id in ids)
    places = [
        Place(contact_id, state.decode(), queue.decode(), _came_us(queued, rank, age), int(float(at or 0)))
        for contact_id, (state, queue, queued, rank, age), at in zip(ids, rows, parked, strict=True)
        if state
    ]
    return sorted(places, key=lambda place: (place.came_us, place.contact_id))


def _came_us(queued_us: bytes | None, rank: bytes, age_us: bytes | None) -> int:
    """When the contact entered its queue, or was scheduled for it."""
    return int(queued_us) if queued_us else int(rank) + int(age_us or 0)


@procedure
def pushes(source: Source, places: tuple[Place, ...], target: Keys, now_us: int) -> Steps[list[Request[Receipt]]]:
    """The requests that put contacts into another instance, each to be run at the time at which its contact came."""
    keys = source.keys
    rows = yield from ask_each(("HGETALL", keys.contact(place.contact_id)) for place in places)
    bodies = yield from ask_each(("GET", f"{keys.prefix}payload:{place.contact_id}") for place in places)
    starts = yield from ask_each(("ZSCORE", keys.due, f"start:{place.contact_id}") for place in places)
    return [
        _push(target, place, texts(row), body, start, now_us)
        for place, row, body, start in zip(places, rows, bodies, starts, strict=True)
    ]


def _push(
    target: Keys, place: Place, row: Mapping[str, str], body: bytes | None, start: bytes | None, now_us: int
) -> Request[Receipt]:
    scheduled = place.state == "scheduled"
    start_us = int(float(start)) if scheduled and start else place.came_us if scheduled else None
    expires_us = int(row["expires_us"]) if "expires_us" in row else None
    if expires_us is not None and "connected_us" in row:  # it did not wait while it was held
        expires_us += now_us - int(row["connected_us"])
    contact = NewContact(
        queue=row["queue"],
        channel=checked_channel(row["channel"]),
        payload=b"null" if body is None else body,
        priority=int(row["priority"]),
        age_adjustment_s=int(row.get("age_us", 0)) // 1_000_000,
        contact_id=place.contact_id,
        criteria=tuple(_steps(row.get("criteria", ""))),
        attributes=json.loads(row.get("attributes", "{}")),
        direction="outbound" if row.get("direction") == "outbound" else "inbound",
        customer=row.get("customer", ""),
        related_to=row.get("related_to", ""),
    )
    args: dict[str, Argument] = {
        "age_us": place.came_us - int(row["rank"]),
        "criteria": row.get("criteria", "") if scheduled else _criteria_left(row, place.came_us),
        "start_us": "" if start_us is None else start_us,
        "callback": row.get("callback", ""),
        "expiry_us": 0 if expires_us is None else max(1, expires_us - (start_us or place.came_us)),
    }
    return push(target, contact, own=args)


def _steps(criteria: str) -> Iterator[Step]:
    for line in criteria.splitlines():
        expiry_us, _, expression = line.partition(" ")
        yield Step(read_canonical(expression), None if expiry_us == "-" else int(expiry_us) // 1_000_000)


def _criteria_left(row: Mapping[str, str], came_us: int) -> str:
    """The routing steps that have not ended. The active one, which begins when the contact came, ends when it would."""
    steps = row.get("criteria", "").splitlines()[int(row.get("step", 1)) - 1 :]
    if not steps:
        return ""
    expiry_us, _, expression = steps[0].partition(" ")
    if expiry_us != "-":
        expiry_us = str(int(row["step_us"]) + int(expiry_us) - came_us)
    return "\n".join([f"{expiry_us} {expression}", *steps[1:]])


@procedure
def parking_errors(source: Source, places: tuple[Place, ...]) -> Steps[list[str]]:
    """Why each of these contacts was parked."""
    replies = yield from ask_each(("HGET", source.keys.contact(place.contact_id), "error") for place in places)
    return [(reply or b"").decode() for reply in replies]


def _configuration(keys: Keys, instance: Mapping[str, str]) -> Steps[Configuration]:
    queues, profiles, agents = [
        sorted(name.decode() for name in names)
        for names in (yield from ask_each(("SMEMBERS", key) for key in (keys.queues, keys.profiles, keys.agents)))
    ]
    statuses = texts((yield from ask_one("HGETALL", keys.statuses)))
    calendars = texts((yield from ask_one("HGETALL", keys.calendars)))
    queue_rows = yield from ask_each(("HGETALL", keys.queue(name)) for name in queues)
    profile_rows = yield from ask_each(("HGETALL", keys.profile(name)) for name in profiles)
    fields = ("profile", "display_name", "skills", "accepts")
    agent_rows = yield from ask_each(("HMGET", keys.agent(name), *fields) for name in agents)
    return Configuration(
        queues={name: _queue(name, texts(row)) for name, row in zip(queues, queue_rows, strict=True)},
        profiles={name: _profile(name, texts(row)) for name, row in zip(profiles, profile_rows, strict=True)},
        agents={name: _agent(name, row) for name, row in zip(agents, agent_rows, strict=True)},
        statuses=built_in_statuses() | {
            name: Status(name, kind) for name, kind in statuses.items()  # type: ignore[arg-type]  # written from a Status
        },
        hours={name: read_hours(name, text) for name, text in calendars.items()},
        ended_retention_s=int(instance["ended_retention_s"]),
        events_kept=int(instance["events_kept"]),
        measures_kept_s=int(instance["measures_kept_s"]),
    )  # fmt: skip


_TYPES = get_type_hints(Queue)


def _queue(name: str, row: Mapping[str, str]) -> Queue:
    """A queue. What the first edition did not know is as it is by default."""
    plain = {field: _value(_TYPES[field], row[field]) for field in _QUEUE_FIELDS}
    if row["exclude_rejecting"] == "1":
        plain["offer_again_after_s"] = None
    if row["skip_unmatched_steps"] == "1":
        plain["skip_steps_when"] = "nobody_signed_in"
    return Queue(
        name=name,
        offer_window_ms={channel: int(row[channel]) for channel in CHANNELS},
        acw_s=_by_channel(row, "acw"),
        expiry_s=_by_channel(row, "expiry"),
        **plain,
    )


def _by_channel(row: Mapping[str, str], setting: str) -> dict[Channel, Any]:
    return {channel: int(row[f"{setting}:{channel}"]) for channel in CHANNELS if row[f"{setting}:{channel}"] != "0"}


def _value(kind: Any, text: str) -> Any:
    """A setting as it was written: None as the empty text, a bool as 0 or 1."""
    if kind is bool:
        return text == "1"
    if kind in (int, int | None):
        return int(text) if text else None
    return text


def _profile(name: str, row: Mapping[str, str]) -> RoutingProfile:
    channels = {channel: row[channel].split() for channel in CHANNELS if channel in row}
    return RoutingProfile(
        name=name,
        display_name=row["display_name"],
        channels={
            checked_channel(channel): Concurrency(int(slots), others == "1")
            for channel, (slots, others) in channels.items()
        },
        entries=(*_entries(row["entries"], by_hand=False), *_entries(row["manual_entries"], by_hand=True)),
        agent_availability_timer="since_last_inbound" if row["inbound_timer"] == "1" else "since_last_activity",
        sharing="weighted" if row["weighted"] == "1" else "strict",
    )


def _entries(text: str, *, by_hand: bool) -> Iterator[Entry]:
    for one in filter(None, text.split(";")):
        priority, delay_us, queue, channel, weight = one.split()
        yield Entry(queue, checked_channel(channel), int(priority), int(delay_us) // 1_000_000, by_hand, int(weight))


def _agent(name: str, row: list[bytes | None]) -> Agent:
    profile, display_name, skills, accepts = ((value or b"").decode() for value in row)
    levels = (pair.split("=") for pair in skills.strip(",").split(",") if pair)
    return Agent(
        name, profile, display_name, {skill: int(level) for skill, level in levels},
        frozenset(checked_channel(channel) for channel in accepts.split()),
    )  # fmt: skip


def owner_of(queue: str) -> str:
    """Whose own queue it is; empty: it is a standard queue."""
    return queue.removeprefix(AGENT_QUEUE_PREFIX) if queue.startswith(AGENT_QUEUE_PREFIX) else ""
