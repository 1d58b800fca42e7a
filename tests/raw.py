"""Redis as it is under a store, for tests that look at keys or do what nobody may do."""

from typing import Any

from fairlead.store.client import AsyncStore, Store
from fairlead.store.hints import read_hint


def raw(store: Store | AsyncStore) -> Any:
    """The client of redis-py that the store asks."""
    return store.client._client  # type: ignore[union-attr]  # a test may


def hinted(store: Store, inbox: str) -> list[str]:
    """The agents whom the hints in an inbox name, in order; they stay there."""
    return [read_hint(hint).agent for hint in raw(store).lrange(store.keys.inbox(inbox), 0, -1)]
