"""What applying a configuration would change, and whom it affects: a pure comparison of two configurations."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, TypeAlias

from fairlead.configuration.warnings import warnings_of
from fairlead.domain.configuration import Configuration
from fairlead.domain.intake import Intake, Rule, choice_text

Kind: TypeAlias = Literal["added", "changed", "removed"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is added, changed or removed. `details`: what of it, old -> new; `affects`: on whom it acts."""

    kind: Kind
    what: str
    name: str
    details: tuple[str, ...] = ()
    affects: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All changes, in the order of the file. `warnings`: what the target allows and hardly anybody means."""

    changes: tuple[Change, ...]
    warnings: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changes)


def make_plan(
    current: Configuration, target: Configuration, signed_in: Mapping[str, int], waiting: Mapping[str, int]
) -> Plan:
    """The changes from one configuration to another.

    `signed_in`: how many agents are signed in, by profile; `waiting`: how many contacts wait, by queue.
    """
    changes = _changes("queue", current.queues, target.queues, waiting, "contact waits in it", "contacts wait in it")
    changes += _changes(
        "profile", current.profiles, target.profiles, signed_in,
        "signed-in agent acts on it at once", "signed-in agents act on it at once",
    )  # fmt: skip
    changes += _changes("agent", current.agents, target.agents, {}, "", "")
    changes += _changes("status", current.statuses, target.statuses, {}, "", "")
    changes += _changes("hours", current.hours, target.hours, {}, "", "")
    changes += _changes("intake", current.intakes, target.intakes, {}, "", "")
    settings = [
        f"{name} {getattr(current, name) or 'none'} -> {getattr(target, name) or 'none'}"
        for name in (
            "ended_retention_s", "events_kept", "measures_kept_s", "agent_queue_overflow",
            "agent_queue_overflow_after_s",
        )
        if getattr(current, name) != getattr(target, name)
    ]
    if settings:
        changes.append(Change("changed", "instance", "", tuple(settings)))
    return Plan(tuple(changes), tuple(warnings_of(target)))


def _changes(
    what: str, current: Mapping[str, Any], target: Mapping[str, Any], affected: Mapping[str, int], one: str, many: str
) -> list[Change]:
    changes: list[Change] = []
    for name in sorted(current.keys() | target.keys()):
        if current.get(name) == target.get(name):
            continue
        count = affected.get(name, 0)
        affects = f"{count} {one if count == 1 else many}" if count else ""
        if name not in current:
            changes.append(Change("added", what, name, affects=affects))
        elif name not in target:
            changes.append(Change("removed", what, name, affects=affects))
        else:
            changes.append(Change("changed", what, name, _differences(current[name], target[name]), affects))
    return changes


def _differences(old: Any, new: Any) -> tuple[str, ...]:
    before, after = _fields(old), _fields(new)
    return tuple(
        line for field in before if before[field] != after[field] for line in _lines(field, before[field], after[field])
    )


def _fields(one: Any) -> dict[str, Any]:
    """What an object is compared by; of an intake the rules by their numbers."""
    if not isinstance(one, Intake):
        return asdict(one)
    rules = {f"{number} {rule.name}".rstrip(): _rule(rule) for number, rule in enumerate(one.rules, 1)}
    return {**asdict(replace(one, rules=())), "rules": rules, "default": choice_text(one.default)}


def _rule(rule: Rule) -> str:
    return f"when {rule.when}: {choice_text(rule.choice)}"


def _lines(field: str, before: Any, after: Any) -> list[str]:
    if field == "entries":
        old = {(entry["queue"], entry["channel"]): entry for entry in before}
        new = {(entry["queue"], entry["channel"]): entry for entry in after}
        return [
            f"entry {queue} {channel}: {_entry(old.get((queue, channel)))} -> {_entry(new.get((queue, channel)))}"
            for queue, channel in sorted(old.keys() | new.keys())
            if old.get((queue, channel)) != new.get((queue, channel))
        ]
    if isinstance(before, dict):
        return [
            f"{field}.{key}: {before.get(key, 'none')} -> {after.get(key, 'none')}"
            for key in sorted(before.keys() | after.keys())
            if before.get(key) != after.get(key)
        ]
    return [f"{field}: {before!r} -> {after!r}"]


def _entry(entry: Mapping[str, Any] | None) -> str:
    if entry is None:
        return "none"
    more = " by hand" * entry["manual_only"] + (f" weight {entry['weight']}" if entry["weight"] != 1 else "")
    limit = f" at most {entry['max_contacts']}" if entry.get("max_contacts") else ""
    return f"priority {entry['priority']} delay {entry['delay_s']} s{more}{limit}"
