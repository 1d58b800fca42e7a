"""What is asked of the store, as a value: written once, run by a sync or an async caller.

A Request may be run again whenever it is not known whether it ran: the scripts recognise a repetition by the
contact's id, the fencing token or the session's operation number.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")

Argument = str | int | bytes

Clock = Callable[[], int]
"""Answers the engine's time in microseconds."""


def _undated(_: int | None) -> Iterable[Argument]:
    return ()


@dataclass(frozen=True, slots=True)
class Request(Generic[T]):
    """One run of one script.

    `keys` and `args` by the names in the script's header, but for `now_us` and `actor`, which the store gives; `rest`
    follows the named arguments when the header ends with a repeated group, and after it comes what `dated` makes of the
    time by the store's clock when the request is run: None when the store has none. `read` turns the reply (flat lists
    of bytes) into the answer.
    """

    script: str
    keys: Mapping[str, str]
    args: Mapping[str, Argument]
    read: Callable[[Any], T]
    rest: tuple[Argument, ...] = ()
    dated: Callable[[int | None], Iterable[Argument]] = _undated


def read_text(reply: Any) -> str:
    """One name or state."""
    return str(reply.decode())


def read_names(reply: Any) -> list[str]:
    """A flat list of names or ids."""
    return [name.decode() for name in reply]
