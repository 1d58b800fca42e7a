"""Whether anybody is there who could take a contact, and whether all who could have refused it."""

from dataclasses import replace
from typing import Any

import pytest

from fairlead.domain.contact import Waiting
from fairlead.domain.criteria import Expression, parse_expression
from fairlead.domain.eligible import Circumstances, FreeAgent, is_anybody, is_refused_by_all
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Nobody

PROFILE = RoutingProfile("P", {"voice": Concurrency(1), "task": Concurrency(2)}, (Entry("Q", "voice"),))
CALL = Waiting("c", "Q", "voice", 5, 0, 0, Expression())
ANA, BO = FreeAgent("ana", PROFILE, 0), FreeAgent("bo", PROFILE, 0)
WHEN: tuple[Nobody, ...] = ("nobody_available", "nobody_staffed", "nobody_signed_in")


def with_entry(entry: Entry) -> RoutingProfile:
    return replace(PROFILE, entries=(entry,))


@pytest.mark.parametrize(("kept", "expected"), [({"task": 1}, True), ({}, False)])
def test_whom_only_missed_offers_of_another_channel_keep_is_available(kept: dict[str, int], expected: bool) -> None:
    agent = FreeAgent("ana", PROFILE, 0, used={"task": 1}, kept=kept)  # type: ignore[arg-type]  # of channels

    assert is_anybody(CALL, [agent], Circumstances(0), "nobody_available") is expected


@pytest.mark.parametrize(
    ("changes", "available", "staffed", "signed_in"),
    [
        ({}, True, True, True),
        ({"used": {"voice": 1}}, False, True, True),
        ({"next_status": "Break"}, False, True, True),
        ({"routable": False}, False, False, True),
        ({"is_signed_in": False}, False, False, False),
        ({"profile": with_entry(Entry("Q", "voice", delay_s=60))}, True, True, True),
        ({"profile": with_entry(Entry("Q", "voice", manual_only=True))}, False, False, False),
        ({"profile": with_entry(Entry("Other", "voice"))}, False, False, False),
        ({"profile": with_entry(Entry("Q", "task"))}, False, False, False),
    ],
)
def test_who_is_available_is_staffed_and_who_is_staffed_is_signed_in(
    changes: dict[str, Any], available: bool, staffed: bool, signed_in: bool
) -> None:
    agent = replace(ANA, **changes)

    found = [is_anybody(CALL, [agent], Circumstances(0), when) for when in WHEN]

    assert found == [available, staffed, signed_in]


@pytest.mark.parametrize("when", WHEN)
def test_whom_the_contact_does_not_ask_for_is_nobody(when: Nobody) -> None:
    asks = replace(CALL, criteria=parse_expression("agents [bo]"))

    assert not is_anybody(asks, [ANA], Circumstances(0), when)
    assert is_anybody(asks, [ANA, BO], Circumstances(0), when)


@pytest.mark.parametrize(
    ("refused", "agents", "expected"),
    [
        ((("ana", 0),), [ANA], True),
        ((("ana", 99),), [ANA], False),
        ((("ana", 0),), [ANA, BO], False),
        ((("ana", 0), ("bo", 0)), [ANA, BO], True),
        ((("ana", 0),), [ANA, replace(BO, profile=with_entry(Entry("Other", "voice")))], True),
        ((("ana", 0),), [ANA, replace(BO, profile=with_entry(Entry("Q", "task")))], True),
        ((("ana", 0),), [ANA, replace(BO, profile=with_entry(Entry("Q", "voice", manual_only=True)))], True),
        ((("ana", 0),), [], False),
    ],
)  # fmt: skip
def test_a_contact_is_refused_by_all_when_each_who_serves_it_has_refused_it_for_good(
    refused: tuple[tuple[str, int], ...], agents: list[FreeAgent], expected: bool
) -> None:
    assert is_refused_by_all(replace(CALL, refused=refused), agents) is expected
