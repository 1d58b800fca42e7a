"""What changes while it is read in several round trips ends no read."""

from typing import Any

import pytest
from centre import Centre, profile
from meanwhile import run_while

from fairlead.domain.agent import Agent, Status
from fairlead.domain.hours import Hours
from fairlead.domain.intake import Choice, Intake
from fairlead.domain.objects import Object, kind_of
from fairlead.domain.profile import Concurrency, Entry
from fairlead.domain.queue import Queue
from fairlead.errors import NotFound
from fairlead.service.snapshot import take_snapshot
from fairlead.service.supervisor import worklist
from fairlead.store import reading
from fairlead.store.procedure import Procedure
from fairlead.store.transitions.configuring import NEW, put_object, remove_object

OBJECTS: list[Object] = [
    Queue("New"), profile([], "New"), Agent("New", "P"), Status("New", "custom"), Hours("New", "UTC", {}),
    Intake("New", (), Choice("Q")),
]  # fmt: skip


def read_while_it_is_removed(centre: Centre, asked: Procedure[Any], one: Object) -> Any:
    """What a procedure answers when an object is removed just before the command that reads it."""
    version = centre.store.run(put_object(centre.keys, one, NEW))
    removal = remove_object(centre.keys, kind_of(one), one.name, version)
    tables = {"status": "statuses", "hours": "calendars", "intake": "intakes"}
    table = tables.get(kind_of(one), f"{kind_of(one)}:{one.name}")
    return run_while(centre.store, asked, centre.keys.prefix + table, lambda: centre.store.run(removal))


@pytest.mark.parametrize("one", OBJECTS, ids=kind_of)
def test_an_object_that_is_removed_while_the_configuration_is_read_is_not_in_it(centre: Centre, one: Object) -> None:
    found, version = read_while_it_is_removed(centre, reading.configuration_in_force(), one)

    assert one.name not in found.of_kind(kind_of(one))
    assert version < centre.store.run(reading.configuration_in_force())[1]


@pytest.mark.parametrize("one", OBJECTS, ids=kind_of)
def test_an_object_that_is_removed_while_it_is_read_is_not_there(centre: Centre, one: Object) -> None:
    with pytest.raises(NotFound, match="New"):
        read_while_it_is_removed(centre, reading.object_in_force(kind_of(one), one.name), one)


def test_a_snapshot_counts_the_slots_of_an_agent_whose_profile_changes_meanwhile(centre: Centre) -> None:
    centre.configure(profiles=[profile([], channels={"chat": Concurrency(2)})])
    centre.sign_in("ana")
    more = profile([], channels={"chat": Concurrency(2), "voice": Concurrency(1)})

    snapshot = run_while(centre.store, take_snapshot(), centre.keys.totals, lambda: centre.configure(profiles=[more]))

    assert snapshot.agent_measures().slots_available == 2


def test_a_worklist_of_an_agent_whose_profile_is_removed_meanwhile_is_empty(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "chat", manual_only=True)])])
    centre.push("c1", channel="chat")

    found = run_while(
        centre.store, worklist("ana"), centre.keys.instance, lambda: centre.configure(profiles=[profile([], "Other")])
    )

    assert found == []
