"""Fairlead routes contacts to agents by routing profile, on Redis."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fairlead.domain.criteria import Step
    from fairlead.service.producer import AsyncProducer, Producer, new_contact
    from fairlead.store.transitions.producing import Callback, NewContact, Receipt

__all__ = ["AsyncProducer", "Callback", "NewContact", "Producer", "Receipt", "Step", "new_contact"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is asked for: the command is here, and listens to Ctrl-C, before all is read."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("fairlead.service.producer"), name)
