"""Contacts: their records, and those that are in a state."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

import orjson

from fairlead.domain.channel import CHANNELS
from fairlead.domain.names import agent_queue
from fairlead.errors import UnknownContact
from fairlead.store.client import Store
from fairlead.store.members import due_member, read_place
from fairlead.store.reading.agents import read_agent_states
from fairlead.store.reading.plain import names, read_each, texts, tracks_of


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """A contact's record; the payload is read only when asked for.

    `again_us`: when its pause after a failed attempt ends; None when it is in none.
    """

    contact_id: str
    state: str
    queue: str
    channel: str
    priority: int
    queued_us: int
    rank_us: int
    attempts: int
    again_us: int | None
    agent: str
    token: int | None
    error: str
    track: str
    step: int
    criteria: tuple[str, ...]
    refused_by: tuple[str, ...]
    chain_length: int
    direction: str
    customer: str
    related_to: str
    attributes: Mapping[str, str]
    expires_us: int | None
    connected_us: int | None
    is_callback: bool
    payload: bytes | None = field(default=None, repr=False)


def read_contact(store: Store, contact_id: str, *, with_payload: bool = False) -> ContactRecord:
    """One contact. Raises UnknownContact."""
    row = texts(store.client.hgetall(store.keys.contact(contact_id)))
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
        again_us=int(row["again_us"]) if row["state"] == "queued" and "again_us" in row else None,
        agent=row.get("agent", ""),
        token=int(row["token"]) if "token" in row else None,
        error=row.get("error", ""),
        track=row.get("track", ""),
        step=int(row.get("step", 1)),
        criteria=tuple(row["criteria"].splitlines()) if "criteria" in row else (),
        refused_by=tuple(row["refused"].split(",")) if "refused" in row else (),
        chain_length=int(row.get("chain_length", 1)),
        direction=row.get("direction", "inbound"),
        customer=row.get("customer", ""),
        related_to=row.get("related_to", ""),
        attributes=orjson.loads(row["attributes"]) if "attributes" in row else {},
        expires_us=int(row["expires_us"]) if "expires_us" in row else None,
        connected_us=int(row["connected_us"]) if "connected_us" in row else None,
        is_callback="callback" in row,
        payload=payload,
    )


def list_contacts(store: Store, state: str, limit: int = 100) -> list[ContactRecord]:
    """Contacts in a state that is no end, at most `limit`, first in line first."""
    ids = list(islice(_ids_in(store, state, limit), limit))
    rows = read_each(store, ids, lambda p, contact_id: p.hgetall(store.keys.contact(contact_id)))
    return [_contact(contact_id, texts(row)) for contact_id, row in zip(ids, rows, strict=True) if row]


_IN_A_SLOT = ("connected", "on_hold", "paused", "acw")


def _ids_in(store: Store, state: str, limit: int) -> Iterator[str]:
    if state == "parked":
        yield from (contact.decode() for contact in store.client.zrange(store.keys.parked, 0, limit - 1))
    elif state == "scheduled":
        for member in store.client.zscan_iter(store.keys.due, match=due_member("start", "*")):
            yield member[0].decode().removeprefix(due_member("start", ""))
    elif state in _IN_A_SLOT:
        for agent in read_agent_states(store):
            yield from (slot.contact_id for slot in agent.slots if slot.kind == state)
    else:
        queues = names(store, store.keys.queues) + [agent_queue(name) for name in names(store, store.keys.agents)]
        for queue in queues:
            for channel in CHANNELS:
                yield from ids_in_line(store, queue, channel, limit, offered=state == "offered")


def ids_in_line(store: Store, queue: str, channel: str, limit: int, *, offered: bool = False) -> list[str]:
    """The first contacts that wait in a queue on a channel, or that are being offered, in order over all tracks."""
    keys = store.keys
    lines = (
        [keys.offered(queue, channel)]
        if offered
        else [keys.waiting(queue, channel, track) for track in tracks_of(store, queue, channel)]
    )
    rows = [row for line in lines for row in store.client.zrange(line, 0, limit - 1, withscores=True)]
    members = [member.decode() for member, _ in sorted(rows, key=lambda row: (row[1], row[0]))]
    return [read_place(member)[0] for member in members[:limit]]
