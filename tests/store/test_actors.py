"""Every event says who did it, where somebody did."""

import os

import pytest
import redis
from centre import Centre
from commands import Run
from conftest import RealServer
from raw import raw

from fairlead import errors
from fairlead.store import reading
from fairlead.store.client import AsyncStore, Store
from fairlead.store.transitions import producing, supervising


def actors(centre: Centre) -> dict[str, str]:
    """Event -> who did it, of the last of each name."""
    return {event.name: event.actor for event in centre.store.run(reading.events_after())}


def named(centre: Centre, actor: str) -> Store:
    """A store by which somebody asks."""
    return Store(raw(centre.store), clock=lambda: centre.now_us, actor=actor)


def test_what_a_session_asks_is_done_by_its_agent(centre: Centre) -> None:
    centre.store = named(centre, "api:token-1")
    centre.sign_in("ana", accepts=False)
    centre.push("c")

    centre.does("ana", "accept", "c")
    centre.does("ana", "set_status", "Break")
    centre.does("ana", "sign_out")

    done = {name: by for name, by in actors(centre).items() if name not in ("profile.updated", "queue.updated")}
    assert done.pop("contact.queued") == "api:token-1"
    assert done.pop("contact.offered") == "api:token-1"
    assert done.keys() == {
        "agent.signed_in", "contact.accepted", "agent.status_changed", "agent.signed_out", "contact.requeued",
    }  # fmt: skip
    assert set(done.values()) == {"agent:ana"}


def test_what_a_producer_or_a_supervisor_asks_is_done_by_whom_the_caller_named(centre: Centre) -> None:
    centre.push("c")

    named(centre, "cli:jo").run(producing.update(centre.keys, "c", priority=1))
    named(centre, "a supervisor").run(supervising.move(centre.keys, "c", "Other"))

    assert actors(centre) | {"profile.updated": ""} == {
        "queue.updated": "", "profile.updated": "", "contact.queued": "", "contact.updated": "cli:jo",
        "contact.transferred": "a supervisor",
    }  # fmt: skip


def test_a_supervisors_sign_out_is_told_from_the_sessions_own(centre: Centre) -> None:
    centre.sign_in("ana")

    named(centre, "cli:jo").run(supervising.sign_out_agent(centre.keys, "ana"))

    assert actors(centre)["agent.signed_out"] == "cli:jo"


def test_what_a_sweep_does_is_done_by_nobody(centre: Centre) -> None:
    centre.store = named(centre, "cli:jo")
    centre.sign_in("ana", accepts=False, lease_s=15)
    centre.push("c")

    centre.passes(20)

    assert actors(centre)["agent.lost"] == ""
    assert actors(centre)["contact.requeued"] == ""


def test_who_comes_back_to_its_session_has_done_that_itself_and_what_follows_is_told_of_nobody(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False, lease_s=15)
    centre.passes(11)
    centre.push("c")

    centre.renews("ana")

    assert actors(centre)["agent.status_changed"] == "agent:ana"
    assert (centre.who("c"), actors(centre)["contact.offered"]) == ("ana", "")


@pytest.mark.parametrize("actor", ["x" * 81, "two\nlines", "a\x00b"])
def test_an_actor_has_limits(client: redis.Redis, actor: str) -> None:
    Store(client, actor="é" * 80)

    with pytest.raises(errors.InvalidName, match="actor"):
        Store(client, actor=actor)
    with pytest.raises(errors.InvalidName, match="actor"):
        AsyncStore(client, actor=actor)  # type: ignore[arg-type]  # nothing is asked of it


@pytest.mark.parametrize(
    ("variables", "actor"),
    [
        ({"LOGNAME": "jo", "USER": "other"}, "cli:jo"), ({"USER": "jo"}, "cli:jo"), ({}, f"cli:{os.getuid()}"),
        ({"USER": "x" * 200}, "cli:" + "x" * 76), ({"USER": "a\nb"}, "cli"),
    ],
)  # fmt: skip
def test_a_command_says_who_runs_it(
    server: RealServer, run: Run, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], actor: str
) -> None:
    for name in ("LOGNAME", "USER"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    run(server.url, "produce", "push", "BasicQueue", "--id", "c")

    assert Store(server.client()).run(reading.events_after())[-1].actor == actor
    assert f" by {actor}\n" in run(server.url, "events").out
    assert f'"actor":"{actor}"' in run(server.url, "events", "--json").out


def test_who_is_there_again_says_so_itself_and_what_it_is_given_then_was_given_by_nobody(centre: Centre) -> None:
    centre.sign_in("ana", lease_s=60)
    centre.now_us += 59 * 1_000_000
    centre.passes(0)
    centre.push("c")
    before = centre.who("c")

    centre.renews("ana")

    events = centre.store.run(reading.events_after())
    told = [(one.fields["reason"], one.actor) for one in events if one.name == "agent.status_changed"]
    assert (before, centre.who("c")) == ("", "ana")
    assert told == [("absent", ""), ("present", "agent:ana")]
    assert next(one.actor for one in events if one.name == "contact.connected") == ""
