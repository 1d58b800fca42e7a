"""What an administrator makes in Python keeps the limits of a configuration file."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from conftest import RealServer

from fairlead import Administrator, errors
from fairlead.domain.agent import Status
from fairlead.domain.queue import Queue

INVALID: dict[str, Callable[[Any], dict[str, Any]]] = {
    "'a b'": lambda found: {"queues": found.queues | {"a b": Queue("a b")}},
    "has another name": lambda found: {"queues": found.queues | {"one": Queue("other")}},
    "max_contacts": lambda found: {"queues": found.queues | {"one": Queue("one", max_contacts=-1)}},
    "Available and Offline cannot be removed": lambda found: {"statuses": {}},
    "another type": lambda found: {"statuses": found.statuses | {"Available": Status("Available", "custom")}},
    "instance.events_kept": lambda found: {"events_kept": 0},
}


@pytest.mark.parametrize("problem", INVALID)
def test_a_configuration_that_no_file_could_have_is_neither_planned_nor_applied(
    server: RealServer, problem: str
) -> None:
    administrator = Administrator.connect(server.url)
    configuration, version = administrator.configuration()
    target = replace(configuration, **INVALID[problem](configuration))

    for ask in (administrator.plan, administrator.apply, lambda target: administrator.change(lambda _: target)):
        with pytest.raises(errors.BadInput, match=problem):
            ask(target)

    assert administrator.configuration() == (configuration, version)
