"""What a shell is told when somebody presses the key for completion: names of the instance, or quietly nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from centre import Centre
from conftest import RealServer

FAIRLEAD = Path(sys.executable).parent / "fairlead"


def completed(url: str, *words: str) -> list[str]:
    """What bash is given for the last word, in a process of its own, as a shell asks for it."""
    asked = {
        "_FAIRLEAD_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(["fairlead", *words]),
        "COMP_CWORD": str(len(words)), "FAIRLEAD_REDIS_URL": url,
    }  # fmt: skip
    done = subprocess.run(  # ours
        [FAIRLEAD], env=os.environ | asked, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.fixture(scope="module")
def url(one_server: RealServer) -> str:
    one_server.client().flushall()
    centre = Centre(one_server.client())
    centre.push("held")
    centre.sign_in("ana")
    centre.push("hot")
    centre.push("cold")
    return one_server.url


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("explain", "contact", "h"), ["held", "hot"]),
        (("contacts", "show", "co"), ["cold"]),
        (("contacts", "assign", "hot", "a"), ["ana"]),
        (("agents", "show", ""), ["ana", "bo", "cem"]),
        (("agents", "set-profile", "ana", ""), ["P"]),
        (("queues", "show", "O"), ["Other", "Overflow"]),
        (("contacts", "move", "hot", "@b"), ["@bo"]),
        (("explain", "contact", "hot", "--agent", "c"), ["cem"]),
        (("produce", "push", "O"), ["Other", "Overflow"]),
        (("produce", "push", "Other", "--channel", "t"), ["task"]),
        (("work", "--agent", "a"), ["ana"]),
        (("desk", "--agent", "ana", "--profile", ""), ["P"]),
        (("events", "--contact", "co"), ["cold"]),
        (("report", "--queue", "Ov"), ["Overflow"]),
        (("contacts", "list", "--state", "pa"), ["paused", "parked"]),
        (("contacts", "show", "--instance", "elsewhere", "h"), []),
    ],
)
def test_names_of_the_instance_are_completed(url: str, words: tuple[str, ...], names: list[str]) -> None:
    assert completed(url, *words) == names


@pytest.mark.parametrize("away", ["redis://127.0.0.1:1", "unix:///nowhere/redis.sock", "nonsense", "redis://x?db=y"])
def test_nothing_is_completed_and_nothing_said_when_redis_is_away(away: str) -> None:
    assert completed(away, "contacts", "show", "c") == []


def test_a_key_that_is_pressed_starts_no_embedded_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRLEAD_HOME", str(tmp_path / "home"))

    assert completed("", "contacts", "show", "c") == []
    assert not (tmp_path / "home").exists()
