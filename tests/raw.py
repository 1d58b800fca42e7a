"""Redis as it is under a store, for tests that look at keys or do what nobody may do."""

from typing import Any

from fairlead.store.client import AsyncStore, Store


def raw(store: Store | AsyncStore) -> Any:
    """The client of redis-py that the store asks."""
    return store.client._client  # type: ignore[union-attr]  # a test may
