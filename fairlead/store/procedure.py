"""What takes several round trips, as a value: plain reads, and changes that are made of what was read.

Written once as a generator of round trips, run by a sync or an async caller like a Request. A procedure is not one
moment's picture to the microsecond, but it never stands in the way of the transitions.
"""

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from functools import update_wrapper
from itertools import islice
from typing import Any, Concatenate, Generic, ParamSpec, TypeAlias, TypeVar

from fairlead.errors import FairleadError
from fairlead.store.kept import Kept
from fairlead.store.keys import Keys
from fairlead.store.request import Argument, Clock, Request

T = TypeVar("T")
P = ParamSpec("P")

BATCH = 1_000
"""How many things one round trip reads."""

Command: TypeAlias = tuple[Argument, ...]
"""A command of Redis, word by word."""

RoundTrip: TypeAlias = Sequence[Command] | Request[Any]
"""Plain commands that are sent together, or one run of one script."""

Steps: TypeAlias = Generator[RoundTrip, Any, T]
"""Yields round trips and gets, for each, a reply for each command or the request's answer; what failed is its error."""


@dataclass(frozen=True, slots=True)
class Source:
    """The instance that a procedure is run on. `clock`: None for Redis' time; `address`: of the server, for errors."""

    keys: Keys
    clock: Clock | None
    address: str
    kept: Kept = field(default_factory=Kept, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Procedure(Generic[T]):
    """Several round trips and what is made of their replies. It can be run more than once."""

    steps: Callable[[Source], Steps[T]]


def procedure(steps: Callable[Concatenate[Source, P], Steps[T]]) -> Callable[P, Procedure[T]]:
    """Makes of a generator function one that answers a Procedure, and is called without the source."""

    def build(*args: P.args, **options: P.kwargs) -> Procedure[T]:
        return Procedure(lambda source: steps(source, *args, **options))

    return update_wrapper(build, steps)


def ask(*commands: Command) -> Steps[list[Any]]:
    """One round trip: the replies in order. Raises the first error among them."""
    replies: list[Any] = yield commands
    for reply in replies:
        if isinstance(reply, FairleadError):
            raise reply
    return replies


def ask_one(*words: Argument) -> Steps[Any]:
    """The reply to one command."""
    return (yield from ask(words))[0]


def ask_each(commands: Iterable[Command]) -> Steps[list[Any]]:
    """The replies to any number of commands, in order, in bounded round trips."""
    left, replies = iter(commands), []
    while batch := list(islice(left, BATCH)):
        replies += yield from ask(*batch)
    return replies


def side_by_side(*procedures: Steps[Any]) -> Steps[Any]:
    """The answers of several that need nothing of each other, in order, in as many round trips as the longest takes.

    They ask plain commands alone. Raises what the first of them raised.
    """
    answers: list[Any] = [None] * len(procedures)
    replies: dict[int, Any] = dict.fromkeys(range(len(procedures)))
    while True:
        asked: dict[int, Any] = {}
        for place, reply in replies.items():
            try:
                asked[place] = procedures[place].send(reply)
            except StopIteration as end:
                answers[place] = end.value
        if not asked:
            return answers
        left = iter((yield [command for commands in asked.values() for command in commands]))
        replies = {place: list(islice(left, len(commands))) for place, commands in asked.items()}


def run(request: Request[T]) -> Steps[T]:
    """The answer to one request. Raises what it is refused with."""
    answer: T | FairleadError = yield request
    if isinstance(answer, FairleadError):
        raise answer
    return answer
