"""Routing criteria: ordered steps, each an expression over an agent's proficiencies and an expiry.

    step      = or | and                 or  = OR of at most 3 ands, at the top only
    and       = AND of at most 8 conditions
    condition = Attribute:Value >= level | Attribute:Value in [min, max] | NOT (...) | agents [ids, at most 10]

Only the active step counts. When all have expired, anybody who serves the queue may take the contact. An agent who
lacks an attribute satisfies NOT of it.

An expression has a canonical text, which the Lua in store/lua/line/satisfies.lua reads, too: ands joined by `|`,
conditions by `&`; a condition is `[!]Attribute:Value~min~max` or `[!]@id,id`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fairlead.domain.names import NAME_PATTERN, checked_name
from fairlead.errors import InvalidCriteria

HIGHEST_LEVEL = 5
MOST_ANDS = 3
MOST_CONDITIONS = 8
MOST_AGENTS = 10
MOST_STEPS = 5
LONGEST_STEP_S = 604_800


@dataclass(frozen=True, slots=True)
class Skill:
    """A proficiency between two levels, both included; `negated`: the agent must not have it.

    As a string it is what `parse_expression` reads.
    """

    name: str
    lowest: int
    highest: int = HIGHEST_LEVEL
    negated: bool = False

    def holds(self, agent: str, proficiencies: Mapping[str, int]) -> bool:  # noqa: ARG002  # one form for both kinds
        has = self.lowest <= proficiencies.get(self.name, 0) <= self.highest
        return has != self.negated

    def text(self) -> str:
        return f"{'!' * self.negated}{self.name}~{self.lowest}~{self.highest}"

    def __str__(self) -> str:
        levels = f">= {self.lowest}" if self.highest == HIGHEST_LEVEL else f"in [{self.lowest}, {self.highest}]"
        return f"not ({self.name} {levels})" if self.negated else f"{self.name} {levels}"


@dataclass(frozen=True, slots=True)
class Preferred:
    """One of these agents; `negated`: none of them. As a string it is what `parse_expression` reads."""

    agents: tuple[str, ...]
    negated: bool = False

    def holds(self, agent: str, proficiencies: Mapping[str, int]) -> bool:  # noqa: ARG002  # one form for both kinds
        return (agent in self.agents) != self.negated

    def text(self) -> str:
        return f"{'!' * self.negated}@{','.join(self.agents)}"

    def __str__(self) -> str:
        named = f"agents [{', '.join(self.agents)}]"
        return f"not ({named})" if self.negated else named


Condition = Skill | Preferred


@dataclass(frozen=True, slots=True)
class Expression:
    """An OR of ANDs of conditions. The empty one is satisfied by everybody. As a string `parse_expression` reads it."""

    ands: tuple[tuple[Condition, ...], ...] = ()

    def holds(self, agent: str, proficiencies: Mapping[str, int]) -> bool:
        """Whether an agent of that name with these proficiencies satisfies it."""
        return not self.failing(agent, proficiencies)

    def failing(self, agent: str, proficiencies: Mapping[str, int]) -> tuple[Condition, ...]:
        """The first condition of each AND that the agent does not satisfy; empty when it satisfies the expression."""
        found = [
            next((one for one in conditions if not one.holds(agent, proficiencies)), None) for conditions in self.ands
        ]
        failing = tuple(one for one in found if one is not None)
        return failing if len(failing) == len(self.ands) else ()

    def text(self) -> str:
        """The canonical text."""
        return "|".join("&".join(one.text() for one in conditions) for conditions in self.ands)

    def __str__(self) -> str:
        return " or ".join(" and ".join(map(str, conditions)) for conditions in self.ands)


@dataclass(frozen=True, slots=True)
class Step:
    """An expression that must hold until it expires. `expiry_s` None: never; only the last step may have that."""

    expression: Expression
    expiry_s: int | None = None


_NAME = NAME_PATTERN
_SKILL = re.compile(rf"({_NAME}:{_NAME})\s*(?:>=\s*(\d+)|in\s*\[\s*(\d+)\s*,\s*(\d+)\s*\])")
_AGENTS = re.compile(r"agents\s*\[([^\]]*)\]")
_NOT = re.compile(r"not\s*\((.*)\)", re.IGNORECASE)
_CANONICAL = re.compile(r"(!?)(?:@(?P<agents>.+)|(?P<name>[^~]+)~(?P<lowest>\d)~(?P<highest>\d))")


def parse_expression(text: str) -> Expression:
    """`Language:French >= 4 and Product:Cards in [2, 4] or agents [jane]` as an expression. Raises InvalidCriteria."""
    if "(" in re.sub(r"(?i)not\s*\(", "", text):
        raise InvalidCriteria(f"criteria {text!r}: only NOT takes parentheses; OR stands at the top and AND below it")
    ands = [
        tuple(_condition(part, text) for part in re.split(r"\s+and\s+", one.strip(), flags=re.IGNORECASE))
        for one in re.split(r"\s+or\s+", text.strip(), flags=re.IGNORECASE)
    ]
    return checked_expression(Expression(tuple(ands)))


def _condition(part: str, whole: str) -> Condition:
    negation = _NOT.fullmatch(part.strip())
    inner = (negation[1] if negation else part).strip()
    if agents := _AGENTS.fullmatch(inner):
        names = tuple(name.strip() for name in agents[1].split(",") if name.strip())
        return Preferred(names, bool(negation))
    skill = _SKILL.fullmatch(inner)
    if skill is None:
        raise InvalidCriteria(
            f"criteria {whole!r}: {part.strip()!r} is not a condition: write Attribute:Value >= level, "
            "Attribute:Value in [min, max], not (...) or agents [id, ...]"
        )
    name, level, lowest, highest = skill.groups()
    if level is not None:
        return Skill(name, int(level), negated=bool(negation))
    return Skill(name, int(lowest), int(highest), bool(negation))


def checked_expression(expression: Expression) -> Expression:
    """The expression itself when it keeps the grammar's limits. Raises InvalidCriteria, InvalidName."""
    if not 1 <= len(expression.ands) <= MOST_ANDS:
        raise InvalidCriteria(f"criteria have {len(expression.ands)} alternatives; OR joins 1 to {MOST_ANDS}")
    for conditions in expression.ands:
        if not 1 <= len(conditions) <= MOST_CONDITIONS:
            raise InvalidCriteria(
                f"criteria have {len(conditions)} conditions in an AND; allowed are 1 to {MOST_CONDITIONS}"
            )
        for condition in conditions:
            _check_condition(condition)
    return expression


def _check_condition(condition: Condition) -> None:
    if isinstance(condition, Preferred):
        if not 1 <= len(condition.agents) <= MOST_AGENTS:
            raise InvalidCriteria(
                f"criteria name {len(condition.agents)} agents in one condition; it takes 1 to {MOST_AGENTS}"
            )
        for agent in condition.agents:
            checked_name("agent", agent)
        return
    checked_proficiency(condition.name)
    if not 1 <= condition.lowest <= condition.highest <= HIGHEST_LEVEL:
        raise InvalidCriteria(
            f"criteria ask for {condition.name} from level {condition.lowest} to {condition.highest}; "
            f"levels are 1 to {HIGHEST_LEVEL}, the lower one first"
        )


def checked_proficiency(name: str) -> str:
    """`Attribute:Value` itself when both are names. Raises InvalidName, InvalidCriteria."""
    attribute, colon, value = name.partition(":")
    if not colon:
        raise InvalidCriteria(f"proficiency {name!r} is not Attribute:Value, as in Language:French")
    checked_name("attribute", attribute)
    checked_name("attribute's value", value)
    return name


def checked_steps(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps when they keep the limits: at most 5, each but the last with an expiry. Raises InvalidCriteria."""
    if len(steps) > MOST_STEPS:
        raise InvalidCriteria(f"criteria have {len(steps)} steps; at most {MOST_STEPS} are allowed")
    for place, step in enumerate(steps, 1):
        checked_expression(step.expression)
        if step.expiry_s is None and place < len(steps):
            raise InvalidCriteria(f"step {place} never expires, so the steps after it would never begin")
        if step.expiry_s is not None and not 1 <= step.expiry_s <= LONGEST_STEP_S:
            raise InvalidCriteria(f"step {place} expires after {step.expiry_s} s; allowed are 1 to {LONGEST_STEP_S:,}")
    return tuple(steps)


def parse_step(text: str) -> Step:
    """`EXPRESSION for 30s`, or an expression alone, which never expires. Raises InvalidCriteria."""
    expression, _, expiry = text.partition(" for ")
    if not expiry.strip():
        return Step(parse_expression(expression))
    seconds = re.fullmatch(r"(\d+)\s*s?", expiry.strip())
    if seconds is None:
        raise InvalidCriteria(f"criteria {text!r}: {expiry.strip()!r} is not an expiry: write seconds, as in `for 30s`")
    return Step(parse_expression(expression), int(seconds[1]))


def step_text(step: Step) -> str:
    """The step as a text that `parse_step` reads."""
    return str(step.expression) if step.expiry_s is None else f"{step.expression} for {step.expiry_s}s"


def steps_of(criteria: Sequence[Step | str]) -> tuple[Step, ...]:
    """Steps, or their texts, as steps that keep the limits. Raises InvalidCriteria."""
    return checked_steps([parse_step(one) if isinstance(one, str) else one for one in criteria])


def read_canonical(text: str) -> Expression:
    """The expression of a canonical text that the store keeps."""
    return Expression(
        tuple(tuple(_read_condition(one) for one in conditions.split("&")) for conditions in text.split("|"))
        if text
        else ()
    )


def _read_condition(text: str) -> Condition:
    found = _CANONICAL.fullmatch(text)
    assert found is not None, text  # noqa: S101  # the store keeps only what text() has written
    if found["agents"]:
        return Preferred(tuple(found["agents"].split(",")), bool(found[1]))
    return Skill(found["name"], int(found["lowest"]), int(found["highest"]), bool(found[1]))


def active_step(steps: Sequence[Step], elapsed_s: float) -> int:
    """Which step is active so long after the first began; `len(steps)` when all have expired."""
    ends_s = 0.0
    for place, step in enumerate(steps):
        if step.expiry_s is None:
            return place
        ends_s += step.expiry_s
        if elapsed_s < ends_s:
            return place
    return len(steps)
