"""A snapshot as tables for people."""

from collections.abc import Iterable, Mapping

from rich.text import Text

from fairlead.cli.grid import Column, table
from fairlead.cli.times import duration
from fairlead.service.snapshot import QueueMeasures, Snapshot, slots_text
from fairlead.store.reading import AgentState

_GOOD_SERVICE_LEVEL = 80.0
_COLOURS = {"routable": "green", "custom": "yellow", "offline": "dim"}

_QUEUES = (
    Column("queue"), Column("channel"), Column("waiting", is_number=True), Column("oldest", is_number=True),
    Column("SL", 1, is_number=True), Column("ASA", 2, is_number=True), Column("answered", 3, is_number=True),
    Column("abandoned", 4, is_number=True), Column("completed", 5, is_number=True),
)  # fmt: skip
_AGENTS = (
    Column("agent"),
    Column("status"),
    Column("since"),
    Column("slots", 1),
    Column("profile", 2),
    Column("worker", 3),
)


def queue_lines(measures: Iterable[QueueMeasures], width: int | None) -> list[Text]:
    """Queues with what waits in them; SL is the service level, ASA the average speed of answer."""
    rows = [
        (
            one.queue, one.channel, f"{one.in_queue:,}", duration(one.oldest_s) if one.in_queue else "-",
            _level(one.service_level), "-" if one.answer_speed_s is None else duration(one.answer_speed_s),
            f"{one.answered:,}", f"{one.abandoned:,}", f"{one.completed:,}",
        )
        for one in measures
    ]  # fmt: skip
    return table(_QUEUES, rows, width, "Queues")


def _level(level: float | None) -> Text:
    colour = "" if level is None else "green" if level >= _GOOD_SERVICE_LEVEL else "red"
    return Text("-" if level is None else f"{level:.1f} %", style=colour)


def agent_lines(snapshot: Snapshot, agents: Iterable[AgentState], width: int | None) -> list[Text]:
    """Agents with their state and slots."""
    rows = [
        (
            one.name, Text(one.status, style=_COLOURS[snapshot.status_type(one)]),
            duration((snapshot.at_us - one.status_us) / 1e6) if one.status_us else "-",
            slots_text(snapshot, one), one.profile, one.worker or "-",
        )
        for one in agents
    ]  # fmt: skip
    return table(_AGENTS, rows, width, "Agents")


def summary(snapshot: Snapshot, rates: Mapping[str, float] | None = None) -> list[Text]:
    """A few lines over all."""
    agents = snapshot.agent_measures()
    lines = [
        f"agents {agents.online} online, {agents.available} available, {agents.on_contact} on contact, "
        f"{agents.error} error",
        f"slots {agents.slots_active} active, {agents.slots_available} available   parked {snapshot.parked}   "
        f"configuration {snapshot.version}",
    ]
    if rates is not None:
        lines.append("   ".join(f"{name} {rate:,.1f}/s" for name, rate in rates.items()))
    return [Text(line) for line in lines]


def overview(snapshot: Snapshot, rates: Mapping[str, float] | None, width: int | None) -> list[Text]:
    """Everything at a glance."""
    return [
        *summary(snapshot, rates), Text(), *queue_lines(snapshot.queue_measures(), width), Text(),
        *agent_lines(snapshot, snapshot.agents, width),
    ]  # fmt: skip
