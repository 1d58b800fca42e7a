"""Pushes by intake: what its rules ask is read, they decide, and the contact is pushed as long as they are the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import ceil
from typing import TypeAlias

from fairlead.domain.channel import Channel, checked_channel
from fairlead.domain.conditions import ESTIMATED, Facts, Value
from fairlead.domain.intake import Choice, Decision, Verdict, decide, explain, local_time
from fairlead.domain.names import checked_name
from fairlead.errors import ConfigurationChanged, UnknownQueue
from fairlead.service.estimate import estimate_queue
from fairlead.store.new_contact import NewContact, checked_attributes
from fairlead.store.procedure import Source, Steps, procedure, run
from fairlead.store.reading.intakes import Seen, intake_seen
from fairlead.store.refusals import unknown_object
from fairlead.store.transitions import producing
from fairlead.store.transitions.producing import Decided, Receipt

TRIES = 5
"""How often a contact is decided on when its intake changes meanwhile."""

SeenIntakes: TypeAlias = dict[tuple[str, Channel], Seen | None]
"""What was seen of intakes for channels; None of one that is not there."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What an intake would make of a contact now. `rules`: each up to the one that holds, and why those before do not;
    `read`: what of the state and the time they read.
    """

    intake: str
    version: int
    rule: int
    rule_name: str
    choice: Choice
    read: Mapping[str, str]
    rules: tuple[Verdict, ...]


@procedure
def decide_all(source: Source, contacts: Iterable[NewContact], seen: SeenIntakes) -> Steps[list[Decided | None]]:
    """What their intakes decide on some contacts; None without intake. Each intake is looked at once for a channel:
    `seen` keeps what was seen.
    """
    decided: list[Decided | None] = []
    for contact in contacts:
        if not contact.intake:
            decided.append(None)
            continue
        key = contact.intake, contact.channel
        if key not in seen:
            seen[key] = yield from _seen(source, *key)
        decided.append(_decided(contact, seen[key]))
    return decided


def _seen(source: Source, intake: str, channel: Channel) -> Steps[Seen | None]:
    """An intake with all that its rules ask about queues; None when it is not there."""
    seen = yield from intake_seen(intake, channel).steps(source)
    asked = [queue for queue, fields in seen.intake.asks().items() if ESTIMATED in fields] if seen else []
    if seen is None or not asked:
        return seen
    queues: dict[str, dict[str, Value]] = {queue: dict(state) for queue, state in seen.queues.items()}
    for queue in asked:
        state = queues.setdefault(queue, {})
        try:
            estimate = yield from estimate_queue(queue, channel).steps(source)
        except UnknownQueue:
            continue  # the configuration has changed since, and the push will be told so
        if estimate.wait_s is not None:
            state[ESTIMATED] = ceil(estimate.wait_s)
    return replace(seen, queues=queues)


def _decided(contact: NewContact, seen: Seen | None) -> Decided:
    if seen is None:
        return Decided(Decision(contact.intake, 0, 0, "", {}), contact)
    facts = _facts(seen, contact.channel, contact.attributes, contact.customer)
    return producing.placed(contact, *decide(seen.intake, seen.version, facts))


def _facts(seen: Seen, channel: Channel, attributes: Mapping[str, str], customer: str) -> Facts:
    return Facts(attributes, channel, customer, local_time(seen.intake.timezone, seen.now_us), seen.queues)


@procedure
def push_decided(source: Source, contact: NewContact) -> Steps[Receipt]:
    """Push a contact as its intake decides. Raises what `producing.push` raises; ConfigurationChanged when the intake
    has changed again and again.
    """
    for left in reversed(range(TRIES)):
        [decided] = yield from decide_all([contact], {}).steps(source)
        try:
            return (yield from run(producing.push(source.keys, contact, decided)))
        except ConfigurationChanged:
            if not left:
                raise
    raise AssertionError("a loop that ends by returning or raising")


@procedure
def try_intake(
    source: Source,
    intake: str,
    *,
    channel: Channel = "voice",
    attributes: Mapping[str, str] | None = None,
    customer: str = "",
) -> Steps[Trial]:
    """What an intake would make of a contact now, and why; it pushes nothing.

    Raises UnknownIntake, InvalidName, InvalidContact.
    """
    given = checked_attributes(attributes or {})
    if customer:
        checked_name("customer", customer)
    seen = yield from _seen(source, checked_name("intake", intake), checked_channel(channel))
    if seen is None:
        raise unknown_object("intake", intake)
    facts = _facts(seen, channel, given, customer)
    decision, choice = decide(seen.intake, seen.version, facts)
    return Trial(
        intake, seen.version, decision.rule, decision.rule_name, choice, decision.read,
        tuple(explain(seen.intake, facts)),
    )  # fmt: skip
