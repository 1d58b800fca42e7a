"""A contact's life is read from its events: how long it was in which state, and with whom."""

import pytest
from centre import BEGINS_US, Centre, profile
from raw import raw
from rich.text import Text

from fairlead.cli.timeline import bar
from fairlead.domain.profile import Entry
from fairlead.domain.queue import Queue
from fairlead.errors import UnknownContact
from fairlead.service.timeline import Span, described_timeline, read_timeline
from fairlead.store.transitions import supervising

S = 1_000_000


def spans_of(centre: Centre, contact_id: str = "c") -> list[tuple[str, int, str, str]]:
    """State, whole seconds, queue and agent of each span."""
    found = centre.store.run(read_timeline(contact_id))
    return [(one.state, round((one.to_us - one.from_us) / S), one.queue, one.agent) for one in found.spans]


def test_a_call_waits_rings_is_held_and_wrapped_up(centre: Centre) -> None:
    centre.configure(Queue("Q", acw_s={"voice": 30}))
    centre.push("c")
    centre.passes(5)
    centre.sign_in("ana", accepts=False)
    for seconds, what in ((3, "accept"), (60, "hold"), (10, "resume"), (20, "complete")):
        centre.now_us += seconds * S
        centre.does("ana", what, "c")
    centre.passes(31)

    found = centre.store.run(read_timeline("c"))

    assert spans_of(centre) == [
        ("queued", 5, "Q", ""), ("offered", 3, "Q", "ana"), ("connected", 60, "Q", "ana"), ("on_hold", 10, "Q", "ana"),
        ("connected", 20, "Q", "ana"), ("acw", 31, "Q", "ana"),
    ]  # fmt: skip
    assert (found.state, found.is_trimmed) == ("completed", False)
    assert {state: us // S for state, us in found.times_us().items()} == {
        "queued": 5, "offered": 3, "connected": 80, "on_hold": 10, "acw": 31,
    }  # fmt: skip


def test_what_goes_on_lasts_until_now(centre: Centre) -> None:
    centre.push("c")
    centre.run(supervising.move, "c", "Other")
    centre.now_us += 7 * S

    assert spans_of(centre)[-1] == ("queued", 7, "Other", "")
    assert centre.store.run(read_timeline("c")).state == "queued"


def test_a_contact_that_comes_back_and_is_parked_says_so(centre: Centre) -> None:
    centre.configure(Queue("Q", max_attempts=1))
    centre.push("c")
    centre.sign_in("ana")
    centre.fails("ana", "c")
    centre.now_us += 4 * S

    assert [(state, agent) for state, _, _, agent in spans_of(centre)] == [
        ("queued", ""), ("connected", "ana"), ("parked", ""),
    ]  # fmt: skip


def test_a_life_whose_beginning_the_stream_has_lost_is_trimmed(centre: Centre) -> None:
    centre.push("c")
    centre.sign_in("ana")
    raw(centre.store).xtrim(centre.keys.events, maxlen=1, approximate=False)

    found = centre.store.run(read_timeline("c"))

    assert (found.is_trimmed, [one.state for one in found.spans], found.state) == (True, ["connected"], "connected")


def test_a_life_of_which_the_stream_has_nothing_is_told_by_its_record(centre: Centre) -> None:
    centre.push("c")
    raw(centre.store).delete(centre.keys.events)

    found = centre.store.run(read_timeline("c"))

    assert (found.is_trimmed, found.spans, found.state) == (True, (), "queued")


def test_a_contact_that_never_was_is_not_known(centre: Centre) -> None:
    with pytest.raises(UnknownContact, match="'nobody' is not known"):
        centre.store.run(read_timeline("nobody"))


def test_a_timeline_is_described_for_programs(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "voice")])])
    centre.push("c")
    centre.now_us += S

    found = described_timeline(centre.store.run(read_timeline("c")))

    assert found["spans"] == [
        {"state": "queued", "from_us": BEGINS_US + 1, "to_us": BEGINS_US + 1 + S, "queue": "Q", "agent": ""}
    ]
    assert (found["contact"], found["state"], found["is_trimmed"]) == ("c", "queued", False)
    assert [event["event"] for event in found["events"]] == ["contact.queued"]


def spans(*lengths: int) -> list[Span]:
    states = ("queued", "offered", "connected", "acw")
    return [Span(states[place], 0, length, "Q", "") for place, length in enumerate(lengths)]


@pytest.mark.parametrize(
    ("lengths", "width", "drawn"),
    [
        ((10, 10), 10, ".....ooooo"),
        ((1, 98, 1), 10, ".oooooooo#"),
        ((0, 0, 5), 10, ".o########"),
        ((0, 0), 4, ".o"),
        ((5, 5, 5), 2, ".o"),
    ],
)
def test_a_bar_is_as_long_as_the_terminal_is_wide_and_leaves_no_state_out(
    lengths: tuple[int, ...], width: int, drawn: str
) -> None:
    line = bar(spans(*lengths), width)

    assert isinstance(line, Text)
    assert line.plain == drawn
