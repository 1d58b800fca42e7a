"""/v1/contacts: pushed one by one or many at once, found, changed."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal, TypeAlias

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from fairlead.domain import contact as limits
from fairlead.domain.channel import Channel
from fairlead.domain.contact import ContactState, Direction
from fairlead.domain.criteria import read_canonical
from fairlead.domain.queue import CALLBACK_EXPIRY_S
from fairlead.errors import ContactExists, FairleadError
from fairlead.service.gateway import AsyncGateway
from fairlead.service.producer import PIPELINE, new_contact
from fairlead.store.new_contact import Callback, NewContact
from fairlead.store.reading import ContactFilter, ContactRecord
from fairlead.store.transitions.producing import Receipt
from fairlead_web.api.access import may
from fairlead_web.api.bodies import (
    ContactId,
    Criteria,
    IdempotencyKey,
    Name,
    QueueName,
    Strict,
    Text,
    id_of,
    json_answer,
)
from fairlead_web.api.problems import Problem, Refusal, described
from fairlead_web.api.site import Acts, Asks

router = APIRouter(prefix="/v1", tags=["contacts"], dependencies=[may("contacts:read", "contacts:write")])

MOST_IN_A_BATCH = PIPELINE
Priority: TypeAlias = Annotated[int, Field(ge=limits.HIGHEST_PRIORITY, le=limits.LOWEST_PRIORITY)]
AgeAdjustment: TypeAlias = Annotated[
    int, Field(ge=-limits.LONGEST_AGE_ADJUSTMENT_S, le=limits.LONGEST_AGE_ADJUSTMENT_S)
]
DelayS: TypeAlias = Annotated[int, Field(ge=0, le=limits.LONGEST_CALLBACK_DELAY_S)]


class CallbackBody(Strict):
    """How a customer is called back: first after `delay_s`, then up to `retries` times more."""

    delay_s: DelayS = 0
    retry_delay_s: DelayS = 600
    retries: Annotated[int, Field(ge=0, le=limits.MOST_CALLBACK_RETRIES)] = 0
    expiry_s: Annotated[int, Field(ge=1, le=limits.LONGEST_EXPIRY_S)] = CALLBACK_EXPIRY_S

    def made(self) -> Callback:
        """As the library has it."""
        return Callback(**self.model_dump())


class ContactBody(Strict):
    """A contact. Give `queue` or `intake`, which chooses the queue; `payload`: any JSON, at most 64 KiB."""

    queue: QueueName | None = None
    intake: Name | None = None
    channel: Channel = "voice"
    payload: Any = None
    priority: Priority = limits.DEFAULT_PRIORITY
    age_adjustment_s: AgeAdjustment = 0
    criteria: Criteria = Field([])
    attributes: Annotated[dict[Name, Text], Field(max_length=limits.MOST_ATTRIBUTES)] = Field({})
    headers: dict[Name, Text] = Field({})
    direction: Direction = "inbound"
    customer: Name | None = None
    related_to: Name | None = None
    start_at_us: Annotated[int, Field(ge=0, lt=2**53)] | None = None
    start_in_s: Annotated[int, Field(ge=0, le=limits.LONGEST_SCHEDULE_S)] | None = None
    expiry_s: Annotated[int, Field(ge=1, le=limits.LONGEST_EXPIRY_S)] | None = None
    callback: CallbackBody | None = None

    def made(self, contact_id: str | None) -> NewContact:
        """As the library has it. Raises InvalidContact, InvalidCriteria."""
        given: dict[str, Any] = self.model_dump(exclude_none=True, exclude={"queue", "payload", "callback"})
        if contact_id:
            given["contact_id"] = contact_id
        if self.callback:
            given["callback"] = self.callback.made()
        return new_contact(self.queue or "", self.payload, **given)


class NamedContactBody(ContactBody):
    """A contact of a batch; with `contact_id` a second push of the same contact is harmless."""

    contact_id: Name | None = None


class Batch(Strict):
    """Contacts to be pushed together."""

    contacts: Annotated[list[NamedContactBody], Field(min_length=1, max_length=MOST_IN_A_BATCH)]


class Pushed(BaseModel):
    """What became of one contact of a batch: `contact`, or the `problem` with which it was refused."""

    status: int
    contact: Receipt | None = None
    problem: Problem | None = None


class BatchAnswer(BaseModel):
    """What became of each contact, in order."""

    results: list[Pushed]


class Contact(BaseModel):
    """A contact as it is kept. `rings_at`: at whom else it rings, `ring_tokens`: by which token; `refused_by`: who is
    not offered it, `refused_until_us`: until when, 0 for good; `payload`: only when it was asked for.
    """

    contact_id: str
    state: ContactState
    queue: str
    channel: Channel
    priority: int
    queued_us: int
    rank_us: int
    attempts: int
    again_us: int | None
    agent: str
    token: int | None
    error: str
    track: str
    step: int
    criteria: list[str]
    refused_by: list[str]
    rings_at: list[str]
    refused_until_us: dict[str, int]
    ring_tokens: dict[str, int]
    chain_length: int
    direction: Direction
    customer: str
    related_to: str
    attributes: dict[str, str]
    headers: dict[str, str]
    expires_us: int | None
    expires_by_itself: bool
    connected_us: int | None
    is_callback: bool
    decision: dict[str, Any] | None
    entered_us: int
    payload: Any = None


class Contacts(BaseModel):
    """Some contacts. `next_cursor`: with it the next ones are asked for; null: these are the last."""

    items: list[Contact]
    next_cursor: str | None


class ContactChange(Strict):
    """What is to change: `criteria` and priority or age adjustment of one that waits; an attribute of null goes."""

    priority: Priority | None = None
    age_adjustment_s: AgeAdjustment | None = None
    criteria: Criteria | None = None
    attributes: Annotated[dict[Name, Text | None], Field(max_length=2 * limits.MOST_ATTRIBUTES)] | None = None


def shown(contact: ContactRecord) -> dict[str, Any]:
    """A contact for programs."""
    found: dict[str, Any] = asdict(contact)
    found["criteria"] = [_step(line) for line in contact.criteria]
    found["refused_until_us"] = dict(found.pop("refused"))
    found["ring_tokens"] = dict(found.pop("rings"))
    found["refused_by"], found["rings_at"] = list(found["refused_until_us"]), list(found["ring_tokens"])
    payload = found.pop("payload")
    return found if payload is None else {**found, "payload": orjson.Fragment(payload)}


def _step(line: str) -> str:
    """A routing step as its producer may have written it."""
    expiry, _, expression = line.partition(" ")
    return f"{read_canonical(expression)}" + (f" for {int(expiry) // 1_000_000}s" if expiry.isdigit() else "")


def _receipt(receipt: Receipt) -> Response:
    headers = {"Location": f"/v1/contacts/{receipt.contact_id}"}
    return json_answer(asdict(receipt), 201 if receipt.created else 200, headers if receipt.created else None)


_PUSHED: Mapping[int | str, Any] = {
    200: {"model": Receipt, "description": "The contact was there already, with this content"},
    201: {"model": Receipt, "description": "The contact is in its queue, or with an agent"},
}
_FOUND: Mapping[int | str, Any] = {200: {"model": Contact}}


@router.post("/contacts", status_code=201, responses={**_PUSHED})
async def push(body: ContactBody, gateway: Asks, idempotency_key: IdempotencyKey = None) -> Response:
    """Push a contact."""
    if idempotency_key is None:
        return _receipt(await _push(gateway, body.made(None)))
    try:
        return _receipt(await _push(gateway, body.made(id_of(idempotency_key))))
    except ContactExists:
        detail = f"Idempotency-Key {idempotency_key[:80]!r} was used for a contact with other content"
        raise Refusal("idempotency-key-reused", detail) from None


async def _push(gateway: AsyncGateway, contact: NewContact) -> Receipt:
    async for answer in gateway.push_many([contact]):
        if isinstance(answer, FairleadError):
            raise answer
        return answer
    raise AssertionError("one contact has one answer")


@router.post("/contacts:batch", responses={200: {"model": BatchAnswer}})
async def push_batch(body: Batch, gateway: Asks) -> Response:
    """Push up to 500 contacts; each is pushed or refused by itself."""
    answers: list[NewContact | Receipt | FairleadError] = []
    for one in body.contacts:
        try:
            answers.append(one.made(one.contact_id))
        except FairleadError as failure:
            answers.append(failure)
    waiting = [place for place, one in enumerate(answers) if isinstance(one, NewContact)]
    pushed = gateway.push_many([one for one in answers if isinstance(one, NewContact)])
    for place, answer in zip(waiting, [one async for one in pushed], strict=True):
        answers[place] = answer
    return json_answer({"results": [_result(one) for one in answers]})


def _result(answer: Any) -> dict[str, Any]:
    if isinstance(answer, FairleadError):
        problem = described(answer, {})
        return {"status": problem["status"], "contact": None, "problem": problem}
    return {"status": 201 if answer.created else 200, "contact": asdict(answer), "problem": None}


@router.get("/contacts", responses={200: {"model": Contacts}})
async def find(
    gateway: Asks,
    state: ContactState | None = None,
    queue: QueueName | None = None,
    agent: Name | None = None,
    customer: Name | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str, Query(pattern="^[0-9]{1,19}$", description="`next_cursor` of the answer before")] = "0",
) -> Response:
    """Contacts in any state, in no order: `GET /v1/queues/{queue}/line` has those of a queue in theirs. A page may hold
    a few more than `limit`, or none: go on while there is a cursor.
    """
    wanted = ContactFilter(state or "", queue or "", agent or "", customer or "")
    page = await gateway.find_contacts(wanted, cursor, limit)
    return json_answer({"items": [shown(one) for one in page.contacts], "next_cursor": page.cursor or None})


@router.put("/contacts/{contact_id}", status_code=201, responses={**_PUSHED})
async def push_as(contact_id: ContactId, body: ContactBody, gateway: Asks) -> Response:
    """Push a contact under an id of one's own: a second push of the same contact is harmless."""
    return _receipt(await _push(gateway, body.made(contact_id)))


@router.get("/contacts/{contact_id}", responses={**_FOUND})
async def one(contact_id: ContactId, gateway: Asks, include: Literal["payload"] | None = None) -> Response:
    """A contact, until its record expires after its end."""
    return json_answer(shown(await gateway.contact(contact_id, with_payload=include == "payload")))


@router.patch("/contacts/{contact_id}", responses={**_FOUND})
async def change(contact_id: ContactId, body: ContactChange, acts: Acts, gateway: Asks) -> Response:
    """Change priority, age adjustment, criteria or attributes, which acts at once."""
    await acts.update(contact_id, **body.model_dump(exclude_unset=True))
    return await one(contact_id, gateway)
