"""Fairlead routes contacts to agents by routing profile, on Redis."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fairlead import errors
    from fairlead.configuration.reading import parse_configuration
    from fairlead.domain.criteria import Step
    from fairlead.server.embedded import EmbeddedRedis
    from fairlead.service.administrator import Administrator, AsyncAdministrator
    from fairlead.service.agent import Agent, AsyncAgent
    from fairlead.service.contact import Contact
    from fairlead.service.producer import AsyncProducer, Producer, new_contact
    from fairlead.service.supervisor import AsyncSupervisor, Supervisor
    from fairlead.store.new_contact import Callback, NewContact
    from fairlead.store.offers import Offer
    from fairlead.store.reading import Event
    from fairlead.store.transitions.producing import Receipt

    __version__: str

_HOMES = {
    "Administrator": "service.administrator", "Agent": "service.agent", "AsyncAdministrator": "service.administrator",
    "AsyncAgent": "service.agent", "AsyncProducer": "service.producer", "AsyncSupervisor": "service.supervisor",
    "Callback": "store.new_contact", "Contact": "service.contact", "EmbeddedRedis": "server.embedded",
    "Event": "store.reading",
    "NewContact": "store.new_contact", "Offer": "store.offers", "Producer": "service.producer",
    "Receipt": "store.transitions.producing", "Step": "domain.criteria", "Supervisor": "service.supervisor",
    "new_contact": "service.producer", "parse_configuration": "configuration.reading",
}  # fmt: skip

__all__ = [
    "Administrator", "Agent", "AsyncAdministrator", "AsyncAgent", "AsyncProducer", "AsyncSupervisor", "Callback",
    "Contact", "EmbeddedRedis", "Event", "NewContact", "Offer", "Producer", "Receipt", "Step", "Supervisor",
    "__version__", "errors", "new_contact", "parse_configuration",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a public name when it is asked for: the command is here, and listens to Ctrl-C, before all is read."""
    if name == "errors":
        return import_module("fairlead.errors")
    if name == "__version__":
        from importlib.metadata import version

        return version("fairlead")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"fairlead.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
