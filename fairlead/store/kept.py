"""What a store remembers between two looks, so that a process that looks each second reads it once."""

from collections.abc import Hashable
from time import monotonic
from typing import Any

KEPT_S = 60.0
"""How long something is remembered at most: an instance may be lost and made again with the same version."""


class Kept:
    """Values by what they are, each for one version of it. Threads may share it."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[Hashable, float, Any]] = {}

    def get(self, what: str, version: Hashable) -> Any:
        """The value for that version; None when there is none."""
        its_version, since_s, value = self._values.get(what, (None, 0.0, None))
        return value if its_version == version and monotonic() - since_s < KEPT_S else None

    def put(self, what: str, version: Hashable, value: Any) -> None:
        """Remember a value that was read after its version was: what was changed meanwhile has another version."""
        self._values[what] = (version, monotonic(), value)
