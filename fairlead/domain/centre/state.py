"""What a Centre holds, as plain values, and what can be read from it. It decides nothing."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fairlead.domain.agent import AVAILABLE
from fairlead.domain.channel import Channel
from fairlead.domain.configuration import Configuration
from fairlead.domain.contact import FOR_GOOD, Waiting
from fairlead.domain.criteria import Expression, Step
from fairlead.domain.eligible import Circumstances, FreeAgent, is_anybody
from fairlead.domain.names import is_agent_queue
from fairlead.domain.queue import AGENT_QUEUE_CONTACTS, Queue
from fairlead.domain.slots import KEPT, SlotKind

US = 1_000_000


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact wherever it is. `step`: how many routing steps have ended, `step_us`: when the active one began;
    `age_us`: by how much it ranks older than it is; `again_us`: when its pause after a failure ends, 0 for none;
    `is_answered`: whether its queue has counted it as answered; `last_agent`: who served its customer before.
    """

    contact_id: str
    queue: str
    channel: Channel
    priority: int
    queued_us: int
    rank_us: int
    steps: tuple[Step, ...] = ()
    step: int = 0
    step_us: int = 0
    refused: tuple[tuple[str, int], ...] = ()
    attempts: int = 0
    again_us: int = 0
    age_us: int = 0
    is_answered: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)
    last_agent: str = ""

    def step_ends_us(self) -> int | None:
        """When the active step ends; None when none is active, or it never ends, or steps do not run here."""
        if is_agent_queue(self.queue) or self.step >= len(self.steps):
            return None
        expiry_s = self.steps[self.step].expiry_s
        return None if expiry_s is None else self.step_us + expiry_s * US

    def at(self, now_us: int) -> "Contact":
        """The contact once the steps, the pause and the refusals whose time has passed are over."""
        refused = tuple(one for one in self.refused if one[1] == FOR_GOOD or one[1] > now_us)
        contact = replace(self, again_us=self.again_us if self.again_us > now_us else 0, refused=refused)
        while (ends_us := contact.step_ends_us()) is not None and ends_us <= now_us:
            contact = replace(contact, step=contact.step + 1, step_us=ends_us)
        return contact

    def again_at_us(self) -> int | None:
        """When what bars the contact from all or from some agents ends next: its pause, or a refusal; None: nothing."""
        return min([us for us in (self.again_us, *(until_us for _, until_us in self.refused)) if us], default=None)

    def waiting(self) -> Waiting:
        """The contact as the rules see it."""
        is_active = self.step < len(self.steps)
        return Waiting(
            self.contact_id, self.queue, self.channel, self.priority, self.queued_us, self.rank_us,
            self.steps[self.step].expression if is_active else Expression(), last_agent=self.last_agent,
            again_us=self.again_us, step=self.step + 1 if is_active else 0, refused=self.refused,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slot:
    """What an agent holds. `ends_us`: when an offer or after-contact work ends, None: not by itself; `has_moved`: its
    contact has gone on to another queue, and the agent works on after it.
    """

    kind: SlotKind
    contact: Contact
    ends_us: int | None = None
    has_moved: bool = False


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An agent with a session. `accepts_all`: each offer is connected at once; `slots`: by a token that rises;
    `op`, `asked`: the number of the session's last request, and what it asked; `present_until_us`: when it was taken
    out of routing since nobody renewed it, None: it was not.
    """

    name: str
    available_us: int
    accepts_all: bool
    capacity: int
    is_routable: bool = True
    slots: Mapping[int, Slot] = field(default_factory=dict)
    op: int = 0
    asked: str = ""
    status: str = AVAILABLE.name
    next_status: str = ""
    present_until_us: int | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """An agent was given a contact: it is `offered` to it, or connected at once."""

    agent: str
    contact_id: str
    is_offered: bool


class State:
    """`waiting`, `parked`: contacts by id; `agents`: who is signed in, by name; `counts`: pushed, answered, completed,
    abandoned, handled (parts of contacts); `passes`: profile -> (queue, channel) -> how far its share has come,
    `served_last`: profile -> how far the one served last had come; `turns`: queue -> to whom one of its contacts was
    given last; `closed`: queues that hold what is in them; `given`: what the transition that runs has assigned.
    """

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.waiting: dict[str, Contact] = {}
        self.parked: dict[str, Contact] = {}
        self.agents: dict[str, SignedIn] = {}
        self.counts: Counter[str] = Counter()
        self.passes: dict[str, dict[tuple[str, Channel], int]] = {}
        self.served_last: dict[str, int] = {}
        self.closed: frozenset[str] = frozenset()
        self.turns: dict[str, str] = {}
        self.given: list[Assignment] = []
        self._stamp_us = 0

    def free_agent(self, name: str) -> FreeAgent:
        """A signed-in agent as the rules see it."""
        agent, configured = self.agents[name], self.configuration.agents[name]
        working = [slot for slot in agent.slots.values() if slot.kind != "paused"]
        taken: Counter[Channel] = Counter(slot.contact.channel for slot in working)
        paused = sum(slot.kind == "paused" for slot in agent.slots.values())
        profile = self.configuration.profiles[configured.profile]
        return FreeAgent(
            name, profile, agent.available_us, agent.is_routable, taken, agent.capacity, paused,
            configured.proficiencies, agent.status, agent.next_status, present_until_us=agent.present_until_us,
            kept=Counter(one.contact.channel for one in working if one.kind in KEPT),
            held=Counter((one.contact.queue, one.contact.channel) for one in working),
        )  # fmt: skip

    def circumstances(self, profile: str, now_us: int) -> Circumstances:
        """What else decides for the agents of a profile."""
        return Circumstances(now_us, self.closed, self.passes.get(profile, {}))

    def slots(self, *kinds: SlotKind) -> list[tuple[str, int]]:
        """(agent, token) of all slots of these kinds."""
        return [
            (name, token)
            for name, agent in self.agents.items()
            for token, slot in agent.slots.items()
            if slot.kind in kinds
        ]

    def rings(self, contact_id: str) -> list[tuple[str, int]]:
        """(agent, token) of all at whom a contact rings."""
        return [
            (name, token)
            for name, token in self.slots("offered")
            if self.agents[name].slots[token].contact.contact_id == contact_id
        ]

    def has_room(self, queue: str) -> bool:
        """Whether a new contact may enter the queue; those being offered are still in it."""
        most = AGENT_QUEUE_CONTACTS if is_agent_queue(queue) else self.queue(queue).max_contacts
        offered = [self.agents[name].slots[token].contact for name, token in self.slots("offered")]
        held = {one.contact_id for one in (*self.waiting.values(), *offered) if one.queue == queue}
        return most is None or len(held) < most

    def turns_away(self, new: Contact, now_us: int) -> bool:
        """Whether the contact's queue takes none now, since nobody who serves it is there."""
        when = self.queue(new.queue).turn_away_when
        if when == "never":
            return False
        agents, asks_nothing = map(self.free_agent, self.agents), replace(new, steps=()).waiting()
        return not is_anybody(asks_nothing, agents, Circumstances(now_us), when)

    def due(self) -> list[tuple[int, str, str]]:
        """(when, what, contact) of all that ends by itself, in order of time: `acw`, `offer`, `pause` (or a
        refusal), `step`."""
        steps = [(one.step_ends_us(), "step", one.contact_id) for one in self.waiting.values()]
        pauses = [(one.again_at_us(), "pause", one.contact_id) for one in self.waiting.values()]
        slots = [
            (slot.ends_us, "offer" if slot.kind == "offered" else "acw", slot.contact.contact_id)
            for agent in self.agents.values()
            for slot in agent.slots.values()
        ]
        return sorted((ends_us, what, name) for ends_us, what, name in steps + pauses + slots if ends_us is not None)

    def set_slot(self, name: str, token: int, slot: Slot) -> None:
        """A slot of an agent is taken, or changes."""
        agent = self.agents[name]
        self.agents[name] = replace(agent, slots={**agent.slots, token: slot})

    def free_slot(self, name: str, token: int) -> Contact:
        """A slot of an agent is freed. Answers its contact."""
        agent = self.agents[name]
        left = {other: slot for other, slot in agent.slots.items() if other != token}
        self.agents[name] = replace(agent, slots=left)
        return agent.slots[token].contact

    def restart_clock(self, name: str, at_us: int) -> None:
        """The agent's availability clock starts anew."""
        self.agents[name] = replace(self.agents[name], available_us=at_us)

    def answered(self, contact: Contact) -> Contact:
        """The contact once its agent has answered it; its queue counts it once."""
        self.counts["answered"] += not contact.is_answered
        return replace(contact, is_answered=True)

    def queue(self, name: str) -> Queue:
        """A queue's settings; those of an agent queue are the defaults."""
        return self.configuration.queues.get(name) or Queue(name)

    def after(self, now_us: int) -> int:
        """The time of what comes next in the same transition: later than all that has come."""
        return max(now_us, self._stamp_us) + 1

    def stamp(self, now_us: int) -> int:
        """A time that rises with each call, so that it also orders arrivals and tokens."""
        self._stamp_us = max(now_us, self._stamp_us + 1)
        return self._stamp_us
