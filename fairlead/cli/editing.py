"""One object of the configuration in force is changed, again when somebody else was quicker."""

from collections.abc import Callable
from typing import TypeVar, cast

from fairlead.domain.objects import KIND_OF, Object
from fairlead.errors import ConfigurationChanged
from fairlead.store.client import Store
from fairlead.store.reading.objects import read_object
from fairlead.store.transitions.configuring import put_object

T = TypeVar("T", bound=Object)

TRIES = 5


def change_object(store: Store, of: type[T], name: str, change: Callable[[T], T]) -> int:
    """Put what `change` makes of an object; answers its version. Raises what reading, `change` and putting raise."""
    for left in reversed(range(TRIES)):
        current, version = read_object(store, KIND_OF[of], name)
        try:
            return store.run(put_object(store.keys, change(cast(T, current)), version))
        except ConfigurationChanged:
            if not left:
                raise
    raise AssertionError("a loop that ends by returning or raising")
