"""What there is, as the rules see it: a Centre's state, read from the instance.

It is what a script would find that ran now. What has come due and no sweep has done yet is told as the scripts see it,
too: a step whose time is over is still the active one, and a contact whose pause has passed stands in it.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from fairlead.domain.agent import Agent
from fairlead.domain.centre.state import Contact, SignedIn, Slot, State
from fairlead.domain.channel import CHANNELS
from fairlead.domain.configuration import Configuration
from fairlead.domain.criteria import Step, read_canonical
from fairlead.domain.eligible import FreeAgent, told_apart
from fairlead.domain.names import agent_queue
from fairlead.store.members import contact_at, due_member, read_slots, read_special
from fairlead.store.procedure import Source, Steps, ask_each, ask_one, procedure, side_by_side
from fairlead.store.reading.agents import Followed, changed_since
from fairlead.store.reading.configuration import AGENT_FIELDS, agent_from, configuration_and_special
from fairlead.store.reading.contacts import read_refused
from fairlead.store.reading.lines import Pair, all_pairs, used_pairs
from fairlead.store.reading.plain import names, now_us, texts

MOST_OF_A_LINE = 1_000
"""How many contacts of each line are read: those that stand before all others in it."""


@dataclass(frozen=True, slots=True)
class Now:
    """A state at a time. Its configuration has the agents that were asked for, and of them `state.agents` those who are
    signed in; `is_whole`: every contact that waits where it was asked for has been read.
    """

    at_us: int
    state: State
    version: int
    is_whole: bool

    def free_agent(self, name: str) -> FreeAgent:
        """An agent as the rules see it, signed in or not."""
        if name in self.state.agents:
            return self.state.free_agent(name)
        configured = self.state.configuration.agents[name]
        profile = self.state.configuration.profiles[configured.profile]
        return FreeAgent(name, profile, 0, proficiencies=configured.proficiencies, is_signed_in=False)


@procedure
def state_now(
    source: Source, agents: Iterable[str] | None = None, pairs: Sequence[Pair] | None = None, ids: Iterable[str] = ()
) -> Steps[Now]:
    """The state with these agents, the contacts that wait in these pairs, and some contacts by their ids; None: all."""
    configuration, version, special = yield from configuration_and_special(source)
    asked = (yield from names(source.keys.agents)) if agents is None else list(agents)
    rows = yield from _agent_rows(source, asked)
    made = [agent_from(name, row[: len(AGENT_FIELDS)]) for name, row in rows.items()]
    known = {agent.name: agent for agent in made if agent.profile in configuration.profiles}  # of the same moment
    present = {name: row[len(AGENT_FIELDS) :] for name, row in rows.items() if name in known and row[len(AGENT_FIELDS)]}
    at_us = yield from now_us().steps(source)
    state = State(replace(configuration, agents=known))
    state.closed = special.closed
    absent = yield from _absent(source, present, special.lost, at_us)
    routable = configuration.routable_statuses()
    for name, row in present.items():
        state.agents[name] = _signed_in(name, row, routable, absent.get(name))
    yield from _read_shares(source, state, known)
    if any(queue.agent_choice == "round_robin" for queue in configuration.queues.values()):
        state.turns = texts((yield from ask_one("HGETALL", source.keys.turns)))
    found, is_whole = yield from _ids(source, (yield from all_pairs(source)) if pairs is None else pairs)
    yield from _read_contacts(source, state, dict.fromkeys([*found, *ids]), at_us)
    return Now(at_us, state, version, is_whole)


_SESSION_FIELDS = (
    "epoch", "status", "next_status", "absent", "holder", "lease_us", "capacity", "available_us", "auto_accept",
    "slots",
)  # fmt: skip

Row = Sequence[bytes | None]


def _agent_rows(source: Source, agents: Sequence[str]) -> Steps[dict[str, Row]]:
    """The agents' records, without those that are not known."""
    rows = yield from ask_each(("HMGET", source.keys.agent(name), *AGENT_FIELDS, *_SESSION_FIELDS) for name in agents)
    return {name: row for name, row in zip(agents, rows, strict=True) if row[0] is not None}


def _absent(source: Source, present: Mapping[str, Row], lost: frozenset[str], at_us: int) -> Steps[dict[str, int]]:
    """Since when agents are out of routing: those whose lease was not renewed, and those of a dead process."""
    silent = [name for name, row in present.items() if row[3] is not None]
    ends = yield from ask_each(("ZMSCORE", source.keys.due, due_member("session", name)) for name in silent)
    since = {name: at_us for name, row in present.items() if row[4] and row[4].decode() in lost}
    for name, (end_us,) in zip(silent, ends, strict=True):
        lease_us = int(present[name][5] or 0)
        since[name] = min(at_us, int(end_us or at_us) - lease_us + lease_us * 2 // 3)
    return since


def _signed_in(name: str, row: Row, routable: Set[str], present_until_us: int | None) -> SignedIn:
    _, status, next_status, _, _, _, capacity, available_us, auto_accept, slots = (
        (value or b"").decode() for value in row
    )
    held = {
        token: Slot(kind, Contact(contact_id, queue, channel, 0, 0, 0))  # type: ignore[arg-type]  # ours
        for token, channel, kind, contact_id, queue in read_slots(slots)
    }
    return SignedIn(
        name, int(available_us or 0), auto_accept == "1", int(capacity or 0), status in routable, held, status=status,
        next_status=next_status, present_until_us=present_until_us,
    )  # fmt: skip


def _read_shares(source: Source, state: State, agents: Mapping[str, Agent]) -> Steps[None]:
    """How far the entries of the profiles that share by weight have come."""
    used = dict.fromkeys(agent.profile for agent in agents.values())
    weighted = [one for one in used if state.configuration.profiles[one].sharing == "weighted"]
    rows = yield from ask_each(("HGETALL", source.keys.shares(profile)) for profile in weighted)
    for profile, row in zip(weighted, map(texts, rows), strict=True):
        state.served_last[profile] = int(row.pop("last", 0))
        pairs = {tuple(pair.rsplit(":", 1)): int(value) for pair, value in row.items()}
        state.passes[profile] = pairs  # type: ignore[assignment]  # ours


def _ids(source: Source, pairs: Sequence[Pair]) -> Steps[tuple[list[str], bool]]:
    """The contacts that wait in some pairs, of each line the first ones, and whether these are all."""
    used = yield from used_pairs(source, pairs, offered=False)
    lines = [line for its_lines in used.values() for line in its_lines]
    replies = yield from ask_each(("ZRANGE", line, 0, MOST_OF_A_LINE) for line in lines)
    first = [contact_at(place) for reply in replies for place in reply[:MOST_OF_A_LINE]]
    return first, all(len(reply) <= MOST_OF_A_LINE for reply in replies)


_CONTACT_FIELDS = (
    "state", "queue", "channel", "priority", "rank", "queued_us", "criteria", "step", "step_us", "refused", "attempts",
    "again_us", "customer",
)  # fmt: skip


def _read_contacts(source: Source, state: State, ids: Iterable[str], at_us: int) -> Steps[None]:
    """Those of the contacts that wait, and who served their customers last, where a queue asks for it."""
    asked = list(ids)
    rows = yield from ask_each(("HMGET", source.keys.contact(one), *_CONTACT_FIELDS) for one in asked)
    customers: dict[str, str] = {}
    for contact_id, row in zip(asked, rows, strict=True):
        if row[0] != b"queued":
            continue
        one = state.waiting[contact_id] = _contact(contact_id, [(value or b"").decode() for value in row], at_us)
        if row[-1] and state.queue(one.queue).agent_choice == "last_agent":
            customers[contact_id] = row[-1].decode()
    last = yield from ask_each(("GET", source.keys.served(customer)) for customer in customers.values())
    for contact_id, agent in zip(customers, last, strict=True):
        state.waiting[contact_id] = replace(state.waiting[contact_id], last_agent=(agent or b"").decode())


def _contact(contact_id: str, row: Sequence[str], at_us: int) -> Contact:
    _, queue, channel, priority, rank, queued, criteria, step, step_us, refused, attempts, again, _ = row
    return Contact(
        contact_id, queue, channel, int(priority), int(queued or rank), int(rank),  # type: ignore[arg-type]  # ours
        tuple(map(read_step, criteria.splitlines())), int(step or 1) - 1, int(step_us or 0),
        read_refused(refused), int(attempts or 0),
        max(int(again), at_us + 1) if again else 0,  # until a sweep ends its pause it stands in it
    )  # fmt: skip


def read_step(line: str) -> Step:
    """A routing step as a contact's record has it."""
    expiry_us, _, expression = line.partition(" ")
    return Step(read_canonical(expression), int(expiry_us) // 1_000_000 if expiry_us.isdigit() else None)


def pairs_of_agent(configuration: Configuration, name: str, profile: str) -> list[Pair]:
    """Where contacts wait that the agent serves: its own queue, and those of its profile."""
    own: list[Pair] = [(agent_queue(name), channel) for channel in CHANNELS]
    return own + [(entry.queue, entry.channel) for entry in configuration.profiles[profile].entries]


def agents_of(
    source: Source, profiles: Iterable[str], of: Iterable[str]
) -> Steps[tuple[list[str], dict[str, str]]]:
    """The agents that have one of these profiles, `of` all that there are: who is signed in, as the sets of them tell
    it, and the others, each with its profile.
    """
    wanted, every = set(profiles), list(of)
    if not wanted:
        return [], {}
    sets = [*map(source.keys.online, every), source.keys.agents]
    *members, everybody = yield from ask_each(("SMEMBERS", key) for key in sets)
    others = sorted(map(bytes.decode, set(everybody).difference(*members)))
    rows = yield from ask_each(("HGET", source.keys.agent(name), "profile") for name in others)
    signed_out = {name: row.decode() for name, row in zip(others, rows, strict=True) if row and row.decode() in wanted}
    present = set[bytes]().union(*(some for profile, some in zip(every, members, strict=True) if profile in wanted))
    return sorted(map(bytes.decode, present)), signed_out


_TELLS_APART = ("profile", "status", "next_status", "absent", "capacity", "slots", "skills")
"""What `why_not` looks at of an agent with a session, beside its name and since when it is absent."""

_ABSENT, _SLOTS = map(_TELLS_APART.index, ("absent", "slots"))


def alike_now(
    source: Source, contact_id: str, agents: Sequence[str], signed_out: Mapping[str, str]
) -> Steps[tuple[Now, dict[str, list[str]]]]:
    """The state with a contact, if it waits, and with agents, one for all who are alike to `why_not` of that contact;
    and for whom each of these stands. Many agents are of few kinds, so that each kind is judged once.

    `signed_out`: who has no session, with its profile. Who asks again reads those agents alone of whom an event has
    told since.
    """
    now: Now
    lost: frozenset[str]
    now, lost = yield from side_by_side(state_now([], [], [contact_id]).steps(source), _of_lost(source))
    contact = now.state.waiting.get(contact_id)
    fields = _TELLS_APART if contact and contact.steps else _TELLS_APART[:-1]
    has_limits = any(profile.limits() for profile in now.state.configuration.profiles.values())
    looked_at = yield from _looked_at(source, agents, fields, now.version, with_queues=has_limits)
    named = lost | (told_apart(contact.waiting()) if contact else frozenset())
    apart, kinds = list[str](), dict[_Kind, list[str]]()
    for name in agents:
        row, kind = looked_at[name]
        if name in named or row[_ABSENT] is not None:
            apart.append(name)
        elif row[0] is not None:
            kinds.setdefault(kind, []).append(name)
    if contact and apart:
        now = yield from state_now(apart, [], [contact_id]).steps(source)
        now.state.waiting = {contact_id: contact} if now.state.waiting else {}  # by whose steps they were told apart
    for name, profile in signed_out.items():
        kinds.setdefault((profile.encode(),), []).append(name)
    configuration = now.state.configuration
    known, alike = dict(configuration.agents), {name: [name] for name in configuration.agents}
    routable = configuration.routable_statuses()
    for kind, (name, *others) in kinds.items():
        row, _ = looked_at.get(name, (kind, kind))
        record: dict[str, bytes | None] = dict(zip(fields, row, strict=False))
        agent = agent_from(name, [record.get(field) for field in AGENT_FIELDS])
        if agent.profile in configuration.profiles:
            known[name], alike[name] = agent, [name, *others]
            if record.get("status"):
                row = [record.get(field) for field in _SESSION_FIELDS]
                now.state.agents[name] = _signed_in(name, row, routable, None)
    now.state.configuration = replace(configuration, agents=known)
    return now, alike


_Kind = tuple[bytes | None, ...]
"""What agents have in common who differ at most in which contacts they hold."""


def _looked_at(
    source: Source, agents: Iterable[str], fields: Sequence[str], version: int, *, with_queues: bool
) -> Steps[dict[str, tuple[Row, _Kind]]]:
    """These fields of the agents' records, and their kinds; perhaps others' as well."""
    what = f"looked at, {len(fields)}"
    followed: Followed[tuple[Row, _Kind]] | None = source.kept.get(what, version)
    at, known = followed.known if followed else (b"", dict[str, tuple[Row, _Kind]]())
    last, changed = yield from changed_since(source, at, len(known))
    found = {} if changed is None else {name: one for name, one in known.items() if name not in changed}
    asked = [name for name in agents if name not in found]
    rows = yield from ask_each(("HMGET", source.keys.agent(name), *fields) for name in asked)
    found |= {name: (row, _kind(row, with_queues=with_queues)) for name, row in zip(asked, rows, strict=True)}
    if followed is None or changed is None:
        source.kept.put(what, version, Followed(last, found))
    else:
        followed.known = (last, found)
    return found


def _kind(row: Row, *, with_queues: bool) -> _Kind:
    """`with_queues`: those are of other kinds who hold contacts of other queues."""
    words = (row[_SLOTS] or b"").split(b" ")
    queues = words[4::_WORDS] if with_queues else ()
    return (*row[:_SLOTS], *row[_SLOTS + 1 :], *words[1::_WORDS], *words[2::_WORDS], *queues)


_WORDS = 5
"""So many words after one of a slot comes that of the next slot: "token channel kind contact queue connected_us;token"
and so on.
"""


def _of_lost(source: Source) -> Steps[frozenset[str]]:
    """The agents of dead processes."""
    lost = read_special((yield from ask_one("HGET", source.keys.instance, "special"))).lost
    members = yield from ask_each(("SMEMBERS", source.keys.holder(holder)) for holder in lost)
    return frozenset(name.decode() for some in members for name in some)
