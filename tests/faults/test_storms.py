"""Whatever breaks, nothing that was acknowledged is lost, nothing is held twice, and nobody is forgotten."""

from collections.abc import Callable, Mapping, Sequence

import pytest
from faults.storm import ALL, Storm

from fairlead.store import reading
from fairlead.store.checking import examine_state

Tell = Callable[[Mapping[str, object]], None]


def survives(
    storm: Storm, tell: Tell, faults: Sequence[Callable[[Storm], None]], seconds: float, pause_s: float
) -> None:
    storm.blows(faults, seconds, pause_s)

    history, findings = storm.ends()

    recoveries_s = storm.recoveries_s(history)
    longest = {"s the longest recovery": round(max(recoveries_s), 2)} if recoveries_s else {}
    tell({"contacts": len(storm.told), "events": len(history.events), **storm.counts, **longest})
    assert findings == []
    ids = [one.contact for one in storm.told]
    states = {one.contact_id: one.state for one in storm.admin.run(reading.contacts_by_id(ids))}
    assert states == {one: "parked" if "poison" in one else "completed" for one in ids}
    assert storm.admin.run(examine_state()).findings == ()


def test_all_is_handled_once_and_poison_is_parked_whatever_breaks(storm: Storm, tell: Tell) -> None:
    survives(storm, tell, ALL, seconds=8, pause_s=0.8)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("fault", ALL, ids=lambda fault: fault.__name__)
def test_all_is_handled_once_although_one_thing_breaks_again_and_again(
    storm: Storm, tell: Tell, fault: Callable[[Storm], None]
) -> None:
    survives(storm, tell, [fault], seconds=30, pause_s=0.2 if fault is Storm.change_profile else 1.5)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_all_is_handled_once_although_everything_breaks_for_long(storm: Storm, tell: Tell) -> None:
    survives(storm, tell, ALL, seconds=150, pause_s=1)
