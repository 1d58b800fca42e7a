"""Where contacts wait, and what a queue's policies are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from fairlead.domain.channel import OFFER_WINDOW_MS, Channel
from fairlead.domain.hours import ClosedPolicy

AgentChoice: TypeAlias = Literal[
    "longest_idle", "least_loaded", "lowest_load_ratio", "round_robin", "most_skilled", "highest_proficiency",
    "last_agent",
]
Nobody: TypeAlias = Literal["never", "nobody_available", "nobody_staffed", "nobody_signed_in"]
"""When it is told of some agents that nobody is there. Who is available is staffed, and who is staffed is signed in."""
Rank: TypeAlias = Literal["keep", "back", "front"]

MAX_ATTEMPTS = 5
"""After so many attempts that failed or lost their session a contact is parked, unless the queue says otherwise."""

RETRY_DELAY_S = 1
"""How long a contact pauses after its first failed attempt, unless the queue says otherwise."""

OFFER_AGAIN_AFTER_S = 5
"""How long an agent who has refused a contact is not offered it again, unless the queue says otherwise."""

SERVICE_LEVEL_S = 20
"""The service-level threshold unless the queue says otherwise: 80/20 is the field's habit."""

AGENT_QUEUE_CONTACTS = 10
"""How many contacts an agent's own queue holds."""

OVERFLOW_AGAIN_S = 5
"""After how long it is tried again whether a queue takes what overflows from an agent's own queue."""

EXPIRY_S: dict[Channel, int] = {"chat": 90_000, "task": 604_800, "email": 1_209_600}
"""After how long a contact that still waits expires, in seconds: chat 25 h, task 7 days, email 14 days."""

CALLBACK_EXPIRY_S = 604_800

MOST_RINGS = 10
"""At how many agents a contact may ring at once."""

LONGEST_ACW_S = 7_200

AcwLimit: TypeAlias = int | Literal["unlimited"]
"""How long after-contact work lasts at most, in seconds: 0: there is none; unlimited: until it is cleared."""


@dataclass(frozen=True, slots=True)
class Queue:
    """A standard queue, made by an administrator.

    `max_attempts`: number of failed attempts, by a failure of the handler or a lost session, after which a contact is
    parked; `retry_delay_s`: pause after the first failed attempt, doubled after each further one; 0: no pause.
    `max_contacts`: largest number of contacts over all channels; None: no limit, 0: always full.
    `enabled`: False: no new contact enters, contacts in the queue are still routed.
    `hours`: name of the hours of operation; `closed_policy`: what happens to arrivals while it is closed.
    `overflow`: queue that gets the contacts which this one cannot take because it is full or closed, and those that
    had `max_offers` unanswered offers; `overflow_rank`: their place in line there.
    `offer_to`: at how many agents a contact rings at once; the first who accepts has it.
    `missed_slot_s`: seconds after which the slot of a missed offer is cleared; None: by hand, 0: at once.
    `status_after_misses`: number of misses in a row after which the agent gets `missed_status`; 0: never.
    `offer_again_after_s`: how long an agent who refused, missed, failed or gave back a contact is not offered it again;
    None: never.
    `choice_proficiency`: `Attribute:Value` of which `highest_proficiency` prefers the highest level.
    `acw_s`: longest after-contact work by channel; a channel that is left out has none; "unlimited": until cleared.
    `raise_after_s` and `raise_to`, `overflow_after_s`: starvation control; None: never.
    `turn_away_when`: what would enter overflows, or is refused where no queue takes it, while nobody who serves the
    queue is available, staffed or signed in.
    `skip_steps_when`: a routing step ends early when of the agents who serve the queue and satisfy it nobody is
    available, staffed (in a routable status) or signed in.
    """

    name: str
    display_name: str = ""
    max_attempts: int = MAX_ATTEMPTS
    retry_delay_s: int = RETRY_DELAY_S
    service_level_s: int = SERVICE_LEVEL_S
    offer_window_ms: Mapping[Channel, int] = field(default_factory=lambda: dict(OFFER_WINDOW_MS))
    enabled: bool = True
    max_contacts: int | None = None
    hours: str = ""
    closed_policy: ClosedPolicy = "hold"
    overflow: str = ""
    overflow_rank: Rank = "keep"
    offer_to: int = 1
    max_offers: int | None = None
    missed_slot_s: int | None = None
    status_after_misses: int = 0
    missed_status: str = ""
    offer_again_after_s: int | None = OFFER_AGAIN_AFTER_S
    acw_s: Mapping[Channel, AcwLimit] = field(default_factory=dict)
    expiry_s: Mapping[Channel, int] = field(default_factory=lambda: dict(EXPIRY_S))
    agent_choice: AgentChoice = "longest_idle"
    choice_proficiency: str = ""
    raise_after_s: int | None = None
    raise_to: int = 1
    overflow_after_s: int | None = None
    turn_away_when: Nobody = "never"
    skip_steps_when: Nobody = "never"
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


def allowance(max_contacts: int) -> int:
    """How many contacts a queue may hold with moves, quick connects and due callbacks: 20 % more, rounded down."""
    return max_contacts + max_contacts // 5
