"""Where contacts wait, and what a queue's policies are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from fairlead.domain.channel import OFFER_WINDOW_MS, Channel
from fairlead.domain.hours import ClosedPolicy

AgentChoice: TypeAlias = Literal["longest_idle", "least_loaded", "most_skilled", "last_agent"]
Rank: TypeAlias = Literal["keep", "back", "front"]

MAX_ATTEMPTS = 5
"""After so many attempts that failed or lost their session a contact is parked, unless the queue says otherwise."""

RETRY_DELAY_S = 1
"""How long a contact pauses after its first failed attempt, unless the queue says otherwise."""

SERVICE_LEVEL_S = 20
"""The service-level threshold unless the queue says otherwise: 80/20 is the field's habit."""

AGENT_QUEUE_CONTACTS = 10
"""How many contacts an agent's own queue holds."""

EXPIRY_S: dict[Channel, int] = {"chat": 90_000, "task": 604_800, "email": 1_209_600}
"""After how long a contact that still waits expires, in seconds: chat 25 h, task 7 days, email 14 days."""

CALLBACK_EXPIRY_S = 604_800

LONGEST_ACW_S = 7_200


@dataclass(frozen=True, slots=True)
class Queue:
    """A standard queue, made by an administrator.

    `max_attempts`: after so many a contact that fails, or whose sessions are lost, is parked; `retry_delay_s`: how long
    it pauses after the first failure; twice as long after each further one, 0: not at all.
    `max_contacts`: how many it holds over all channels, None: any number, 0: it is always full.
    `enabled`: a disabled queue lets nothing new enter; what is inside is still routed.
    `hours`: the name of its hours of operation, with `closed_policy` for when it is closed.
    `overflow`: the queue that takes what this one, being full or closed, does not, and what has come back from
    `max_offers` offers without an answer; `overflow_rank`: the rank there.
    `missed_slot_s`: after so long the slot of a missed offer is cleared; None: only by hand; 0: at once.
    `status_after_misses`: after so many misses in a row (0: never) the agent's status becomes `missed_status`.
    `exclude_rejecting`: an agent that has refused the contact is not offered it again.
    `acw_s`: the longest after-contact work by channel; none where a channel is left out.
    `raise_after_s` and `raise_to`, `overflow_after_s`: starvation control; None: never.
    `skip_unmatched_steps`: a routing step that no signed-in agent satisfies ends early.
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
    max_offers: int | None = None
    missed_slot_s: int | None = None
    status_after_misses: int = 0
    missed_status: str = ""
    exclude_rejecting: bool = False
    acw_s: Mapping[Channel, int] = field(default_factory=dict)
    expiry_s: Mapping[Channel, int] = field(default_factory=lambda: dict(EXPIRY_S))
    agent_choice: AgentChoice = "longest_idle"
    raise_after_s: int | None = None
    raise_to: int = 1
    overflow_after_s: int | None = None
    skip_unmatched_steps: bool = False
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


def allowance(max_contacts: int) -> int:
    """How many contacts a queue may hold with moves, quick connects and due callbacks: 20 % more, rounded down."""
    return max_contacts + max_contacts // 5
