"""Fairlead routes contacts to agents by routing profile, on Redis."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fairlead import errors
    from fairlead.domain.criteria import Step
    from fairlead.service.contact import Contact
    from fairlead.service.producer import AsyncProducer, Producer, new_contact
    from fairlead.store.transitions.producing import Callback, NewContact, Receipt

    __version__: str

__all__ = [
    "AsyncProducer", "Callback", "Contact", "NewContact", "Producer", "Receipt", "Step", "__version__", "errors",
    "new_contact",
]  # fmt: skip

_HOMES = {
    "AsyncProducer": "fairlead.service.producer",
    "Callback": "fairlead.store.transitions.producing",
    "Contact": "fairlead.service.contact",
    "NewContact": "fairlead.store.transitions.producing",
    "Producer": "fairlead.service.producer",
    "Receipt": "fairlead.store.transitions.producing",
    "Step": "fairlead.domain.criteria",
    "new_contact": "fairlead.service.producer",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is asked for: the command is here, and listens to Ctrl-C, before all is read."""
    if name == "errors":
        return import_module("fairlead.errors")
    if name == "__version__":
        from importlib.metadata import version

        return version("fairlead")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
