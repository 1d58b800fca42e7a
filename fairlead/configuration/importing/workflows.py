"""TaskRouter's workflows as intakes: a filter is a rule, its targets are routing steps, and a queue that overflows."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fairlead.configuration.importing.amazon import lowered
from fairlead.configuration.importing.draft import Draft
from fairlead.configuration.importing.expressions import NotUnderstood
from fairlead.configuration.importing.sources import mapping, mappings, text, whole
from fairlead.configuration.importing.translating import condition_of, criteria_of
from fairlead.domain.contact import DEFAULT_PRIORITY, HIGHEST_PRIORITY
from fairlead.domain.names import allowed_name

SHOWN = 120
LIKE = {
    "skip_if": "skip_steps_when or turn_away_when of the queue",
    "order_by": "agent_choice of the queue",
    "known_worker_sid": "criteria with agents [...]",
    "known_worker_friendly_name": "criteria with agents [...]",
}
"""Settings of a target, and what comes close to them here."""

Target = Mapping[str, Any]


def add_intakes(draft: Draft, workflows: Sequence[Mapping[str, Any]]) -> None:
    """An intake for each workflow; its queues learn how long an offer waits, and where a task goes on."""
    routings = [_routing(one) for one in workflows]
    priorities = _priorities([rule for routing in routings for rule in mappings(routing.get("filters", []))])
    for workflow, routing in zip(workflows, routings, strict=True):
        called = text(workflow.get("friendly_name"))
        name = draft.add("intakes", text(workflow.get("sid")) or called, called, {})
        rules = [
            rule
            for one in mappings(routing.get("filters", []))
            if (rule := _rule(draft, name, one, priorities)) is not None
        ]
        default = _default(draft, name, mapping(routing.get("default_filter")))
        made = {"rules": rules, "default": default}
        draft.objects["intakes"][name] |= {field: value for field, value in made.items() if value}
        _set_window(draft, whole(workflow.get("task_reservation_timeout")), [*rules, default])


def _routing(workflow: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a workflow says, which is JSON in a text."""
    configuration = workflow.get("configuration", workflow)
    if isinstance(configuration, str):
        try:
            configuration = json.loads(configuration)
        except (ValueError, RecursionError):
            configuration = {}
    return mapping(mapping(lowered(configuration)).get("task_routing"))


def _priorities(rules: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Priority there, where more is earlier -> here, where 1 is the highest, before what has none."""
    found = {whole(one.get("priority")) for rule in rules for one in mappings(rule.get("targets", []))[:1]}
    ordered = sorted({one for one in found if isinstance(one, int) and one > 0}, reverse=True)
    return {one: min(HIGHEST_PRIORITY + place, DEFAULT_PRIORITY - 1) for place, one in enumerate(ordered)}


def _rule(draft: Draft, intake: str, rule: Mapping[str, Any], priorities: Mapping[int, int]) -> dict[str, Any] | None:
    """The rule of a filter; None, and it is told: it cannot be one."""
    expression = text(rule.get("expression") or rule.get("filter_expression"))
    targets = [one for one in mappings(rule.get("targets", [])) if draft.of("queues", text(one.get("queue")))]
    if not targets:
        draft.say("intakes", intake, f"filter {expression[:SHOWN]!r} is left out: it has no queue of these files")
        return None
    try:
        when = condition_of(expression)
    except NotUnderstood as failure:
        draft.say("intakes", intake, f"filter {expression[:SHOWN]!r} is left out: {failure}")
        return None
    queue = text(draft.of("queues", text(targets[0].get("queue"))))
    found: dict[str, Any] = {"when": when, "queue": queue}
    if called := allowed_name(text(rule.get("filter_friendly_name") or rule.get("friendly_name"))):
        found["name"] = called
    priority = whole(targets[0].get("priority"))
    if isinstance(priority, int) and priority in priorities:
        found["priority"] = priorities[priority]
        draft.say("intakes", intake, f"priority {priority} is {priorities[priority]} here, where 1 is the highest")
    if steps := list(_steps(draft, intake, targets)):
        found["criteria"] = steps
    _go_on(draft, intake, targets)
    return found


def _default(draft: Draft, intake: str, given: Mapping[str, Any]) -> dict[str, Any]:
    if queue := draft.of("queues", text(given.get("queue"))):
        return {"queue": queue}
    draft.say("intakes", intake, "there is no default queue: what no filter takes is refused, and not cancelled")
    return {"refuse": "no filter of the workflow takes it"}


def _steps(draft: Draft, intake: str, targets: Sequence[Target]) -> Iterator[str]:
    """The targets of the first queue, one after the other: who takes the task, and for how long nobody else does."""
    for one in targets:
        timeout = whole(one.get("timeout"))
        if one.get("queue") != targets[0].get("queue") or not one.get("expression"):
            return
        expression = text(one["expression"])
        try:
            step = criteria_of(expression)
        except NotUnderstood as failure:
            draft.say("intakes", intake, f"the workers of a target, {expression[:SHOWN]!r}, are left out: {failure}")
            return
        if not isinstance(timeout, int) or timeout <= 0:
            yield step
            return
        yield f"{step} for {timeout}s"


def _go_on(draft: Draft, intake: str, targets: Sequence[Target]) -> None:
    """Where a task goes on when the timeouts of a queue's targets are over, and what has no counterpart."""
    waited_s, queues = 0, [text(draft.of("queues", text(one.get("queue")))) for one in targets]
    for place, (one, name) in enumerate(zip(targets, queues, strict=True)):
        for key in LIKE.keys() & {key for key, value in one.items() if value}:
            draft.say("intakes", intake, f"no counterpart: {key} of a target; {LIKE[key]} comes close")
        if place and one.get("priority") not in (None, "", 0, "0"):
            draft.say("intakes", intake, f"no counterpart: priority {text(one['priority'])} of a later target; "
                      "raise_after_s of the queue comes close")  # fmt: skip
        if name != queues[0] and one.get("expression"):
            told = f"the workers of a later target, {text(one['expression'])[:SHOWN]!r}, are left out"
            draft.say("intakes", intake, told)
        timeout, after = whole(one.get("timeout")), (*queues[place + 1 :], name)[0]
        if not isinstance(timeout, int) or timeout <= 0:
            return
        waited_s += timeout
        if after != name:
            _overflow(draft, name, after, waited_s)
            waited_s = 0


def _overflow(draft: Draft, name: str, after: str, after_s: int) -> None:
    known = draft.objects["queues"][name]
    if known.get("overflow", after) != after:
        draft.say("queues", name, f"another workflow goes on to {after} after {after_s} s: a queue overflows once")
        return
    known |= {"overflow": after, "overflow_after_s": after_s}


def _set_window(draft: Draft, window_s: Any, choices: Sequence[Mapping[str, Any]]) -> None:
    """How long an offer of a task waits, in all queues to which the workflow leads."""
    if isinstance(window_s, int) and window_s:
        for one in choices:
            known = draft.objects["queues"].get(text(one.get("queue")), {})
            known.setdefault("offer_window_s", dict.fromkeys(("voice", "chat", "task"), window_s))
