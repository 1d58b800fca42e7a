"""Mistakes that somebody could make in the transitions, one of a kind, and what has to find each of them."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

from faults.broken import Edit

Finder: TypeAlias = Literal["rules", "state"]


class Mistake(NamedTuple):
    """`finder`: rules: the state machine that compares the scripts with the rules; state: the checker of states."""

    finder: Finder
    edits: tuple[Edit, ...]


def _mistake(finder: Finder, *edits: Edit) -> Mistake:
    return Mistake(finder, edits)


MISTAKES: Mapping[str, Mistake] = {
    "newest first": _mistake("rules", ("match/choose", "'0', '0', 'WITHSCORES'", "'-1', '-1', 'WITHSCORES'")),
    "no fencing": _mistake("rules", ("agent/open_session", "agent.epoch ~= epoch", "false")),
    "a delay off by a second": _mistake(
        "rules", ("line/first_eligible", "engine.now_us - delay_us", "engine.now_us - delay_us + 1000000"),
    ),
    "the lanes of those who ask for something left out": _mistake(
        "rules", ("match/choose", "engine.tracked ~= ' ' and function(", "false and function("),
    ),
    "attempts not counted": _mistake("rules", ("contact/requeue", "if is_attempt then", "if false then")),
    "a lost wake-up": _mistake(
        "rules", ("match/line_up", "  match_contact(engine, contact)\n", ""),
        ("contact/push_plain", "longest_available(engine, servers_of(engine, queue, channel, 0), '')", "nil"),
        ("contact/push_plain", "if name or engine.is_special then", "if false then"),
    ),
    "an entry's priority is another queue's": _mistake(
        "rules", ("match/choose", "if member and by_priority ~= entry_priority and not passes then break end", ""),
    ),
    "a limit off by one": _mistake("rules", ("agent/is_at_limit", ">= most", "> most")),
    "a limit that counts nothing": _mistake(
        "rules", ("agent/held_of", "then held = held + 1 end", "then held = held end"),
    ),
    "a limit that is not asked when a contact is chosen": _mistake(
        "rules", ("match/choose", "agent.has_limits and is_at_limit(agent, one, of)", "false"),
    ),
    "what another has answered is a miss": _mistake(
        "rules",
        (
            "contact/end_rings", "  free_slot(engine, name, token)\n",
            "  set_slot(read_agent(engine, name), token, 'missed')\n  reindex(engine, read_agent(engine, name))\n",
        ),
    ),
    "what another has answered counts as missed": _mistake(
        "rules", ("contact/end_rings", "count(engine, name, 'rescinded')", "count(engine, name, 'missed')"),
    ),
    "a contact rings at one more than its queue says": _mistake(
        "rules", ("match/others_for", "#others == most - 1", "#others == most"),
    ),
    "a forgotten counter": _mistake("state", ("line/leave_line", "count_own(engine, queue, -1)", "do end")),
    "a slot that is not freed": _mistake("state", ("reject_offer", "  free_slot(engine, name, token)\n", "")),
    "the others keep their slots when one has answered": _mistake(
        "state", ("contact/end_rings", "  free_slot(engine, name, token)\n", ""),
    ),
    "a time at which nothing rings any more": _mistake(
        "state",
        ("contact/end_rings", "    redis.call('ZREM', due_key, due_of('ring', name .. '/' .. token))\n", ""),
    ),
    "who refuses takes a contact from all at whom it rings": _mistake(
        "state", ("contact/requeue", "was == 'offered' and contact.rings", "false"),
    ),
    "an agent who stands where its limit is reached": _mistake(
        "state", ("agent/lanes_of", " and not is_at_limit(agent, queue, channel)", ""),
    ),
    "a due time without an owner": _mistake(
        "state",
        ("line/leave_offer", "  redis.call('ZREM', key_of(engine, 'due'), due_of('offer', contact.id))\n", ""),
    ),
    "a contact in two places": _mistake(
        "state",
        ("match/assign", "  leave_line(engine, contact.queue, contact.channel, contact.track, contact.place)\n", ""),
    ),
    "an agent who stands where it does not belong": _mistake(
        "state",
        ("agent/move_in_index", "if not is_word(offerable, lane) then", "if false then"),
    ),
}  # fmt: skip
"""What is wrong -> how it is found, and how it is made."""
