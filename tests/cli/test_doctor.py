"""`fairlead doctor --deep`: what it says of an instance that agrees with itself, and of one that does not."""

import json
import os
import pty
import subprocess
import sys

from centre import Centre
from commands import Run
from conftest import RealServer
from processes import without_settings
from store.damages import damage, everything

DAMAGE = "ZREM due offer:offered; HSET aside Overflow:chat 1"


def test_an_instance_that_agrees_with_itself_is_told_in_a_line(server: RealServer, run: Run) -> None:
    everything(Centre(server.client()))

    plain, deep = run(server.url, "doctor"), run(server.url, "doctor", "--deep")

    assert deep.out.splitlines()[-1].startswith("ok    state        ")
    assert "keys and members agree" in deep.out
    assert "state" not in plain.out


def test_each_finding_is_told_with_its_key_and_what_to_do(server: RealServer, run: Run) -> None:
    centre = Centre(server.client())
    everything(centre)
    damage(centre, DAMAGE)

    done = run(server.url, "doctor", "--deep")

    lines = [line.strip() for line in done.out.splitlines()]
    for key, stands, should in (
        ("due", "no offer:offered", "offer:offered in it"),
        ("aside", "Overflow:chat = 1", "Overflow:chat = None"),
    ):
        at = lines.index(f"stands  {stands}")
        assert lines[at - 1] == f"fail  state        {{fairlead}}:{key}"
        assert lines[at + 1] == f"should  {should}"
        assert lines[at + 2].startswith("do      ")
    assert (done.code, done.err) == (1, "")


def test_programs_get_the_findings_beside_the_checks(server: RealServer, run: Run) -> None:
    centre = Centre(server.client())
    everything(centre)
    whole = json.loads(run(server.url, "doctor", "--deep", "--json").out)
    damage(centre, DAMAGE)

    done = run(server.url, "doctor", "--deep", "--json")

    told = json.loads(done.out)
    assert whole["state"]["findings"] == []
    assert whole["state"]["seen"] > 100
    assert {one["key"] for one in told["state"]["findings"]} == {"{fairlead}:due", "{fairlead}:aside"}
    assert all(set(one) == {"key", "stands", "should", "advice"} for one in told["state"]["findings"])
    assert {check["name"] for check in told["checks"]} >= {"server", "clock", "rights", "sweeping"}
    assert done.code == 1


def test_who_may_not_scan_is_told_what_it_lacks(server: RealServer, run: Run) -> None:
    everything(Centre(server.client()))
    server.client().execute_command("ACL", "SETUSER", "some", "reset", "on", ">word", "~*", "+@all", "-scan")
    url = server.url.replace("unix://", "unix://some:word@")

    done = run(url, "doctor", "--deep")

    assert done.code == 5
    assert "SCAN" in done.err
    assert "ok    server" in done.out


def test_a_terminal_shows_how_far_it_is(server: RealServer) -> None:
    centre = Centre(server.client())
    for number in range(3_000):
        centre.push(f"c{number}", "Overflow", "chat")
    near, far = pty.openpty()
    command = [sys.executable, "-m", "fairlead.cli.main", "doctor", "--deep", "--redis", server.url]
    process = subprocess.Popen(command, stdin=far, stdout=far, stderr=far, env=without_settings())
    os.close(far)
    told = b""

    while b"agree" not in told:
        told += os.read(near, 65_536)

    assert b"state: keys and members" in told
    assert b"%" in told
    process.wait(60)
    os.close(near)
