"""What has been done is answered as such, and so it is once more when nothing is left to be done."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from centre import Centre

from fairlead.domain.queue import Queue
from fairlead.store.new_contact import Callback
from fairlead.store.request import Request
from fairlead.store.transitions import producing, supervising

DONE = 1
ASKED: dict[str, tuple[Sequence[str], Callable[[Centre], Request[Any]]]] = {
    "abandon": ((), lambda centre: producing.abandon(centre.keys, "waits")),
    "call back": ((), lambda centre: producing.request_callback(centre.keys, "waits", Callback(delay_s=60))),
    "change": ((), lambda centre: producing.update(centre.keys, "waits", priority=2)),
    "reschedule": ((), lambda centre: producing.reschedule(centre.keys, "later", centre.now_us + 90_000_000)),
    "stop": ((), lambda centre: supervising.stop(centre.keys, "held")),
    "forget": (("stop",), lambda centre: supervising.forget(centre.keys, "held")),
    "retry": (("park",), lambda centre: supervising.retry(centre.keys, "held")),
    "hold": ((), lambda centre: supervising.hold(centre.keys, "held")),
    "resume": (("hold",), lambda centre: supervising.resume(centre.keys, "held")),
    "pause": ((), lambda centre: supervising.pause(centre.keys, "held")),
    "set a status": ((), lambda centre: supervising.set_agent_status(centre.keys, "ana", "Break")),
}
BEFORE: dict[str, Callable[[Centre], object]] = {
    "stop": lambda centre: centre.run(supervising.stop, "held"),
    "hold": lambda centre: centre.run(supervising.hold, "held"),
    "park": lambda centre: [centre.does("ana", "set_status", "Break"), centre.fails("ana", "held")],
}


@pytest.mark.parametrize("what", ASKED)
def test_what_is_done_is_answered_as_done_however_often_it_is_asked(centre: Centre, what: str) -> None:
    centre.configure(Queue("Q", max_attempts=1))
    centre.sign_in("ana", capacity=1)
    centre.push("held", channel="task")
    centre.push("waits")
    centre.push("later", start_in_s=60)
    before, build = ASKED[what]
    for one in before:
        BEFORE[one](centre)
    request = replace(build(centre), read=int)

    assert [centre.store.run(request) for _ in range(2)] == [DONE, DONE]
