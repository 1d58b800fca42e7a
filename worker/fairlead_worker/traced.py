"""A desk whose handlers are watched."""

from typing import Any

from fairlead.service.contact import Contact, Outcome
from fairlead.service.tracing import Handling, Watcher
from fairlead.store import reading
from fairlead.store.client import AsyncStore
from fairlead.store.instances import default_profile
from fairlead.store.offers import Offer
from fairlead.store.transitions.working import Session
from fairlead_worker.desk import Desk
from fairlead_worker.fence import Fence
from fairlead_worker.handlers import kind_of
from fairlead_worker.link import Link


class TracedDesk(Desk):
    """Tells a watcher of each handler that begins and ends."""

    def __init__(
        self, watcher: Watcher, store: AsyncStore, link: Link, session: Session, fence: Fence, **options: Any
    ) -> None:
        super().__init__(store, link, watcher.watched(session, pulls=False), fence, **options)
        self._watcher = watcher
        self._handling: dict[int, Handling] = {}
        self._of_profile = ""

    async def _sign_in(self, *, again: bool = False) -> None:
        """A change of the agent's routing profile while it is signed in is seen at its next sign-in."""
        known = await self._ask(reading.agent_states([self.agent]))
        self._of_profile = known[0].profile if known else self._profile or await self._ask(default_profile())
        await super()._sign_in(again=again)

    def _begin(self, offer: Offer, began_s: float) -> None:
        handling = self._watcher.handles(self.session, offer, self._of_profile)
        self._handling[offer.token] = handling
        with handling.current():
            super()._begin(offer, began_s)

    def _end(self, offer: Offer, contact: Contact | None, error: str, began_s: float) -> None:
        super()._end(offer, contact, error, began_s)
        outcome = contact.outcome if contact and not error else None
        if isinstance(outcome, Outcome):
            self._handling.pop(offer.token).ended(outcome.value)
        else:
            self._handling.pop(offer.token).ended("fail", kind_of(error), error)

    def _drop_all(self) -> None:
        super()._drop_all()
        dropped, self._handling = self._handling, {}
        for handling in dropped.values():
            handling.ended("dropped", "SessionEnded", "the agent does not hold the contact any more")
