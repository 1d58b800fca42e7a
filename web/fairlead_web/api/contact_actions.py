"""/v1/contacts/{id}/ACTION: what may be done to a contact without an agent's session, and why it waits."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from fairlead.domain.channel import Channel
from fairlead.domain.contact import DEFAULT_PRIORITY
from fairlead.domain.measures import Estimate
from fairlead.domain.queue import Rank
from fairlead.service.decision import described_decision
from fairlead.service.explain import described_contact
from fairlead.service.gateway import AsyncGateway
from fairlead.service.timeline import described_timeline
from fairlead.store.reading import EventFilter
from fairlead_web.api.access import may
from fairlead_web.api.bodies import ContactId, Criteria, Name, QueueName, Strict, json_answer
from fairlead_web.api.contacts import CallbackBody, Contact, Contacts, Priority, shown
from fairlead_web.api.events import EVENTS, AskedFor, answered
from fairlead_web.api.site import Acts, Asks, TheSite

router = APIRouter(
    prefix="/v1", tags=["contacts"], dependencies=[may("supervise")], responses={200: {"model": Contact}}
)
customers = APIRouter(
    prefix="/v1", tags=["contacts"], dependencies=[may("contacts:write")], responses={200: {"model": Contact}}
)
looks = APIRouter(prefix="/v1", tags=["contacts"], dependencies=[may("contacts:read", "supervise")])


class Move(Strict):
    """Where a waiting contact goes. `rank`: its place there, by default behind all others; `criteria`: its routing
    steps there, by default those that it has.
    """

    queue: QueueName
    rank: Rank | None = None
    criteria: Criteria | None = None


class Transfer(Strict):
    """Where a connected contact goes; `criteria`: its routing steps there."""

    queue: QueueName
    criteria: Criteria = Field([])


class CallbackRequest(CallbackBody):
    """How the customer is called back; `queue`: by default the one in which the contact waits."""

    queue: QueueName | None = None


class Assignment(Strict):
    """To whom."""

    agent: Name


class Start(Strict):
    """When, in Unix microseconds; what has passed is now."""

    start_at_us: Annotated[int, Field(ge=0, lt=2**53)]


async def _answer(gateway: AsyncGateway, contact_id: str) -> Response:
    return json_answer(shown(await gateway.contact(contact_id)))


@customers.post("/contacts/{contact_id}/abandon")
async def abandon(contact_id: ContactId, acts: Acts, gateway: Asks) -> Response:
    """The customer of a contact that waits has left."""
    await acts.abandon(contact_id)
    return await _answer(gateway, contact_id)


@router.post("/contacts/{contact_id}/stop")
async def stop(contact_id: ContactId, acts: Acts, gateway: Asks) -> Response:
    """End a contact in any state."""
    await acts.stop(contact_id)
    return await _answer(gateway, contact_id)


@router.delete("/contacts/{contact_id}/personal-data")
async def forget(contact_id: ContactId, gateway: Asks) -> Response:
    """Erase what tells of the customer from a contact that has ended: attributes, customer, headers, errors."""
    await gateway.forget(contact_id)
    return await _answer(gateway, contact_id)


@router.post("/contacts/{contact_id}/retry")
async def retry(contact_id: ContactId, acts: Acts, gateway: Asks) -> Response:
    """Put a parked contact back at its original place."""
    await acts.retry(contact_id)
    return await _answer(gateway, contact_id)


@customers.post("/contacts/{contact_id}/callback")
async def callback(contact_id: ContactId, body: CallbackRequest, acts: Acts, gateway: Asks) -> Response:
    """Turn a waiting contact into a callback, which keeps its rank."""
    how = CallbackBody(**body.model_dump(exclude={"queue"})).made()
    await acts.request_callback(contact_id, how, body.queue or "")
    return await _answer(gateway, contact_id)


@customers.post("/contacts/{contact_id}/reschedule")
async def reschedule(contact_id: ContactId, body: Start, acts: Acts, gateway: Asks) -> Response:
    """Let a scheduled contact or callback enter its queue at another time."""
    await acts.reschedule(contact_id, body.start_at_us)
    return await _answer(gateway, contact_id)


@router.post("/contacts/{contact_id}/move")
async def move(contact_id: ContactId, body: Move, acts: Acts, gateway: Asks) -> Response:
    """Move a waiting contact to another queue."""
    await acts.move(contact_id, body.queue, body.rank, criteria=body.criteria)
    return await _answer(gateway, contact_id)


@router.post("/contacts/{contact_id}/assign")
async def assign(contact_id: ContactId, body: Assignment, acts: Acts, gateway: Asks) -> Response:
    """Give a waiting contact to a signed-in agent, whatever its profile and slots."""
    await acts.assign(contact_id, body.agent)
    return await _answer(gateway, contact_id)


@router.post("/contacts/{contact_id}/transfer")
async def transfer(contact_id: ContactId, body: Transfer, acts: Acts, gateway: Asks) -> Response:
    """Hand a connected contact on, as its agent would."""
    await acts.transfer(contact_id, body.queue, criteria=body.criteria)
    return await _answer(gateway, contact_id)


@router.post("/contacts/{contact_id}/hold")
async def hold(contact_id: ContactId, acts: Acts, gateway: Asks) -> Response:
    """Put a connected contact on hold, whoever holds it."""
    await acts.hold(contact_id)
    return await _answer(gateway, contact_id)


@router.post("/contacts/{contact_id}/pause")
async def pause(contact_id: ContactId, acts: Acts, gateway: Asks) -> Response:
    """Pause a connected task, whoever holds it."""
    await acts.pause(contact_id)
    return await _answer(gateway, contact_id)


@router.post("/contacts/{contact_id}/resume")
async def resume(contact_id: ContactId, acts: Acts, gateway: Asks) -> Response:
    """Connect a contact on hold, or a paused task, again."""
    await acts.resume(contact_id)
    return await _answer(gateway, contact_id)


@looks.get("/contacts/{contact_id}/explanation", response_model=dict[str, Any])
async def explanation(contact_id: ContactId, gateway: Asks, agent: Name | None = None) -> Response:
    """Why a contact waits: for each agent who serves it the first filter that stops the two."""
    return json_answer(described_contact(await gateway.explain_contact(contact_id, agent or "")))


@looks.get("/contacts/{contact_id}/estimate", response_model=Estimate)
async def estimate(contact_id: ContactId, gateway: Asks) -> Response:
    """The place of a queued contact in line, and when it will probably be answered."""
    return json_answer(asdict(await gateway.estimate(contact_id)))


@looks.get("/contacts/{contact_id}/decision", response_model=dict[str, Any])
async def decision(
    contact_id: ContactId,
    gateway: Asks,
    site: TheSite,
    token: Annotated[int | None, Query(ge=0, lt=2**53, description="Of which offer; by default the last.")] = None,
) -> Response:
    """How it was decided who got a contact: what its event has recorded, and beside it what all events before it let
    one reconstruct. The whole stream of events is read, for one who asks at a time: it may take seconds.
    """
    async with site.reconstructing:
        return json_answer(described_decision(await gateway.explain_offer(contact_id, token)))


@looks.get("/contacts/{contact_id}/timeline", response_model=dict[str, Any])
async def timeline(contact_id: ContactId, gateway: Asks) -> Response:
    """A contact's life, also of one that has ended, as far as the events go back."""
    return json_answer(described_timeline(await gateway.timeline(contact_id)))


@looks.get("/contacts/{contact_id}/events", responses=EVENTS)
async def events(contact_id: ContactId, site: TheSite, how: AskedFor) -> Response:
    """The events of a contact; forms and parameters as of /v1/events."""
    return await answered(site, EventFilter(contact=contact_id), how)


@looks.get("/queues/{queue}/estimate", response_model=Estimate)
async def estimate_next(
    queue: Annotated[Name, Path()], gateway: Asks, channel: Channel = "voice", priority: Priority = DEFAULT_PRIORITY
) -> Response:
    """The place in line that a contact would have if it were pushed now, and when it would probably be answered."""
    return json_answer(asdict(await gateway.estimate_queue(queue, channel, priority)))


@looks.get("/queues/{queue}/line", response_model=Contacts)
async def line(
    queue: QueueName, gateway: Asks, channel: Channel, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> Response:
    """The first contacts that wait in a queue on a channel, in order."""
    found = await gateway.line(queue, channel, limit)
    return json_answer({"items": [shown(one) for one in found], "next_cursor": None})


@looks.get("/parked", response_model=Contacts)
async def parked(gateway: Asks, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> Response:
    """The parked contacts, the longest parked first."""
    found = await gateway.contacts("parked", limit)
    return json_answer({"items": [shown(one) for one in found], "next_cursor": None})


@looks.post("/parked/retry", response_model=dict[str, list[str]])
async def retry_parked(gateway: Asks) -> Response:
    """Put every parked contact back at its original place."""
    return json_answer({"retried": await gateway.retry_parked()})
