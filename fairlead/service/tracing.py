"""Who watches what is sent and handled: nobody, until a program turns it on (`fairlead.telemetry`)."""

from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from fairlead.errors import FairleadError
from fairlead.store.new_contact import NewContact
from fairlead.store.offers import Offer
from fairlead.store.procedure import Procedure, Source, Steps
from fairlead.store.request import Request, Told
from fairlead.store.transitions.working import Session

T = TypeVar("T")


class Handling(Protocol):
    """A handler at work on one contact."""

    def current(self) -> AbstractContextManager[None]:
        """While this is entered, whatever begins belongs to the handler."""
        ...

    def ended(self, outcome: str, kind: str = "", error: str = "") -> None:
        """It has ended. `kind`: the type of its error, empty when it has none; `error`: type and place."""
        ...


class Watcher(Protocol):
    """Sees what a program asks of an instance, and what it does with contacts."""

    def sends(self, contact: NewContact) -> tuple[NewContact, Told]:
        """A contact is about to be pushed: as it is to be pushed, and who is to hear what came of it."""
        ...

    def watched(self, session: Session, *, pulls: bool) -> Session:
        """The same session, whose requests are watched. It is to be used in place of the first one.

        `pulls`: whoever has it asks for contacts, and handles them by itself.
        """
        ...

    def handles(self, session: Session, offer: Offer, profile: str) -> Handling:
        """A handler is about to begin on a contact of a watched session."""
        ...


_watcher: Watcher | None = None


def watch(watcher: Watcher | None) -> None:
    """Let somebody see all that this process begins from here on; None: nobody."""
    global _watcher
    _watcher = watcher


def watcher() -> Watcher | None:
    """Who watches."""
    return _watcher


def sending(contact: NewContact) -> tuple[NewContact, Told | None]:
    """A contact as it is to be pushed, and who is to hear what came of it."""
    return _watcher.sends(contact) if _watcher else (contact, None)


def telling(asked: Request[T] | Procedure[T], told: Told | None) -> Request[T] | Procedure[T]:
    """The same, of whose end somebody hears."""
    if told is None:
        return asked
    return asked.telling(told) if isinstance(asked, Request) else Procedure(lambda source: _told(source, asked, told))


def _told(source: Source, asked: Procedure[T], told: Told) -> Steps[T]:
    try:
        answer = yield from asked.steps(source)
    except FairleadError as failure:
        told(failure)
        raise
    told(answer)
    return answer


def watched(session: Session) -> Session:
    """The session of somebody who asks for contacts, as it is to be used."""
    return _watcher.watched(session, pulls=True) if _watcher else session
