"""What a configuration allows, and hardly anybody means: contacts that would wait for agents who never get them."""

from collections.abc import Iterator

from fairlead.domain.channel import CHANNELS
from fairlead.domain.configuration import Configuration
from fairlead.domain.contact import CHAIN_CONTACTS


def warnings_of(configuration: Configuration) -> list[str]:
    """A sentence for each overflow that leads to a queue that no profile serves, or around in a ring."""
    return [*_unserved(configuration), *_rings(configuration)]


def _unserved(configuration: Configuration) -> Iterator[str]:
    served = {(entry.queue, entry.channel) for profile in configuration.profiles.values() for entry in profile.entries}
    for queue in configuration.queues.values():
        lost = [one for one in CHANNELS if (queue.name, one) in served and (queue.overflow, one) not in served]
        if queue.overflow and lost:
            yield (
                f"queue {queue.name!r} overflows into {queue.overflow!r}, which no profile serves on "
                f"{', '.join(lost)}: contacts that overflow would wait there until they expire"
            )


def _rings(configuration: Configuration) -> Iterator[str]:
    told: set[str] = set()
    for name in sorted(configuration.queues):
        way = [name]
        while (after := configuration.queues[way[-1]].overflow) in configuration.queues and after not in way:
            way.append(after)
        if after in way and after not in told:
            ring = way[way.index(after) :]
            told.update(ring)
            way_round = " -> ".join([*ring, after])
            yield f"queues overflow in a ring: {way_round}: a contact may go round, up to {CHAIN_CONTACTS} times"
