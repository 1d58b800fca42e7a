"""Why a contact waits, and what an agent would get now: the rules that route, asked about each pair.

Everything is read, nothing is changed. The pairs are judged by domain/eligible.py, `why_not`, and domain/choose.py, and
told in the words of domain/reasons.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from operator import attrgetter
from typing import Any

from fairlead.domain.agent import Agent
from fairlead.domain.centre.matching import fill
from fairlead.domain.channel import Channel
from fairlead.domain.choose import in_order, why_behind, why_not_next
from fairlead.domain.configuration import Configuration
from fairlead.domain.contact import Waiting
from fairlead.domain.eligible import served_by, why_not
from fairlead.domain.measures import Estimate
from fairlead.domain.names import AGENT_QUEUE_PREFIX, agent_queue, is_agent_queue
from fairlead.domain.profile import Entry
from fairlead.domain.queue import Queue
from fairlead.domain.reasons import Reason, told_of, word_of
from fairlead.service.estimate import Rate, count_serving, estimate_from, rate_of
from fairlead.store import reading
from fairlead.store.procedure import Source, Steps, procedure, side_by_side
from fairlead.store.reading import ContactRecord, Now
from fairlead.store.refusals import unknown_agent


@dataclass(frozen=True, slots=True)
class Pair:
    """An agent, and the first filter that stops it and a contact; None: nothing stops them."""

    agent: str
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Kind:
    """Agents whom the same filter stops in the same way, and the reason as it is told of the first one."""

    agents: tuple[str, ...]
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Server:
    """A profile, its entry for the contact's queue and channel, and its agents, those together who are alike. An
    agent's own queue has no entry, and neither has the profile of an agent who was asked about and does not serve the
    contact.
    """

    profile: str
    entry: Entry | None
    kinds: tuple[Kind, ...]

    @property
    def agents(self) -> tuple[Pair, ...]:
        """Each agent, by name, and what is told of it."""
        told = [
            Pair(agent, reason)
            for kind in self.kinds
            for agent, reason in zip(kind.agents, told_of(kind.reason, kind.agents), strict=True)
        ]
        return tuple(sorted(told, key=attrgetter("agent")))


@dataclass(frozen=True, slots=True)
class Overflow:
    """What becomes of a contact that nobody takes before: it goes to the queue, or on to one that takes it."""

    queue: str
    at_us: int


@dataclass(frozen=True, slots=True)
class ContactExplanation:
    """Why a contact waits. `servers`: who could be offered it, empty when it does not wait; `estimate`: its position,
    and when it will probably be answered; `overflow`: where it goes when it has waited too long, None: nowhere.
    """

    at_us: int
    contact: ContactRecord
    estimate: Estimate | None = None
    servers: tuple[Server, ...] = ()
    overflow: Overflow | None = None

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The contact with every agent who serves it."""
        return tuple(pair for server in self.servers for pair in server.agents)


@dataclass(frozen=True, slots=True)
class AgentExplanation:
    """What an agent would get if it asked now. `gets`: in this order; `others`: what else waits where it serves, in the
    order in which it would take it, each with the first filter that stops it; `is_whole`: all that waits there was
    read.
    """

    at_us: int
    agent: str
    profile: str
    status: str
    gets: tuple[Waiting, ...]
    others: tuple[tuple[Waiting, Reason], ...]
    is_whole: bool


@procedure
def explain_contact(source: Source, contact_id: str, agent: str = "") -> Steps[ContactExplanation]:
    """Why a contact waits: each profile that serves it, and the first filter that stops each of its agents.

    `agent`: only this one, whether it serves the contact or not. Raises UnknownContact, UnknownAgent.
    """
    contact: ContactRecord
    configuration: Configuration
    contact, (configuration, _) = yield from side_by_side(
        reading.contact(contact_id).steps(source), reading.configuration_without_agents().steps(source)
    )
    if contact.state != "queued":
        return ContactExplanation((yield from reading.now_us().steps(source)), contact)
    entries = _entries_for(configuration, contact)
    now: Now
    alike: dict[str, list[str]]
    position: int
    rate: Rate
    (now, alike), position, rate = yield from side_by_side(
        _alike(source, contact, agent, entries, configuration),
        reading.position_of(contact).steps(source),
        rate_of(source, contact.queue, contact.channel),
    )
    if agent not in {"", *alike}:
        raise unknown_agent(agent)
    if contact_id not in now.state.waiting:  # it has been answered meanwhile
        return ContactExplanation(now.at_us, (yield from reading.contact(contact_id).steps(source)))
    kinds: dict[str, list[Kind]] = {profile: [] for profile in sorted(entries, key=lambda one: entries[one].priority)}
    for name, names in alike.items():
        its_kinds = kinds.setdefault(now.state.configuration.agents[name].profile, [])
        reason = _why_not(now, name, contact_id, entries)
        its_kinds += [Kind(tuple(names), reason)] if reason else (yield from _next(source, now, names, contact_id))
    if agent:
        agents = yield from count_serving(source, contact.queue, contact.channel)
    else:
        agents = sum(len(alike[name]) for name in now.state.agents if _is_serving(now, name, entries))
    servers = [
        Server(profile, entries.get(profile), tuple(its_kinds))
        for profile, its_kinds in kinds.items()
        if its_kinds or not agent
    ]
    overflow = yield from _overflow(source, contact, configuration)
    return ContactExplanation(now.at_us, contact, estimate_from(position, rate, agents), tuple(servers), overflow)


def _alike(
    source: Source, contact: ContactRecord, agent: str, entries: Iterable[str], configuration: Configuration
) -> Steps[tuple[Now, dict[str, list[str]]]]:
    """The contact and who is asked about, one for all who are alike, and for whom each of these stands."""
    if agent or is_agent_queue(contact.queue):
        present, signed_out = [agent or contact.queue.removeprefix(AGENT_QUEUE_PREFIX)], dict[str, str]()
    else:
        present, signed_out = yield from reading.agents_of(source, entries, configuration.profiles)
    return (yield from reading.alike_now(source, contact.contact_id, present, signed_out))


def _overflow(source: Source, contact: ContactRecord, configuration: Configuration) -> Steps[Overflow | None]:
    settings: Queue | Agent | None = configuration.queues.get(contact.queue)
    if is_agent_queue(contact.queue):
        owner = contact.queue.removeprefix(AGENT_QUEUE_PREFIX)
        settings = (yield from reading.state_now([owner], []).steps(source)).state.configuration.agents.get(owner)
    queue, after_s = (settings.overflow, settings.overflow_after_s) if settings else ("", None)
    if not queue and is_agent_queue(contact.queue):
        queue, after_s = configuration.agent_queue_overflow, configuration.agent_queue_overflow_after_s
    return Overflow(queue, contact.entered_us + after_s * 1_000_000) if queue and after_s is not None else None


def _why_not(now: Now, name: str, contact_id: str, entries: Mapping[str, Entry]) -> Reason | None:
    """The filter that stops the contact and the agent, whatever else waits."""
    agent, contact = now.free_agent(name), now.state.waiting[contact_id].waiting()
    is_own = contact.queue == agent_queue(name)
    entry = served_by(agent)[contact.queue, contact.channel] if is_own else entries.get(agent.profile.name)
    return why_not(agent, contact, entry, now.state.circumstances(agent.profile.name, now.at_us))


def _next(source: Source, now: Now, names: Sequence[str], contact_id: str) -> Steps[list[Kind]]:
    """Agents whom no filter stops, all of one profile: whether each would take another contact that waits first."""
    configuration = now.state.configuration
    profile = configuration.agents[names[0]].profile
    served = [pair for name in names for pair in reading.pairs_of_agent(configuration, name, profile)]
    beside = yield from reading.state_now(names, list(dict.fromkeys(served)), [contact_id]).steps(source)
    waiting = {one.contact_id: one.waiting() for one in beside.state.waiting.values()}
    given = beside.state.circumstances(profile, beside.at_us)
    gone = [name for name in names if contact_id not in waiting or name not in beside.state.agents]
    return [
        Kind((name,), why_not_next(beside.free_agent(name), waiting[contact_id], waiting.values(), given))
        for name in names
        if name not in gone
    ]


def _is_serving(now: Now, name: str, entries: Mapping[str, Entry]) -> bool:
    """Whether a signed-in agent is routable and is routed the contact by its profile."""
    entry = entries.get(now.state.configuration.agents[name].profile)
    return now.state.agents[name].is_routable and entry is not None and not entry.manual_only


def _entries_for(configuration: Configuration, contact: ContactRecord) -> dict[str, Entry]:
    """Profile -> its entry for the contact's queue and channel, the one that routes before one that does not."""
    found: dict[str, Entry] = {}
    for profile in configuration.profiles.values():
        entries = [one for one in profile.entries if (one.queue, one.channel) == (contact.queue, contact.channel)]
        if entries:
            found[profile.name] = min(entries, key=lambda entry: entry.manual_only)
    return found


def told_together(found: ContactExplanation) -> list[str]:
    """Why the contact waits, in a sentence for each filter: that of the first agent, and how many others there are."""
    groups: dict[str, list[Kind]] = {}
    for kind in sorted((kind for server in found.servers for kind in server.kinds), key=lambda kind: kind.agents[0]):
        if kind.reason:
            groups.setdefault(word_of(kind.reason), []).append(kind)
    others = {word: sum(len(kind.agents) for kind in kinds) - 1 for word, kinds in groups.items()}
    return [
        f"{kinds[0].reason}" + (f", and so with {others[word]:,} more" if others[word] else "")
        for word, kinds in groups.items()
    ]


@procedure
def explain_agent(source: Source, name: str) -> Steps[AgentExplanation]:
    """What an agent would get if it asked now, and why not the other contacts that wait where it serves.

    Raises UnknownAgent.
    """
    now = yield from _now_of_agent(source, name)
    agent = now.free_agent(name)
    given = now.state.circumstances(agent.profile.name, now.at_us)
    line = in_order(agent, [one.waiting() for one in now.state.waiting.values()], given)
    served = served_by(agent)
    reasons = {one.contact_id: why_not(agent, one, served[one.queue, one.channel], given) for one in line}
    taken: list[str] = []
    if name in now.state.agents:
        fill(now.state, name, now.at_us)
        taken = [one.contact_id for one in now.state.given]
    gets = [next(one for one in line if one.contact_id == contact_id) for contact_id in taken]
    others = [
        (one, reasons[one.contact_id] or why_behind(agent, one, gets[0], given)) for one in line if one not in gets
    ]
    return AgentExplanation(
        now.at_us, name, agent.profile.name, agent.status if agent.is_signed_in else "Offline", tuple(gets),
        tuple(others), now.is_whole,
    )  # fmt: skip


def _now_of_agent(source: Source, name: str) -> Steps[Now]:
    """The agent, and what waits where it serves."""
    configuration, _ = yield from reading.configuration_without_agents().steps(source)
    states = yield from reading.agent_states([name]).steps(source)
    if not states or states[0].profile not in configuration.profiles:
        raise unknown_agent(name)
    pairs: list[tuple[str, Channel]] = reading.pairs_of_agent(configuration, name, states[0].profile)
    return (yield from reading.state_now([name], pairs).steps(source))


def described_reason(reason: Reason | None) -> dict[str, Any] | None:
    """A reason for programs: the filter's name, the sentence, and what it holds."""
    if reason is None:
        return None
    held = {name: getattr(reason, name) for name in reason.__match_args__}
    return {"reason": word_of(reason).replace(" ", "_"), "told": str(reason)} | held


def _described_entry(entry: Entry | None) -> dict[str, Any] | None:
    if entry is None:
        return None
    told = {"priority": entry.priority, "delay_s": entry.delay_s, "manual_only": entry.manual_only}
    more = {"weight": entry.weight} if entry.weight != 1 else {}
    return told | more | ({} if entry.max_contacts is None else {"max_contacts": entry.max_contacts})


def described_contact(found: ContactExplanation) -> dict[str, Any]:
    """Why a contact waits, for programs."""
    contact = found.contact
    servers = [(server, server.agents) for server in found.servers]
    return {
        "at_us": found.at_us,
        "contact": contact.contact_id,
        "state": contact.state,
        "queue": contact.queue,
        "channel": contact.channel,
        "rings": [contact.agent, *(name for name, _ in contact.rings)] if contact.rings else [],
        "waited_us": found.at_us - contact.queued_us if contact.state == "queued" else None,
        "intake": asdict(contact.decision) | {"told": str(contact.decision)} if contact.decision else None,
        "estimate": asdict(found.estimate) if found.estimate else None,
        "overflow": asdict(found.overflow) if found.overflow else None,
        "nothing_stops": [pair.agent for _, pairs in servers for pair in pairs if pair.reason is None],
        "profiles": [
            {
                "profile": server.profile,
                "entry": _described_entry(server.entry),
                "agents": [{"agent": pair.agent, "why_not": described_reason(pair.reason)} for pair in pairs],
            }
            for server, pairs in servers
        ],
    }


def described_agent(found: AgentExplanation) -> dict[str, Any]:
    """What an agent would get, for programs."""

    def row(one: Waiting) -> dict[str, Any]:
        waited_us = found.at_us - one.queued_us
        return {"contact": one.contact_id, "queue": one.queue, "channel": one.channel, "waited_us": waited_us}

    return {
        "at_us": found.at_us,
        "agent": found.agent,
        "profile": found.profile,
        "status": found.status,
        "gets": [row(one) for one in found.gets],
        "others": [row(one) | {"why_not": described_reason(reason)} for one, reason in found.others],
        "is_whole": found.is_whole,
    }
