"""Why an agent is not offered a contact now: one value for each filter of the rules, and the sentence that it reads as.

Each value holds what the sentence names: agents, contacts, queues and profiles by name, times in microseconds, delays
in whole seconds. `str(reason)` is one sentence in English, without a full stop; `word_of(reason)` is the filter in a
word or two. Whatever stops contacts beside these filters one day is one more value here, and is told wherever they are.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeAlias

from fairlead.domain.channel import Channel


def _seconds(duration_us: int) -> str:
    if duration_us >= 99_500:
        return f"{duration_us / 1e6:,.1f} s"
    return f"{duration_us / 1e3:,.0f} ms" if duration_us >= 1_000 else "less than 1 ms"


@dataclass(frozen=True, slots=True)
class SomebodyElses:
    """The contact waits in the agent queue of another agent."""

    agent: str
    owner: str

    def __str__(self) -> str:
        return f"agent {self.agent!r} is not offered the contact: it waits in the agent queue of {self.owner!r}"


@dataclass(frozen=True, slots=True)
class NotServed:
    """The agent's profile has no entry for the queue and channel."""

    agent: str
    profile: str
    queue: str
    channel: Channel

    def __str__(self) -> str:
        entry = f"no entry for {self.channel} in queue {self.queue!r}"
        return f"agent {self.agent!r} does not serve the contact: its profile {self.profile!r} has {entry}"


@dataclass(frozen=True, slots=True)
class ManualOnly:
    """The profile's entry routes nothing: its agents pick from a worklist."""

    agent: str
    profile: str
    queue: str
    channel: Channel

    def __str__(self) -> str:
        entry = f"entry for {self.channel} in queue {self.queue!r} is manual-only"
        return f"agent {self.agent!r} has to pick the contact by hand: in its profile {self.profile!r} the {entry}"


@dataclass(frozen=True, slots=True)
class Closed:
    """The queue is closed by its hours of operation."""

    queue: str

    def __str__(self) -> str:
        return f"queue {self.queue!r} is closed by its hours of operation: its contacts wait until it opens"


@dataclass(frozen=True, slots=True)
class NotSignedIn:
    """The agent has no session."""

    agent: str

    def __str__(self) -> str:
        return f"agent {self.agent!r} is not signed in"


@dataclass(frozen=True, slots=True)
class Absent:
    """The agent's session was not renewed in time; `since_us` is how long it has been out of routing."""

    agent: str
    since_us: int

    def __str__(self) -> str:
        return f"agent {self.agent!r} is absent: its session has been out of routing for {_seconds(self.since_us)}"


@dataclass(frozen=True, slots=True)
class NotRoutable:
    """The agent's status is not a routable one."""

    agent: str
    status: str

    def __str__(self) -> str:
        return f"agent {self.agent!r} is not Available: in status {self.status!r} it gets no contacts"


@dataclass(frozen=True, slots=True)
class NextStatusSet:
    """The agent takes nothing more before its next status begins."""

    agent: str
    next_status: str

    def __str__(self) -> str:
        return f"agent {self.agent!r} gets no more contacts: its next status is {self.next_status!r}"


@dataclass(frozen=True, slots=True)
class CapacityReached:
    """The agent's session holds as many contacts as it can, over all channels."""

    agent: str
    used: int
    capacity: int

    def __str__(self) -> str:
        return f"agent {self.agent!r} has no capacity: it holds {self.used} of at most {self.capacity} contacts"


@dataclass(frozen=True, slots=True)
class NoSlot:
    """All slots of the channel are taken; `slots` is 0 where the profile has none."""

    agent: str
    channel: Channel
    used: int
    slots: int

    def __str__(self) -> str:
        if not self.slots:
            return f"agent {self.agent!r} takes no {self.channel}: its profile has no slot for it"
        return f"agent {self.agent!r} has no free slot for {self.channel} now: {self.used} of {self.slots} are taken"


@dataclass(frozen=True, slots=True)
class TooManyTasks:
    """Active and paused tasks together have reached twice the tasks of the profile."""

    agent: str
    active: int
    paused: int
    most: int

    def __str__(self) -> str:
        held = f"{self.active} active and {self.paused} paused"
        return f"agent {self.agent!r} has no free slot for task now: it holds {held} of at most {self.most}"


@dataclass(frozen=True, slots=True)
class OtherChannelHeld:
    """A channel that the agent holds excludes all others."""

    agent: str
    channel: Channel
    held: Channel

    def __str__(self) -> str:
        return f"agent {self.agent!r} is not offered {self.channel}: it holds {self.held}, which allows no others"


@dataclass(frozen=True, slots=True)
class LimitReached:
    """The agent holds as many contacts of the queue and channel as its profile's entry allows."""

    agent: str
    queue: str
    channel: Channel
    held: int
    most: int

    def __str__(self) -> str:
        held = f"it holds {self.held} of at most {self.most}"
        return f"agent {self.agent!r} takes no more {self.channel} of queue {self.queue!r} now: {held}"


@dataclass(frozen=True, slots=True)
class Pausing:
    """The contact pauses after a failed attempt, for `left_us` more."""

    contact_id: str
    left_us: int

    def __str__(self) -> str:
        return f"contact {self.contact_id!r} pauses after a failed attempt, for {_seconds(self.left_us)} more"


@dataclass(frozen=True, slots=True)
class Delayed:
    """The contact has not really waited the delay of the profile's entry; `left_us` more are to pass."""

    contact_id: str
    profile: str
    delay_s: int
    left_us: int

    def __str__(self) -> str:
        delay = f"the delay of {self.delay_s:,} s in profile {self.profile!r}"
        return f"contact {self.contact_id!r} has not waited {delay}: {_seconds(self.left_us)} are left"


@dataclass(frozen=True, slots=True)
class Refused:
    """The agent has refused, missed, failed or given back the contact: its queue does not offer it again to that agent,
    at once or at all. `left_us`: for how much longer; None: for good.
    """

    agent: str
    contact_id: str
    left_us: int | None = None

    def __str__(self) -> str:
        lasts = "again" if self.left_us is None else f"again for {_seconds(self.left_us)}"
        return f"agent {self.agent!r} has refused contact {self.contact_id!r} and is not offered it {lasts}"


@dataclass(frozen=True, slots=True)
class Unmatched:
    """The agent does not satisfy the contact's active routing step.

    `step`: 1 is the first, 0 when the contact does not say; `failing`: the first condition that fails in each
    alternative of the step, as it is written in criteria; `has`: the agent's level in what each names, "" for one that
    names agents.
    """

    agent: str
    contact_id: str
    step: int
    failing: tuple[str, ...]
    has: tuple[str, ...]

    def __str__(self) -> str:
        step = f"step {self.step} of" if self.step else "the criteria of"
        asks = [
            f"{asked} (it has {level})" if level else asked
            for asked, level in zip(self.failing, self.has, strict=True)
        ]  # fmt: skip
        return f"agent {self.agent!r} does not satisfy {step} contact {self.contact_id!r}: {' or '.join(asks)}"


Advantage: TypeAlias = Literal["entry priority", "share", "contact priority", "age", "arrival"]

_ADVANTAGES: dict[Advantage, str] = {
    "entry priority": "its queue has entry priority {0} in the agent's profile, not {1}",
    "share": "its queue has had less than its share",
    "contact priority": "it has contact priority {0}, not {1}",
    "age": "it ranks {2} older",
    "arrival": "it arrived first",
}


@dataclass(frozen=True, slots=True)
class Ahead:
    """The agent would take another contact before this one. `first` and `second` are what `by` compares: priorities, or
    times in microseconds, of the other contact and of this one.
    """

    agent: str
    contact_id: str
    other_id: str
    by: Advantage
    first: int
    second: int

    def __str__(self) -> str:
        why = _ADVANTAGES[self.by].format(self.first, self.second, _seconds(self.second - self.first))
        return f"contact {self.other_id!r} goes before {self.contact_id!r} for agent {self.agent!r}: {why}"


Reason: TypeAlias = (
    SomebodyElses | NotServed | ManualOnly | Closed | NotSignedIn | Absent | NotRoutable | NextStatusSet
    | CapacityReached | NoSlot | TooManyTasks | OtherChannelHeld | LimitReached | Pausing | Delayed | Refused
    | Unmatched | Ahead
)  # fmt: skip


def told_of(reason: Reason | None, agents: Sequence[str]) -> Sequence[Reason | None]:
    """The reason as it is told of each of these agents, whom the same filter stops in the same way."""
    if reason is None or reason.__match_args__[0] != "agent":
        return [reason] * len(agents)
    kind: Any = type(reason)
    others = [getattr(reason, name) for name in reason.__match_args__[1:]]
    return [kind(agent, *others) for agent in agents]


def word_of(reason: Reason) -> str:
    """The filter by its name: `not signed in`, `no slot`, `unmatched`."""
    return _words(type(reason).__name__)


@cache
def _words(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower()
