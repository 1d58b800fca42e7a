"""Contacts: their records, and those that are in a state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fairlead.domain.channel import Channel
from fairlead.domain.intake import Decision, read_decision
from fairlead.domain.names import is_agent_queue
from fairlead.domain.queue import EXPIRY_S
from fairlead.errors import UnknownContact
from fairlead.store.members import contact_at, due_member, read_named_texts, read_rings
from fairlead.store.procedure import Source, Steps, ask_each, ask_one, procedure
from fairlead.store.reading.agents import agents_signed_in
from fairlead.store.reading.lines import all_pairs, used_pairs, waiting_lines
from fairlead.store.reading.plain import texts

_S = 1_000_000


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """A contact's record; the payload is read only when asked for.

    `again_us`: when its pause after a failed attempt ends; None when it is in none. `refused`: the agents who were not
    to be offered it again when it last came into line, each with the time until which, FOR_GOOD for ever. `expires_us`:
    when it expires if it waits until then; None: never. `expires_by_itself`: that is its own, else its queue says it.
    `agent`, `token`: who has it, or at whom it rings; `rings`: at whom else it does, each with its token.
    `decision`: of the intake by which it was pushed; None when it was pushed to a queue. `entered_us`: when it came
    into its queue; its wait may have begun before.
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
    refused: tuple[tuple[str, int], ...]
    chain_length: int
    direction: str
    customer: str
    related_to: str
    attributes: Mapping[str, str]
    headers: Mapping[str, str]
    expires_us: int | None
    expires_by_itself: bool
    connected_us: int | None
    is_callback: bool
    rings: tuple[tuple[str, int], ...] = ()
    decision: Decision | None = None
    entered_us: int = 0
    payload: bytes | None = field(default=None, repr=False)


@procedure
def contact(source: Source, contact_id: str, *, with_payload: bool = False) -> Steps[ContactRecord]:
    """One contact. Raises UnknownContact."""
    row = texts((yield from ask_one("HGETALL", source.keys.contact(contact_id))))
    if not row:
        raise UnknownContact(
            f"contact {contact_id!r} is not known: it never was pushed, or it ended and its record has expired"
        )
    payload = (yield from ask_one("HGET", source.keys.payloads, contact_id)) if with_payload else None
    (wait_us,) = yield from _waits_us(source, [row])
    return _contact(contact_id, row, wait_us, payload)


def _waits_us(source: Source, rows: Sequence[Mapping[str, str]]) -> Steps[list[int]]:
    """For how long the queue of each contact lets one wait that has no expiry of its own; 0: for ever."""
    of_agents = {str(channel): wait_s for channel, wait_s in EXPIRY_S.items()}
    pairs = list(dict.fromkeys((row["queue"], row["channel"]) for row in rows))
    replies = yield from ask_each(
        ("HGET", source.keys.queue(queue), f"expiry:{channel}") for queue, channel in pairs
    )
    waits_s = {
        (queue, channel): of_agents.get(channel, 0) if is_agent_queue(queue) else int(reply or 0)
        for (queue, channel), reply in zip(pairs, replies, strict=True)
    }
    return [waits_s[row["queue"], row["channel"]] * _S for row in rows]


def _contact(contact_id: str, row: Mapping[str, str], wait_us: int, payload: bytes | None = None) -> ContactRecord:
    queued_us, own = int(row.get("queued_us", row["rank"])), row.get("expires_us")
    from_queue_us = queued_us + wait_us if wait_us else None
    return ContactRecord(
        contact_id=contact_id,
        state=row["state"],
        queue=row["queue"],
        channel=row["channel"],
        priority=int(row["priority"]),
        queued_us=queued_us,
        rank_us=int(row["rank"]),
        attempts=int(row.get("attempts", 0)),
        again_us=int(row["again_us"]) if row["state"] == "queued" and "again_us" in row else None,
        agent=row.get("agent", ""),
        token=int(row["token"]) if "token" in row else None,
        error=row.get("error", ""),
        track=row.get("track", ""),
        step=int(row.get("step", 1)),
        criteria=tuple(row["criteria"].splitlines()) if "criteria" in row else (),
        refused=read_refused(row.get("refused", "")),
        chain_length=int(row.get("chain_length", 1)),
        direction=row.get("direction", "inbound"),
        customer=row.get("customer", ""),
        related_to=row.get("related_to", ""),
        attributes=read_named_texts(row.get("attributes", "")),
        headers=read_named_texts(row.get("headers", "")),
        expires_us=from_queue_us if own is None else int(own) if own.isdigit() else None,
        expires_by_itself=own is not None,
        connected_us=int(row["connected_us"]) if "connected_us" in row else None,
        is_callback="callback" in row,
        rings=read_rings(row.get("rings", "")),
        decision=read_decision(row["intake"]) if "intake" in row else None,
        entered_us=int(row.get("entered_us", queued_us)),
        payload=payload,
    )


def read_refused(text: str) -> tuple[tuple[str, int], ...]:
    """Who is not to be offered a contact again, each with the time until which, as its record has it."""
    return tuple((name, int(until_us)) for name, _, until_us in (one.partition(":") for one in text.split(",")) if name)


@procedure
def contacts_in(source: Source, state: str, limit: int = 100) -> Steps[list[ContactRecord]]:
    """Contacts in a state that is no end, at most `limit`, first in line first."""
    ids = (yield from _ids_in(source, state, limit))[:limit]
    return (yield from contacts_by_id(ids).steps(source))


@procedure
def contacts_by_id(source: Source, ids: Sequence[str]) -> Steps[list[ContactRecord]]:
    """The contacts of these ids, in their order; without those that are not known."""
    rows = yield from ask_each(("HGETALL", source.keys.contact(contact_id)) for contact_id in ids)
    found = [(contact_id, texts(row)) for contact_id, row in zip(ids, rows, strict=True) if row]
    waits_us = yield from _waits_us(source, [row for _, row in found])
    return [_contact(contact_id, row, wait_us) for (contact_id, row), wait_us in zip(found, waits_us, strict=True)]


_PAIRS_A_LOOK = 1_000
"""Contacts are found in so many queues and channels at once, so that a few are not looked for everywhere."""

_MANY = 1_000

_IN_A_SLOT = ("connected", "on_hold", "paused", "acw")


def _ids_in(source: Source, state: str, limit: int) -> Steps[list[str]]:
    if state == "parked":
        parked = yield from ask_one("ZRANGE", source.keys.parked, 0, limit - 1)
        return [one.decode() for one in parked]
    if state == "scheduled":
        return (yield from _scheduled(source, limit))
    if state in _IN_A_SLOT:
        agents = yield from agents_signed_in("slots").steps(source)
        return [slot.contact_id for agent in agents for slot in agent.slots if slot.kind == state]
    return (yield from _ids_in_lines(source, limit, offered=state == "offered"))


@procedure
def open_ids(source: Source) -> Steps[list[str]]:
    """Ids of contacts that have not ended; of those that wait or are scheduled or parked the first ones."""
    found = yield from _ids_in_lines(source, _MANY, offered=False)
    agents = yield from agents_signed_in("slots").steps(source)
    found += [slot.contact_id for agent in agents for slot in agent.slots]
    found += yield from _ids_in(source, "parked", _MANY)
    return found + (yield from _scheduled(source, _MANY))


def _scheduled(source: Source, limit: int) -> Steps[list[str]]:
    prefix, found, cursor = due_member("start", ""), list[str](), 0
    while True:
        cursor, rows = yield from ask_one("ZSCAN", source.keys.due, cursor, "MATCH", f"{prefix}*", "COUNT", 1_000)
        found += [member.decode().removeprefix(prefix) for member, _ in rows]
        if not cursor or len(found) >= limit:
            return found


def _ids_in_lines(source: Source, limit: int, *, offered: bool) -> Steps[list[str]]:
    pairs, found = (yield from all_pairs(source)), list[str]()
    for first in range(0, len(pairs), _PAIRS_A_LOOK):
        used = yield from used_pairs(source, pairs[first : first + _PAIRS_A_LOOK], offered=offered)
        for lines in used.values():
            found += yield from _first_of(lines, limit)
            if len(found) >= limit:
                return found
    return found


@procedure
def ids_in_line(source: Source, queue: str, channel: Channel, limit: int) -> Steps[list[str]]:
    """The first contacts that wait in a queue on a channel, in order over all tracks."""
    pair = (queue, channel)
    return (yield from _first_of((yield from waiting_lines(source, [pair]))[pair], limit))


def _first_of(lines: Sequence[str], limit: int) -> Steps[list[str]]:
    """The first contacts of some lines, in order over all of them."""
    replies = yield from ask_each(("ZRANGE", line, 0, limit - 1, "WITHSCORES") for line in lines)
    rows = sorted((score, member) for reply in replies for member, score in reply)
    return [contact_at(member) for _, member in rows[:limit]]
