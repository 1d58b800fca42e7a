"""`fairlead audit` says whether what has happened is what the rules would have done."""

from pathlib import Path

import pytest
from commands import Run
from conftest import RealServer
from raw import raw

from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact
from fairlead.store.transitions import configuring, producing
from fairlead.store.transitions.working import Session

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(server: RealServer) -> Store:
    """An instance in which ana has completed c1, and holds c2."""
    store = Store(server.client())
    store.run(configuring.prepare_instance(store.keys))
    session = Session(store.keys, "ana", "w", "here")
    store.run(session.sign_in(profile="BasicRoutingProfile"))
    for contact_id in ("c1", "c2"):
        store.run(producing.push(store.keys, NewContact("BasicQueue", "voice", contact_id=contact_id)))
    store.run(session.complete(store.run(session.take()).offers))
    return store


def test_an_instance_in_which_all_is_well_has_no_findings(server: RealServer, store: Store, run: Run) -> None:
    done = run(server.url, "audit")

    assert done.code == 0, done
    assert done.out.endswith("all is well\n")
    assert "what clients were told is not recorded" in done.out
    assert run(server.url, "audit", "--json").out == "[]\n"


def test_a_record_that_is_not_what_the_events_say_is_found(server: RealServer, store: Store, run: Run) -> None:
    raw(store).hset(store.keys.contact("c2"), "agent", "bo")

    done = run(server.url, "audit")

    assert done.code == 1
    assert "c2 is connected with bo" in done.out
    assert "1 state" in done.out


def test_a_recording_is_checked_without_a_server(
    server: RealServer, store: Store, run: Run, command: Run, tmp_path: Path
) -> None:
    run(server.url, "audit", "--save", str(tmp_path / "history"))
    told = tmp_path / "told"
    told.write_text('{"told": "pushed", "contact": "c1"}\n{"told": "pushed", "contact": "c3"}\n')

    whole = command("audit", str(tmp_path / "history"))
    with_told = command("audit", str(tmp_path / "history"), str(told))

    assert (whole.code, with_told.code) == (0, 1)
    assert "c3 was pushed, and no event tells of it" in with_told.out
    assert "2 answers to clients: 1 lost contact" in with_told.out


def test_events_alone_are_checked_as_far_as_they_tell(
    server: RealServer, store: Store, run: Run, command: Run, tmp_path: Path
) -> None:
    lines = run(server.url, "events", "--json", "--limit", "1000").out.splitlines(keepends=True)
    given = next(place for place, line in enumerate(lines) if '"contact.connected"' in line)
    (tmp_path / "good").write_text("".join(lines))
    (tmp_path / "bad").write_text("".join(lines[: given + 1] + lines[given:]))

    good, bad = command("audit", str(tmp_path / "good")), command("audit", str(tmp_path / "bad"))

    assert good.code == 0, good
    assert "no configuration is recorded" in good.out
    assert bad.code == 1
    assert "transition" in bad.out


@pytest.mark.parametrize("text", ['{"event": "contact.queued"}', "no json", '{"else": 1}', "[]", '{"now": {}}'])
def test_a_file_that_is_no_history_is_refused_by_its_line(command: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "file").write_text(f'{{"plain": []}}\n{text}\n')

    done = command("audit", str(tmp_path / "file"))

    assert done.code == 2
    assert done.err.startswith("error: ")
    assert "line 2" in done.err


def test_a_file_that_is_not_there_is_told(command: Run, tmp_path: Path) -> None:
    done = command("audit", str(tmp_path / "none"))

    assert (done.code, done.out) == (2, "")
    assert "cannot be read: No such file" in done.err


def test_a_history_without_its_beginning_is_checked_from_where_it_begins(
    server: RealServer, store: Store, run: Run
) -> None:
    raw(store).xtrim(store.keys.events, maxlen=3, approximate=False)

    done = run(server.url, "audit")

    assert done.code == 0, done
    assert "the events do not go back to the beginning" in done.out


def test_a_choice_of_a_profile_that_is_gone_is_not_judged_by_the_one_after_it(server: RealServer, run: Run) -> None:
    run(server.url, "produce", "push", "BasicQueue", "--id", "c1")
    store = Store(server.client())
    session = Session(store.keys, "ana", "w", "here")
    store.run(session.sign_in(profile="BasicRoutingProfile"))
    store.run(session.complete(store.run(session.take()).offers))
    run(server.url, "apply", str(ROOT / "examples/contact-centre.toml"))

    done = run(server.url, "audit")

    assert done.code == 0, done
    assert done.out.endswith("all is well\n")
