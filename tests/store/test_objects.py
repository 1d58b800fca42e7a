"""The configuration is changed one object at a time, as a whole file would change it, and nothing else is touched."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from centre import Centre, profile
from objects import dump, put, remove
from raw import raw

from fairlead.domain.agent import BREAK, Agent, Status
from fairlead.domain.configuration import (
    BASIC_PROFILE,
    BASIC_QUEUE,
    Configuration,
    built_in_statuses,
    fresh_configuration,
)
from fairlead.domain.hours import Hours, parse_span
from fairlead.domain.intake import Choice, Intake, Rule
from fairlead.domain.objects import KINDS, Object, kind_of
from fairlead.domain.profile import Concurrency, Entry
from fairlead.domain.queue import Queue
from fairlead.errors import (
    AgentInUse,
    ConfigurationChanged,
    FairleadError,
    InvalidConfiguration,
    ObjectExists,
    ObjectInUse,
    QueueInUse,
    StatusDisabled,
    UnknownAgent,
    UnknownHours,
    UnknownIntake,
    UnknownProfile,
    UnknownQueue,
    UnknownStatus,
)
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.transitions.configuring import (
    NEW,
    apply_configuration,
    prepare_instance,
    put_object,
    remove_object,
)
from fairlead.store.transitions.working import Session

Configure = Callable[[Configuration], int]

OBJECTS: list[Object] = [
    Queue("New", display_name="New", description="What is new", labels={"team": "blue"}, max_contacts=3),
    profile([Entry(BASIC_QUEUE, "chat", 3, 30)], "New", description="Takes what is new"),
    Agent("New", BASIC_PROFILE, proficiencies={"Language:French": 3}, labels={"badge": "7"}),
    Status("New", "custom", display_name="New", enabled=False, description="Not yet"),
    Hours("New", "Europe/Berlin", {"mon": (parse_span("08:00-12:00"),)}, display_name="Mornings"),
    Intake("New", (Rule('channel == "chat"', Choice(BASIC_QUEUE, priority=2), "chats"),), Choice(BASIC_QUEUE)),
]

UNKNOWN = [UnknownQueue, UnknownProfile, UnknownAgent, UnknownStatus, UnknownHours, UnknownIntake]


@pytest.fixture
def prepared(store: Store) -> Store:
    """A store with the configuration of a fresh instance, at version 1."""
    store.run(prepare_instance(store.keys))
    return store


@pytest.mark.parametrize("one", OBJECTS, ids=kind_of)
def test_an_object_is_created_read_changed_and_removed(prepared: Store, one: Object) -> None:
    store, kind = prepared, kind_of(one)

    created = store.run(put_object(store.keys, one, NEW))
    found = store.run(reading.object_in_force(kind, "New"))
    changed = store.run(put_object(store.keys, replace(one, description="Otherwise"), created))
    found_changed = store.run(reading.object_in_force(kind, "New"))
    removed = store.run(remove_object(store.keys, kind, "New", changed))

    assert (created, changed, removed) == (2, 3, 4)
    assert (found, found_changed) == ((one, 2), (replace(one, description="Otherwise"), 3))
    assert store.run(reading.configuration_in_force()) == (fresh_configuration(), 4)


@pytest.mark.parametrize("one", OBJECTS, ids=kind_of)
def test_an_object_that_is_there_is_not_created_nor_changed_unseen(prepared: Store, one: Object) -> None:
    store, other = prepared, replace(one, labels={"team": "red"})
    version = put(store, one)

    with pytest.raises(ObjectExists, match="'New' exists already, with other content"):
        store.run(put_object(store.keys, other, NEW))
    with pytest.raises(ConfigurationChanged, match=f"it is at version {version}, the change was planned for version 1"):
        store.run(put_object(store.keys, other, 1))
    with pytest.raises(ConfigurationChanged):
        store.run(remove_object(store.keys, kind_of(one), "New", 1))

    assert store.run(reading.object_in_force(kind_of(one), "New")) == (one, version)


@pytest.mark.parametrize(
    ("one", "error"),
    [*zip(OBJECTS, UNKNOWN, strict=True)],
)
def test_an_object_that_is_not_there_is_neither_changed_nor_read(
    prepared: Store, one: Object, error: type[FairleadError]
) -> None:
    store, kind = prepared, kind_of(one)

    with pytest.raises(error):
        store.run(put_object(store.keys, one, 1))
    with pytest.raises(error):
        store.run(reading.object_in_force(kind, "New"))

    assert store.run(reading.versions(kind, ["New"])) == [None]
    assert store.run(reading.configuration_in_force()) == (fresh_configuration(), 1)


def test_objects_are_told_apart_whatever_their_texts_say(prepared: Store) -> None:
    voice, both = ({channel: Concurrency(1) for channel in channels} for channels in (["voice"], ["chat", "voice"]))
    put(prepared, profile([], "New", channels=voice, display_name="New\nchat\n1 0"))
    target = profile([], "New", channels=both, display_name="New")

    put(prepared, target)

    assert prepared.run(reading.object_in_force("profile", "New"))[0] == target


@pytest.mark.parametrize("status", built_in_statuses())
def test_a_status_that_every_configuration_has_is_not_removed(prepared: Store, status: str) -> None:
    with pytest.raises(InvalidConfiguration, match=f"status '{status}' cannot be removed: every configuration has it"):
        remove(prepared, Status(status, "custom"))

    assert prepared.run(reading.configuration_in_force()) == (fresh_configuration(), 1)


@pytest.mark.parametrize("version", ["", None, 1.0])
def test_what_is_no_version_is_refused(prepared: Store, version: Any) -> None:
    changed = Queue(BASIC_QUEUE, max_contacts=3)

    with pytest.raises(InvalidConfiguration, match="is no version"):
        prepared.run(put_object(prepared.keys, changed, version))
    with pytest.raises(InvalidConfiguration, match="is no version"):
        prepared.run(remove_object(prepared.keys, "queue", BASIC_QUEUE, version))

    assert prepared.run(reading.configuration_in_force()) == (fresh_configuration(), 1)


def test_what_is_no_object_is_neither_read_nor_put(prepared: Store) -> None:
    no_object: Any = 3
    no_kind: Any = "foo"

    with pytest.raises(InvalidConfiguration, match="3 is no object of a configuration"):
        prepared.run(put_object(prepared.keys, no_object, NEW))
    with pytest.raises(InvalidConfiguration, match="'foo' is no kind of object"):
        prepared.run(reading.object_in_force(no_kind, "x"))


def test_what_is_no_object_is_not_removed(prepared: Store) -> None:
    with pytest.raises(InvalidConfiguration, match="'instance' is no kind of object: choose one of status, hours"):
        prepared.run(remove_object(prepared.keys, "instance", "", 1))  # type: ignore[arg-type]  # no kind

    assert prepared.run(reading.configuration_in_force()) == (fresh_configuration(), 1)


@pytest.mark.parametrize("one", OBJECTS, ids=kind_of)
def test_a_repeated_request_gets_the_same_answer_and_has_no_second_effect(prepared: Store, one: Object) -> None:
    store = prepared
    creation = put_object(store.keys, one, NEW)
    created = store.run(creation)
    change = put_object(store.keys, replace(one, description="Otherwise"), created)

    assert store.run(creation) == created
    assert store.run(change) == store.run(change) == created + 1
    removal = remove_object(store.keys, kind_of(one), one.name, created + 1)
    assert store.run(removal) == store.run(removal) == created + 2


@pytest.mark.parametrize(
    ("one", "error"),
    [
        (Agent("a", "Nobodys"), UnknownProfile),
        (profile([Entry("Nowhere", "chat")]), UnknownQueue),
        (profile([Entry("Nowhere", "chat", manual_only=True)]), UnknownQueue),
        (Queue("a", overflow="Nowhere"), UnknownQueue),
        (Queue("a", hours="Never"), UnknownHours),
        (Queue("a", missed_status="Lunch"), UnknownStatus),
        (Queue("a", missed_status="Closed"), StatusDisabled),
        (Intake("a", (), Choice("Nowhere")), UnknownQueue),
        (Intake("a", (), Choice("@nobody")), UnknownAgent),
        (Intake("a", (Rule("queues.Nowhere.open", Choice(BASIC_QUEUE)),), Choice(BASIC_QUEUE)), UnknownQueue),
    ],
)
def test_an_object_cannot_name_what_is_not_there(prepared: Store, one: Object, error: type[FairleadError]) -> None:
    store = prepared
    put(store, Status("Closed", "custom", enabled=False))
    configured, version = store.run(reading.configuration_in_force())
    table = f"{kind_of(one)}s"
    whole = replace(configured, **{table: {**getattr(configured, table), one.name: one}})

    with pytest.raises(error):
        store.run(put_object(store.keys, one, NEW))
    with pytest.raises(error):
        store.run(apply_configuration(store.keys, whole, version))
    with pytest.raises(error):
        store.run(apply_configuration(store.keys, whole, version, configured))

    assert store.run(reading.configuration_in_force()) == (configured, version)


def test_what_another_object_names_is_neither_removed_nor_disabled(prepared: Store) -> None:
    store = prepared
    put(store, Agent("ana", BASIC_PROFILE))
    put(store, Hours("Days", "UTC", {}))
    put(store, Queue("Named"))
    put(store, Queue("Naming", overflow="Named", hours="Days", missed_status="Break"))
    put(store, Queue("Asked"))
    put(store, Intake("Front", (Rule("queues.Asked.open", Choice("@ana")),), Choice("Naming")))
    before = store.run(reading.configuration_in_force())

    with pytest.raises(QueueInUse, match="routing profile 'BasicRoutingProfile' names it"):
        remove(store, Queue(BASIC_QUEUE))
    with pytest.raises(QueueInUse, match="queue 'Naming' names it"):
        remove(store, Queue("Named"))
    with pytest.raises(ObjectInUse, match="routing profile 'BasicRoutingProfile' cannot be removed: agent 'ana' names"):
        remove(store, fresh_configuration().profiles[BASIC_PROFILE])
    with pytest.raises(ObjectInUse, match="hours of operation 'Days' cannot be removed"):
        remove(store, Hours("Days", "UTC", {}))
    with pytest.raises(ObjectInUse, match="status 'Break' cannot be removed or disabled: queue 'Naming' names it"):
        remove(store, BREAK)
    with pytest.raises(ObjectInUse):
        put(store, replace(BREAK, enabled=False))
    for named in (Queue("Naming"), Queue("Asked"), Agent("ana", BASIC_PROFILE)):
        with pytest.raises(ObjectInUse, match="intake 'Front' names it"):
            remove(store, named)

    assert store.run(reading.configuration_in_force()) == before


def test_what_is_in_use_is_not_removed(centre: Centre) -> None:
    store = centre.store
    put(store, Queue("Full"))
    centre.sign_in("ana")
    centre.push("c1", "Full")

    with pytest.raises(AgentInUse):
        remove(store, Agent("ana", "P"))
    with pytest.raises(QueueInUse):
        remove(store, Queue("Full"))

    assert store.run(reading.object_in_force("queue", "Full"))[0] == Queue("Full")


def test_each_object_has_its_own_version_and_two_administrators_do_not_meet(prepared: Store) -> None:
    store = prepared
    ana, bo = put(store, Agent("ana", BASIC_PROFILE)), put(store, Agent("bo", BASIC_PROFILE))

    store.run(put_object(store.keys, Agent("bo", BASIC_PROFILE, display_name="Bo"), bo))
    store.run(put_object(store.keys, Agent("ana", BASIC_PROFILE, display_name="Ana"), ana))

    assert store.run(reading.versions("agent", ["ana", "bo", "cem"])) == [5, 4, None]
    assert store.run(reading.versions("queue", [BASIC_QUEUE])) == [1]
    assert store.run(reading.configuration_in_force())[1] == 5


def test_an_agent_made_by_signing_in_is_an_object_as_all_are(prepared: Store) -> None:
    store = prepared

    store.run(Session(store.keys, "ana", "w", "here/ana/1").sign_in(profile=BASIC_PROFILE))
    found, version = store.run(reading.object_in_force("agent", "ana"))
    changed = store.run(put_object(store.keys, replace(found, display_name="Ana"), version))

    assert (found, version, changed) == (Agent("ana", BASIC_PROFILE), 2, 3)
    assert store.run(reading.configuration_in_force())[0].agents == {
        "ana": Agent("ana", BASIC_PROFILE, display_name="Ana")
    }


def test_applying_what_is_there_changes_nothing_and_says_the_version(prepared: Store) -> None:
    store = prepared
    for one in OBJECTS:
        put(store, one)
    configured, version = store.run(reading.configuration_in_force())
    before = [dump(raw(store)), len(store.run(reading.events_after()))]

    answers = [
        store.run(apply_configuration(store.keys, configured, version)),
        store.run(apply_configuration(store.keys, configured, version, configured)),
        store.run(apply_configuration(store.keys, configured, 1)),
    ]

    assert answers == [version] * 3
    assert [dump(raw(store)), len(store.run(reading.events_after()))] == before


def test_applying_changes_the_versions_of_what_differs_alone_and_sends_nothing_else(prepared: Store) -> None:
    store = prepared
    for one in OBJECTS:
        put(store, one)
    configured, version = store.run(reading.configuration_in_force())
    target = replace(configured, agents={"New": Agent("New", BASIC_PROFILE)})

    request = apply_configuration(store.keys, target, version, configured)
    applied = store.run(request)

    assert [store.run(reading.versions(kind, ["New"]))[0] for kind in KINDS] == [5, 6, 2, 3, applied, 7]
    assert store.run(reading.configuration_in_force()) == (target, applied)
    assert request.rest[:2] == ("agent", "New")
    assert len(request.rest) < 30


def test_a_difference_is_refused_when_an_agent_has_been_made_meanwhile(prepared: Store) -> None:
    store = prepared
    configured, version = store.run(reading.configuration_in_force())
    target = replace(configured, queues={**configured.queues, "New": Queue("New")})
    store.run(Session(store.keys, "ana", "w", "here/ana/1").sign_in(profile=BASIC_PROFILE))

    with pytest.raises(ConfigurationChanged):
        store.run(apply_configuration(store.keys, target, version, configured))

    assert "New" not in store.run(reading.configuration_in_force())[0].queues
