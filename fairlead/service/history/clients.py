"""What clients were told, against what the events say has happened."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from fairlead.service.history.places import Hold, Places
from fairlead.service.history.recording import History, Told
from fairlead.service.history.values import Finding

_MARKS: Mapping[str, frozenset[str]] = {"completed": frozenset({"completed", "acw_started"})}
"""What a client asked -> what became of its hold then; what is not named is its own mark."""

_GIVEN_UP = frozenset({"lost", "replaced", "signed_out", "rescinded"})
"""Who has it no longer for one of these reasons need not have been told."""

_LEFT = frozenset({"stopped", "abandoned", "expired"})
"""What leaves so may do that while the program of its agent stands still, which is told of it once it asks again."""


def check_clients(history: History, places: Places, grace_us: int) -> Iterator[Finding]:
    """Yields what clients were told that is not so, and what they were not told in time (`grace_us`)."""
    tellers = {one.agent for one in history.told if one.told == "given"}
    told = {(one.contact, one.token) for one in history.told if one.told == "given"}
    for one in history.told:
        found = _why_wrong(one, places)
        if found:
            yield Finding("lost contact" if one.told == "pushed" else "told", "", found)
    acted = _acts(history)
    ends_us = history.now.at_us if history.now else history.events[-1].at_us if history.events else 0
    for hold in places.holds.values():
        is_told = hold.agent not in tellers or (hold.contact, hold.token) in told or hold.marks & _GIVEN_UP
        since_us = _asked_us(hold, acted) if hold.marks & _LEFT else hold.since_us
        lasts_us = (hold.until_us or ends_us) - since_us
        if not is_told and lasts_us > grace_us:
            yield Finding(
                "orphan lease", "", f"{hold.agent} has {hold.contact} with token {hold.token} for "
                f"{lasts_us / 1e6:.1f} s, and was never told",
            )  # fmt: skip


def _acts(history: History) -> Mapping[str, Sequence[int]]:
    """When who has asked for something that has changed anything, in order."""
    acts: dict[str, list[int]] = {}
    for event in history.events:
        acts.setdefault(event.actor, []).append(event.at_us)
    return acts


def _asked_us(hold: Hold, acted: Mapping[str, Sequence[int]]) -> int:
    """When its agent's program has asked for anything since it has the contact, and so would have been told of it."""
    acts, until_us = acted.get(f"agent:{hold.agent}", ()), hold.until_us or hold.since_us
    place = bisect_right(acts, hold.since_us)
    return acts[place] if place < len(acts) else until_us


def _why_wrong(told: Told, places: Places) -> str:
    if told.told == "pushed":
        return "" if told.contact in places.contacts else f"{told.contact} was pushed, and no event tells of it"
    hold = places.holds.get((told.contact, told.token))
    is_its = hold is not None and hold.agent == told.agent
    if told.told == "given":
        return "" if is_its and hold and hold.attempt == told.attempt else _gave(told, hold)
    marks = hold.marks if hold else set[str]()
    is_done = is_its and bool(marks & _MARKS.get(told.word, frozenset({told.word})))
    if is_done != told.fenced or (is_its and told.word == "completed" and "stopped" in marks):
        return ""
    became = ", ".join(sorted(marks)) or "nothing"
    answer = "it has no effect" if told.fenced else f"it is {told.word}"
    return f"{told.agent} was told of {told.contact} with token {told.token} that {answer}; of that became {became}"


def _gave(told: Told, hold: Hold | None) -> str:
    who = f"{hold.agent} attempt {hold.attempt}" if hold else "nobody"
    given = f"{told.agent} was given {told.contact} with token {told.token} as attempt {told.attempt}"
    return f"{given}; the events say: {who}"
