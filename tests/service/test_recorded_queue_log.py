"""Asterisk's queue_log: calls, patience and the agents' statuses from its events."""

from fairlead.files.rows import Reject
from fairlead.service.recorded.queue_log import AgentStatus, read_queue_log, shifts_of

LOG = """\
1767571200|NONE|NONE|NONE|QUEUESTART|
1767600000|MANAGER|support|SIP/1001|ADDMEMBER|
1767600010|1767600010.1|support|NONE|ENTERQUEUE||491701234|1
1767600015|1767600010.1|support|SIP/1001|CONNECT|5|1767600011.2|3
1767600075|1767600010.1|support|SIP/1001|COMPLETECALLER|5|60|1
1767600020|1767600020.3|support|NONE|ENTERQUEUE||491705678|1
1767600032|1767600020.3|support|NONE|ABANDON|1|1|12
1767600040|NONE|NONE|SIP/1001|PAUSEALL|lunch
1767600100|NONE|NONE|SIP/1001|UNPAUSEALL|
1767600110|1767600110.4|support|NONE|ENTERQUEUE||491709999|1
1767600140|1767600110.4|support|NONE|EXITWITHTIMEOUT|1|1|30
1767600141|1767600110.4|mailbox|NONE|ENTERQUEUE||491709999|1
1767600150|1767600110.4|mailbox|SIP/1001|CONNECT|9|1767600143.5|2
1767600190|1767600110.4|mailbox|SIP/1001|BLINDTRANSFER|100|default|9|40|1
1767600200|MANAGER|support|SIP/1001|REMOVEMEMBER|
"""


def test_a_call_is_a_row_with_its_outcome_wait_and_talk() -> None:
    rows = [row for _, row in read_queue_log(LOG.splitlines()).numbered()]

    told = [(row["id"], row["queue"], row["outcome"], row["waited_s"], row["handle_s"]) for row in rows]
    assert told == [
        ("1767600010.1", "support", "answered", 5, 60),
        ("1767600020.3", "support", "gave_up", 12, None),
        ("1767600110.4", "support", "timeout", 30, None),
        ("1767600110.4-2", "mailbox", "answered", 9, 40),
    ]


def test_agents_come_pause_and_go() -> None:
    statuses = read_queue_log(LOG.splitlines()).statuses

    assert statuses == [
        AgentStatus(1_767_600_000, "SIP/1001", "Available"),
        AgentStatus(1_767_600_040, "SIP/1001", "Paused", "lunch"),
        AgentStatus(1_767_600_100, "SIP/1001", "Available"),
        AgentStatus(1_767_600_200, "SIP/1001", "Offline"),
    ]
    assert shifts_of(statuses, 1_767_600_300) == {
        "SIP/1001": [(1_767_600_000, 1_767_600_040), (1_767_600_100, 1_767_600_200)]
    }


def test_an_agent_of_two_queues_goes_when_out_of_both_and_works_on_until_the_end() -> None:
    lines = ["1|M|a|P/1|ADDMEMBER|", "2|M|b|P/1|ADDMEMBER|", "3|M|a|P/1|REMOVEMEMBER|"]

    statuses = read_queue_log(lines).statuses

    assert shifts_of(statuses, 9) == {"P/1": [(1, 9)]}


def test_a_transfer_to_an_agent_of_newer_asterisks_tells_the_talk_before_its_last_field() -> None:
    lines = [
        "1|c|q|NONE|ENTERQUEUE||1|1", "3|c|q|P/1|CONNECT|2|x|1",
        "9|c|q|P/1|ATTENDEDTRANSFER|BRIDGE|bridge-1|SIP/2|2|6|1",
    ]  # fmt: skip

    ((_, row),) = read_queue_log(lines).numbered()

    assert row["handle_s"] == 6


def test_what_is_no_line_of_the_log_is_told_and_the_rest_is_read() -> None:
    lines = [*LOG.splitlines(), "", "hello", "nan|c9|q|NONE|ENTERQUEUE||1|1", "5|c|q", "6|1767600020.3|q|NONE|CONNECT"]

    rejects = [row for _, row in read_queue_log(lines).numbered() if isinstance(row, Reject)]

    assert [one.line for one in rejects] == [17, 18, 19]
