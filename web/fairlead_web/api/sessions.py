"""/v1/agents/{agent}/session: the desk of a person whose browser keeps the epoch and nothing else.

Every answer is the whole desk, so that a reload, a second tab or another machine need no memory of their own.
"""

import asyncio
import hashlib
from dataclasses import asdict
from typing import Annotated, Any, Literal, TypeAlias

import orjson
from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel, Field

from fairlead.domain.channel import Channel
from fairlead.domain.contact import ContactState, Direction
from fairlead.domain.slots import SlotKind
from fairlead.service.desks import Desk, DeskOptions
from fairlead.store.reading import EventFilter
from fairlead_web.api.access import may
from fairlead_web.api.bodies import AgentName, Name, Strict, json_answer
from fairlead_web.api.events import EVENTS, AskedFor, answered
from fairlead_web.api.ring import Place
from fairlead_web.api.site import Asks, Site, TheSite

PATH = "/v1/agents/{agent}/session"

router = APIRouter(prefix=PATH, tags=["session"], dependencies=[may("supervise", as_agent=True)])

Epoch: TypeAlias = Annotated[int, Field(ge=0, lt=2**53, description="The session: its sign-in told it")]


class SignIn(Strict):
    """How a session begins. `take_over`: go on with a live session of the agent, with all that it holds; whoever had it
    is answered session-ended. `again`: the page goes on by itself, and stays out when a supervisor has signed it out.
    `client`: where the person is, for people. `profile`: of an agent that is not known.
    """

    take_over: bool = False
    again: bool = False
    client: Name = "browser"
    profile: Name | None = None
    lease_s: Annotated[float, Field(ge=2, le=86_400, strict=False)] = 15
    auto_accept: bool = False
    capacity: Annotated[int, Field(ge=0, le=1_000)] = 0


class Heartbeat(Strict):
    """Which session is to live on."""

    epoch: Epoch


class SlotContact(BaseModel):
    """A contact in a slot. `payload`: as its producer gave it; null once it has ended. `callback_tries`: how often a
    callback is tried again when its customer is not reached; null: it is none.
    """

    state: ContactState
    queue: str
    priority: int
    attempt: int
    queued_us: int
    connected_us: int | None
    attributes: dict[str, str]
    headers: dict[str, str]
    direction: Direction
    customer: str
    callback_tries: int | None
    payload: Any


class Slot(BaseModel):
    """A slot. `deadline_us`: when an offer, after-contact work or a kept slot ends by itself, on the engine's clock."""

    token: int
    kind: SlotKind
    channel: Channel
    contact_id: str
    deadline_us: int | None
    contact: SlotContact | None


class SessionView(BaseModel):
    """A session with all that is in it. `fenced`: contacts of the request that another agent has, or that have ended;
    `parked`: contacts that have failed for the last time. `at_us`: when it was so, on the engine's clock.
    """

    agent: str
    epoch: int
    status: str
    next_status: str
    is_absent: bool
    profile: str
    worker: str
    holder: str
    lease_left_ms: int
    at_us: int
    slots: list[Slot]
    fenced: list[str]
    parked: list[str]


DESK: dict[int | str, Any] = {200: {"model": SessionView}}


def shown(desk: Desk) -> dict[str, Any]:
    """The desk for programs."""
    session = {name: value for name, value in asdict(desk.session).items() if name != "op"}
    for slot in session["slots"]:
        if slot["contact"]:
            payload = slot["contact"]["payload"]
            slot["contact"]["payload"] = orjson.Fragment(payload) if payload else None
    return {**session, "fenced": desk.fenced, "parked": desk.parked}


@router.post("", status_code=201, responses={201: {"model": SessionView}})
async def sign_in(
    agent: AgentName,
    body: SignIn,
    gateway: Asks,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
) -> Response:
    """Sign the agent in. A sign-in that is repeated with its Idempotency-Key is the same session."""
    request = hashlib.blake2b(idempotency_key.encode(), digest_size=16).hexdigest() if idempotency_key else ""
    options = DeskOptions(body.client, body.lease_s, body.auto_accept, body.capacity)
    desk = await gateway.open_desk(
        agent, options, profile=body.profile or "", take_over=body.take_over, again=body.again, request=request
    )
    return json_answer(shown(desk), 201, {"Location": PATH.format(agent=agent)})


@router.get("", responses=DESK)
async def look(agent: AgentName, gateway: Asks, epoch: Epoch | None = None) -> Response:
    """The session as it is; with `epoch` only that one, as a page that is loaded again asks."""
    return json_answer(shown(Desk(await gateway.session(agent, epoch))))


@router.delete("", response_model=dict[Literal["given_back"], list[str]])
async def sign_out(agent: AgentName, gateway: Asks, epoch: Epoch | None = None) -> Response:
    """End the session: what it holds goes back to line. Without `epoch` whichever there is, as a supervisor does."""
    ids = await (gateway.sign_out_agent(agent) if epoch is None else gateway.close_desk(agent, epoch))
    return json_answer({"given_back": ids})


@router.post("/heartbeat", status_code=204)
async def heartbeat(agent: AgentName, body: Heartbeat, gateway: Asks) -> Response:
    """Renew the session's lease: at least every third of it, from a worker that browsers do not put to sleep."""
    await gateway.keep_desk(agent, body.epoch)
    return Response(status_code=204)


@router.get("/offers", responses={**DESK, 204: {"description": "Nothing is new"}})
async def offers(
    agent: AgentName,
    site: TheSite,
    gateway: Asks,
    epoch: Epoch,
    wait: Annotated[float, Query(ge=0, le=30, description="Seconds to wait for something new.")] = 0,
    last_token: Annotated[int, Query(ge=0, lt=2**53, description="The highest token that is known.")] = 0,
) -> Response:
    """The session when it has a contact with a token above `last_token`, for programs that follow no stream."""
    ends_s = asyncio.get_running_loop().time() + wait
    while True:
        place = site.ring.end
        found = await gateway.session(agent, epoch)
        if any(slot.token > last_token for slot in found.slots):
            return json_answer(shown(Desk(found)))
        if not await _something_happens(site, agent, place, ends_s):
            return Response(status_code=204)


async def _something_happens(site: Site, agent: str, place: Place, ends_s: float) -> bool:
    """Wait for an event of the agent; whether one came in time."""
    wanted, clock = EventFilter(agent=agent), asyncio.get_running_loop().time
    while not site.ring.is_closed and clock() < ends_s:
        text, to = site.ring.after(place, wanted)
        if text:
            return True
        if to == place:
            await site.ring.wait(ends_s - clock(), at_once=True)
        place = to
    return False


@router.get("/events", responses=EVENTS)
async def events(agent: AgentName, site: TheSite, how: AskedFor) -> Response:
    """The events of the agent, at once; forms and parameters as of /v1/events."""
    return await answered(site, EventFilter(agent=agent), how, at_once=True)
