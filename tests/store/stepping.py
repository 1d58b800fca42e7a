"""Scripts that take fewer steps at a time than they may."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from fairlead.store import scripts
from fairlead.store.known import AT_ONCE, KNOWN

FEW = dict.fromkeys(AT_ONCE, 1) | {"VALUES_AT_ONCE": 2}
"""The least that comes to an end: what has a score goes two by two."""


@contextmanager
def most_calls(many: int) -> Iterator[None]:
    """Scripts take no further step after so many calls of Redis."""
    with at_once({"MOST_CALLS": many}):
        yield


@contextmanager
def at_once(bounds: Mapping[str, int]) -> Iterator[None]:
    """Scripts read and do so much at once."""
    known, before = cast("dict[str, Any]", KNOWN), dict(KNOWN)
    known.update(bounds)
    scripts.load.cache_clear()
    try:
        yield
    finally:
        known.update(before)
        scripts.load.cache_clear()
