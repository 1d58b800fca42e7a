"""Every event has the fields that the Lua files declare, and each is explained."""

import re
from collections.abc import Iterator

import pytest

from fairlead.store.contracts import read_header
from fairlead.store.events import MEANING, WHEN, emitted
from fairlead.store.sources import floors, names, source

CALL = re.compile(r"(?<![.\w])(?<!function )emit\(")


@pytest.mark.parametrize("name", [*names(), *(f"{floor}/{one}" for one, floor in floors().items())])
def test_a_file_declares_exactly_the_events_that_it_writes(name: str) -> None:
    declared = {(one.event, one.fields) for one in read_header(source(name)).emits}

    written = list(_written(re.sub(r"--.*$", "", source(name), flags=re.MULTILINE)))

    named = {(event.strip("'"), fields) for event, fields in written if re.fullmatch(r"'[^']+'", event)}
    computed = {fields for event, fields in written if not re.fullmatch(r"'[^']+'", event)}
    assert named <= declared
    assert {fields for _, fields in declared - named} == computed


def test_every_event_and_every_field_is_explained_and_written() -> None:
    ways = emitted()

    assert ways.keys() == WHEN.keys()
    assert {name for every in ways.values() for one in every for name in one.fields} == MEANING.keys()


def _written(code: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each call of emit: the event, as Lua spells it, and the names of the fields."""
    for call in CALL.finditer(code):
        arguments = list(_arguments(code[call.end() :]))
        assert all(re.fullmatch(r"'\w+'", one) for one in arguments[2::2]), arguments
        yield arguments[1], tuple(one.strip("'") for one in arguments[2::2])


def _arguments(text: str) -> Iterator[str]:
    """The arguments of a call, from behind its opening bracket to the closing one."""
    begins = depth = 0
    for found in re.finditer(r"'[^']*'|[(){},]", text):
        if found[0] in "({":
            depth += 1
        elif depth and found[0] in ")}":
            depth -= 1
        elif not depth and found[0] in ",)":
            yield text[begins : found.start()].strip()
            begins = found.end()
            if found[0] == ")":
                return
