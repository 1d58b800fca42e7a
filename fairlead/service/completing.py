"""What a shell completes: names of an instance that begin so, at once or not at all."""

from typing import Literal, TypeAlias

from fairlead.domain.names import agent_queue, is_agent_queue
from fairlead.errors import FairleadError
from fairlead.server.connection import connect
from fairlead.server.finding import find_running
from fairlead.store import reading
from fairlead.store.client import Store

Completed: TypeAlias = Literal["contact", "agent", "queue", "profile"]

WAIT_S = 0.5
"""How long Redis has to answer: somebody has pressed a key."""

MOST = 100


def complete(what: Completed, beginning: str, url: str | None = None, instance: str | None = None) -> list[str]:
    """Names that begin so, at most 100 of them; none when there is no Redis that tells, whatever the reason.

    Nothing is repeated, made or started. Contacts are those that have not ended, of long lines the first ones.
    """
    try:
        server = find_running(url, instance)
        store = Store(connect(server.url, server.instance, retries=0, timeout_s=WAIT_S), server.instance)
        try:
            found = _found(store, what, is_own=is_agent_queue(beginning))
        finally:
            store.close()
    except (FairleadError, OSError, TypeError, ValueError):  # redis-py tells of a wrong option as it connects
        return []
    return sorted(name for name in found if name.startswith(beginning))[:MOST]


def _found(store: Store, what: Completed, *, is_own: bool) -> list[str]:
    """All such names; of queues the agents' own ones where one is begun, which are as many as there are agents."""
    if what == "contact":
        return store.run(reading.open_ids())
    if what == "queue" and is_own:
        return [agent_queue(name) for name in store.run(reading.names_of("agent"))]
    return store.run(reading.names_of(what))
