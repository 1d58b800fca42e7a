"""Scripts that take fewer steps at a time than they may."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, cast

import pytest

from fairlead.store import client, scripts, sources
from fairlead.store.known import AT_ONCE, KNOWN
from fairlead.store.library import Library

FEW = dict.fromkeys(AT_ONCE, 1) | {"VALUES_AT_ONCE": 2}
"""The least that comes to an end: what has a score goes two by two."""


@contextmanager
def most_calls(many: int) -> Iterator[None]:
    """Scripts take no further step after so many calls of Redis."""
    with at_once({"MOST_CALLS": many}):
        yield


@contextmanager
def at_once(bounds: Mapping[str, int]) -> Iterator[None]:
    """Stores read and do so much at once."""
    known = cast("dict[str, Any]", KNOWN)
    with pytest.MonkeyPatch.context() as patched:
        for name, value in bounds.items():
            patched.setitem(known, name, value)
        numbers = tuple((name, value) for name, value in known.items() if isinstance(value, int))
        load = _loading(sources.source, numbers)
        patched.setattr(client, "load", load)
        patched.setattr(client, "library", _library(load))
        yield


@cache
def _loading(source: object, numbers: tuple[tuple[str, int], ...]) -> Callable[[str], scripts.Script]:
    """Loads scripts from a source as they are with these numbers, each once, however often these change."""
    return cache(scripts.load.__wrapped__)


@cache
def _library(load: Callable[[str], scripts.Script]) -> Callable[[], Library]:
    library = Library(tuple(load(name) for name in sources.names()))
    return lambda: library
