"""Every script keeps its contract, and refuses before it writes."""

import re

import pytest

from fairlead.domain import choose, contact, measures, queue
from fairlead.store.keys import Keys
from fairlead.store.refusals import codes
from fairlead.store.request import Request
from fairlead.store.scripts import library_names, load, names, read_header, source

WRITES = re.compile(
    r"redis\.call\('(HSET|HDEL|HINCRBY|SET|DEL|ZADD|ZREM|XADD|RPUSH|SADD|SREM|EXPIRE)'|"
    r"\b(requeue|end_contact|end_sessions?|turn|fill|free_slot|set_slot|connect|next_stamp|change_status|apply_queues|"
    r"enqueue|leave_wait|leave_line|leave_offer|finish|hand_over|move_to|line_up|enter_line|park|emit|count)\("
)


@pytest.mark.parametrize("name", names())
def test_a_script_refuses_before_it_writes(name: str) -> None:
    lines = source(name).splitlines()

    first_write = next(
        (place for place, line in enumerate(lines) if WRITES.search(line) and not line.startswith("--")), 0
    )
    refusals = [place for place, line in enumerate(lines) if re.search(r"error_reply|\brefuse\(", line)]

    repeated_sign_in = name == "sign_in"  # a repetition of the same sign-in answers first, and ends the script
    assert repeated_sign_in or all(place < first_write for place in refusals)


@pytest.mark.parametrize("name", names())
def test_a_script_declares_exactly_the_refusals_that_it_makes(name: str) -> None:
    header = load(name).header
    text = source(name) + "".join(source("lib/" + used) for used in header.uses)

    made = set(re.findall(r"'([A-Z]+(?:_[A-Z]+)+) ", re.sub(r"^--.*$", "", text, flags=re.MULTILINE)))

    assert made == {error.split()[0] for error in header.errors}
    assert made <= codes()


@pytest.mark.parametrize("name", [*names(), *("lib/" + one for one in library_names())])
def test_a_file_declares_exactly_the_functions_that_it_uses(name: str) -> None:
    text = re.sub(r"--.*$", "", source(name), flags=re.MULTILINE)

    called = {one for one in library_names() if re.search(rf"(?<![.\w'])(?<!function ){one}\(", text)}

    assert set(read_header(source(name)).uses) == called - {name.removeprefix("lib/")}


def test_a_wrong_name_of_an_argument_is_an_error() -> None:
    keys = Keys()
    request: Request[None] = Request(
        "abandon_contact", {"instance": keys.instance}, {"id": "c", "now": 1}, read=lambda _: None
    )

    with pytest.raises(TypeError, match=r"missing \['now_us'\], unknown \['now'\]"):
        load("abandon_contact").arguments(request)


def test_numbers_that_the_rules_and_the_scripts_both_know_are_the_same() -> None:
    def number(name: str, pattern: str) -> int:
        found = re.search(pattern, source(name))
        assert found, (name, pattern)
        return int(found[1])

    assert number("lib/ends_chain", r"CHAIN_CONTACTS = (\d+)") == contact.CHAIN_CONTACTS
    assert number("lib/queue_settings", r"max_contacts = '(\d+)'") == queue.AGENT_QUEUE_CONTACTS
    assert number("lib/queue_settings", r"max_attempts = '(\d+)'") == queue.MAX_ATTEMPTS
    assert number("lib/queue_settings", r"retry_delay_s = '(\d+)'") == queue.RETRY_DELAY_S
    assert number("lib/pause_us", r"LONGEST_PAUSE_S, MOST_DOUBLINGS = (\d+)") == contact.LONGEST_PAUSE_S
    assert number("push_contact", r"LONGEST_SCHEDULE_S = 6 \* (\d+)") * 6 == contact.LONGEST_SCHEDULE_S
    for channel, expiry_s in queue.EXPIRY_S.items():
        assert number("push_contact", rf"\b{channel} = (\d+)") == expiry_s
    assert number("lib/bucket_of", r"seconds > (\d+)") == measures.FINE_S
    assert number("lib/share", r"floor\((\d+) /") == choose.SHARE_SCALE
