"""Runs rules on a live instance: at ease first, and what seems wrong again on values of one moment.

Transitions are atomic, so what was read within one moment is either right or wrong for good. A first look is cheap and
may mix moments. A rule that finds something then is run anew on replies that came from one script, with whatever
more it asks read together with them again, until it has got all from one moment. What changes too fast for that is at
work, and is not told.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from fairlead.store.keys import Keys
from fairlead.store.procedure import Command, Source, Steps, run
from fairlead.store.request import Argument, Request

MOST_AT_ONCE = 500
"""How many commands are read at one moment at most: Redis serves nobody else meanwhile, for some milliseconds."""

MOST_MOMENTS = 20
"""How often the reads of a rule are repeated before what they are about counts as changing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong: in which key, what stands there, what should, and what to do."""

    key: str
    stands: str
    should: str
    advice: str


class Subject(NamedTuple):
    """A rule, and what it is to look at."""

    rule: Callable[..., Steps[list[Finding]]]
    args: tuple[str, ...]

    def begin(self, keys: Keys) -> Steps[list[Finding]]:
        """A new run of the rule."""
        return self.rule(keys, *self.args)


def find_suspects(source: Source, subjects: Iterable[Subject]) -> Steps[list[Subject]]:
    """First looks: the subjects about which something seems to be wrong. They run side by side, a round trip a step."""
    suspects: list[Subject] = []
    known: dict[Command, Any] = {}
    going = [(subject, subject.begin(source.keys), None) for subject in subjects]
    while going:
        asking: list[tuple[Subject, Steps[list[Finding]], Sequence[Command]]] = []
        for subject, steps, replies in going:
            try:
                asking.append((subject, steps, steps.send(replies)))  # type: ignore[arg-type]  # rules ask commands
            except StopIteration as end:
                suspects += [subject] if end.value else []
        commands = dict.fromkeys(command for _, _, wanted in asking for command in wanted)
        known |= yield from _read(source, (command for command in commands if command not in known))
        going = [
            (subject, steps, [known[command] for command in wanted])  # type: ignore[misc]  # as above
            for subject, steps, wanted in asking
            if _are_readable(known[command] for command in wanted)
        ]
    return suspects


def settle(source: Source, subject: Subject) -> Steps[list[Finding]]:
    """What is wrong about a subject for certain; nothing when it changes faster than it can be looked at."""
    known: Mapping[Command, Any] = {}
    for _ in range(MOST_MOMENTS):
        steps, asked, replies = subject.begin(source.keys), dict[Command, None](), None
        try:
            while True:
                wanted: Sequence[Command] = steps.send(replies)  # type: ignore[assignment]  # rules ask commands
                asked |= dict.fromkeys(wanted)
                if not all(command in known for command in wanted):
                    break
                replies = [known[command] for command in wanted]
                if not _are_readable(replies):
                    return []
        except StopIteration as end:
            found: list[Finding] = end.value
            return found
        known = yield from _read_at_one_moment(source, asked)
    return []


def _are_readable(replies: Iterable[Any]) -> bool:
    """Whether no key was of another type than it has to be, which the rule about its type tells."""
    return not any(isinstance(reply, Exception) for reply in replies)


def _read_at_one_moment(source: Source, commands: Collection[Command]) -> Steps[Mapping[Command, Any]]:
    """The replies to commands as of one moment; nothing when there was none.

    More than one script reads are read twice: what is the same then was so in between.
    """
    replies: dict[Command, Any] = yield from _read(source, commands)
    if len(commands) <= MOST_AT_ONCE or replies == (yield from _read(source, commands)):
        return replies
    return {}


def _read(source: Source, commands: Iterable[Command]) -> Steps[dict[Command, Any]]:
    """The replies to commands; as many as one script reads are of one moment."""
    left, replies = iter(commands), dict[Command, Any]()
    while some := list(islice(left, MOST_AT_ONCE)):
        replies |= zip(some, (yield from run(_moment(source.keys, some))), strict=True)
    return replies


def _moment(keys: Keys, commands: Sequence[Command]) -> Request[list[Any]]:
    words: list[Argument] = []
    for command in commands:
        words += [len(command), *command]
    return Request("read_moment", keys={"instance": keys.instance}, args={}, read=list, rest=tuple(words))
