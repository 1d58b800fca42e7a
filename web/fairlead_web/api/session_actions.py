"""What an agent does at its desk with a contact, by the contact's token."""

from typing import Annotated, Any, TypeAlias

from fastapi import APIRouter, Path, Response
from pydantic import Field

from fairlead.domain.channel import Channel
from fairlead.domain.contact import DEFAULT_PRIORITY
from fairlead.service.desks import Action
from fairlead_web.api.access import may
from fairlead_web.api.bodies import AgentName, ContactId, Criteria, Name, QueueName, Strict, Text, Token, json_answer
from fairlead_web.api.contacts import Priority
from fairlead_web.api.sessions import DESK, PATH, Epoch, shown
from fairlead_web.api.site import Asks

router = APIRouter(prefix=PATH, tags=["session"], dependencies=[may("supervise", as_agent=True)], responses=DESK)

Error: TypeAlias = Annotated[str, Field(min_length=1, max_length=500, description="Never a byte of the payload")]


class InSession(Strict):
    """Which session asks."""

    epoch: Epoch


class OfContact(InSession):
    """Which session asks, and the token with which it has the contact."""

    token: Token


class Failure(OfContact):
    """What went wrong."""

    error: Error


class HandOn(OfContact):
    """Where the contact goes; `criteria`: its routing steps there."""

    queue: QueueName
    criteria: Criteria = Field([])


class Outbound(InSession):
    """A contact that the agent begins. `queue`: the one that it counts for; by default that of its routing profile."""

    queue: Name | None = None
    channel: Channel = "voice"
    payload: Any = None
    priority: Priority = DEFAULT_PRIORITY
    contact_id: Name | None = None
    customer: Name | None = None
    related_to: Name | None = None
    attributes: dict[Name, Text] = Field({})
    headers: dict[Name, Text] = Field({})


@router.post("/contacts/{contact_id}/error")
async def report_error(agent: AgentName, contact_id: ContactId, body: Failure, gateway: Asks) -> Response:
    """An offer could not reach the agent: the contact goes back, the slot stays taken until it is cleared."""
    desk = gateway.desk(agent, body.epoch)
    return json_answer(shown(await desk.report_error(contact_id, body.token, body.error)))


@router.post("/contacts/{contact_id}/fail")
async def fail(agent: AgentName, contact_id: ContactId, body: Failure, gateway: Asks) -> Response:
    """Handling the contact has failed: it goes back and pauses, or is parked after its last attempt."""
    return json_answer(shown(await gateway.desk(agent, body.epoch).fail(contact_id, body.token, body.error)))


@router.post("/contacts/{contact_id}/transfer")
async def transfer(agent: AgentName, contact_id: ContactId, body: HandOn, gateway: Asks) -> Response:
    """Hand a connected contact on to a queue, or to @agent."""
    desk = gateway.desk(agent, body.epoch)
    return json_answer(shown(await desk.transfer(contact_id, body.token, body.queue, criteria=body.criteria)))


@router.post("/contacts/{contact_id}/pick")
async def pick(agent: AgentName, contact_id: ContactId, body: InSession, gateway: Asks) -> Response:
    """Take a waiting contact of a manual-only entry by hand."""
    return json_answer(shown(await gateway.desk(agent, body.epoch).pick(contact_id)))


@router.post("/contacts/{contact_id}/{action}")
async def plain(
    agent: AgentName, contact_id: ContactId, action: Annotated[Action, Path()], body: OfContact, gateway: Asks
) -> Response:
    """Accept or reject an offer; complete, release, hold, resume or pause a contact; or say that the customer of a
    callback was not reached. Repeated with the same token it changes nothing more.
    """
    return json_answer(shown(await gateway.desk(agent, body.epoch).do(action, contact_id, body.token)))


@router.post("/contacts")
async def begin(agent: AgentName, body: Outbound, gateway: Asks) -> Response:
    """Begin an outbound contact: it is connected at once, in a slot of the agent, whatever its status."""
    given = body.model_dump(exclude_none=True, exclude={"epoch", "payload"})
    return json_answer(shown(await gateway.desk(agent, body.epoch).begin(body.payload, **given)))


@router.post("/slots/{token}/clear")
async def clear(
    agent: AgentName, token: Annotated[int, Path(ge=0, lt=2**53)], body: InSession, gateway: Asks
) -> Response:
    """Free the slot of a missed or failed offer, or end after-contact work."""
    return json_answer(shown(await gateway.desk(agent, body.epoch).clear(token)))


@router.post("/take")
async def take(agent: AgentName, body: InSession, gateway: Asks) -> Response:
    """Ask for the contacts that the agent may take now: they come by themselves, too."""
    return json_answer(shown(await gateway.desk(agent, body.epoch).take()))
