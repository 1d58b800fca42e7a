"""Plain reads of an instance: pipelined, in bounded batches, without a script.

They are not one moment's picture to the microsecond, but they never stand in the way of the transitions.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from fairlead.domain.agent import Agent, Status
from fairlead.domain.channel import CHANNELS, Channel
from fairlead.domain.configuration import Configuration
from fairlead.domain.names import AGENT_QUEUE_PREFIX, agent_queue
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.errors import UnknownContact
from fairlead.store.client import Store
from fairlead.store.keys import Keys

T = TypeVar("T")

BATCH = 500
"""How many things one round trip reads."""

MOST_PRIORITIES = 100
"""How many contact priorities in use are looked at for the contact that has waited longest."""


@dataclass(frozen=True, slots=True)
class QueueState:
    """One queue and channel now. `oldest_us`: the real wait of the contact that has waited longest."""

    queue: str
    channel: Channel
    waiting: int
    offered: int
    oldest_us: int
    totals: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Slot:
    """A taken slot of an agent. `kind`: held, offered or missed."""

    token: int
    channel: Channel
    kind: str
    contact_id: str


@dataclass(frozen=True, slots=True)
class AgentState:
    """One agent now; an agent without a session has `status` Offline and nothing else."""

    name: str
    profile: str
    display_name: str
    status: str
    status_us: int = 0
    worker: str = ""
    holder: str = ""
    available_us: int = 0
    open_channels: tuple[Channel, ...] = ()
    slots: tuple[Slot, ...] = ()
    lease_ends_us: int = 0

    @property
    def is_signed_in(self) -> bool:
        return bool(self.worker)


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """A contact's record; the payload is read only when asked for."""

    contact_id: str
    state: str
    queue: str
    channel: str
    priority: int
    queued_us: int
    rank_us: int
    attempts: int
    agent: str
    token: int | None
    error: str
    payload: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the event stream."""

    event_id: str
    name: str
    at_us: int
    fields: Mapping[str, str]


def engine_now_us(store: Store) -> int:
    """The engine's clock."""
    pipeline = store.client.pipeline(transaction=False)
    pipeline.time()
    pipeline.hget(store.keys.instance, "offset_us")
    (seconds, microseconds), offset_us = pipeline.execute()
    return int(seconds) * 1_000_000 + int(microseconds) + int(offset_us or 0)


def names(store: Store, key: str) -> list[str]:
    """The names in one of the sets of names, sorted."""
    return sorted(name.decode() for name in store.client.smembers(key))


def _batches(values: Iterable[T]) -> Iterator[list[T]]:
    left = iter(values)
    while batch := list(islice(left, BATCH)):
        yield batch


def _read_each(store: Store, names: Iterable[T], ask: Callable[[Any, T], Any]) -> list[Any]:
    """One reply for each name, in order, asked for in pipelines."""
    replies: list[Any] = []
    for batch in _batches(names):
        pipeline = store.client.pipeline(transaction=False)
        for name in batch:
            ask(pipeline, name)
        replies += pipeline.execute()
    return replies


def _text(row: Mapping[bytes, bytes]) -> dict[str, str]:
    return {key.decode(): value.decode() for key, value in row.items()}


def read_configuration(store: Store) -> tuple[Configuration, int]:
    """The configuration that is in force, and its version."""
    keys = store.keys
    queues, profiles, agents = (names(store, key) for key in (keys.queues, keys.profiles, keys.agents))
    instance = _text(store.client.hgetall(keys.instance))
    statuses = _text(store.client.hgetall(keys.statuses))
    queue_rows = _read_each(store, queues, lambda p, name: p.hgetall(keys.queue(name)))
    profile_rows = _read_each(store, profiles, lambda p, name: p.hgetall(keys.profile(name)))
    entry_rows = _read_each(store, profiles, lambda p, name: p.lrange(keys.entries(name), 0, -1))
    agent_rows = _read_each(store, agents, lambda p, name: p.hmget(keys.agent(name), "profile", "display_name"))
    configuration = Configuration(
        queues={name: _queue(name, _text(row)) for name, row in zip(queues, queue_rows, strict=True)},
        profiles={
            name: _profile(name, _text(row), entries)
            for name, row, entries in zip(profiles, profile_rows, entry_rows, strict=True)
        },
        agents={
            name: Agent(name, row[0].decode(), (row[1] or b"").decode())
            for name, row in zip(agents, agent_rows, strict=True)
        },
        statuses={name: Status(name, kind) for name, kind in statuses.items()},  # type: ignore[arg-type]  # ours
        ended_retention_s=int(instance["ended_retention_s"]),
        events_kept=int(instance["events_kept"]),
    )
    return configuration, int(instance["version"])


def _queue(name: str, row: Mapping[str, str]) -> Queue:
    return Queue(
        name=name,
        display_name=row["display_name"],
        max_attempts=int(row["max_attempts"]),
        service_level_s=int(row["service_level_s"]),
        offer_window_ms={channel: int(row[channel]) for channel in CHANNELS},
    )


def _profile(name: str, row: Mapping[str, str], entries: Sequence[bytes]) -> RoutingProfile:
    concurrency = {channel: row[channel].split() for channel in CHANNELS if channel in row}
    groups = (entries[place : place + 4] for place in range(0, len(entries), 4))
    return RoutingProfile(
        name=name,
        display_name=row["display_name"],
        channels={channel: Concurrency(int(slots), others == "1") for channel, (slots, others) in concurrency.items()},
        entries=tuple(
            Entry(queue.decode(), channel.decode(), int(priority), int(delay_us) // 1_000_000)  # type: ignore[arg-type]
            for priority, delay_us, queue, channel in groups
        ),
    )


def read_queue_states(store: Store, only: str | None = None) -> list[QueueState]:
    """Every queue and channel that has or had contacts, standard queues first, then agent queues with contacts."""
    now_us = engine_now_us(store)
    queues = [only] if only else names(store, store.keys.queues)
    if only is None:
        queues += [agent_queue(name) for name in names(store, store.keys.agents)]
    pairs = [(queue, channel) for queue in queues for channel in CHANNELS]
    sizes = _read_each(store, pairs, lambda p, pair: _ask_sizes(p, store.keys, pair))
    states: list[QueueState] = []
    for place, (queue, channel) in enumerate(pairs):
        waiting, offered, totals = sizes[place * 3 : place * 3 + 3]
        is_used = waiting or offered or (totals and not queue.startswith(AGENT_QUEUE_PREFIX))
        if not (is_used or only):
            continue
        oldest_us = now_us - _oldest(store, queue, channel, now_us) if waiting or offered else 0
        counters = {name: int(value) for name, value in _text(totals).items()}
        states.append(QueueState(queue, channel, waiting, offered, max(0, oldest_us), counters))
    return states


def _ask_sizes(pipeline: Any, keys: Keys, pair: tuple[str, str]) -> None:
    pipeline.zcard(keys.waiting(*pair))
    pipeline.zcard(keys.offered(*pair))
    pipeline.hgetall(keys.totals(*pair))


def _oldest(store: Store, queue: str, channel: str, now_us: int) -> int:
    """When the contact that has waited longest was enqueued: the oldest of the heads of the priorities in use."""
    oldest_us = now_us
    for key in (store.keys.waiting(queue, channel), store.keys.offered(queue, channel)):
        above: int | str = "-inf"
        for _ in range(MOST_PRIORITIES):
            head = store.client.zrangebyscore(key, above, "+inf", start=0, num=1, withscores=True)
            if not head:
                break
            member, priority = head[0]
            oldest_us = min(oldest_us, _queued_us(member.decode()))
            above = f"({priority:.0f}"
    return oldest_us


def _queued_us(member: str) -> int:
    return int(member[17:33] if member[16] == "~" else member[:16])


def read_agent_states(store: Store, only: Sequence[str] | None = None) -> list[AgentState]:
    """The agents, by name."""
    agents = list(only) if only is not None else names(store, store.keys.agents)
    keys = store.keys
    rows = _read_each(store, agents, lambda p, name: p.hgetall(keys.agent(name)))
    slots = _read_each(store, agents, lambda p, name: p.hgetall(keys.slots(name)))
    leases = _read_each(store, agents, lambda p, name: p.zscore(keys.due, f"session:{name}"))
    return [
        _agent_state(name, _text(row), _text(taken), int(lease or 0))
        for name, row, taken, lease in zip(agents, rows, slots, leases, strict=True)
        if row
    ]


def _agent_state(name: str, row: Mapping[str, str], taken: Mapping[str, str], lease_ends_us: int) -> AgentState:
    return AgentState(
        name=name,
        profile=row["profile"],
        display_name=row.get("display_name", ""),
        status=row.get("status", "Offline"),
        status_us=int(row.get("status_us", 0)),
        worker=row.get("worker", ""),
        holder=row.get("holder", ""),
        available_us=int(row.get("available_us", 0)),
        open_channels=tuple(row.get("open", "").split()),  # type: ignore[arg-type]  # ours
        slots=tuple(Slot(int(token), *value.split()) for token, value in sorted(taken.items())),  # type: ignore[arg-type]
        lease_ends_us=lease_ends_us,
    )


def read_contact(store: Store, contact_id: str, *, with_payload: bool = False) -> ContactRecord:
    """One contact. Raises UnknownContact."""
    row = _text(store.client.hgetall(store.keys.contact(contact_id)))
    if not row:
        raise UnknownContact(
            f"contact {contact_id!r} is not known: it never was pushed, or it ended and its record has expired"
        )
    payload = store.client.get(store.keys.payload(contact_id)) if with_payload else None
    return _contact(contact_id, row, payload)


def _contact(contact_id: str, row: Mapping[str, str], payload: bytes | None = None) -> ContactRecord:
    return ContactRecord(
        contact_id=contact_id,
        state=row["state"],
        queue=row["queue"],
        channel=row["channel"],
        priority=int(row["priority"]),
        queued_us=int(row.get("queued_us", row["rank"])),
        rank_us=int(row["rank"]),
        attempts=int(row.get("attempts", 0)),
        agent=row.get("agent", ""),
        token=int(row["token"]) if "token" in row else None,
        error=row.get("error", ""),
        payload=payload,
    )


def list_contacts(store: Store, state: str, limit: int = 100) -> list[ContactRecord]:
    """Contacts in a state (queued, offered, connected or parked), at most `limit`, first in line first."""
    ids = list(islice(_ids_in(store, state, limit), limit))
    rows = _read_each(store, ids, lambda p, contact_id: p.hgetall(store.keys.contact(contact_id)))
    return [_contact(contact_id, _text(row)) for contact_id, row in zip(ids, rows, strict=True) if row]


def _ids_in(store: Store, state: str, limit: int) -> Iterator[str]:
    if state == "parked":
        yield from (contact.decode() for contact in store.client.zrange(store.keys.parked, 0, limit - 1))
    elif state == "connected":
        for agent in read_agent_states(store):
            yield from (slot.contact_id for slot in agent.slots if slot.kind == "held")
    else:
        family = store.keys.waiting if state == "queued" else store.keys.offered
        for queue in read_queue_states(store):
            for member in store.client.zrange(family(queue.queue, queue.channel), 0, limit - 1):
                text = member.decode()
                yield text[33:] if text[16] == "~" else text[16:]


def read_events(store: Store, after: str = "-", count: int = 1_000, block_ms: int | None = None) -> list[Event]:
    """Events after an id ("-": from the beginning, "$": only new ones), at most `count`; may block for new ones."""
    key = store.keys.events
    if block_ms is None:
        entries = store.client.xrange(key, "-" if after == "-" else f"({after}", "+", count)
    else:
        found = store.client.xread({key: "0" if after == "-" else after}, count=count, block=block_ms)
        entries = found[0][1] if found else []
    return [_event(event_id.decode(), _text(row)) for event_id, row in entries]


def last_events(store: Store, count: int) -> list[Event]:
    """The newest events, oldest first."""
    entries = store.client.xrevrange(store.keys.events, "+", "-", count)
    return [_event(event_id.decode(), _text(row)) for event_id, row in reversed(entries)]


def _event(event_id: str, row: dict[str, str]) -> Event:
    return Event(event_id, row.pop("event"), int(row.pop("at_us")), row)
