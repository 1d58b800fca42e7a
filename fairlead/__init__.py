"""Fairlead routes contacts to agents by routing profile, on Redis."""

from fairlead.service.producer import AsyncProducer, Producer, new_contact
from fairlead.store.transitions.producing import Callback, NewContact, Receipt

__all__ = ["AsyncProducer", "Callback", "NewContact", "Producer", "Receipt", "new_contact"]
