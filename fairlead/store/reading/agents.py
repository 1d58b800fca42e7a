"""Agents: their sessions and what they hold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Generic, TypeVar

from fairlead.domain.channel import Channel
from fairlead.store.members import due_member, read_slots
from fairlead.store.procedure import BATCH, Source, Steps, ask, ask_each, procedure
from fairlead.store.reading.plain import names

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot of an agent. `kind`: offered, connected, on_hold, acw, missed or error take one, paused takes none."""

    token: int
    channel: Channel
    kind: str
    contact_id: str


@dataclass(frozen=True, slots=True)
class AgentState:
    """One agent now; an agent without a session has `status` Offline and nothing else. `offerable_limited`: the limited
    "queue:channel" of its profile whose limits it has not reached.
    """

    name: str
    profile: str
    display_name: str
    status: str
    status_us: int = 0
    next_status: str = ""
    is_absent: bool = False
    activity: str = ""
    activity_us: int = 0
    worker: str = ""
    inbox: str = ""
    holder: str = ""
    available_us: int = 0
    offerable_channels: tuple[Channel, ...] = ()
    offerable_limited: tuple[str, ...] = ()
    slots: tuple[Slot, ...] = ()
    lease_ends_us: int = 0

    @property
    def is_signed_in(self) -> bool:
        return bool(self.worker)


SHOWN = ("profile", "status", "status_us", "next_status", "absent", "worker", "offerable", "slots")
"""What tables and metrics need of an agent's record."""

_ALL = (*SHOWN, "display_name", "activity", "activity_us", "inbox", "holder", "available_us")


@procedure
def agent_states(source: Source, only: Sequence[str] | None = None) -> Steps[list[AgentState]]:
    """The agents, by name."""
    found = yield from _states(source, (yield from names(source.keys.agents)) if only is None else only, _ALL)
    present = [one.name for one in found if one.is_signed_in]
    batches = (present[first : first + BATCH] for first in range(0, len(present), BATCH))
    replies = yield from ask_each(
        ("ZMSCORE", source.keys.due, *(due_member("session", name) for name in batch)) for batch in batches
    )
    leases = dict(zip(present, (lease for reply in replies for lease in reply), strict=True))
    return [replace(one, lease_ends_us=int(leases.get(one.name) or 0)) if one.is_signed_in else one for one in found]


@procedure
def agents_signed_in(source: Source, *fields: str, of: Iterable[str] | None = None) -> Steps[list[AgentState]]:
    """The agents who are signed in, by name, with what these fields of their records tell beside profile and worker.

    `of`: the profiles whose agents are asked for; None: all.
    """
    profiles = (yield from names(source.keys.profiles)) if of is None else list(of)
    online = yield from ask_each(("SMEMBERS", source.keys.online(profile)) for profile in profiles)
    present = sorted(name.decode() for members in online for name in members)
    found = yield from _states(source, present, tuple(dict.fromkeys(("profile", "worker", *fields))))
    return [one for one in found if one.is_signed_in]


class Followed(Generic[T]):
    """What was read of agents, by name, as it was when the last event was `known[0]`, or later; empty: nobody can say
    which it was.
    """

    def __init__(self, at: bytes, of_name: dict[str, T]) -> None:
        self.known = (at, of_name)  # replaced as one: threads share it


_EVENTS_AN_AGENT, _FEW_EVENTS = 4, 10
"""So many events cost a look as much as one agent: when there are more, and not few, all agents are read."""


def changed_since(source: Source, at: bytes, many: int) -> Steps[tuple[bytes, set[str] | None]]:
    """The last event, empty when nobody can say which it was, and who of `many` agents has changed since the one at
    `at`, as events tell: None when they cannot. They cannot while a configuration is put into force.
    """
    keys, most = source.keys, _FEW_EVENTS + many // _EVENTS_AN_AGENT
    since = [("XRANGE", keys.events, at, "+", "COUNT", most + 2)] if at else []
    newest, changing, *told = yield from ask(
        ("XREVRANGE", keys.events, "+", "-", "COUNT", 1), ("EXISTS", keys.unindexed, keys.applying), *since
    )
    if changing:
        return b"", None
    changed = _agents_told(told[0], at, most) if told else None
    return (newest[0][0] if newest else b"") if changed is None else told[0][-1][0], changed


@procedure
def agents_followed(
    source: Source, version: int, *, signed_in: bool, afresh: bool = False
) -> Steps[list[AgentState]]:
    """The agents, or those who are signed in, by name, with what SHOWN tells of them.

    Who looks again reads those alone of whom an event has told since. All are read once in a while, and when the events
    are too many or trimmed, or another configuration is in force or being put into force, which tells of no agent.
    `afresh`: all are read, as who looks for what has come about past the rules must.
    """
    what = "signed in" if signed_in else "shown"
    followed: Followed[AgentState] | None = None if afresh else source.kept.get(what, version)
    at, known = followed.known if followed else (b"", dict[str, AgentState]())
    last, changed = yield from changed_since(source, at, len(known))
    if followed is None or changed is None:
        found: list[AgentState]
        if signed_in:
            found = yield from agents_signed_in(*SHOWN).steps(source)
        else:
            found = yield from _agents_shown(source, version)
        source.kept.put(what, version, Followed(last, {one.name: one for one in found}))
        return found
    read = yield from _states(source, sorted(changed), SHOWN)
    now = list((known | {one.name: one for one in read}).values())
    if signed_in:
        now = sorted([one for one in now if one.is_signed_in], key=attrgetter("name"))
    followed.known = (last, {one.name: one for one in now})
    return now


def _agents_told(entries: Sequence[tuple[bytes, Mapping[bytes, bytes]]], at: bytes, most: int) -> set[str] | None:
    """Of whom the events tell that come after the first one, which is at `at`; None: that is not all that changed."""
    if not entries or entries[0][0] != at or len(entries) > most + 1:
        return None
    rows = [row for _, row in entries[1:]]
    if any(row[b"event"] == b"contact.parked" for row in rows):  # it does not say who had it
        return None
    told = {row.get(b"agent", b"") for row in rows} | {row.get(b"actor", b"").removeprefix(b"agent:") for row in rows}
    return {name.decode() for name in told if name}


def _agents_shown(source: Source, version: int) -> Steps[list[AgentState]]:
    """Those who are signed out change with the configuration alone: they are kept for its `version`."""
    known: Mapping[str, AgentState] | None = source.kept.get("agents", version)
    if known is None:
        found = yield from _states(source, (yield from names(source.keys.agents)), SHOWN)
        source.kept.put("agents", version, {one.name: one for one in found})
        return found
    present = {one.name: one for one in (yield from agents_signed_in(*SHOWN).steps(source))}
    return [present.get(name) or _signed_out(one) for name, one in known.items()]


def _signed_out(one: AgentState) -> AgentState:
    return AgentState(one.name, one.profile, "", "Offline") if one.is_signed_in else one


def _states(source: Source, agents: Sequence[str], fields: Sequence[str]) -> Steps[list[AgentState]]:
    rows = yield from ask_each(("HMGET", source.keys.agent(name), *fields) for name in agents)
    found: list[AgentState] = []
    for name, row in zip(agents, rows, strict=True):
        texts = {field: value.decode() for field, value in zip(fields, row, strict=True) if value is not None}
        if "profile" in texts:
            found.append(_agent_state(name, texts))
    return found


def _agent_state(name: str, row: Mapping[str, str]) -> AgentState:
    offerable, slots = row.get("offerable", "").split(), row.get("slots")
    return AgentState(
        name=name,
        profile=row["profile"],
        display_name=row.get("display_name", ""),
        status=row.get("status", "Offline"),
        status_us=int(row.get("status_us", 0)),
        next_status=row.get("next_status", ""),
        is_absent="absent" in row,
        activity=row.get("activity", ""),
        activity_us=int(row.get("activity_us", 0)),
        worker=row.get("worker", ""),
        inbox=row.get("inbox", ""),
        holder=row.get("holder", ""),
        available_us=int(row.get("available_us", 0)),
        offerable_channels=tuple([one for one in offerable if ":" not in one]),  # type: ignore[misc]  # ours
        offerable_limited=tuple([one for one in offerable if ":" in one]),
        slots=tuple([Slot(*slot[:4]) for slot in read_slots(slots)]) if slots else (),
    )
