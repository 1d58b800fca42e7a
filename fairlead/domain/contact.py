"""One customer interaction, as a producer makes it and as it waits."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from fairlead.domain.channel import Channel

DEFAULT_PRIORITY = 5
HIGHEST_PRIORITY = 1
LOWEST_PRIORITY = 2**53 - 1
"""Contact priorities are scores of a sorted set: exact below 2^53."""

LONGEST_AGE_ADJUSTMENT_S = 7 * 86_400

MAX_PAYLOAD_BYTES = 64 * 1024

ContactState: TypeAlias = Literal["queued", "offered", "connected", "completed", "abandoned", "parked"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A contact in line, as the rules see it. Times are microseconds on the engine's clock.

    `queued_us`: when it was really enqueued; `age_adjustment_us`: how much older its rank is than that.
    """

    contact_id: str
    queue: str
    channel: Channel
    priority: int
    queued_us: int
    age_adjustment_us: int = 0

    @property
    def rank_us(self) -> int:
        """The enqueue time that its place in line is computed from."""
        return max(0, self.queued_us - self.age_adjustment_us)
