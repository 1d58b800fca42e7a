"""Bounds what schemathesis sends in its coverage phase: of cases that differ little, the first of each kind."""

from collections import Counter
from typing import Any

from schemathesis import Case, HookContext, hook

ALIKE = ("incorrect_type", "unspecified_http_method")
"""All wrong types of a value, and all methods that a path does not have."""

MOST = 2

asked: Counter[Any] = Counter()


@hook
def filter_case(_: HookContext, case: Case) -> bool:
    """Whether the case is sent."""
    told: Any = case.meta.phase.data if case.meta else None
    if getattr(told, "scenario", None) not in ALIKE:
        return True
    kind = case.operation.label, told.scenario, told.parameter_location, told.parameter, told.location
    asked[kind] += 1
    return asked[kind] <= MOST
