"""Transitions run as functions of one library where a server takes it, and as scripts where it does not."""

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pytest
import redis
from centre import Centre, S
from conftest import REAL_SERVERS, RealServer
from deployed import DeployedServer
from store.stepping import at_once

from fairlead.service.doctor import Check, examine
from fairlead.store import client as store_client
from fairlead.store.client import AsyncStore, Store
from fairlead.store.library import Library, library
from fairlead.store.new_contact import NewContact
from fairlead.store.scripts import load
from fairlead.store.sources import names
from fairlead.store.transitions import configuring, producing


def push(store: Store, times: int = 1) -> None:
    """Push new contacts, one by one."""
    for _ in range(times):
        assert store.run(producing.push(store.keys, NewContact("BasicQueue", "chat"))).created


def prepared(client: redis.Redis) -> Store:
    """A store of an instance on an empty server that knows no library and no script."""
    client.flushall()
    client.function_flush()
    client.script_flush()
    client.config_resetstat()
    store = Store(client)
    store.run(configuring.prepare_instance(store.keys))
    return store


def calls(client: redis.Redis, command: str) -> int:
    """How often a command was called, and not refused for want of a right."""
    return client.info("commandstats").get(f"cmdstat_{command}", {"calls": 0})["calls"]


def libraries(client: redis.Redis) -> set[bytes]:
    """The names of the libraries that a server has."""
    return {row[1] for row in client.function_list()}


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[RealServer]:
    server = RealServer(REAL_SERVERS[0], tmp_path)
    yield server
    server.kill()


def test_one_library_has_all_transitions_with_their_flags(real_server: RealServer) -> None:
    client = real_server.client()
    push(prepared(client), times=2)

    [[_, name, _, _, _, functions]] = client.function_list()

    assert name == library().name.encode()
    assert {row[1].decode(): {flag.decode() for flag in row[5]} for row in functions} == {
        library().function(name): set(load(name).header.flags) for name in names()
    }
    assert (calls(client, "function|load"), calls(client, "script|load"), calls(client, "evalsha")) == (1, 0, 0)


def test_two_versions_side_by_side_have_each_its_own_library(
    real_server: RealServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = real_server.client()
    store = prepared(client)

    for known in ({}, {"LONGEST_SCHEDULE_S": 1}) * 3:
        with at_once(known):
            push(store)

    assert calls(client, "function|load") == 2
    assert len(libraries(client)) == 2
    assert calls(client, "evalsha") == 0


def test_a_change_of_anything_that_is_in_the_text_changes_the_name() -> None:
    scripts = [load(name) for name in names()]
    one = Library(tuple(scripts)).name

    with at_once({"LONGEST_SCHEDULE_S": 1}):
        other_value = Library(tuple(scripts)).name
    fewer = Library(tuple(scripts[1:])).name

    assert len({one, other_value, fewer}) == 3
    assert one == library().name


def test_a_library_that_somebody_deletes_is_loaded_again(real_server: RealServer) -> None:
    client = real_server.client()
    store = prepared(client)
    push(store)

    client.function_delete(library().name)
    push(store, times=2)

    assert calls(client, "function|load") == 2
    assert calls(client, "evalsha") == 0


def test_what_one_run_has_counted_the_next_one_does_not_find(any_client: redis.Redis) -> None:
    any_client.flushall()
    centre = Centre(any_client)
    sweeps = []

    with at_once({"MOST_CALLS": 150}):
        for number in range(10):
            centre.push(f"a{number}", channel="chat", expiry_s=1)
            centre.push(f"b{number}", channel="chat", expiry_s=1)
            centre.now_us += 2 * S
            sweeps.append(centre.store.run(centre.sweeper.sweep()))

    assert [(swept.due, swept.more) for swept in sweeps] == [(2, False)] * 10


@pytest.mark.parametrize("kind", REAL_SERVERS)
def test_a_server_without_functions_runs_scripts(kind: str, tmp_path: Path) -> None:
    options = [word for command in ("FCALL", "FUNCTION") for word in ("--rename-command", command, "")]
    server = RealServer(kind, tmp_path, *options)
    client = server.client()
    store = Store(client)
    store.run(configuring.prepare_instance(store.keys))

    push(store)
    errors = client.info("errorstats")
    push(store, times=3)

    assert calls(client, "evalsha") > 3
    assert client.info("errorstats") == errors  # it is asked for functions no second time
    server.kill()


def test_with_memory_full_what_is_not_loaded_runs_as_scripts(new_server: RealServer) -> None:
    centre = Centre(new_server.client())
    centre.sign_in("ana")
    centre.push("c1", channel="chat")
    client = new_server.client()
    client.function_flush()
    client.config_set("maxmemory", "1mb")

    centre.does("ana", "take")

    assert calls(client, "evalsha") > 0
    client.config_set("maxmemory", 0)


def test_who_may_not_call_functions_runs_scripts(new_server: RealServer) -> None:
    push(prepared(new_server.client()))
    new_server.client().execute_command("ACL", "SETUSER", "poor", "on", ">word", "~*", "+@all", "-fcall")
    poor = redis.Redis(unix_socket_path=str(new_server.socket), username="poor", password="word")

    push(Store(poor), times=3)

    assert calls(poor, "evalsha") == 4  # the first finds that its script is not there
    assert len(poor.acl_log()) == 1


@pytest.mark.parametrize("kind", REAL_SERVERS)
def test_programs_call_the_functions_that_only_an_administrator_loads(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = DeployedServer(kind, tmp_path)
    admin = Store(server.client())
    admin.run(configuring.prepare_instance(admin.keys))
    server.client().function_flush()
    server.client().config_resetstat()
    producer = redis.Redis(unix_socket_path=str(server.socket), username="producer", password="change-producer")
    store = Store(producer)

    push(store, times=2)
    before = calls(server.client(), "evalsha")
    push(admin)
    monkeypatch.setattr(store_client, "time", _Later())
    called = calls(server.client(), "fcall")
    push(store, times=2)

    assert before == 3
    assert calls(server.client(), "evalsha") == before
    assert calls(server.client(), "fcall") == called + 2
    assert len(server.client().acl_log()) == 1  # it has tried to load them once
    server.kill()


class _Later:
    """A clock that has gone on for a long time."""

    def monotonic(self) -> float:
        return 10**9


def test_the_doctor_loads_what_others_may_not_and_names_what_nobody_may_need(new_server: RealServer) -> None:
    client = new_server.client()
    store = prepared(client)
    client.execute_command("ACL", "SETUSER", "poor", "on", ">word", "~*", "+@all", "-function|load")
    poor = Store(redis.Redis(unix_socket_path=str(new_server.socket), username="poor", password="word"))

    def told(by: Store) -> Check:
        return next(check for check in by.run(examine()) if check.name == "functions")

    client.function_flush()
    missing, loaded = told(poor), told(store)
    with at_once({"LONGEST_SCHEDULE_S": 1}):
        push(store)
    [other] = libraries(client) - {library().name.encode()}
    several = told(poor)

    assert (missing.verdict, loaded.verdict, several.verdict) == ("warn", "ok", "warn")
    assert f"{library().name} is not loaded" in missing.found
    assert libraries(client) == {library().name.encode(), other}
    assert several.found == f"libraries of other versions are loaded: {other.decode()}"


async def test_scripts_of_an_async_store_are_called_again_as_functions(
    new_server: RealServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = new_server.client()
    prepared(client)
    client.function_flush()
    client.execute_command("ACL", "SETUSER", "poor", "on", ">word", "~*", "+@all", "-function|load")
    store = AsyncStore(redis.asyncio.Redis(unix_socket_path=str(new_server.socket), username="poor", password="word"))
    contacts = cycle([NewContact("BasicQueue", "chat")])

    for _ in range(2):
        await store.run(producing.push(store.keys, next(contacts)))
    push(Store(client))
    before = calls(client, "evalsha")
    monkeypatch.setattr(store_client, "time", _Later())
    await store.run(producing.push(store.keys, next(contacts)))
    await store.close()

    assert before == 3
    assert calls(client, "evalsha") == before
