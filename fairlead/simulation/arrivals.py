"""The contacts of a scenario, listed and drawn, in order of time.

Each stream of arrivals has chances of its own for its gaps, its handle times and its patience. So a change of one
distribution, or of the configuration, leaves everything else that is drawn as it was: two runs differ by the change.
"""

from collections.abc import Iterator
from random import Random

from fairlead.domain.criteria import parse_step
from fairlead.service.recorded.arrivals import Arrival
from fairlead.simulation.scenario import ArrivalsDocument, ContactDocument, ScenarioDocument
from fairlead.store.new_contact import NewContact

HOUR_S = 3_600


def arrivals_of(day: ScenarioDocument, seed: int | None = None, replication: int = 0) -> list[Arrival]:
    """The contacts of a day; the same seed and replication make the same ones. `seed` None: the scenario's."""
    found = [_listed(one) for one in day.contacts]
    root = f"{day.seed if seed is None else seed}/{replication}"
    for place, stream in enumerate(day.arrivals):
        found += _drawn(stream, place, root)
    return sorted(found, key=lambda arrival: arrival.at_s)


def _listed(one: ContactDocument) -> Arrival:
    return Arrival(_contact(one, one.id), one.at_s, one.patience_s, one.handle_s)


def _drawn(stream: ArrivalsDocument, place: int, root: str) -> Iterator[Arrival]:
    gaps, handles, patiences = (Random(f"{root}/{place}/{what}") for what in ("gap", "handle", "patience"))  # noqa: S311  # no secrets
    at_s, number = stream.from_s, 0
    while (at_s := at_s + gaps.expovariate(stream.rate_per_hour / HOUR_S)) < stream.to_s:
        patience_s = stream.patience.draw_us(patiences) / 1e6 if stream.patience else None
        contact = _contact(stream, f"a{place + 1}-{number + 1}")
        yield Arrival(contact, round(at_s, 6), patience_s, stream.handle.draw_us(handles) / 1e6)
        number += 1


def _contact(one: ContactDocument | ArrivalsDocument, contact_id: str) -> NewContact:
    return NewContact(
        one.queue,
        one.channel,
        contact_id=contact_id,
        priority=one.priority,
        age_adjustment_s=one.age_adjustment_s,
        criteria=tuple(map(parse_step, one.criteria)),
        attributes=one.attributes,
        customer=one.customer,
        intake=one.intake,
    )
