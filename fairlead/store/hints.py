"""Wake-ups: a process waits at its inbox for what its agents were given.

A hint may be lost at any time, and may be anything: it says who should ask, and may bring an offer with it, so that
whoever has missed nothing before can begin at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fairlead.store.procedure import Source, Steps, ask_one, procedure

_SEPARATOR = b"\0"
_BEFORE_OFFER = 3
_OFFER_FIELDS = 14


@dataclass(slots=True)
class Hint:
    """What stood in an inbox, as agent/wake.lua writes it. Nobody changes one.

    `agent`: who should ask; anything when somebody else wrote it. `epoch`: the session that it was told; `before`: the
    highest token of those that the agent held then; `offer`: the fields of an offer, empty: there is none.
    """

    agent: str
    epoch: int = 0
    before: int = 0
    offer: Sequence[bytes] = field(default=(), repr=False)


def read_hint(text: bytes) -> Hint:
    """The hint; what cannot be read is taken for an agent's name."""
    agent, *fields = text.split(_SEPARATOR, _BEFORE_OFFER + _OFFER_FIELDS - 1)
    name = agent.decode(errors="replace")
    if len(fields) != _BEFORE_OFFER - 1 + _OFFER_FIELDS or not (fields[0] + fields[1]).isdigit():
        return Hint(name)
    return Hint(name, int(fields[0]), int(fields[1]), fields[2:])


@procedure
def next_hint(source: Source, inbox: str, limit_s: float) -> Steps[Hint | None]:
    """The next hint, after waiting at most so long; None when none came.

    Run it on a client that repeats nothing: a BLPOP that is repeated after a lost reply takes a second hint.
    """
    found = yield from ask_one("BLPOP", source.keys.inbox(inbox), f"{max(0.001, limit_s):.3f}")  # 0 is for ever
    return read_hint(found[1]) if found else None


@procedure
def forget_inbox(source: Source, inbox: str) -> Steps[None]:
    """A process that ends leaves no hints behind: they hold payloads, and nobody waits for them any more."""
    yield from ask_one("DEL", source.keys.inbox(inbox))
