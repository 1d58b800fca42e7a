"""Contacts by what is known of them, in any state, page by page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fairlead.errors import BadInput
from fairlead.store.procedure import Source, Steps, ask_one, procedure
from fairlead.store.reading.contacts import ContactRecord, contacts_by_id

BEGINNING = "0"

_KEYS_A_LOOK = 1_000
_LOOKS_A_PAGE = 100
"""A page is answered after so many looks, however little was found: the server may hold much else."""


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """What contacts are to be found; what is empty filters nothing. `state`: any, also one that is an end."""

    state: str = ""
    queue: str = ""
    agent: str = ""
    customer: str = ""

    def takes(self, contact: ContactRecord) -> bool:
        """Whether the contact is meant."""
        return all(not asked or asked == found for asked, found in self._pairs(contact))

    def _pairs(self, contact: ContactRecord) -> Iterator[tuple[str, str]]:
        yield self.state, contact.state
        yield self.queue, contact.queue
        rings = {name for name, _ in contact.rings}
        yield self.agent, self.agent if self.agent in rings else contact.agent
        yield self.customer, contact.customer


@dataclass(frozen=True, slots=True)
class ContactPage:
    """Some contacts, and the cursor with which to go on; empty when these were the last."""

    contacts: tuple[ContactRecord, ...]
    cursor: str


@procedure
def find_contacts(
    source: Source, wanted: ContactFilter | None = None, cursor: str = BEGINNING, limit: int = 100
) -> Steps[ContactPage]:
    """The next contacts that the filter takes, in no order, about `limit` of them.

    A page may hold a few more, or none: go on while it has a cursor. A contact that is there from the first page to the
    last is in one of them, and rarely in two. Raises BadInput for a cursor that is none.
    """
    if not (cursor.isascii() and cursor.isdigit()):
        raise BadInput(f"cursor {cursor[:80]!r} is none: use the one of the page before, or {BEGINNING!r} to begin")
    takes = (wanted or ContactFilter()).takes
    prefix, found, at = source.keys.contact(""), list[ContactRecord](), cursor
    looking = ("MATCH", f"{pattern_of(prefix)}*", "COUNT", min(_KEYS_A_LOOK, 10 * limit))
    for _ in range(_LOOKS_A_PAGE):
        next_at, keys = yield from ask_one("SCAN", at, *looking)
        ids = list(dict.fromkeys(key.decode().removeprefix(prefix) for key in keys))
        found += [one for one in (yield from contacts_by_id(ids).steps(source)) if takes(one)]
        at = str(int(next_at))
        if at == BEGINNING:
            return ContactPage(tuple(found), "")
        if len(found) >= limit:
            break
    return ContactPage(tuple(found), at)


def pattern_of(prefix: str) -> str:
    """A prefix as a pattern of Redis that means itself."""
    return re.sub(r"([\\[\]*?^])", r"\\\1", prefix)
