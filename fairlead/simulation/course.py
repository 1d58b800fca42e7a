"""What happened in a run, out of its events: each stay of a contact in a queue, and each agent's time.

Times are microseconds from second 0.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from fairlead.domain.channel import Channel

Outcome: TypeAlias = Literal["answered", "abandoned", "overflowed", "expired", "parked", "waiting"]


@dataclass(slots=True)
class Visit:
    """A contact's stay in one queue, from its entry to its answer or another end.

    `outcome` waiting: it was still there when the run ended; `agent` and `ended_us`: who answered, and when the agent
    was done with it, after-contact work included.
    """

    contact_id: str
    queue: str
    channel: Channel
    entered_us: int
    left_us: int | None = None
    outcome: Outcome = "waiting"
    agent: str = ""
    ended_us: int | None = None

    @property
    def wait_us(self) -> int:
        """How long it waited; 0 for one that still waits, of which that is not known."""
        return 0 if self.left_us is None else self.left_us - self.entered_us


Span: TypeAlias = tuple[int, int]


@dataclass(slots=True)
class AgentTime:
    """An agent's time: `staffed`: spans in which it took contacts, `busy`: in which it held at least one."""

    staffed: list[Span] = field(default_factory=list)
    busy: list[Span] = field(default_factory=list)
    handled: int = 0
    _staffed_since: int | None = None
    _busy_since: int | None = None
    _held: int = 0

    def begins(self, at_us: int) -> None:
        """The agent signs in."""
        self._staffed_since = at_us

    def ends(self, at_us: int) -> None:
        """The agent goes off work."""
        if self._staffed_since is not None:
            self.staffed.append((self._staffed_since, at_us))
        self._staffed_since = None

    def takes(self, at_us: int) -> None:
        """The agent answers a contact."""
        self._held += 1
        if self._held == 1:
            self._busy_since = at_us

    def finishes(self, at_us: int) -> None:
        """The agent is done with a contact."""
        self._held -= 1
        self.handled += 1
        if self._held == 0 and self._busy_since is not None:
            self.busy.append((self._busy_since, at_us))
            self._busy_since = None

    def close(self, at_us: int) -> None:
        """The run ends."""
        self.ends(at_us)
        if self._busy_since is not None:
            self.busy.append((self._busy_since, at_us))


@dataclass(frozen=True, slots=True)
class Course:
    """A whole run. `refused`: contacts that no queue let in, by queue and channel."""

    visits: list[Visit]
    agents: Mapping[str, AgentTime]
    refused: Counter[tuple[str, Channel]]
    ended_us: int


class Recorder:
    """Makes a course of what it is told, in order of time."""

    def __init__(self, agents: Iterable[str]) -> None:
        self._agents = {name: AgentTime() for name in agents}
        self._visits: list[Visit] = []
        self._current: dict[str, Visit] = {}
        self._refused: Counter[tuple[str, Channel]] = Counter()
        self._last_us = 0

    def enters(self, contact_id: str, queue: str, channel: Channel, at_us: int) -> Visit:
        """A contact enters a queue; the one in which it waited before has overflowed."""
        before = self._current.get(contact_id)
        if before and before.left_us is None:
            before.left_us, before.outcome = at_us, "overflowed"
        visit = Visit(contact_id, queue, channel, at_us)
        self._visits.append(visit)
        self._current[contact_id] = visit
        self._last_us = max(self._last_us, at_us)
        return visit

    def answers(self, contact_id: str, agent: str, at_us: int) -> None:
        """An agent has a contact."""
        visit = self._current[contact_id]
        visit.left_us, visit.outcome, visit.agent = at_us, "answered", agent
        self._agents[agent].takes(at_us)
        self._last_us = max(self._last_us, at_us)

    def finishes(self, contact_id: str, at_us: int) -> None:
        """A contact is over, after-contact work included."""
        visit = self._current.pop(contact_id)
        visit.ended_us = at_us
        self._agents[visit.agent].finishes(at_us)
        self._last_us = max(self._last_us, at_us)

    def leaves(self, contact_id: str, outcome: Outcome, at_us: int) -> None:
        """A contact leaves its queue without an answer; one that was scheduled may not have been in any."""
        visit = self._current.pop(contact_id, None)
        if visit is None:
            return
        visit.left_us, visit.outcome = at_us, outcome
        if outcome != "expired":  # a run does not last until the last forgotten task is too old
            self._last_us = max(self._last_us, at_us)

    def refuses(self, queue: str, channel: Channel) -> None:
        """No queue lets a contact in."""
        self._refused[queue, channel] += 1

    def begins(self, agent: str, at_us: int) -> None:
        """An agent signs in."""
        self._agents[agent].begins(at_us)

    def ends(self, agent: str, at_us: int) -> None:
        """An agent goes off work."""
        self._agents[agent].ends(at_us)
        self._last_us = max(self._last_us, at_us)

    def course(self, until_us: int | None) -> Course:
        """All of it; without `until_us` the run ends with the last thing that happened."""
        ended_us = self._last_us if until_us is None else until_us
        for time in self._agents.values():
            time.close(ended_us)
        return Course(self._visits, self._agents, self._refused, ended_us)
