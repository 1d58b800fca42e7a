"""One customer interaction, as it waits."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from fairlead.domain.channel import Channel
from fairlead.domain.criteria import Expression

DEFAULT_PRIORITY = 5
HIGHEST_PRIORITY = 1
LOWEST_PRIORITY = 2**53 - 1
"""Contact priorities are scores of a sorted set: exact below 2^53."""

LONGEST_AGE_ADJUSTMENT_S = 7 * 86_400

MAX_PAYLOAD_BYTES = 64 * 1024

MOST_ATTRIBUTES = 30
LONGEST_ATTRIBUTE = 256

MOST_HEADER_BYTES = 512
"""What a trace's context takes: traceparent, tracestate and baggage."""

CHAIN_CONTACTS = 12
"""A contact that is handed on twelve times would be the thirteenth in its chain, and is refused."""

LONGEST_SCHEDULE_S = 6 * 86_400
LONGEST_EXPIRY_S = 90 * 86_400
LONGEST_CALLBACK_DELAY_S = 259_200
MOST_CALLBACK_RETRIES = 20

LONGEST_PAUSE_S = 300
"""How long a contact pauses at most after a failed attempt, however many there were."""

REFUSALS = ("rejected", "missed", "error", "released", "failed")
"""Why a contact comes back from an agent who is then not offered it again at once."""

FOR_GOOD = 0
"""Until when an agent is not offered a contact again that it has refused for good."""

Direction: TypeAlias = Literal["inbound", "outbound"]

ContactState: TypeAlias = Literal[
    "scheduled", "queued", "offered", "connected", "on_hold", "paused", "acw",
    "completed", "abandoned", "expired", "parked",
]  # fmt: skip

WAITING: tuple[ContactState, ...] = ("scheduled", "queued", "offered")
IN_QUEUE: tuple[ContactState, ...] = ("queued", "offered")
HELD: tuple[ContactState, ...] = ("connected", "on_hold", "paused")
ENDED: tuple[ContactState, ...] = ("completed", "abandoned", "expired")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A contact in line, as the rules see it. Times are microseconds on the engine's clock.

    `queued_us`: when its real wait in this queue began; `rank_us`: its place in line, the time of enqueueing less the
    age adjustment; `criteria`: what its active routing step asks of an agent; `again_us`: when its pause after a failed
    attempt ends, 0 for none; `step`: which routing step is active, 1 the first, 0 for none; `refused`: the agents that
    are not offered it again, each with the time until which, FOR_GOOD for ever.
    """

    contact_id: str
    queue: str
    channel: Channel
    priority: int
    queued_us: int
    rank_us: int
    criteria: Expression = Expression()  # noqa: RUF009  # it is frozen, so that sharing it is safe
    direction: Direction = "inbound"
    last_agent: str = ""
    again_us: int = 0
    step: int = 0
    refused: tuple[tuple[str, int], ...] = ()


def rank_of(queued_us: int, age_adjustment_s: int) -> int:
    """The place in line of a contact that ranks so many seconds older than it is, or younger when negative."""
    return max(0, queued_us - age_adjustment_s * 1_000_000)


def counts_as_attempt(reason: str) -> bool:
    """Whether a contact that comes back from an agent for this reason has had an attempt: its handler failed, or its
    session was lost. A release, a sign-out, a take-over and a transfer are not attempts.
    """
    return reason in ("failed", "lost")


def pause_s(retry_delay_s: int, attempts: int) -> int:
    """Seconds for which a contact pauses after failed attempt number `attempts`: each pause is twice the one before."""
    return min(LONGEST_PAUSE_S, retry_delay_s << (attempts - 1))
