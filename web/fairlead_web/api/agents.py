"""/v1/agents/{agent}: an agent as a supervisor sees it, its status, what it may pick."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from fairlead.domain.channel import Channel
from fairlead.service.explain import described_agent
from fairlead_web.api.access import may
from fairlead_web.api.bodies import AgentName, Name, Strict, json_answer
from fairlead_web.api.contacts import Contacts
from fairlead_web.api.contacts import shown as shown_contact
from fairlead_web.api.site import Asks

router = APIRouter(prefix="/v1/agents", tags=["agents"], dependencies=[may("measures", "supervise", as_agent=True)])


class AgentSlot(BaseModel):
    """A slot of an agent."""

    token: int
    channel: Channel
    kind: str
    contact_id: str


class AgentView(BaseModel):
    """An agent now. Without a session it is Offline and has nothing else."""

    name: str
    profile: str
    display_name: str
    status: str
    status_us: int
    next_status: str
    is_absent: bool
    activity: str
    activity_us: int
    worker: str
    inbox: str
    holder: str
    available_us: int
    offerable_channels: list[Channel]
    slots: list[AgentSlot]
    lease_ends_us: int


class Agents(BaseModel):
    """Agents, by name. `next_after`: the name after which to go on; null: these are the last."""

    items: list[AgentView]
    next_after: str | None


class StatusChange(Strict):
    """`next`: once the last slot is free; an empty status then takes back what was to follow."""

    status: Annotated[str, Field(pattern="^([A-Za-z0-9][A-Za-z0-9._-]{0,63})?$")]
    when: Literal["now", "next"] = "now"


class Clearing(Strict):
    """Which slots: of this contact, or all."""

    contact_id: Name | None = None


AGENT: dict[int | str, Any] = {200: {"model": AgentView}}


@router.get("/{agent}/state", responses=AGENT)
async def state(agent: AgentName, gateway: Asks) -> Response:
    """An agent now: status, slots, lease."""
    return json_answer(asdict(await gateway.agent(agent)))


@router.put("/{agent}/status", responses=AGENT)
async def set_status(agent: AgentName, body: StatusChange, gateway: Asks) -> Response:
    """Change the status of a signed-in agent, now or once its last slot is free."""
    if body.when == "now":
        await gateway.set_agent_status(agent, body.status)
    else:
        await gateway.set_next_status(agent, body.status)
    return json_answer(asdict(await gateway.agent(agent)))


@router.post("/{agent}/slots/clear", response_model=dict[Literal["cleared"], int])
async def clear_slots(agent: AgentName, body: Clearing, gateway: Asks) -> Response:
    """Clear slots that missed or failed offers have kept, and end after-contact work."""
    return json_answer({"cleared": await gateway.clear_slots(agent, body.contact_id or "")})


@router.get("/{agent}/worklist", responses={200: {"model": Contacts}})
async def worklist(
    agent: AgentName, gateway: Asks, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> Response:
    """The contacts that the agent may pick by hand, at most `limit` of each manual-only entry of its profile."""
    found = await gateway.worklist(agent, limit)
    return json_answer({"items": [shown_contact(one) for one in found], "next_cursor": None})


@router.get("/{agent}/explanation", response_model=dict[str, Any])
async def explanation(agent: AgentName, gateway: Asks) -> Response:
    """What the agent would get if it asked now, and why it would not get the rest."""
    return json_answer(described_agent(await gateway.explain_agent(agent)))
