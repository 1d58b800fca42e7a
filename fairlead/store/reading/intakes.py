"""What an intake decides by: its rules as they are now, and what these ask of the state, in one look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from fairlead.domain.channel import Channel
from fairlead.domain.conditions import ESTIMATED, QUEUE_BOOLS, Value
from fairlead.domain.intake import Intake, read_intake
from fairlead.store.keys import Keys
from fairlead.store.procedure import Source, Steps, procedure, run
from fairlead.store.request import Request

_Known: TypeAlias = tuple[Intake, str]
"""An intake, with its version and its digest: a server that has lost its last writes gives versions again."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An intake at a version of its, and what its rules asked of the queues at a time by the engine's clock."""

    intake: Intake
    version: int
    now_us: int
    queues: Mapping[str, Mapping[str, Value]]


@procedure
def intake_seen(source: Source, name: str, channel: Channel) -> Steps[Seen | None]:
    """An intake with what its rules ask about queues on a channel, but for estimates; None when it is not there.

    It takes one round trip while the process knows the rules as they are, and else one more to learn them.
    """
    what = f"intake {name}"
    known: _Known | None = source.kept.get(what, None)
    while True:
        asks = _asks(known[0]) if known else {}
        now_us, version, text, *answers = yield from run(_read(source.keys, name, known, channel, asks))
        if not version:
            return None
        if text:
            known = read_intake(name, text.decode()), version.decode()
            source.kept.put(what, None, known)
        if known and (not text or not _asks(known[0])):
            states = zip(asks.items(), answers, strict=False)  # none are told beside a text
            queues = {queue: _state(fields, words.decode()) for (queue, fields), words in states}
            return Seen(known[0], int(version.split()[0]), int(now_us), queues)


def _asks(intake: Intake) -> dict[str, list[str]]:
    asked = {queue: [one for one in fields if one != ESTIMATED] for queue, fields in intake.asks().items()}
    return {queue: fields for queue, fields in asked.items() if fields}


def _read(
    keys: Keys,
    name: str,
    known: _Known | None,
    channel: Channel,
    asks: Mapping[str, Sequence[str]],
) -> Request[Any]:
    return Request(
        "read_intake",
        keys={"instance": keys.instance, "objects": keys.objects, "intakes": keys.intakes},
        args={"intake": name, "known": known[1] if known else "", "channel": channel},
        read=list,
        rest=tuple(word for queue, fields in asks.items() for word in (queue, " ".join(fields))),
    )


def _state(fields: Sequence[str], words: str) -> dict[str, Value]:
    """What a queue was asked, without what it lacks."""
    pairs = zip(fields, words.split(), strict=True)
    return {field: word == "1" if field in QUEUE_BOOLS else int(word) for field, word in pairs if word != "-"}
