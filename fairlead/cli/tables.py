"""A snapshot as tables for people."""

from collections.abc import Mapping

from rich.console import Group
from rich.table import Table
from rich.text import Text

from fairlead.service.snapshot import Snapshot, slots_text

MOST_ROWS = 60
_GOOD_SERVICE_LEVEL = 80.0
_COLOURS = {"routable": "green", "custom": "yellow", "offline": "dim"}


def _seconds(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.1f} s" if value < 120 else f"{value / 60:.1f} min"


def queue_table(snapshot: Snapshot) -> Table:
    """Queues with what waits in them; SL is the service level, ASA the average speed of answer."""
    table = Table(title="Queues", title_justify="left", box=None, pad_edge=False)
    for name in ("queue", "channel"):
        table.add_column(name)
    for name in ("waiting", "oldest", "SL", "ASA", "answered", "abandoned", "completed"):
        table.add_column(name, justify="right")
    for measures in snapshot.queue_measures()[:MOST_ROWS]:
        level = measures.service_level
        colour = "" if level is None else "green" if level >= _GOOD_SERVICE_LEVEL else "red"
        table.add_row(
            measures.queue,
            measures.channel,
            f"{measures.in_queue:,}",
            _seconds(measures.oldest_s if measures.in_queue else None),
            Text("-" if level is None else f"{level:.1f} %", style=colour),
            _seconds(measures.answer_speed_s),
            f"{measures.answered:,}",
            f"{measures.abandoned:,}",
            f"{measures.completed:,}",
        )
    return table


def agent_table(snapshot: Snapshot) -> Table:
    """Agents with their state and slots."""
    table = Table(title="Agents", title_justify="left", box=None, pad_edge=False)
    for name in ("agent", "profile", "status", "since", "slots", "worker"):
        table.add_column(name)
    for agent in snapshot.agents[:MOST_ROWS]:
        since = (snapshot.at_us - agent.status_us) / 1e6 if agent.status_us else None
        status = Text(agent.status, style=_COLOURS[snapshot.status_type(agent)])
        table.add_row(
            agent.name, agent.profile, status, _seconds(since), slots_text(snapshot, agent), agent.worker or "-"
        )
    return table


def summary(snapshot: Snapshot, rates: Mapping[str, float] | None = None) -> Text:
    """One line over all."""
    agents = snapshot.agent_measures()
    line = Text(
        f"agents {agents.online} online, {agents.available} available, {agents.on_contact} on contact, "
        f"{agents.error} error   slots {agents.slots_active} active, {agents.slots_available} available   "
        f"parked {snapshot.parked}   configuration {snapshot.version}"
    )
    if rates is not None:
        line.append("\n" + "   ".join(f"{name} {rate:,.1f}/s" for name, rate in rates.items()), style="bold")
    return line


def screen(snapshot: Snapshot, rates: Mapping[str, float] | None = None) -> Group:
    """Everything at a glance."""
    return Group(summary(snapshot, rates), Text(), queue_table(snapshot), Text(), agent_table(snapshot))
