"""`fairlead explain`."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from time import time_ns
from typing import Annotated

import typer
from rich.text import Text

from fairlead.cli.completing import AgentArgument, ContactArgument, completes
from fairlead.cli.context import InstanceOption, JsonOption, RedisOption
from fairlead.cli.grid import print_lines
from fairlead.cli.output import print_json
from fairlead.cli.shown import agents_of, answer_of, state_of
from fairlead.cli.times import duration, moment
from fairlead.domain.contact import Waiting
from fairlead.domain.reasons import NotSignedIn, Reason, word_of
from fairlead.service.decision import Decision, described_decision
from fairlead.service.explain import (
    AgentExplanation,
    ContactExplanation,
    Overflow,
    Pair,
    Server,
    described_agent,
    described_contact,
)
from fairlead.service.supervisor import Supervisor
from fairlead.store.reading import ContactRecord

app = typer.Typer(
    help="Say why a contact waits, what an agent would get now, and how an offer was decided.", no_args_is_help=True
)

LimitOption = Annotated[
    int, typer.Option(min=1, max=100_000, help="How many agents or contacts are told of the same reason.")
]

NOTHING_STOPS = "nothing stops"
_COLOURS = {NOTHING_STOPS: "green", "chosen": "green", "not signed in": "dim", "not served": "dim"}
_WIDTH = 15
"""Of a filter's name and what separates it from its sentence."""


@app.command("contact")
def contact_(
    contact: ContactArgument,
    agent: Annotated[
        str,
        typer.Option(help="Only this agent, whether it serves the contact or not.", autocompletion=completes("agent")),
    ] = "",
    limit: LimitOption = 5,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Say why a contact waits: for each agent who serves it the first filter that stops the two."""
    found = Supervisor.connect(redis, instance).explain_contact(contact, agent)
    if as_json:
        print_json(described_contact(found))
    else:
        print_lines(list(contact_lines(found, limit)))


@app.command("agent")
def agent_(
    agent: AgentArgument,
    limit: LimitOption = 5,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Say what an agent would get if it asked now, and why it would not get the other contacts that wait."""
    found = Supervisor.connect(redis, instance).explain_agent(agent)
    if as_json:
        print_json(described_agent(found))
    else:
        print_lines(list(_agent_lines(found, limit)))


@app.command("offer")
def offer_(
    contact: ContactArgument,
    token: Annotated[int | None, typer.Argument(help="Fencing token of the offer. Default: the last one.")] = None,
    limit: LimitOption = 5,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Say after the fact how it was decided who got a contact: what was recorded, and what events let reconstruct."""
    found = Supervisor.connect(redis, instance).explain_offer(contact, token)
    if as_json:
        print_json(described_decision(found))
    else:
        print_lines(list(_decision_lines(found, limit)))


def contact_lines(found: ContactExplanation, limit: int) -> Iterator[Text]:
    """A contact, and why each of its agents is not offered it."""
    contact = found.contact
    where = f"{contact.channel} in {contact.queue}"
    if found.estimate is None:
        with_ = f", with {contact.agent}" if contact.agent and not contact.rings else ""
        yield _bold(f"contact {contact.contact_id} does not wait: it is {state_of(contact.state)}, {where}{with_}")
        if contact.rings:
            yield Text(f"It rings at {agents_of(contact)}: the first who accepts has it (offer_to of its queue).")
        if contact.state == "parked":
            yield Text(_parked(contact))
        return
    waited = duration((found.at_us - contact.queued_us) / 1e6)
    since = moment(contact.queued_us, found.at_us)
    yield _bold(f"contact {contact.contact_id} waits for {waited}, since {since}: {where}")
    yield Text(f"position {found.estimate.position}, answer {answer_of(found.estimate)}")
    if contact.decision:
        yield Text(f"intake {contact.decision}")
    if found.overflow:
        yield Text(_overflows(found.overflow, found.at_us))
    if not any(server.kinds for server in found.servers):
        yield _line("not served", f"no agent has a profile with an entry for {where}")
    for server in found.servers:
        yield Text()
        yield _bold(_heading(server))
        yield from _by_reason(server.agents, limit)


def _parked(contact: ContactRecord) -> str:
    attempts = f"{contact.attempts} failed {'attempt' if contact.attempts == 1 else 'attempts'}"
    why = ": ".join(filter(None, (attempts if contact.attempts else "", contact.error)))
    return f"{why or 'no queue takes it'}; `fairlead contacts retry {contact.contact_id}` puts it back into its queue"


def _overflows(overflow: Overflow, now_us: int) -> str:
    left_s = (overflow.at_us - now_us) / 1e6
    when = f"in {duration(left_s)}, unless somebody takes it before" if left_s > 0 else "as soon as a queue takes it"
    return f"overflows to {overflow.queue} {when}"


def _heading(server: Server) -> str:
    if server.entry is None:
        return f"profile {server.profile}"
    many = len(server.agents)
    agents = f"{many:,} {'agent' if many == 1 else 'agents'}"
    how = "picked by hand" if server.entry.manual_only else f"priority {server.entry.priority}"
    delay = f", after {duration(server.entry.delay_s)}" if server.entry.delay_s else ""
    limit = f", at most {server.entry.max_contacts}" if server.entry.max_contacts else ""
    return f"profile {server.profile} ({how}{delay}{limit}): {agents}"


def _by_reason(pairs: Sequence[Pair], limit: int) -> Iterator[Text]:
    """Those whom nothing stops first, those who are not signed in last; what is told of many is told once."""
    groups: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair in sorted(pairs, key=lambda one: (one.reason is not None, isinstance(one.reason, NotSignedIn))):
        groups[_word(pair.reason)].append(pair)
    for word, group in groups.items():
        names = [pair.agent for pair in group]
        if word == NOTHING_STOPS:
            yield _line(word, f"{_few(names, limit)}: a sweep gives it, or the agent's next request")
        elif len(names) > 1 and isinstance(group[0].reason, NotSignedIn):
            yield _line(word, f"{len(names):,} agents: {_few(names, limit)}")
        else:
            yield from _sentences([str(pair.reason) for pair in group], word, names, limit)


def _sentences(sentences: Sequence[str], word: str, names: Sequence[str], limit: int) -> Iterator[Text]:
    different = list(dict.fromkeys(sentences))
    for sentence in different[:limit]:
        yield _line(word, sentence)
    if len(different) > limit:
        yield _line(word, f"the same holds for {_few(names[limit:], limit)}")


def _agent_lines(found: AgentExplanation, limit: int) -> Iterator[Text]:
    yield _bold(f"agent {found.agent}: {found.status}, profile {found.profile}")
    if found.gets:
        for one in found.gets:
            yield _line("gets now", f"{one.contact_id}, {_where(found, one)}")
    else:
        yield _line("gets now", "nothing")
    if not found.others:
        yield Text("No other contact waits where it serves." if found.gets else "No contact waits where it serves.")
        return
    yield Text()
    yield _bold("what waits where it serves, in the order in which it would take it")
    told: defaultdict[str, int] = defaultdict(int)
    left: defaultdict[str, int] = defaultdict(int)
    before = ""
    for one, reason in found.others:
        word = word_of(reason)
        told[word] += 1
        if told[word] > limit:
            left[word] += 1
            continue
        yield _line(word, f"{one.contact_id}, {_where(found, one)}", indent=0)
        if before != str(reason):
            yield Text(f"{'':{_WIDTH}}{reason}")
        before = str(reason)
    for word, many in left.items():
        yield _line(word, f"{many:,} more: --json has them all", indent=0)
    if not found.is_whole:
        yield Text("Of a long line only the contacts that stand first were looked at.", style="dim")


def _where(found: AgentExplanation, one: Waiting) -> str:
    return f"{one.channel} in {one.queue}, waits for {duration((found.at_us - one.queued_us) / 1e6)}"


def _word(reason: Reason | None) -> str:
    return NOTHING_STOPS if reason is None else word_of(reason)


def _few(names: Sequence[str], limit: int) -> str:
    more = f" and {len(names) - limit:,} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def _bold(text: str) -> Text:
    return Text(text, style="bold")


def _line(word: str, sentence: str, indent: int = 2) -> Text:
    line = Text(" " * indent)
    line.append(f"{word:{_WIDTH}}", style=_COLOURS.get(word, "yellow"))
    return line.append(sentence, style="default")


_SIDES = {
    "contact": "the contact: it came into its line, and the agent available longest took its best",
    "agent": "the agent: it became free, or asked, and took its best",
    "sweep": "a sweep or a changed configuration: the agent available longest took its best",
    "hand": "somebody: the contact was given by hand",
}


def _decision_lines(found: Decision, limit: int) -> Iterator[Text]:
    fields, at_us = found.event.fields, found.event.at_us
    contact, agent = fields["contact"], fields["agent"]
    was = "offered to" if found.event.name == "contact.offered" else "connected with"
    yield _bold(f"contact {contact} was {was} {agent} at {moment(at_us, time_ns() // 1_000)}")
    yield Text("Recorded in the event:")
    entry = {"by_hand": "by hand", "0": "the agent's own queue"}.get(fields["entry_priority"])
    yield _fact("where", f"{fields['channel']} in {fields['queue']}")
    yield _fact("waited", duration(int(fields["waited_us"]) / 1e6))
    yield _fact("entry", entry or f"priority {fields['entry_priority']}")
    yield _fact("profile", f"{fields['profile']}, version {fields['profile_version']}")
    yield _fact("attempt", f"{fields['attempt']}, token {fields['token']}")
    if found.rings:
        yield _fact("broadcast", f"it rang at {', '.join(found.rings)}: the first who accepts has it")
    yield _fact("actor", found.event.actor or "none: a sweep")
    yield Text("Reconstructed from the events before it:")
    yield _fact("who chose", _SIDES[found.side])
    yield Text()
    yield from _then("agents who serve it, the one available longest first", list(_agents_then(found)), limit)
    yield from _then(f"contacts that waited where {agent} serves, in its order", list(_contacts_then(found)), limit)
    if found.side != "hand":
        other = f"choose {found.chosen or 'nothing'}: events do not tell all that decided"
        rules = "choose the same" if found.agrees else other
        yield Text(f"By what is reconstructed the rules {rules}.", style="green" if found.agrees else "red")
    for sentence in found.unsure:
        yield Text(f"Not sure: {sentence}.", style="dim")


def _agents_then(found: Decision) -> Iterator[tuple[str, Reason | None, bool]]:
    for one in found.agents:
        idle = f", available for {duration((found.event.at_us - one.available_us) / 1e6)}" if one.available_us else ""
        yield f"{one.agent}, profile {one.profile}{idle}", one.reason, one.agent == found.event.fields["agent"]


def _contacts_then(found: Decision) -> Iterator[tuple[str, Reason | None, bool]]:
    for row in found.contacts:
        one = row.contact
        age = duration((found.event.at_us - one.rank_us) / 1e6) if one.rank_us else "first"
        told = f"{one.contact_id}, entry {row.entry_priority}, priority {one.priority}, ranks by {age}"
        yield told, row.reason, one.contact_id == found.event.fields["contact"]


def _then(heading: str, rows: Sequence[tuple[str, Reason | None, bool]], limit: int) -> Iterator[Text]:
    """Candidates in order; what got it always, of the others the first ones."""
    if not rows:
        return
    yield _bold(heading)
    for place, (told, reason, is_chosen) in enumerate(rows):
        if place < limit or is_chosen:
            yield _line("chosen" if is_chosen else "could, too" if reason is None else word_of(reason), told)
            if reason is not None:
                yield Text(f"{'':{_WIDTH + 2}}{reason}")
    if len(rows) > limit:
        yield Text(f"  of {len(rows):,}: --json has them all")
    yield Text()


def _fact(word: str, text: str) -> Text:
    return Text(f"  {word:{_WIDTH}}{text}")
