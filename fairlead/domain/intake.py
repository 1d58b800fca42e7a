"""Intakes: ordered rules that choose, as a contact comes, its queue and what else it has. The first that holds does."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from fairlead.domain.channel import Channel
from fairlead.domain.conditions import Facts, Value, holds, parse_condition, state_read, why_not
from fairlead.domain.criteria import Step, parse_step, step_text
from fairlead.domain.hours import DAYS

MOST_RULES = 100
MOST_QUEUES_READ = 10
"""How many queues the rules of an intake may ask about: a push waits until they have been looked at."""

LONGEST_REASON = 200
DEFAULT_RETRY_DELAY_S = 600


@dataclass(frozen=True, slots=True)
class Choice:
    """What becomes of a contact: it goes to `queue`, a standard one or `@agent`, or is refused for the reason `refuse`.

    What else is given replaces what the producer gave. `criteria`: None leaves the producer's, () drops them;
    `start_in_s`: it enters its queue later; `callback_after_s`: it becomes a callback, so its channel voice.
    """

    queue: str = ""
    refuse: str = ""
    channel: Channel | None = None
    priority: int | None = None
    age_adjustment_s: int | None = None
    criteria: tuple[Step, ...] | None = None
    start_in_s: int | None = None
    callback_after_s: int | None = None
    callback_retry_delay_s: int = DEFAULT_RETRY_DELAY_S
    callback_retries: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """`choice` is made where `when`, a condition, holds. `name`: for people and events; empty: its number says it."""

    when: str
    choice: Choice
    name: str = ""


@dataclass(frozen=True, slots=True)
class Intake:
    """Rules in order, and what is chosen where none holds. `timezone`: of what conditions read of the time."""

    name: str
    rules: tuple[Rule, ...]
    default: Choice
    timezone: str = "UTC"
    display_name: str = ""
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)

    def choices(self) -> Iterator[Choice]:
        """What may be chosen: by each rule, then by default."""
        yield from (rule.choice for rule in self.rules)
        yield self.default

    def asks(self) -> dict[str, list[str]]:
        """Which queues the conditions ask about, and which fields of each."""
        asked: dict[str, list[str]] = {}
        for queue, one in dict.fromkeys(pair for rule in self.rules for pair in parse_condition(rule.when).queues):
            asked.setdefault(queue, []).append(one)
        return asked


@dataclass(frozen=True, slots=True)
class Decision:
    """What an intake has decided. `rule`: the number of the rule, 0 for the default; `rule_name`: its name, if it has
    one; `read`: what of the state and the time the rules up to that one read.
    """

    intake: str
    version: int
    rule: int
    rule_name: str
    read: Mapping[str, str]

    @property
    def text(self) -> str:
        """One or two lines that `read_decision` reads back: how the store keeps it."""
        read = " ".join(f"{name}={value}" for name, value in self.read.items())
        return f"{self.intake} {self.version} {self.rule_text}\n{read}"

    @property
    def rule_text(self) -> str:
        """The number of the rule, and its name if it has one."""
        return f"{self.rule} {self.rule_name}".rstrip()

    def __str__(self) -> str:
        by = f"by rule {self.rule_text}" if self.rule else "by default, no rule held"
        read = ", ".join(f"{name} was {value}" for name, value in self.read.items())
        return f"{self.intake} chose its queue {by} (version {self.version}){read and f': {read}'}"


def read_decision(text: str) -> Decision:
    """The decision that `Decision.text` has written."""
    first, _, read = text.partition("\n")
    intake, version, rule, *name = first.split(" ")
    pairs = (one.rpartition("=") for one in read.split(" ") if one)
    return Decision(intake, int(version), int(rule), "".join(name), {name: value for name, _, value in pairs})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one rule: `why_not` says why it does not hold; empty: it does. 0 is the default, which does."""

    rule: int
    name: str
    when: str
    why_not: str


def decide(intake: Intake, version: int, facts: Facts) -> tuple[Decision, Choice]:
    """What the intake, at a version of its, decides on the facts: the first rule that holds, or the default."""
    read: dict[str, str] = {}
    for number, rule in enumerate(intake.rules, 1):
        condition = parse_condition(rule.when)
        read |= state_read(condition, facts)
        if holds(condition, facts):
            return Decision(intake.name, version, number, rule.name, read), rule.choice
    return Decision(intake.name, version, 0, "", read), intake.default


def explain(intake: Intake, facts: Facts) -> list[Verdict]:
    """Each rule up to the first that holds, and why those before it do not; the default where none does."""
    verdicts: list[Verdict] = []
    for number, rule in enumerate(intake.rules, 1):
        why = why_not(parse_condition(rule.when), facts)
        verdicts.append(Verdict(number, rule.name, rule.when, why))
        if not why:
            return verdicts
    return [*verdicts, Verdict(0, "", "", "")]


def local_time(timezone: str, now_us: int) -> dict[str, Value]:
    """What conditions read of the time, by the wall clock of a time zone."""
    now = datetime.fromtimestamp(now_us / 1e6, _zone(timezone))
    return {"hour": now.hour, "time": f"{now:%H:%M}", "weekday": DAYS[now.weekday()], "date": f"{now:%Y-%m-%d}"}


@lru_cache(maxsize=64)
def _zone(timezone: str) -> ZoneInfo:
    return ZoneInfo(timezone)


def choice_values(choice: Choice) -> dict[str, Any]:
    """A choice as plain values, as a file has it; what is as it is by default is left out."""
    values = {
        name: getattr(choice, name)
        for name in Choice.__dataclass_fields__
        if getattr(choice, name) != Choice.__dataclass_fields__[name].default
    }
    return values if choice.criteria is None else values | {"criteria": [step_text(step) for step in choice.criteria]}


def choice_text(choice: Choice) -> str:
    """A choice as people read it: `queue Sales, priority 2`."""
    texts = {name: "; ".join(value) if name == "criteria" else value for name, value in choice_values(choice).items()}
    return ", ".join(f"{name} {value if value != '' else 'none'}" for name, value in texts.items())


def choice_of(values: Mapping[str, Any]) -> Choice:
    """The choice of plain values; the inverse of `choice_values`. Raises InvalidCriteria."""
    given = dict(values)
    if given.get("criteria") is not None:
        given["criteria"] = tuple(parse_step(text) for text in given["criteria"])
    return Choice(**given)


def intake_text(intake: Intake) -> str:
    """One text that `read_intake` reads back: how the store keeps an intake."""
    rules = [[rule.when, rule.name, choice_values(rule.choice)] for rule in intake.rules]
    return json.dumps([intake.timezone, rules, choice_values(intake.default)], ensure_ascii=False)


def read_intake(name: str, text: str) -> Intake:
    """The intake that `intake_text` has written."""
    timezone, rules, default = json.loads(text)
    return Intake(
        name, tuple(Rule(when, choice_of(choice), named) for when, named, choice in rules), choice_of(default), timezone
    )
