"""A table of agents: who serves which queues, or has which profile, a row for each.

Columns: agent (or name, username), and any of profile, queues, channels, display_name, proficiencies, auto_accept.
Lists are divided by `;`, `|` or `,`: `Sales;Help`, `voice;chat=3`, `Language:French=4`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fairlead.configuration.importing.draft import Draft
from fairlead.configuration.importing.sources import Source, truth, whole
from fairlead.domain.names import LONGEST_NAME, allowed_name
from fairlead.errors import InvalidConfiguration
from fairlead.files.rows import Reject, csv_rows

AGENT_COLUMNS = ("agent", "username", "user", "login", "name")

_KNOWN = {"profile", "routing_profile", "queues", "queue", "channels", "channel", "display_name", "proficiencies",
          "skills", "auto_accept"}  # fmt: skip


def read(sources: Sequence[Source]) -> Draft:
    """The draft that tables of agents describe. Raises InvalidConfiguration."""
    draft = Draft()
    for source in sources:
        header, _, rows = csv_rows(source.text, source.name)
        columns = {_plain(one): one for one in header}
        agent = next((columns[one] for one in AGENT_COLUMNS if one in columns), None)
        if agent is None:
            raise InvalidConfiguration(
                f"{source.name}: has no column {', '.join(AGENT_COLUMNS)}: it has {', '.join(header[:20])}"
            )
        if not {"profile", "routing_profile", "queues", "queue"} & columns.keys():
            raise InvalidConfiguration(
                f"{source.name}: has neither a column profile nor queues, so who serves what? "
                f"It has {', '.join(header[:20])}"
            )
        lost = [one for one in header if one != agent and _plain(one) not in _KNOWN]
        if lost:
            draft.say("", "", f"{source.name}: columns without counterpart: {', '.join(lost)}")
        for line, row in rows:
            if isinstance(row, Reject):
                draft.say("", "", f"{source.name}:{line}: left out: {row.reason}")
            else:
                given = {plain: str(row[name]).strip() for plain, name in columns.items()}
                _add_agent(draft, f"{source.name}:{line}", str(row[agent]).strip(), given)
    return draft


def _plain(column: str) -> str:
    return re.sub(r"[\s-]+", "_", column.strip().casefold())


def _add_agent(draft: Draft, place: str, called: str, given: Mapping[str, str]) -> None:
    if not called:
        draft.say("", "", f"{place}: left out: the name of the agent is empty")
        return
    values = {
        "profile": _profile(draft, given), "display_name": given.get("display_name", "")[:200],
        "auto_accept": [] if truth(given.get("auto_accept", "")) is False else _accepts(given),
        "proficiencies": dict(_leveled(one) for one in _listed(given.get("proficiencies") or given.get("skills", ""))),
    }  # fmt: skip
    draft.add("agents", place, called, values)


def _listed(cell: str) -> list[str]:
    return [one.strip() for one in re.split(r"[;|,]", cell) if one.strip()]


def _accepts(given: Mapping[str, str]) -> list[str]:
    """The channels that are accepted by themselves: those that are listed, or voice where it says yes."""
    return ["voice"] if truth(given.get("auto_accept", "")) else [one.lower() for one in _listed(given["auto_accept"])]


def _leveled(one: str) -> tuple[str, Any]:
    """`Language:French=4` as a proficiency and its level; a skill alone is `Skill:NAME` of level 1."""
    called, _, level = one.partition("=")
    attribute, colon, value = called.strip().partition(":")
    pair = (attribute, value) if colon else ("Skill", attribute)
    return ":".join(allowed_name(part) for part in pair), whole(level) if level else 1


def _profile(draft: Draft, given: Mapping[str, str]) -> str:
    """The profile of a row, made when it is new; rows of one profile together say its queues and channels."""
    queues = [_queue(draft, one) for one in _listed(given.get("queues") or given.get("queue", ""))]
    channels = dict(_slots(one) for one in _listed(given.get("channels") or given.get("channel", "")) or ["voice"])
    called = given.get("profile") or given.get("routing_profile") or ""
    key = called or f"{sorted(queues)} {sorted(channels)}"
    name = draft.of("profiles", key)
    if name is None:
        made = called or allowed_name("-".join(dict.fromkeys(queues)))[:LONGEST_NAME] or "NoQueue"
        name = draft.add("profiles", key, made, {"entries": []})
    profile = draft.objects["profiles"][name]
    profile.setdefault("channels", {}).update({one: {"slots": count} for one, count in channels.items()})
    entries = profile.setdefault("entries", [])
    known = {(entry["queue"], entry["channel"]) for entry in entries}
    entries += [
        {"queue": queue, "channel": channel} for queue in dict.fromkeys(queues) for channel in channels
        if (queue, channel) not in known
    ]  # fmt: skip
    return name


def _queue(draft: Draft, called: str) -> str:
    return draft.of("queues", called) or draft.add("queues", called, called, {})


def _slots(one: str) -> tuple[str, Any]:
    channel, _, count = one.partition("=")
    return channel.strip().lower(), whole(count) if count else 1
