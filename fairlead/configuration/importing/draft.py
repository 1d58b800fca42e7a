"""What is imported so far: objects as the configuration file has them, and what had no counterpart."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

from fairlead.domain.names import LONGEST_NAME, allowed_name

Section: TypeAlias = Literal["hours", "statuses", "queues", "profiles", "agents", "intakes"]
SECTIONS: tuple[Section, ...] = get_args(Section)

BUILT_IN = {"Available": "routable", "Offline": "offline"}
"""Statuses that are there without being written."""


@dataclass(frozen=True, slots=True)
class Note:
    """What a person should know of what was imported. Section and name are empty where it concerns no object."""

    section: str
    name: str
    text: str


@dataclass(slots=True)
class Draft:
    """Objects by section and name, with what is to be said of them."""

    objects: dict[Section, dict[str, dict[str, Any]]] = field(default_factory=lambda: {one: {} for one in SECTIONS})
    notes: list[Note] = field(default_factory=list)
    names: dict[tuple[Section, str], str] = field(default_factory=dict)

    def add(self, section: Section, key: str, called: str, values: Mapping[str, Any]) -> str:
        """Add an object, which `key` names in the files and people call `called`; gives its name here.

        A name that is not allowed, or taken, becomes one that is; what it was is told and kept for people.
        """
        name = self._name(section, called)
        self.names[section, key] = name
        made = {field: value for field, value in values.items() if value not in (None, "", {}, [])}
        self.objects[section][name] = made
        if name != called:
            self.say(section, name, f"was called {called!r}" if called else f"has no name, and was {key!r}")
            made.setdefault("display_name", called[:200])
        return name

    def of(self, section: Section, key: str) -> str | None:
        """The name of the object that a key of the files names; None: the files do not have it."""
        return self.names.get((section, key))

    def say(self, section: str, name: str, text: str) -> None:
        """Note something of an object, or of the whole."""
        self.notes.append(Note(section, name, text))

    def lacks(self, section: str, name: str, fields: Iterable[str]) -> None:
        """Note that settings of an object have no counterpart here."""
        told = sorted({*fields})
        if told:
            self.say(section, name, f"no counterpart: {', '.join(told)}")

    def _name(self, section: Section, called: str) -> str:
        taken = {one.casefold() for one in self.objects[section]}
        if section == "statuses":
            taken -= {one.casefold() for one in BUILT_IN}
        wanted = allowed_name(called) or section[:-1].title()
        name, number = wanted, 1
        while name.casefold() in taken:
            number += 1
            name = f"{wanted[: LONGEST_NAME - len(str(number)) - 1]}-{number}"
        return name


def profiles_by_queues(
    draft: Draft, agents: Mapping[str, Iterable[tuple[Any, ...]]], channels: Mapping[str, Any]
) -> dict[str, str]:
    """A profile for each set of entries that agents have, named after its queues; gives the profile of each agent.

    An entry is (queue, priority, delay in seconds); all are on each of the `channels`.
    """
    groups: defaultdict[tuple[tuple[Any, ...], ...], list[str]] = defaultdict(list)
    for agent, entries in agents.items():
        groups[tuple(sorted(set(entries)))].append(agent)
    found = dict[str, str]()
    for entries, members in groups.items():
        called = "-".join(dict.fromkeys(entry[0] for entry in entries))[:LONGEST_NAME] or "NoQueue"
        name = draft.add("profiles", f"{entries}", allowed_name(called) or "Profile", {
            "channels": {one: dict(values) for one, values in channels.items()},
            "entries": [
                {"queue": queue, "channels": sorted(channels), "priority": priority, "delay_s": delay_s}
                for queue, priority, delay_s in entries
            ],
        })  # fmt: skip
        found |= dict.fromkeys(members, name)
    return found
