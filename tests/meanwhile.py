"""A procedure while which something happens, at just that time."""

from collections.abc import Callable
from typing import Any

from fairlead.store.client import Store
from fairlead.store.procedure import Procedure
from fairlead.store.request import Request


def run_while(store: Store, asked: Procedure[Any], key: str, act: Callable[[], object]) -> Any:
    """What a procedure answers when `act` comes just before its first plain command about a key."""
    steps, replies, is_done = asked.steps(store._dialect.source), None, False
    while True:
        try:
            commands = steps.send(replies)
        except StopIteration as end:
            assert is_done, f"nothing was asked about {key}"
            return end.value
        assert not isinstance(commands, Request)
        replies = []
        for command in commands:
            if command[1:2] == (key,) and not is_done:
                act()
                is_done = True
            replies += store.client.send([command])
