"""Where contacts wait."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fairlead.domain.channel import OFFER_WINDOW_MS, Channel

MAX_ATTEMPTS = 5
"""How often a contact is connected, unless the queue says otherwise, before a failing one is parked."""

SERVICE_LEVEL_S = 20
"""The service-level threshold unless the queue says otherwise: 80/20 is the field's habit."""


@dataclass(frozen=True, slots=True)
class Queue:
    """A standard queue, made by an administrator."""

    name: str
    display_name: str = ""
    max_attempts: int = MAX_ATTEMPTS
    service_level_s: int = SERVICE_LEVEL_S
    offer_window_ms: Mapping[Channel, int] = field(default_factory=lambda: dict(OFFER_WINDOW_MS))
