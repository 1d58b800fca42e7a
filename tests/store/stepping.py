"""Scripts that take fewer steps at a time than they may."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from fairlead.store import scripts
from fairlead.store.known import KNOWN


@contextmanager
def most_calls(many: int) -> Iterator[None]:
    """Scripts take no further step after so many calls of Redis."""
    known, before = cast("dict[str, Any]", KNOWN), KNOWN["MOST_CALLS"]
    known["MOST_CALLS"] = many
    scripts.load.cache_clear()
    try:
        yield
    finally:
        known["MOST_CALLS"] = before
        scripts.load.cache_clear()
