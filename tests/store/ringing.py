"""Contacts that ring at several agents at once."""

from typing import Any

from centre import Centre

from fairlead.domain.queue import Queue
from fairlead.store import reading

PEOPLE = ("ana", "bo", "cem")


def ringing(centre: Centre, *names: str, offer_to: int = 3, **options: Any) -> None:
    """These agents are asked before they get a contact; c has come into the queue, and rings."""
    centre.configure(Queue("Q", offer_to=offer_to, offer_again_after_s=0, **options))
    for name in names or PEOPLE:
        centre.sign_in(name, accepts=False)
    centre.push("c")


def rings(centre: Centre, contact_id: str = "c") -> list[str]:
    """At whom the contact rings, by its record and by their slots alike."""
    record = centre.store.run(reading.contact(contact_id))
    told = [record.agent, *(name for name, _ in record.rings)] if record.state == "offered" else []
    slots = [name for name in centre.sessions if centre.held(name).get(contact_id) == "offered"]
    assert sorted(told) == sorted(slots)
    return told
