"""Attempts: what counts as one, and how long a contact pauses after one that has failed."""

import pytest

from fairlead.domain.channel import CHANNELS
from fairlead.domain.choose import choose_contact
from fairlead.domain.contact import LONGEST_PAUSE_S, Waiting, counts_as_attempt, pause_s
from fairlead.domain.eligible import Circumstances, FreeAgent
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile


@pytest.mark.parametrize(
    ("reason", "counts"),
    [("failed", True), ("lost", True), ("released", False), ("signed_out", False), ("replaced", False),
     ("transferred", False), ("missed", False), ("rejected", False), ("error", False)],
)  # fmt: skip
def test_only_a_failure_and_a_loss_count_as_attempts(reason: str, counts: bool) -> None:
    assert counts_as_attempt(reason) is counts


@pytest.mark.parametrize(
    ("retry_delay_s", "attempts", "expected_s"),
    [(1, 1, 1), (1, 2, 2), (1, 9, 256), (1, 10, LONGEST_PAUSE_S), (1, 1_000, LONGEST_PAUSE_S), (0, 1, 0), (0, 10, 0),
     (2, 8, 256), (2, 9, LONGEST_PAUSE_S), (150, 2, LONGEST_PAUSE_S), (151, 2, LONGEST_PAUSE_S), (300, 1, 300),
     (300, 2, LONGEST_PAUSE_S)],
)  # fmt: skip
def test_the_pause_doubles_with_each_failed_attempt_up_to_five_minutes(
    retry_delay_s: int, attempts: int, expected_s: int
) -> None:
    assert pause_s(retry_delay_s, attempts) == expected_s


@pytest.mark.parametrize(("now_us", "is_taken"), [(99, False), (100, True)])
def test_a_contact_in_a_pause_fits_nobody_until_it_ends(now_us: int, is_taken: bool) -> None:
    channels = {channel: Concurrency(1) for channel in CHANNELS}
    ana = FreeAgent("ana", RoutingProfile("P", channels, (Entry("Q", "voice"),)), available_us=0)
    pauses = Waiting("c", "Q", "voice", 5, queued_us=0, rank_us=0, again_us=100)

    chosen = choose_contact(ana, [pauses], Circumstances(now_us))

    assert (chosen is pauses) is is_taken
