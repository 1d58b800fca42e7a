"""Asterisk's queue_log: the calls of queues, what became of them, and when which agent was at work.

A line is `time|call|queue|agent|event|data...`, with data by the event.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from fairlead.files.rows import LONGEST_SHOWN, Reject, Rows
from fairlead.service.recorded.times import number_of

WAIT = {"CONNECT": 0, "ABANDON": 2, "EXITWITHTIMEOUT": 2, "EXITEMPTY": 2, "EXITWITHKEY": 3}
"""The event that ends a caller's waiting, and which of its data is how long that was, in seconds."""

TALK = {
    "COMPLETEAGENT": 1, "COMPLETECALLER": 1, "TRANSFER": 3, "BLINDTRANSFER": 3, "ATTENDEDTRANSFER": 3,
}  # fmt: skip
"""The event that ends a talk, and which of its data is how long that was."""

OUTCOMES = {
    "ABANDON": "gave_up", "EXITWITHTIMEOUT": "timeout", "EXITEMPTY": "no_agents", "EXITWITHKEY": "key",
    "CONNECT": "answered",
}  # fmt: skip

COMES = {"ADDMEMBER", "AGENTLOGIN", "AGENTCALLBACKLOGIN"}
GOES = {"REMOVEMEMBER", "AGENTLOGOFF", "AGENTCALLBACKLOGOFF"}
PAUSES = {"PAUSE", "PAUSEALL"}
RESUMES = {"UNPAUSE", "UNPAUSEALL"}


@dataclass(frozen=True, slots=True)
class AgentStatus:
    """What an agent did at a time: came (Available), went (Offline), or paused, for a reason that may be empty."""

    at_s: float
    agent: str
    status: str
    reason: str = ""


@dataclass(slots=True)
class Log:
    """What a queue_log tells."""

    rows: list[tuple[int, dict[str, Any] | Reject]] = field(default_factory=list)
    statuses: list[AgentStatus] = field(default_factory=list)

    def numbered(self) -> Rows:
        """The calls and what is no line of such a log, in the order of their lines."""
        return iter(sorted(self.rows, key=lambda row: row[0]))


def read_queue_log(lines: Iterable[str]) -> Log:
    """The calls, a row for each time that one entered a queue, and the statuses of agents."""
    log = Log()
    waiting: dict[str, dict[str, Any]] = {}
    entered: defaultdict[str, int] = defaultdict(int)
    queues_of: defaultdict[str, set[str]] = defaultdict(set)
    for number, line in enumerate(lines, 1):
        cells = line.rstrip("\r\n").split("|")
        if not line.strip():
            continue
        try:
            at_s = number_of(cells[0])
            call, queue, agent, event = cells[1:5]
            data = cells[5:]
            if event == "ENTERQUEUE":
                entered[call] += 1
                times = entered[call]
                row = {
                    "id": call if times == 1 else f"{call}-{times}", "queue": queue, "at_s": at_s, "outcome": "",
                    "caller": data[1] if len(data) > 1 else "", "waited_s": None, "handle_s": None,
                }  # fmt: skip
                waiting[call] = row
                log.rows.append((number, row))
            elif call in waiting:
                _tell(waiting[call], event, agent, data)
            log.statuses += _statuses(at_s, agent, event, queue, data, queues_of[agent])
        except (ValueError, IndexError):
            shown = line.strip()[:LONGEST_SHOWN]
            log.rows.append((number, Reject(number, shown, "not a line of queue_log: time|call|queue|agent|event|...")))
    return log


def _tell(row: dict[str, Any], event: str, agent: str, data: list[str]) -> None:
    """What an event says of a call that has entered a queue. Raises IndexError and ValueError for an odd one."""
    if event in WAIT and not row["outcome"]:
        row["outcome"], row["waited_s"] = OUTCOMES[event], number_of(data[WAIT[event]])
        if event == "CONNECT":
            row["agent"] = agent
    elif event in TALK and row["outcome"] == "answered":
        row["handle_s"] = number_of(data[_talk_place(event, data)])


def _talk_place(event: str, data: list[str]) -> int:
    """ATTENDEDTRANSFER has more data from Asterisk 12 on, which all end with hold time, talk time and position."""
    return len(data) - 2 if event in ("ATTENDEDTRANSFER", "BLINDTRANSFER") and len(data) > 4 else TALK[event]


def _statuses(
    at_s: float, agent: str, event: str, queue: str, data: list[str], queues: set[str]
) -> Iterator[AgentStatus]:
    """What an event says of an agent, who is at work while in any queue."""
    if agent in ("", "NONE"):
        return
    if event in COMES:
        if not queues:
            yield AgentStatus(at_s, agent, "Available")
        queues.add(queue)
    elif event in GOES:
        queues.discard(queue)
        if not queues:
            yield AgentStatus(at_s, agent, "Offline")
    elif event in PAUSES:
        yield AgentStatus(at_s, agent, "Paused", data[0] if data else "")
    elif event in RESUMES:
        yield AgentStatus(at_s, agent, "Available")


def shifts_of(statuses: Iterable[AgentStatus], ends_s: float) -> dict[str, list[tuple[float, float]]]:
    """When each agent was at work and not paused: spans of time, by the name in the log."""
    since: dict[str, float] = {}
    spans: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in sorted(statuses, key=lambda one: one.at_s):
        if one.status == "Available":
            since.setdefault(one.agent, one.at_s)
        elif one.agent in since:
            began_s = since.pop(one.agent)
            if one.at_s > began_s:
                spans[one.agent].append((began_s, one.at_s))
    for agent, began_s in since.items():
        if ends_s > began_s:
            spans[agent].append((began_s, ends_s))
    return dict(spans)
