"""A request that is about one contact or agent answers what its script's header says, and again when it is repeated."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from centre import Centre

from fairlead.domain.queue import Queue
from fairlead.store.keys import Keys
from fairlead.store.new_contact import Callback
from fairlead.store.request import Request
from fairlead.store.scripts import load
from fairlead.store.transitions import producing, supervising

Build = Callable[[Keys], Request[None]]


@pytest.mark.parametrize(
    "build",
    [
        lambda keys: producing.abandon(keys, "waits"),
        lambda keys: producing.request_callback(keys, "waits", Callback()),
        lambda keys: producing.update(keys, "waits", priority=2),
        lambda keys: supervising.retry(keys, "parked"),
        lambda keys: supervising.stop(keys, "waits"),
        lambda keys: supervising.set_agent_status(keys, "ana", "Break"),
    ],
)
def test_a_request_answers_as_its_header_says_however_often_it_is_asked(centre: Centre, build: Build) -> None:
    centre.configure(Queue("Q", max_attempts=1))
    centre.sign_in("ana")
    centre.push("parked")
    centre.fails("ana", "parked")
    centre.does("ana", "set_status", "Offline")
    centre.push("waits")
    request = replace(build(centre.keys), read=lambda reply: reply)

    answers = [centre.store.run(request) for _ in range(2)]

    assert [str(answer) for answer in answers] == [load(request.script).header.reply] * 2
