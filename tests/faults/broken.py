"""Mistakes that somebody could make in the transitions, each in a copy of their texts."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from fairlead.store import scripts, sources
from fairlead.store.library import library

Edit = tuple[str, str, str]
"""A file of store/lua without its ending, what stands there, and what stands there instead."""


@dataclass(frozen=True)
class Bug:
    """`found_as`: one of these kinds of findings must tell it."""

    found_as: tuple[str, ...]
    edits: tuple[Edit, ...]


def _bug(found_as: str | tuple[str, ...], *edits: Edit) -> Bug:
    return Bug((found_as,) if isinstance(found_as, str) else found_as, edits)


BUGS: Mapping[str, Bug] = {
    "no fencing: who was overtaken completes what it held once": _bug(
        "told",
        ("agent/open_session", "agent.epoch ~= epoch", "false"),
        ("agent/open_session", "number < last", "false"),
        ("agent/open_session", "number > last", "number ~= last"),
        ("complete_contacts", "slot_of(agent, token)", "slot_with(id)"),
        ("complete_contacts", "for place = REST",
         "local function slot_with(its)\n  for _, one in ipairs(agent.slots) do\n"
         "    if one.contact == its then return one end\n  end\nend\nfor place = REST"),
    ),
    "no fencing: a late complete ends whatever has become of the contact": _bug(
        "token",
        ("agent/open_session", "agent.epoch ~= epoch", "false"),
        ("agent/open_session", "number < last", "false"),
        ("agent/open_session", "number > last", "number ~= last"),
        ("complete_contacts", "slot_of(agent, token)",
         "{ contact = id, token = token, kind = 'connected', queue = 'Other', channel = 'voice', connected_us = '1' }"),
    ),
    "newest first": _bug(
        "order", ("match/choose", "'0', '0', 'WITHSCORES'", "'-1', '-1', 'WITHSCORES'"),
    ),
    "the agent who has been available shortest": _bug(
        "order", ("line/find_fit", "'0', wants and AGENTS_TRIED - 1 or '0', 'WITHSCORES'", "'-1', '-1', 'WITHSCORES'"),
    ),
    "entry priorities are not looked at": _bug(
        "order", ("match/choose", "if member and by_priority ~= entry_priority and not passes then break end", ""),
    ),
    "delays are not looked at": _bug("eligible", ("match/choose", "delay_us ~= '0'", "false")),
    "a profile that has changed acts as before": _bug(
        "eligible",
        ("configure/apply_profiles", "unpack(change.values))",
         "unpack(change.values))\n      if before[1] then redis.call('HSET', profile_key, 'entries', before[1]) end"),
    ),
    "a forgotten counter": _bug(
        "counter",
        ("contact/tell_back", "  count(engine, pair, string.match(event, '%.(%a+)$'))\n", ""),
    ),
    "what is parked is not counted": _bug(
        "counter", ("contact/park", "count(engine, contact.queue .. ':' .. contact.channel, 'parked')", ""),
    ),
    "a slot that is taken is not counted": _bug(
        "capacity", ("agent/set_slot", "    slot.kind = kind\n    count_slot(agent, slot, 1)", "    slot.kind = kind"),
    ),
    "a slot that is freed is still counted": _bug(
        "lost wake-up", ("agent/set_slot", "  if slot then\n    count_slot", "  if slot and kind then\n    count_slot"),
    ),
    "take tells only what it gives itself": _bug(
        "orphan lease", ("contact/fill_and_tell", "holds_contact(slot.kind) then", "slot.told then"),
    ),
    "a lost wake-up: what comes into line finds nobody": _bug(
        "lost wake-up", ("match/line_up", "  match_contact(engine, contact)\n", ""),
        ("contact/push_plain", "longest_available(engine, servers_of(engine, queue, channel, 0), '')", "nil"),
        ("contact/push_plain", "if name or engine.is_special then", "if false then"),
    ),
    "a lost wake-up: a sweep matches nobody": _bug(
        "lost wake-up", ("contact/match_together", "      match(engine, pools, owners, unread)\n", ""),
    ),
    "a lost wake-up: who becomes free is given nothing": _bug(
        "lost wake-up", ("match/fill", "while best do", "while false do"),
    ),
    "attempts are not counted": _bug("attempts", ("contact/requeue", "if is_attempt then", "if false then")),
    "what always fails is never parked": _bug(
        "attempts", ("contact/requeue", "is_attempt and contact.attempts >=", "false and contact.attempts >="),
    ),
    "a release is an attempt": _bug(
        "attempts", ("contact/requeue", "(reason == 'failed' or reason == 'lost')", "reason ~= 'transferred'"),
    ),
    "what fails goes to the end of its line": _bug(
        "place",
        ("contact/requeue", "  contact.state = 'queued'\n",
         "  contact.state = 'queued'\n  if is_attempt then contact.rank = text_of(engine.now_us) end\n"),
    ),
    "what a session held stays with it": _bug(
        "session", ("contact/end_session", "if holds_contact(slot.kind) then", "if slot.kind == 'offered' then"),
    ),
    "tokens repeat": _bug("token", ("base/next_stamp", "math.max(engine.stamp + 1, engine.now_us)", "engine.now_us")),
    "a contact that is given to an agent stays in its line": _bug(
        "transition",
        ("match/assign", "  leave_line(engine, contact.queue, contact.channel, contact.track, contact.place)\n", ""),
    ),
    "a repeated push is another contact": _bug(
        "transition",
        ("push_contacts", "if known[1] ~= ARGV[first - 3] then", "if true then"),
        ("push_contacts", "known[1] and 'CONTACT_EXISTS ' .. id or ", ""),
    ),
    "some pushes are answered and forgotten": _bug(
        "lost contact",
        ("push_contacts", "enqueue(engine, contact, engine.stamp, engine.stamp - contact.age_us, fields)",
         "contact.state = 'queued' "
         "if engine.now_us % 9 ~= 0 then enqueue(engine, contact, engine.stamp, engine.stamp, fields) end"),
        ("contact/push_plain", "  engine.stamp = ",
         "  if engine.now_us % 9 == 0 then return 'queued' end\n  engine.stamp = "),
    ),
    "an abandonment is told to nobody": _bug(
        "state", ("contact/end_contact", "  emit(engine,", "  if state == 'abandoned' then return end\n  emit(engine,"),
    ),
    "what is rejected is still in its agent's slot": _bug(
        ("state", "capacity", "lost wake-up"), ("reject_offer", "  free_slot(engine, name, token)\n", ""),
    ),
}  # fmt: skip
"""What is wrong -> how, and what the checker must call it."""


@contextmanager
def scripts_with(bug: Bug, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The transitions have the bug meanwhile. Each of its edits must find what it replaces."""
    original = sources.source
    for file, was, _ in bug.edits:
        assert was in original(file), f"{file} has no {was!r}"

    def source(name: str) -> str:
        text = original(name)
        for file, was, becomes in bug.edits:
            if file == name:
                text = text.replace(was, becomes)
        return text

    _forget()
    with monkeypatch.context() as patched:
        patched.setattr(sources, "source", source)
        yield
    _forget()


def _forget() -> None:
    """The transitions are read anew when they are next asked for."""
    scripts.load.cache_clear()
    library.cache_clear()
