"""Agents: their sessions and what they hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fairlead.domain.channel import Channel
from fairlead.store.members import due_member, read_slots
from fairlead.store.procedure import Source, Steps, ask_each, procedure
from fairlead.store.reading.plain import names, texts


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot of an agent. `kind`: offered, connected, on_hold, acw, missed or error take one, paused takes none."""

    token: int
    channel: Channel
    kind: str
    contact_id: str


@dataclass(frozen=True, slots=True)
class AgentState:
    """One agent now; an agent without a session has `status` Offline and nothing else."""

    name: str
    profile: str
    display_name: str
    status: str
    status_us: int = 0
    next_status: str = ""
    is_absent: bool = False
    activity: str = ""
    activity_us: int = 0
    worker: str = ""
    inbox: str = ""
    holder: str = ""
    available_us: int = 0
    offerable_channels: tuple[Channel, ...] = ()
    slots: tuple[Slot, ...] = ()
    lease_ends_us: int = 0

    @property
    def is_signed_in(self) -> bool:
        return bool(self.worker)


@procedure
def agent_states(source: Source, only: Sequence[str] | None = None) -> Steps[list[AgentState]]:
    """The agents, by name."""
    keys = source.keys
    agents = list(only) if only is not None else (yield from names(keys.agents))
    rows = yield from ask_each(("HGETALL", keys.agent(name)) for name in agents)
    leases = yield from ask_each(("ZSCORE", keys.due, due_member("session", name)) for name in agents)
    return [
        _agent_state(name, texts(row), int(lease or 0))
        for name, row, lease in zip(agents, rows, leases, strict=True)
        if row
    ]


def _agent_state(name: str, row: Mapping[str, str], lease_ends_us: int) -> AgentState:
    return AgentState(
        name=name,
        profile=row["profile"],
        display_name=row.get("display_name", ""),
        status=row.get("status", "Offline"),
        status_us=int(row.get("status_us", 0)),
        next_status=row.get("next_status", ""),
        is_absent="absent" in row,
        activity=row.get("activity", ""),
        activity_us=int(row.get("activity_us", 0)),
        worker=row.get("worker", ""),
        inbox=row.get("inbox", ""),
        holder=row.get("holder", ""),
        available_us=int(row.get("available_us", 0)),
        offerable_channels=tuple(row.get("offerable", "").split()),  # type: ignore[arg-type]  # ours
        slots=tuple(Slot(*slot) for slot in read_slots(row.get("slots", ""))),
        lease_ends_us=lease_ends_us,
    )
