"""How many turns of the event loop a round trip takes: whoever waits for a reply goes on where it is read."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import uvloop
from conftest import RealServer, eventually
from proxy import Gate
from server.wires import asked

from fairlead.server.wire import Wire


async def test_what_replies_lead_to_leaves_in_one_write(gate: Gate) -> None:
    async def ask_twice(number: int) -> list[object]:
        return [await asked(wire, "ECHO", f"{number}:{part}") for part in range(2)]

    wire = Wire(gate.url)
    await asked(wire, "PING")
    under_way = asyncio.create_task(asked(wire, "BLPOP", "nothing", "0.01"))
    await asyncio.sleep(0)

    answers = await asyncio.gather(*(ask_twice(number) for number in range(50)))

    assert answers == [[f"{number}:{part}".encode() for part in range(2)] for number in range(50)]
    assert [part.count(b"ECHO") for part in gate.sent if b"ECHO" in part] == [50, 50]
    assert await under_way is None
    await wire.close()


async def test_what_is_asked_while_nothing_is_under_way_leaves_at_once(server: RealServer) -> None:
    wire = Wire(server.url)
    await asked(wire, "PING")

    asking = asyncio.create_task(asked(wire, "SET", "told", "at once"))
    await asyncio.sleep(0)

    eventually(lambda: server.client().get("told") == b"at once")  # the event loop stands still meanwhile
    await asking
    await wire.close()


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_much_that_replies_lead_to_begins_to_leave_before_all_are_read(
    gate: Gate, new_loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    """So that a server and a program that is busy with its replies work side by side."""
    left_meanwhile = []

    async def ask_twice(number: int) -> None:
        await asked(wire, "ECHO", f"first {number}")
        if number == 19:
            eventually(lambda: gate.sent)  # it keeps the event loop from doing anything else
            left_meanwhile.append(b"".join(gate.sent).count(b"next"))
        await asked(wire, "ECHO", f"next {number}" + 400 * ".")

    async def ask() -> None:
        await asked(wire, "PING")
        gate.shut()
        calls = [asyncio.create_task(ask_twice(number)) for number in range(20)]
        await asyncio.get_running_loop().run_in_executor(None, first_are_sent_alone)
        await asyncio.gather(*calls)
        await wire.close()

    def first_are_sent_alone() -> None:
        eventually(lambda: b"".join(gate.sent).count(b"first") == 20)
        gate.sent.clear()
        gate.open()

    wire = Wire(gate.url)
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(ask())

    assert 0 < left_meanwhile[0] < 19


def test_one_round_trip_after_another_waits_for_no_further_turn_of_the_event_loop(server: RealServer) -> None:
    class Counting(asyncio.SelectorEventLoop):
        calls = 0

        def call_soon(self, *args: Any, **options: Any) -> asyncio.Handle:
            self.calls += 1
            return super().call_soon(*args, **options)

    async def ask_again_and_again() -> int:
        wire = Wire(server.url)
        await asked(wire, "PING")
        before = loop.calls
        for number in range(100):
            assert await asked(wire, "ECHO", number) == b"%d" % number
        calls = loop.calls - before
        await wire.close()
        return calls

    loop = Counting()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        assert runner.run(ask_again_and_again()) == 0


def test_a_caller_that_exits_when_it_has_its_reply_keeps_no_reply_from_others(server: RealServer) -> None:
    async def exit_with_reply() -> None:
        await asked(wire, "ECHO", "exit")
        raise SystemExit

    async def begin() -> None:
        await asked(wire, "PING")
        calls.append(asyncio.create_task(exit_with_reply()))
        calls.append(asyncio.create_task(asked(wire, "ECHO", "other")))
        await calls[1]

    wire, calls = Wire(server.url), list[asyncio.Task[Any]]()
    with asyncio.Runner() as runner:
        with pytest.raises(SystemExit):
            runner.run(begin())
        assert runner.get_loop().run_until_complete(calls[1]) == b"other"
        assert isinstance(calls[0].exception(), SystemExit)
        runner.run(wire.close())
