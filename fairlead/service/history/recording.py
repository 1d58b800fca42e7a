"""A recording of what has happened, and its form as lines of JSON.

Each line is an object, told apart by one of its fields; the lines of several files may stand one after the other:

    event           as `fairlead events --json` prints it: id, event, at_us, actor and the event's own fields
    configuration   a configuration as TOML, and the `version` at which it was applied; `profiles`: the version at which
                    each of its profiles changed last, where that is another one
    plain           ids of contacts that never asked anything of agents by criteria
    told            what a client was told: `pushed` (contact); `given` (agent, contact, token, attempt); or `done`
                    (agent, contact, token, word, fenced)
    away            [from_us, until_us]: nobody could sweep in this time, since Redis or all workers were down
    now             what there was in the end: at_us, contacts {id: [state, agent, token]}, slots {agent: [[token, kind,
                    contact], ...]}, totals {subject: {name: n}}
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import orjson

from fairlead.configuration.reading import parse_configuration
from fairlead.configuration.writing import render
from fairlead.domain.configuration import Configuration
from fairlead.errors import BadInput
from fairlead.store.reading import Event

Word: TypeAlias = Literal["pushed", "given", "done"]


@dataclass(frozen=True, slots=True)
class Told:
    """What a client was told. `word`: of `done`, what the client asked: completed, failed, released, accepted, rejected
    or transferred; `fenced`: the answer was that it has no effect.
    """

    told: Word
    contact: str
    agent: str = ""
    token: int = 0
    attempt: int = 0
    word: str = ""
    fenced: bool = False


@dataclass(frozen=True, slots=True)
class Configured:
    """A configuration and its version. `profiles`: at which version each of its profiles has changed last."""

    configuration: Configuration
    version: int
    profiles: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ended:
    """What there was in the end: contact -> state, agent, token; agent -> token, kind and contact of each slot; both of
    those to whom nothing has happened meanwhile. Empty where it is not known.
    """

    at_us: int
    contacts: Mapping[str, tuple[str, str, int]] = field(default_factory=dict)
    slots: Mapping[str, Sequence[tuple[int, str, str]]] = field(default_factory=dict)
    totals: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(slots=True)
class History:
    """A recording. What it does not have is not checked."""

    events: list[Event] = field(default_factory=list)
    configured: list[Configured] = field(default_factory=list)
    plain: set[str] = field(default_factory=set)
    told: list[Told] = field(default_factory=list)
    away: list[tuple[int, int]] = field(default_factory=list)
    now: Ended | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the events go back to the beginning: an instance begins with its configuration."""
        return bool(self.events) and self.events[0].name in ("queue.updated", "profile.updated")


def read_history(lines: Iterable[bytes | str], name: str = "history") -> History:
    """Read lines of JSON. Raises BadInput, which names the line."""
    history = History()
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                _read(history, orjson.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError) as failure:
                raise BadInput(f"{name}, line {number} is no line of a history: {failure!r}") from failure
    return history


def _read(history: History, row: dict[str, Any]) -> None:
    if "event" in row:
        event_id, event, at_us = str(row.pop("id", "")), str(row.pop("event")), int(row.pop("at_us"))
        actor = str(row.pop("actor", ""))
        history.events.append(Event(event_id, event, at_us, {key: str(value) for key, value in row.items()}, actor))
    elif "configuration" in row:
        configuration = parse_configuration(row["configuration"], "configuration")
        history.configured.append(Configured(configuration, int(row["version"]), row.get("profiles", {})))
    elif "plain" in row:
        history.plain.update(row["plain"])
    elif "told" in row:
        history.told.append(Told(**row))
    elif "away" in row:
        history.away.append((int(row["away"][0]), int(row["away"][1])))
    else:
        now = row["now"]
        contacts = {one: (state, agent, int(token)) for one, (state, agent, token) in now["contacts"].items()}
        slots = {name: [(int(token), kind, one) for token, kind, one in row] for name, row in now["slots"].items()}
        history.now = Ended(int(now["at_us"]), contacts, slots, now.get("totals", {}))


def as_lines(history: History) -> Iterator[bytes]:
    """The history as lines of JSON."""
    for one in history.configured:
        row = {"configuration": render(one.configuration), "version": one.version, "profiles": one.profiles}
        yield orjson.dumps(row) + b"\n"
    yield orjson.dumps({"plain": sorted(history.plain)}) + b"\n"
    for event in history.events:
        by = {"actor": event.actor} if event.actor else {}
        row = {"id": event.event_id, "event": event.name, "at_us": event.at_us, **by, **event.fields}
        yield orjson.dumps(row) + b"\n"
    for told in history.told:
        yield orjson.dumps(told) + b"\n"
    for away in history.away:
        yield orjson.dumps({"away": away}) + b"\n"
    if history.now:
        yield orjson.dumps({"now": history.now}) + b"\n"
