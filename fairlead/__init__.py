"""Fairlead routes contacts to agents by routing profile, on Redis."""

from fairlead.domain.criteria import Step
from fairlead.service.producer import AsyncProducer, Producer, new_contact
from fairlead.store.transitions.producing import Callback, NewContact, Receipt

__all__ = ["AsyncProducer", "Callback", "NewContact", "Producer", "Receipt", "Step", "new_contact"]
