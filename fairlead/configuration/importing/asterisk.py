"""Asterisk: queues.conf, with its templates, members and penalties."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fairlead.configuration.importing.draft import Draft, profiles_by_queues
from fairlead.configuration.importing.sources import Source, text, truth, whole
from fairlead.domain.queue import MOST_RINGS
from fairlead.errors import InvalidConfiguration

PAUSED = "Paused"
"""The status of an agent whom `autopause` has paused."""

MOST_PRIORITY = 99

STRATEGIES: Mapping[str, Mapping[str, Any]] = {
    "leastrecent": {}, "ringall": {"offer_to": MOST_RINGS}, "rrmemory": {"agent_choice": "round_robin"},
    "rrordered": {"agent_choice": "round_robin"},
}  # fmt: skip
"""Strategies of ringing that a queue can have here."""

_SECTION = re.compile(r"\[([^\]]+)\]\s*(?:\(([^)]*)\))?\s*")
_SETTING = re.compile(r"([\w-]+)\s*=>?\s*(.*)")


@dataclass(slots=True)
class _Section:
    """A queue or a template: its settings and its members, each with the line."""

    line: int
    settings: dict[str, str] = field(default_factory=dict)
    members: list[str] = field(default_factory=list)
    is_template: bool = False


def read(sources: Sequence[Source]) -> Draft:
    """The draft that queues.conf describes. Raises InvalidConfiguration."""
    draft = Draft()
    queues: dict[str, _Section] = {}
    for source in sources:
        sections = dict(_sections(source, draft))
        general = sections.pop("general", None)
        if general and general.settings:
            draft.lacks("", "", (f"{key} of [general]" for key in general.settings))
        queues |= {name: one for name, one in sections.items() if not one.is_template}
    weights = {name: whole(one.settings.get("weight", "0")) for name, one in queues.items()}
    ranks = sorted({weight for weight in weights.values() if isinstance(weight, int)}, reverse=True)
    agents: dict[str, tuple[str, str]] = {}
    serves: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for called, one in queues.items():
        name = _add_queue(draft, called, one)
        weight = weights[called]
        priority = min(ranks.index(weight) + 1, MOST_PRIORITY) if weight in ranks else 1
        for member in one.members:
            interface, penalty, shown = _member(member)
            agents.setdefault(interface, (shown or interface, interface))
            serves[interface].append((name, priority, 0))
            if penalty not in ("", "0"):
                draft.say(
                    "queues", name,
                    f"penalty {penalty} of {shown or interface}: a profile with a delay_s for this queue comes close",
                )  # fmt: skip
    profiles = profiles_by_queues(draft, serves, {"voice": {"slots": 1}})
    for interface, (called, _) in agents.items():
        draft.add("agents", interface, called, {"profile": profiles[interface]})
    return draft


def _sections(source: Source, draft: Draft) -> Iterator[tuple[str, _Section]]:
    """The sections of a file, each with what it takes from its templates. Raises InvalidConfiguration."""
    found: dict[str, _Section] = {}
    current: _Section | None = None
    for number, line in enumerate(_uncommented(source.text), 1):
        content = line.strip()
        if content.startswith("#"):
            draft.say("", "", f"{source.name}:{number}: {content[:100]} is not followed: give that file, too")
        elif begins := _SECTION.fullmatch(content):
            options = [one.strip() for one in (begins[2] or "").split(",") if one.strip()]
            current = found.get(begins[1].strip()) if "+" in options else None
            if current is None:
                current = found[begins[1].strip()] = _Section(number, is_template="!" in options)
            for template in (found[one] for one in options if one in found):
                current.settings |= template.settings
                current.members += template.members
        elif content:
            setting = _SETTING.fullmatch(content)
            if not setting or current is None:
                raise InvalidConfiguration(
                    f"{source.name}:{number}: {content[:60]!r} is neither a [section] nor a setting of one: "
                    "give Asterisk's queues.conf"
                )
            key, value = setting[1].lower(), setting[2].strip()
            if key == "member":
                current.members.append(value)
            else:
                current.settings[key] = value
    if not found:
        raise InvalidConfiguration(f"{source.name}: has no [section]: give Asterisk's queues.conf")
    yield from found.items()


def _uncommented(given: str) -> Iterator[str]:
    """The lines without comments, those of several lines included."""
    plain = re.sub(r";--.*?--;", lambda one: "\n" * one[0].count("\n"), given, flags=re.DOTALL)
    yield from (re.sub(r"(?<!\\);.*", "", line).replace("\\;", ";") for line in re.split(r"\r\n|\r|\n", plain))


def _member(given: str) -> tuple[str, str, str]:
    """Interface, penalty and name of `SIP/1001,0,Ana`."""
    cells = [cell.strip() for cell in given.split(",")]
    return cells[0], cells[1] if len(cells) > 1 else "", cells[2] if len(cells) > 2 else ""


def _add_queue(draft: Draft, called: str, one: _Section) -> str:
    given = dict(one.settings)
    most, rings, wraps = (whole(given.pop(key, "")) for key in ("maxlen", "timeout", "wrapuptime"))
    values: dict[str, Any] = {
        "max_contacts": most or None,  # 0 is no limit there, and always full here
        "offer_window_s": {"voice": rings} if rings else {},
        "acw_s": {"voice": wraps} if wraps else {},
        "service_level_s": whole(given.pop("servicelevel", "")) or None,
    }
    given.pop("weight", None)
    pauses = text(given.pop("autopause", "")).lower()
    if pauses == "all" or truth(pauses):
        if PAUSED not in draft.objects["statuses"]:
            draft.add("statuses", PAUSED, PAUSED, {"type": "custom"})
        values |= {"status_after_misses": 1, "missed_status": PAUSED}
    strategy = given.pop("strategy", "ringall")
    values |= STRATEGIES.get(strategy, {})
    name = draft.add("queues", called, called, values)
    if strategy == "ringall":
        draft.say("queues", name, f"strategy ringall: here a call rings at {MOST_RINGS} at most, available longest")
    elif strategy not in STRATEGIES:
        draft.say("queues", name, f"strategy {strategy}: here who is available longest is offered the contact first")
    draft.lacks("queues", name, given)
    return name
