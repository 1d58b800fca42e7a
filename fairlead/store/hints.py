"""Wake-ups: a process waits at its inbox for the names of its agents that were given something.

A hint may be lost at any time, and may be anything: it only says who should ask.
"""

from fairlead.store.procedure import Source, Steps, ask_one, procedure


@procedure
def next_hint(source: Source, inbox: str, limit_s: float) -> Steps[str | None]:
    """The agent that the next hint names, after waiting at most so long; None when none came.

    Run it on a client that repeats nothing: a BLPOP that is repeated after a lost reply takes a second hint.
    """
    found = yield from ask_one("BLPOP", source.keys.inbox(inbox), f"{max(0.001, limit_s):.3f}")  # 0 is for ever
    return found[1].decode(errors="replace") if found else None
