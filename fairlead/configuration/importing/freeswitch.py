"""FreeSWITCH: callcenter.conf.xml of mod_callcenter, with queues, agents and tiers."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from fairlead.configuration.importing.draft import Draft, profiles_by_queues
from fairlead.configuration.importing.sources import Source, truth, whole
from fairlead.domain.queue import MOST_RINGS
from fairlead.errors import InvalidConfiguration

ON_BREAK = "On-Break"
"""The status that mod_callcenter gives an agent after `max-no-answer` calls."""

MOST_DELAY_S = 9_999

STRATEGIES: Mapping[str, Mapping[str, Any]] = {
    "longest-idle-agent": {}, "ring-all": {"offer_to": MOST_RINGS}, "round-robin": {"agent_choice": "round_robin"},
}  # fmt: skip
"""Strategies of ringing that a queue can have here."""

_NOTHING = {"", "0", "false"}


def read(sources: Sequence[Source]) -> Draft:
    """The draft that mod_callcenter's files describe. Raises InvalidConfiguration."""
    draft = Draft()
    queues: dict[str, dict[str, str]] = {}
    agents: dict[str, dict[str, str]] = {}
    tiers: list[Mapping[str, str]] = []
    for source in sources:
        root = _root(source)
        before = len(queues) + len(agents) + len(tiers)
        for queue in root.iter("queue"):
            queues.setdefault(queue.get("name", ""), {}).update(_parameters(queue))
        for agent in root.iter("agent"):
            agents.setdefault(agent.get("name", ""), {}).update(agent.attrib)
        tiers += [tier.attrib for tier in root.iter("tier")]
        if len(queues) + len(agents) + len(tiers) == before:
            raise InvalidConfiguration(f"{source.name}: has no queue, agent or tier: give mod_callcenter's files")
        if root.find(".//X-PRE-PROCESS") is not None:
            draft.say("", "", f"{source.name}: what X-PRE-PROCESS includes is not here: give those files, too")
    _add_all(draft, queues, agents, tiers)
    return draft


def _root(source: Source) -> Element:
    try:
        root: Element = fromstring(source.text)
    except ParseError as failure:
        line, column = failure.position
        raise InvalidConfiguration(f"{source.name}: line {line}, column {column}: not XML: {failure}") from None
    except DefusedXmlException as failure:
        raise InvalidConfiguration(
            f"{source.name}: declares entities, which are not followed: {type(failure).__name__}: leave the DOCTYPE out"
        ) from None
    except (ValueError, RecursionError, LookupError) as failure:
        raise InvalidConfiguration(f"{source.name}: not XML: {failure}") from None
    return root


def _parameters(queue: Element) -> dict[str, str]:
    return {one.get("name", ""): one.get("value", "").strip() for one in queue.iter("param")}


def _add_all(
    draft: Draft, queues: Mapping[str, dict[str, str]], agents: Mapping[str, dict[str, str]],
    tiers: Sequence[Mapping[str, str]],
) -> None:  # fmt: skip
    staff: defaultdict[str, list[Mapping[str, str]]] = defaultdict(list)
    for tier in tiers:
        if tier.get("agent", "") in agents:
            staff[tier.get("queue", "")].append({**tier, **agents[tier.get("agent", "")]})
    names = {called: _add_queue(draft, called, given, staff[called]) for called, given in queues.items()}
    serves: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for tier in tiers:
        queue, agent = tier.get("queue", ""), tier.get("agent", "")
        if queue not in names or agent not in agents:
            what = f"queue {queue!r}" if queue not in names else f"agent {agent!r}"
            draft.say("", "", f"a tier names the {what}, which is not in the files")
            continue
        levels = [whole(one.get("level", "1")) for one in staff[queue]]
        serves[agent].append((names[queue], 1, _delay_s(queues[queue], whole(tier.get("level", "1")), levels)))
    profiles = profiles_by_queues(draft, {agent: serves[agent] for agent in agents}, {"voice": {"slots": 1}})
    for agent, given in agents.items():
        plain = _plain(agent, agents)
        wraps = whole(given.get("wrap-up-time", ""))
        rings = re.search(r"\bleg_timeout=(\d{1,9})\b", given.get("contact", ""))
        name = draft.add("agents", agent, plain, {
            "profile": profiles[agent], "acw_s": {"voice": wraps} if wraps else {},
            "offer_window_s": {"voice": int(rings[1])} if rings else {},
        })  # fmt: skip
        lost = {key for key, value in given.items() if key in _OF_AGENT and value not in _NOTHING}
        draft.lacks("agents", name, lost)


_OF_AGENT = {"contact", "reject-delay-time", "busy-delay-time", "no-answer-delay-time", "type", "uuid"}


def _plain(called: str, others: Mapping[str, Any]) -> str:
    """The name without its domain, where it stays the only one."""
    short = called.partition("@")[0]
    return short if short and sum(one.partition("@")[0] == short for one in others) == 1 else called


def _delay_s(queue: Mapping[str, str], level: Any, levels: Sequence[Any]) -> int:
    """How long a caller waits before agents of this level are asked, too."""
    wait = whole(queue.get("tier-rule-wait-second", "0"))
    numbers = [one for one in levels if isinstance(one, int)]
    if not truth(queue.get("tier-rules-apply", "false")) or not isinstance(wait, int) or not isinstance(level, int):
        return 0
    steps = level - min(numbers, default=level)
    if not truth(queue.get("tier-rule-wait-multiply-level", "false")):
        steps = min(steps, 1)
    return max(0, min(steps * wait, MOST_DELAY_S))


def _add_queue(draft: Draft, called: str, given: Mapping[str, str], staff: Sequence[Mapping[str, str]]) -> str:
    rest = {key: value for key, value in given.items() if value not in _NOTHING}
    waits = whole(rest.pop("max-wait-time", ""))
    strategy = rest.pop("strategy", "longest-idle-agent")
    for key in ("tier-rules-apply", "tier-rule-wait-second", "tier-rule-wait-multiply-level"):
        rest.pop(key, None)
    misses = _common(staff, "max-no-answer")
    values: dict[str, Any] = {"expiry_s": {"voice": waits} if waits else {}}
    if misses:
        if ON_BREAK not in draft.objects["statuses"]:
            draft.add("statuses", ON_BREAK, ON_BREAK, {"type": "custom"})
        values |= {"status_after_misses": misses, "missed_status": ON_BREAK}
    values |= STRATEGIES.get(strategy, {})
    name = draft.add("queues", called, called.partition("@")[0] or called, values)
    if strategy == "ring-all":
        draft.say("queues", name, f"strategy ring-all: here a call rings at {MOST_RINGS} at most, available longest")
    elif strategy not in STRATEGIES:
        draft.say("queues", name, f"strategy {strategy}: here who is available longest is offered the contact first")
    if not truth(given.get("tier-rules-apply", "false")) and len({one.get("level", "1") for one in staff}) > 1:
        draft.say("queues", name, "levels of tiers without tier-rules-apply: a delay_s in a profile comes close")
    if len({one.get("position", "1") for one in staff}) > 1:
        draft.say("queues", name, "positions of tiers: no counterpart")
    found = sorted({one.get("max-no-answer", "0") for one in staff})
    if len(found) > 1:
        draft.say("queues", name, f"max-no-answer differs by agent ({', '.join(found)[:80]}): here it is set by queue")
    draft.lacks("queues", name, rest)
    return name


def _common(staff: Sequence[Mapping[str, str]], key: str) -> Any:
    """The value that all agents of a queue have."""
    found = {one.get(key, "0") for one in staff}
    return whole(found.pop()) if len(found) == 1 else None
