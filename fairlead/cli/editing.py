"""One change to the configuration in force, made again when somebody else was quicker."""

from collections.abc import Callable

from fairlead.domain.configuration import Configuration
from fairlead.errors import ConfigurationChanged
from fairlead.store.client import Store
from fairlead.store.reading import read_configuration
from fairlead.store.transitions import configuring

TRIES = 5


def change_configuration(store: Store, change: Callable[[Configuration], Configuration]) -> int:
    """Apply what `change` makes of the configuration; answers its version. Raises what `change` and applying raise."""
    for left in reversed(range(TRIES)):
        current, version = read_configuration(store)
        target = change(current)
        if target == current:
            return version
        try:
            return store.run(configuring.apply_configuration(store.keys, target, version))
        except ConfigurationChanged:
            if not left:
                raise
    raise AssertionError("a loop that ends by returning or raising")
