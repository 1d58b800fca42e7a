"""Which process holds a session, and whether it has certainly ended: with real processes."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from conftest import eventually

from fairlead.domain.names import checked_name
from fairlead.errors import AgentSignedIn
from fairlead.service import identity
from fairlead.service.identity import holder, inbox_name, is_dead, worker_name

IN_A_NAMESPACE = ["unshare", "--pid", "--fork", "--kill-child"]
NEEDS_PROC = pytest.mark.skipif(not os.path.exists("/proc/self/ns/pid"), reason="needs Linux' /proc to be certain")


def held_by(text: str) -> AgentSignedIn:
    return AgentSignedIn("agent 'ana' is already signed in", holder=text)


@contextmanager
def another_process(*wrapper: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process and what it calls itself; it lives until its input ends."""
    tell = "from fairlead.service.identity import holder; print(holder(), flush=True); input()"
    command = [*wrapper, sys.executable, "-c", tell]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


def said_within(wrapper: list[str], other: str) -> str:
    """What a process within a namespace says of another holder, and of itself: is it dead?"""
    ask = (
        "import sys; from fairlead.errors import AgentSignedIn; from fairlead.service.identity import *\n"
        "for one in (sys.argv[1], holder()):\n"
        "    refusal = AgentSignedIn('', holder=one); print(is_dead(refusal))"
    )
    return subprocess.run([*wrapper, sys.executable, "-c", ask, other], capture_output=True, text=True).stdout


def skip_unless_unshare(*options: str) -> list[str]:
    wrapper = [*IN_A_NAMESPACE, *options]
    if not shutil.which("unshare"):
        pytest.skip("this machine has no unshare")
    tried = subprocess.run([*wrapper, "true"], capture_output=True, text=True)
    if tried.returncode:
        pytest.skip(f"this machine allows no PID namespace: {tried.stderr.strip()}")
    return wrapper


def changed(text: str, place: int, value: str) -> str:
    parts = text.split("/")
    parts[place] = value
    return "/".join(parts)


def test_a_process_that_lives_is_not_dead() -> None:
    with another_process() as (process, theirs):
        assert not is_dead(held_by(theirs))

    assert str(process.pid) in theirs.split("/")


@NEEDS_PROC
def test_a_process_that_has_ended_is_dead() -> None:
    with another_process() as (_, theirs):
        pass

    assert is_dead(held_by(theirs))


@NEEDS_PROC
def test_a_zombie_is_dead() -> None:
    with another_process() as (process, theirs):
        process.kill()

        eventually(lambda: is_dead(held_by(theirs)))

        os.kill(process.pid, 0)  # nobody has waited for it: it still has its number


@NEEDS_PROC
def test_a_process_whose_number_another_one_has_now_is_dead() -> None:
    with another_process() as (_, theirs):
        earlier = changed(theirs, 2, str(int(theirs.split("/")[2]) - 1))

        assert is_dead(held_by(earlier))
        assert not is_dead(held_by(changed(theirs, 2, "xuntold")))


@NEEDS_PROC
def test_a_process_of_another_boot_or_namespace_is_not_certainly_dead() -> None:
    with another_process() as (_, theirs):
        pass

    assert not is_dead(held_by(changed(theirs, 3, "0123456789abcdef")))
    assert not is_dead(held_by(changed(theirs, 3, "-")))


@pytest.mark.parametrize("text", ["", "here", "here/1", "here/1/2", "a/b/c/d", "here/-1/2/-", "here/1/2/3/4"])
def test_a_holder_that_cannot_be_read_is_not_certainly_dead(text: str) -> None:
    assert not is_dead(held_by(text))


def test_where_nothing_is_told_of_processes_nobody_else_is_certainly_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    with another_process() as (_, theirs):
        pass
    monkeypatch.setattr(identity, "_read", lambda path: "")

    assert not is_dead(held_by(theirs))
    assert not is_dead(held_by(holder()))


def test_this_very_process_is_not_dead() -> None:
    assert not is_dead(held_by(holder()))
    assert holder() == holder()


@NEEDS_PROC
def test_a_process_that_is_hidden_from_proc_is_not_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    read = identity._read
    with another_process() as (process, theirs):
        monkeypatch.setattr(identity, "_read", lambda path: "" if f"/{process.pid}/" in path else read(path))

        assert not is_dead(held_by(theirs))


@NEEDS_PROC
@pytest.mark.parametrize("options", [(), ("--mount-proc",)], ids=["with the proc of outside", "with its own proc"])
def test_processes_in_two_namespaces_never_take_each_other_for_dead(options: tuple[str, ...]) -> None:
    wrapper = skip_unless_unshare(*options)

    with another_process(*wrapper) as (_, inside):
        assert not is_dead(held_by(inside))
    with another_process() as (_, outside):
        said = said_within(wrapper, outside)

    assert said.splitlines() == ["False", "False"]
    assert not is_dead(held_by(inside))


def test_a_holder_is_short_without_spaces_and_shows_host_and_pid() -> None:
    assert len(holder()) <= 100
    assert not any(character.isspace() for character in holder())
    assert holder().startswith(f"{identity.host()}/{os.getpid()}/")


@pytest.mark.parametrize("name", ["support", "s" * 64])
def test_a_worker_has_an_inbox_that_no_other_process_has(name: str) -> None:
    inboxes = {inbox_name(name) for _ in range(100)}

    assert len(inboxes) == 100
    assert all(checked_name("inbox", inbox).startswith(name[:40]) for inbox in inboxes)


def test_a_workers_name_is_a_name_whatever_the_host_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "_hôst " + "x" * 80)

    assert checked_name("worker", "desk-" + worker_name())
    assert checked_name("worker", worker_name()) != worker_name()
