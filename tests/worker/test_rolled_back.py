"""What Redis was told and has forgotten: a worker that lives on holds nothing for ever that it has finished."""

from pathlib import Path

from conftest import RealServer, eventually
from processes import StartWorker, push, state_of, told

from fairlead.store.checking import examine_state
from fairlead.store.client import Store
from fairlead.store.transitions import configuring

HANDLER = """
import asyncio, pathlib

async def waiting(contact):
    with open("given", "a") as given:
        given.write(f"{contact.token} {contact.attempt}\\n")
    while not pathlib.Path(contact.contact_id).exists():
        await asyncio.sleep(0.01)
"""


def given(folder: Path) -> list[tuple[int, int]]:
    """Tokens and attempts that handlers were given."""
    file = folder / "given"
    lines = file.read_text().splitlines() if file.exists() else []
    return [(int(token), int(attempt)) for token, attempt in map(str.split, lines)]


def test_a_contact_is_handed_out_again_when_redis_has_forgotten_that_it_was_completed(
    forgetful: RealServer, start_worker: StartWorker, tmp_path: Path
) -> None:
    store = Store(forgetful.client())
    store.run(configuring.prepare_instance(store.keys))
    (tmp_path / "shop.py").write_text(HANDLER)
    start_worker("shop:waiting", agents=("ana", "bo"), url=forgetful.url)
    push(store, "c1")
    push(store, "c2")
    eventually(lambda: {state_of(store, "c1"), state_of(store, "c2")} == {"connected"})
    eventually(lambda: len(given(tmp_path)) == 2)

    def ends() -> None:
        (tmp_path / "c1").touch()
        eventually(lambda: state_of(store, "c1") == "completed")

    forgetful.forgets(ends)
    assert state_of(store, "c1") == "connected"

    eventually(lambda: state_of(store, "c1") == "completed")
    assert state_of(store, "c2") == "connected"
    (tmp_path / "c2").touch()
    eventually(lambda: state_of(store, "c2") == "completed")
    tokens, attempts = zip(*given(tmp_path), strict=True)
    assert sorted(set(tokens)) == list(tokens)
    assert attempts == (1, 1, 1)
    assert [line["contact"] for line in told(tmp_path, "forgotten by redis")] == ["c1"]
    assert store.run(examine_state()).findings == ()
