"""Whether anybody is there who could take a contact."""

import pytest

from fairlead.domain.contact import Waiting
from fairlead.domain.criteria import Expression
from fairlead.domain.eligible import Circumstances, FreeAgent, is_anybody
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile

PROFILE = RoutingProfile("P", {"voice": Concurrency(1), "task": Concurrency(2)}, (Entry("Q", "voice"),))
CALL = Waiting("c", "Q", "voice", 5, 0, 0, Expression())


@pytest.mark.parametrize(("kept", "expected"), [({"task": 1}, True), ({}, False)])
def test_whom_only_missed_offers_of_another_channel_keep_is_available(kept: dict[str, int], expected: bool) -> None:
    agent = FreeAgent("ana", PROFILE, 0, used={"task": 1}, kept=kept)  # type: ignore[arg-type]  # of channels

    assert is_anybody(CALL, [agent], Circumstances(0), "nobody_available") is expected
