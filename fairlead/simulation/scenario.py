"""A scenario file: a configuration, who works when, and the contacts that arrive. Its shape and limits stand here."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fairlead.configuration.document import Document
from fairlead.configuration.reading import configuration_in, read_toml
from fairlead.configuration.values import Name
from fairlead.domain.channel import Channel
from fairlead.domain.configuration import Configuration
from fairlead.domain.contact import DEFAULT_PRIORITY, HIGHEST_PRIORITY, LONGEST_AGE_ADJUSTMENT_S, LOWEST_PRIORITY
from fairlead.errors import InvalidConfiguration
from fairlead.files.text import bytes_of, text_of
from fairlead.simulation.distributions import Distribution

LONGEST_S = 31 * 86_400
"""A month: longer runs are several runs."""

STARTS_AT = datetime(2026, 1, 5, tzinfo=UTC)
"""A Monday, for scenarios that do not say when they begin."""

AtS = Annotated[float, Field(ge=0, le=LONGEST_S)]
Priority = Annotated[int, Field(ge=HIGHEST_PRIORITY, le=LOWEST_PRIORITY)]
AgeS = Annotated[int, Field(ge=-LONGEST_AGE_ADJUSTMENT_S, le=LONGEST_AGE_ADJUSTMENT_S)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Span(_Strict):
    from_s: AtS = 0
    to_s: AtS

    @model_validator(mode="after")
    def _in_order(self) -> "_Span":
        if self.to_s <= self.from_s:
            raise ValueError(f"to_s {self.to_s:g} must be after from_s {self.from_s:g}")
        return self


class ShiftDocument(_Span):
    """When an agent of the configuration works; one without a shift works all the time."""

    agent: Name


class _Asking(_Strict):
    """What a contact asks for, whether it is listed or drawn."""

    queue: str = Field(default="", description="name of a queue, or @agent")
    intake: str = Field(default="", description="name of an intake, which chooses the queue, in place of `queue`")
    channel: Channel = "voice"
    priority: Priority = DEFAULT_PRIORITY
    age_adjustment_s: AgeS = 0
    criteria: list[str] = Field(default_factory=list, description='routing steps: "Language:French >= 4 for 30s"')
    attributes: dict[str, str] = Field(default_factory=dict)
    customer: str = ""

    @model_validator(mode="after")
    def _one_target(self) -> "_Asking":
        if bool(self.queue) == bool(self.intake):
            raise ValueError("give a queue, or an intake that chooses one" + ", not both" * bool(self.queue))
        return self


class ContactDocument(_Asking):
    """One contact."""

    id: Name
    at_s: AtS = Field(description="seconds from the beginning at which it arrives")
    handle_s: AtS = Field(description="seconds from the answer to the end, without after-contact work")
    patience_s: AtS | None = Field(None, description="seconds after which the customer leaves; not given: never")


class ArrivalsDocument(_Asking, _Span):
    """Contacts that arrive by chance, so many an hour: a Poisson process."""

    rate_per_hour: float = Field(gt=0, le=1_000_000)
    handle: Distribution
    patience: Distribution | None = None


class ScenarioDocument(_Strict):
    """What a scenario has beside a configuration."""

    seed: int = Field(default=1, ge=0)
    starts_at: datetime = Field(
        default=STARTS_AT, description="date and time of second 0; UTC unless it says otherwise"
    )
    until_s: AtS | None = Field(default=None, description="second at which to stop; not given: when all is over")
    warm_up_s: AtS = Field(default=0, description="contacts that arrive before this second are not counted")
    shifts: list[ShiftDocument] = Field(default_factory=list)
    contacts: list[ContactDocument] = Field(default_factory=list)
    arrivals: list[ArrivalsDocument] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Shift:
    """A time in which an agent works, in seconds from the beginning; `to_s` None: to the end."""

    agent: str
    from_s: float = 0
    to_s: float | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A configuration and a day that it has to cope with."""

    configuration: Configuration
    day: ScenarioDocument

    @property
    def begins_us(self) -> int:
        """When second 0 is, in Unix microseconds."""
        return begins_us(self.day.starts_at)

    @property
    def shifts(self) -> tuple[Shift, ...]:
        """The shifts of all agents in order of time; spans of one agent that touch are one."""
        return shifts_of(self.configuration, self.day.shifts)


def begins_us(at: datetime) -> int:
    """A date and time in Unix microseconds; without a time zone it is UTC."""
    return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1e6)


def shifts_of(configuration: Configuration, given: list[ShiftDocument]) -> tuple[Shift, ...]:
    """The shifts of all agents of a configuration, in order of time."""
    spans: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in sorted(given, key=lambda one: one.from_s):
        known = spans[one.agent]
        if known and one.from_s <= known[-1][1]:
            known[-1] = (known[-1][0], max(known[-1][1], one.to_s))
        else:
            known.append((one.from_s, one.to_s))
    found = [Shift(agent, *span) for agent, agents_spans in spans.items() for span in agents_spans]
    found += [Shift(agent) for agent in configuration.agents if agent not in spans]
    return tuple(sorted(found, key=lambda shift: shift.from_s))


def read_scenario(file: Path) -> Scenario:
    """The scenario in a file. Raises BadInput when it cannot be read, and
    InvalidConfiguration, which lists every problem with its place.
    """
    return parse_scenario(text_of(bytes_of(file), str(file), "utf-8"), str(file), file.parent)


def parse_scenario(text: str, name: str, folder: Path) -> Scenario:
    """The scenario in a text; files that it names are found from `folder`. Raises InvalidConfiguration."""
    raw = read_toml(text, name)
    _check_keys(raw, text, name)
    configuration = configuration_in({key: raw[key] for key in raw if key in Document.model_fields}, text, name)
    own = {key: raw[key] for key in raw if key in ScenarioDocument.model_fields}
    try:
        day = ScenarioDocument.model_validate(own, context={"folder": folder})
    except ValidationError as failure:
        problems = [_problem(text, name, error["loc"], _why(error)) for error in failure.errors()]
        raise InvalidConfiguration("\n".join(problems)) from failure
    problems = [_problem(text, name, path, why) for path, why in _cross_problems(configuration, day)]
    if problems:
        raise InvalidConfiguration("\n".join(problems))
    return Scenario(configuration, day)


def _check_keys(raw: Mapping[str, Any], text: str, name: str) -> None:
    known = [*ScenarioDocument.model_fields, *Document.model_fields]
    for key in raw:
        if key not in known:
            close = get_close_matches(key, known, n=1)
            hint = f"; did you mean {close[0]}?" if close else "."
            raise InvalidConfiguration(_problem(text, name, (key,), f"no such key{hint} Allowed: {', '.join(known)}"))


def _cross_problems(configuration: Configuration, day: ScenarioDocument) -> Iterator[tuple[tuple[str | int, ...], str]]:
    agents, queues = configuration.agents, configuration.queues
    for place, shift in enumerate(day.shifts):
        if shift.agent not in agents:
            yield ("shifts", place, "agent"), f"no agent {shift.agent!r} in this file; it has {_listed(agents)}"
    for table, rows in (("contacts", day.contacts), ("arrivals", day.arrivals)):
        for place, row in enumerate(rows):
            yield from (((table, place, key), why) for key, why in _target_problems(configuration, row))
    for section, limits in (
        ("queues", {name: queue.acw_s for name, queue in queues.items()}),
        ("agents", {name: agent.acw_s for name, agent in agents.items()}),
    ):
        for name in (name for name, acw_s in limits.items() if "unlimited" in acw_s.values()):
            yield (section, name, "acw_s"), "after-contact work without limit would never end here: write seconds"
    seen: set[str] = set()
    for place, contact in enumerate(day.contacts):
        if contact.id in seen:
            yield ("contacts", place, "id"), f"{contact.id!r} is the id of another contact, too"
        seen.add(contact.id)


def _target_problems(configuration: Configuration, row: _Asking) -> Iterator[tuple[str, str]]:
    intakes, queues = configuration.intakes, configuration.queues
    owner = row.queue.removeprefix("@")
    if row.intake:
        if row.intake not in intakes:
            yield "intake", f"no intake {row.intake!r} in this file; it has {_listed(intakes)}"
    elif row.queue not in queues and (owner == row.queue or owner not in configuration.agents):
        yield "queue", f"no queue {row.queue!r} in this file; it has {_listed(queues)}"


def _listed(names: Mapping[str, Any]) -> str:
    few = list(names)[:12]
    return ", ".join(few) + (f" and {len(names) - len(few)} more" if len(names) > len(few) else "") or "none"


def _why(error: Any) -> str:
    given = error.get("input")
    shown = "" if isinstance(given, dict | list) else f"{given!r}: "
    message: str = error["msg"].removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        return "no such key"
    return shown + message[0].lower() + message[1:]


def _problem(text: str, file: str, path: Sequence[str | int], why: str) -> str:
    shown = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path)
    return f"{file}:{_line_of(text, path)}: {shown.lstrip('.')}: {why}"


def _line_of(text: str, path: Sequence[str | int]) -> int:
    """The line of a key, or of the n-th `[[table]]` and of the key in it."""
    lines, first_key = text.splitlines(), re.escape(str(path[0]))
    table = [place for place, line in enumerate(lines) if re.match(rf"\s*\[\[?\s*{first_key}\b", line)]
    if len(path) > 1 and isinstance(path[1], int) and path[1] < len(table):
        first = table[path[1]]
        for place in range(first + 1, len(lines)):
            if re.match(r"\s*\[", lines[place]):
                break
            if len(path) > 2 and re.match(rf"\s*{re.escape(str(path[2]))}\s*[.=]", lines[place]):
                return place + 1
        return first + 1
    named = [place for place, line in enumerate(lines) if re.match(rf"\s*{first_key}\s*[.=]", line)]
    found = named or table
    return found[0] + 1 if found else 1
