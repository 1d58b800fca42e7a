"""What is asked of the store, as a value: written once, run by a sync or an async caller.

A Request may be run again whenever it is not known whether it ran: the scripts recognise a repetition by the
contact's id, the fencing token, the session's operation number or the request's own name.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar
from uuid import uuid4

from fairlead.domain.names import checked_name
from fairlead.store.keys import Keys

T = TypeVar("T")

Argument = str | int | bytes

Clock = Callable[[], int]
"""Answers the engine's time in microseconds."""


Told = Callable[[Any], None]
"""Is given an answer, or the FairleadError that came instead."""


def _undated(_: int | None) -> Iterable[Argument]:
    return ()


@dataclass(slots=True)
class Request(Generic[T]):
    """One run of one script.

    `keys` and `args` by the names in the script's header, but for `now_us` and `actor`, which the store gives; `rest`
    follows the named arguments when the header ends with a repeated group, and after it comes what `dated` makes of the
    time by the store's clock when the request is run: None when the store has none. `read` turns the reply (flat lists
    of bytes) into the answer. `request_id` names it, where whoever asks has no session: the same one has no second
    effect, and gets the same answer. `told` hears each time that it was run what came of it: the answer, or the error.

    Nobody changes one; it is not frozen since that doubles what it costs to make one.
    """

    script: str
    keys: Mapping[str, str]
    args: Mapping[str, Argument]
    read: Callable[[Any], T]
    rest: tuple[Argument, ...] = ()
    dated: Callable[[int | None], Iterable[Argument]] = _undated
    request_id: str = ""
    told: Told | None = None

    def named(self, request_id: str) -> "Request[T]":
        """The same request under another name, for who may have to repeat it. Raises InvalidName."""
        return replace(self, request_id=checked_name("request", request_id))

    def telling(self, told: Told) -> "Request[T]":
        """The same request, of which `told` hears."""
        return replace(self, told=told)


def new_request_id() -> str:
    """A name that no other request has."""
    return uuid4().hex


def about_contact(
    script: str,
    keys: Keys,
    contact_id: str,
    args: Mapping[str, Argument],
    read: Callable[[Any], T],
    rest: tuple[Argument, ...] = (),
) -> Request[T]:
    """A request about one contact that needs no agent session. Raises InvalidName."""
    return Request(
        script,
        keys={"instance": keys.instance},
        args={"id": checked_name("contact", contact_id), **args},
        read=read,
        rest=rest,
        request_id=new_request_id(),
    )


def or_empty(number: int | None) -> int | str:
    """The number that a caller gives, or the empty argument that stands for none."""
    return "" if number is None else number


def nothing(_: Any) -> None:
    """The answer of a request that only succeeds or raises."""


def read_text(reply: Any) -> str:
    """One name or state."""
    return str(reply.decode())


def read_names(reply: Any) -> list[str]:
    """A flat list of names or ids."""
    return [name.decode() for name in reply]
