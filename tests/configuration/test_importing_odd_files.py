"""Whatever a file has: a configuration that reads back the same comes of it, or an error that names the file."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imports import BY_FORMAT, sample

from fairlead.configuration.importing.formats import READERS, ImportFormat, import_configuration
from fairlead.configuration.importing.sources import Source
from fairlead.configuration.reading import parse_configuration
from fairlead.errors import BadInput

ODD: list[Any] = [
    None, True, -1, 0, 2**70, 1.5, "", " ", "x" * 300, "a\nb", "\u2028", "ü", [], {}, [[]], [None], {"": ""}, "1e999",
    "${", "${var.x}", {"Ref": None}, {"Fn::Sub": []}, {"Fn::Join": ["", None]}, {"Fn::GetAtt": []}, "nan", "]]>", '"""',
]  # fmt: skip
PIECES = [*"\0\n\t\"'{}[]()<>&;#é", "", "=>", "!Ref x", "- "]


def holds_or_is_refused(file_format: ImportFormat, *sources: Source) -> bool:
    """Whether a configuration comes of it."""
    try:
        found = import_configuration(file_format, sources)
    except BadInput:
        return False
    assert parse_configuration(found.text([one.name for one in sources]), "made.toml") == found.configuration
    return True


def broken(text: str, chance: random.Random) -> str:
    """The text with some places changed: cut off, left out, doubled, swapped for something odd."""
    for _ in range(chance.randint(1, 4)):
        at, length = chance.randrange(len(text) + 1), chance.choice([1, 1, 3, 20, 200])
        kind = chance.randrange(4)
        if kind == 0:
            text = text[:at]
        elif kind == 1:
            text = text[:at] + text[at + length :]
        elif kind == 2:
            text = text[: at + length] + text[at:]
        else:
            text = text[:at] + chance.choice(PIECES) + text[at + length :]
    return text


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("file_format", "names"), BY_FORMAT)
def test_a_damaged_file_is_read_or_refused(file_format: ImportFormat, names: tuple[str, ...], seed: int) -> None:
    chance = random.Random(seed)
    sources = [sample(name) for name in names]

    for _ in range(60):
        damaged = [Source(one.name, broken(one.text, chance)) for one in sources]
        holds_or_is_refused(file_format, *damaged)
        holds_or_is_refused(ImportFormat.AUTO, *damaged)


def places_of(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a JSON value at which something else could stand."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from places_of(value[key])


JSON_SAMPLES = [
    (file_format, names[0]) for file_format, names in BY_FORMAT if sample(names[0]).text.startswith("{")
]  # fmt: skip


@pytest.mark.parametrize(("file_format", "name"), JSON_SAMPLES)
def test_a_value_of_another_kind_costs_what_it_belongs_to(file_format: ImportFormat, name: str) -> None:
    documents, chance = [json.loads(one) for one in _documents(sample(name).text)], random.Random(1)
    text = json.dumps(documents)
    made = 0

    for place in range(sum(1 for _ in places_of(documents))):
        for odd in chance.sample(ODD, 4):
            changed = json.loads(text)
            holder, key = list(places_of(changed))[place]
            holder[key] = odd
            made += holds_or_is_refused(file_format, Source(name, "\n".join(json.dumps(one) for one in changed)))

    assert made > 100


def _documents(text: str) -> Iterator[str]:
    decoder, place = json.JSONDecoder(), 0
    while place < len(text.rstrip()):
        _, ends = decoder.raw_decode(text, place)
        yield text[place:ends]
        place = ends + len(text[ends:]) - len(text[ends:].lstrip())


@given(st.sampled_from(sorted(READERS)), st.text())
def test_any_text_is_read_or_refused(file_format: ImportFormat, text: str) -> None:
    holds_or_is_refused(file_format, Source("file", text))


VALUES = st.recursive(
    st.sampled_from(ODD) | st.text(max_size=8) | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(["Name", "Config", "MediaConcurrencies", "QueueConfigs", "Tags", "TimeZone", "Type"])
KINDS = st.sampled_from(["Queue", "RoutingProfile", "User", "HoursOfOperation", "AgentStatus"])


@given(KINDS, st.dictionaries(NAMES, VALUES))
def test_any_object_of_connect_is_read_or_refused(kind: str, values: dict[str, Any]) -> None:
    holds_or_is_refused(ImportFormat.CONNECT, Source("file", json.dumps({kind: values})))
