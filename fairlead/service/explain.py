"""Why a contact waits, and what an agent would get now: the rules that route, asked about each pair.

Everything is read, nothing is changed. The pairs are judged by domain/eligible.py, `why_not`, and domain/choose.py, and
told in the words of domain/reasons.py.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from fairlead.domain.centre.matching import fill
from fairlead.domain.channel import Channel
from fairlead.domain.choose import in_order, why_behind, why_not_next
from fairlead.domain.contact import Waiting
from fairlead.domain.eligible import served_by, why_not
from fairlead.domain.measures import Estimate
from fairlead.domain.names import AGENT_QUEUE_PREFIX, agent_queue, is_agent_queue
from fairlead.domain.profile import Entry
from fairlead.domain.reasons import Reason, word_of
from fairlead.service.estimate import count_serving, estimate_with
from fairlead.store import reading
from fairlead.store.procedure import Source, Steps, procedure
from fairlead.store.reading import ContactRecord, Now
from fairlead.store.refusals import unknown_agent


@dataclass(frozen=True, slots=True)
class Pair:
    """An agent and a contact, and the first filter that stops them; None: nothing stops them."""

    agent: str
    contact_id: str
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Server:
    """A profile, its entry for the contact's queue and channel, and the contact with each of its agents. An agent's own
    queue has no entry, and neither has the profile of an agent who was asked about and does not serve the contact.
    """

    profile: str
    entry: Entry | None
    agents: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class ContactExplanation:
    """Why a contact waits. `servers`: who could be offered it, empty when it does not wait; `estimate`: its position,
    and when it will probably be answered.
    """

    at_us: int
    contact: ContactRecord
    estimate: Estimate | None = None
    servers: tuple[Server, ...] = ()

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
    contact = yield from reading.contact(contact_id).steps(source)
    if contact.state != "queued":
        return ContactExplanation((yield from reading.now_us().steps(source)), contact)
    entries = yield from _entries_for(source, contact)
    if agent or is_agent_queue(contact.queue):
        asked = [agent or contact.queue.removeprefix(AGENT_QUEUE_PREFIX)]
    else:
        asked = yield from reading.agents_of(source, entries)
    now = yield from reading.state_now(asked, [], [contact_id]).steps(source)
    if agent not in {"", *now.state.configuration.agents}:
        raise unknown_agent(agent)
    if contact_id not in now.state.waiting:  # it has been answered meanwhile
        return ContactExplanation(now.at_us, (yield from reading.contact(contact_id).steps(source)))
    pairs = list(_pairs(now, contact_id, entries))
    free = [pair.agent for pair in pairs if pair.reason is None]
    if free:
        now = yield from reading.state_now(asked, _served_beside(now, free), [contact_id]).steps(source)
        pairs = list(_pairs(now, contact_id, entries))
    if agent:
        agents = yield from count_serving(source, contact.queue, contact.channel)
    else:
        agents = sum(_is_serving(now, name, entries) for name in now.state.agents)
    estimate = yield from estimate_with(source, contact, agents)
    return ContactExplanation(now.at_us, contact, estimate, tuple(_servers(now, entries, pairs, bool(agent))))


def _served_beside(now: Now, agents: list[str]) -> list[tuple[str, Channel]]:
    """Where something may wait that these agents would take first."""
    configuration = now.state.configuration
    found = [reading.pairs_of_agent(configuration, name, configuration.agents[name].profile) for name in agents]
    return list(dict.fromkeys(pair for pairs in found for pair in pairs))


def _pairs(now: Now, contact_id: str, entries: dict[str, Entry]) -> Iterator[Pair]:
    """The contact with each agent; one that has been answered meanwhile with none.

    An agent whom no filter stops may take another one of those that have been read first.
    """
    if contact_id not in now.state.waiting:
        return
    waiting = {one.contact_id: one.waiting() for one in now.state.waiting.values()}
    contact = waiting[contact_id]
    for name in sorted(now.state.configuration.agents):
        agent = now.free_agent(name)
        given = now.state.circumstances(agent.profile.name, now.at_us)
        is_own = contact.queue == agent_queue(name)
        entry = served_by(agent)[contact.queue, contact.channel] if is_own else entries.get(agent.profile.name)
        reason = why_not(agent, contact, entry, given) or why_not_next(agent, contact, waiting.values(), given)
        yield Pair(name, contact_id, reason)


def _is_serving(now: Now, name: str, entries: dict[str, Entry]) -> bool:
    """Whether a signed-in agent is routable and is routed the contact by its profile."""
    entry = entries.get(now.state.configuration.agents[name].profile)
    return now.state.agents[name].is_routable and entry is not None and not entry.manual_only


def _entries_for(source: Source, contact: ContactRecord) -> Steps[dict[str, Entry]]:
    """Profile -> its entry for the contact's queue and channel, the one that routes before one that does not."""
    configuration, _ = yield from reading.configuration_without_agents().steps(source)
    found: dict[str, Entry] = {}
    for profile in configuration.profiles.values():
        entries = [one for one in profile.entries if (one.queue, one.channel) == (contact.queue, contact.channel)]
        if entries:
            found[profile.name] = min(entries, key=lambda entry: entry.manual_only)
    return found


def _servers(now: Now, entries: dict[str, Entry], pairs: list[Pair], is_asked: bool) -> Iterator[Server]:
    by_priority = sorted(entries, key=lambda profile: entries[profile].priority)
    of_profile: dict[str, list[Pair]] = {profile: [] for profile in by_priority}
    for pair in pairs:
        of_profile.setdefault(now.state.configuration.agents[pair.agent].profile, []).append(pair)
    for profile, its_pairs in of_profile.items():
        if its_pairs or not is_asked:
            yield Server(profile, entries.get(profile), tuple(its_pairs))


def told_together(found: ContactExplanation) -> list[str]:
    """Why the contact waits, in a sentence for each filter: that of the first agent, and how many others there are."""
    groups: dict[str, list[str]] = {}
    for pair in found.pairs:
        if pair.reason:
            groups.setdefault(word_of(pair.reason), []).append(str(pair.reason))
    return [
        sentences[0] + (f", and so with {len(sentences) - 1:,} more" if len(sentences) > 1 else "")
        for sentences in groups.values()
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
    return {"reason": word_of(reason).replace(" ", "_"), "told": str(reason), **asdict(reason)}


def _described_entry(entry: Entry | None) -> dict[str, Any] | None:
    if entry is None:
        return None
    return {"priority": entry.priority, "delay_s": entry.delay_s, "manual_only": entry.manual_only}


def described_contact(found: ContactExplanation) -> dict[str, Any]:
    """Why a contact waits, for programs."""
    contact = found.contact
    return {
        "at_us": found.at_us,
        "contact": contact.contact_id,
        "state": contact.state,
        "queue": contact.queue,
        "channel": contact.channel,
        "rings": [contact.agent, *(name for name, _ in contact.rings)] if contact.rings else [],
        "waited_us": found.at_us - contact.queued_us if contact.state == "queued" else None,
        "estimate": asdict(found.estimate) if found.estimate else None,
        "nothing_stops": [pair.agent for pair in found.pairs if pair.reason is None],
        "profiles": [
            {
                "profile": server.profile,
                "entry": _described_entry(server.entry),
                "agents": [{"agent": pair.agent, "why_not": described_reason(pair.reason)} for pair in server.agents],
            }
            for server in found.servers
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
