"""What a check of a history finds."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal[
    "transition", "token", "session", "attempts", "place", "time", "order", "eligible", "capacity", "lost wake-up",
    "lost contact", "orphan lease", "told", "counter", "state",
]  # fmt: skip
"""What is wrong. transition: the contact could not have come to this from where it was, held twice among them; token:
it repeats, or one that is not the current one has changed something; session: an agent has what it has no session for;
attempts: miscounted, or above the queue's cap; place: a contact has lost its place in line; time: it has run back;
order, eligible, capacity: the rules would not have given this contact to this agent; lost wake-up: a contact and an
agent who may take it have both waited; lost contact: who pushed it was told that it is there; orphan lease: an agent
holds a contact and was never told; told: a client was told what did not happen; counter, state: what is kept is not
what the events say.
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `event_id`: the event with which it is seen, empty: the end of the history."""

    kind: Kind
    event_id: str
    found: str
