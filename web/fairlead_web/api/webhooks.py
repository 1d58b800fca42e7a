"""/v1/webhooks: which addresses are sent the events, what came of it, and sending it once more."""

import asyncio
import time
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field, StringConstraints

from fairlead.domain.names import NAME_PATTERN
from fairlead.service.webhooks.delivering import MOST_DELIVERIES, Outcome
from fairlead.service.webhooks.endpoints import LONGEST_URL, MOST_EVENTS, Format, Webhook, described_webhook
from fairlead.service.webhooks.given_up import MOST_REPLAYED, described_undelivered
from fairlead.store.reading import Event
from fairlead_web.api.access import may
from fairlead_web.api.bodies import IdempotencyKey, Strict, id_of, json_answer
from fairlead_web.api.problems import Refusal
from fairlead_web.api.ring import ID_PATTERN
from fairlead_web.api.site import Asks, TheSite
from fairlead_web.api.versions import IfMatch, expected, tag_of

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], dependencies=[may("webhooks")])

EXAMPLE = "https://shop.example/in"
WebhookId = Annotated[str, Path(pattern=f"^{NAME_PATTERN}$")]
EventId = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,19}-[0-9]{1,19}$")]
Beginning = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._]{1,64}$")]


class Endpoint(Strict):
    """Where events go, and which. `events`: how their names begin, as `contact.`; none: all."""

    url: Annotated[
        str,
        Field(pattern="^https?://[!-~]+$", max_length=LONGEST_URL, description="https://host/path", examples=[EXAMPLE]),
    ]
    events: Annotated[list[Beginning], Field(max_length=MOST_EVENTS)] = Field([])
    format: Format = "standard"


class WebhookView(BaseModel):
    """An endpoint. `off`: why it gets no events, null: it gets them; `failing_us`: since when it has taken nothing that
    it was sent, null: it took the last.
    """

    webhook_id: str
    url: str
    events: list[str]
    format: Format
    created_us: int
    off: str | None
    failing_us: int | None


class Secret(BaseModel):
    """The secret that signs what the endpoint is sent. It is not shown again."""

    webhook_id: str
    secret: str


class MadeWebhook(WebhookView):
    """An endpoint, and the secret that signs what it is sent, which is not shown again."""

    secret: str


class WebhookList(BaseModel):
    """All endpoints, the oldest first."""

    items: list[WebhookView]


class DeliveryView(BaseModel):
    """An event that was sent. `status`: of the answer, null: there was none; `error`: null when it was taken."""

    event_id: str
    name: str
    at_us: int
    outcome: Outcome
    status: int | None
    error: str | None
    took_ms: int


class Deliveries(BaseModel):
    """What was sent, the newest first."""

    items: list[DeliveryView]


class UndeliveredView(BaseModel):
    """An event that was given up after all attempts."""

    undelivered_id: str
    webhook_id: str
    event_id: str
    name: str
    at_us: int
    error: str
    fields: dict[str, str]


class UndeliveredList(BaseModel):
    """What was given up, the oldest first. `next_after`: the `undelivered_id` after which to go on; null: these are
    the last.
    """

    items: list[UndeliveredView]
    next_after: str | None


class Tried(BaseModel):
    """What came of an event that was sent at once."""

    taken: bool
    status: int | None
    error: str | None


class ReplayBody(Strict):
    """What is sent once more: all that was given up, or these of them, or all events of the stream after one."""

    undelivered_ids: Annotated[list[EventId], Field(min_length=1, max_length=MOST_REPLAYED)] | None = None
    after: Annotated[
        str | None, Field(max_length=39, pattern=f"^({ID_PATTERN})$", description="An event's id; -: all of the stream")
    ] = None


class Replayed(BaseModel):
    """How many were handed on for delivery. `more`: repeat the request to go on, with `after` from `next_after`."""

    handed_on: int
    more: bool
    next_after: str | None


ONE: dict[int | str, Any] = {200: {"model": WebhookView}}


def _shown(one: Webhook, secret: str = "", *, is_new: bool = False) -> Response:
    headers = tag_of(one.version) | ({"Location": f"/v1/webhooks/{one.webhook_id}"} if is_new else {})
    told = described_webhook(one) | ({"secret": secret} if is_new else {})
    return json_answer(told, 201 if is_new else 200, headers)


@router.get("", responses={200: {"model": WebhookList}})
async def all_webhooks(gateway: Asks) -> Response:
    """All endpoints, and whether they take what they are sent."""
    return json_answer({"items": [described_webhook(one) for one in await gateway.webhooks()]})


@router.post("", status_code=201, responses={200: {"model": WebhookView}, 201: {"model": MadeWebhook}})
async def create(body: Endpoint, gateway: Asks, idempotency_key: IdempotencyKey = None) -> Response:
    """Make an endpoint, which gets the events from now on. The answer has its secret, this once.

    With an Idempotency-Key a second request makes no second one, and is answered without the secret: who has not got
    it, because the first answer was lost, rotates it.
    """
    webhook_id = id_of(idempotency_key) if idempotency_key else ""
    made, secret = await gateway.create_webhook(body.url, body.events, body.format, webhook_id=webhook_id)
    if not secret and (made.url, list(made.events), made.format) != (body.url, body.events, body.format):
        raise Refusal("idempotency-key-reused", f"webhook {made.webhook_id!r} was made with this key, and is another")
    return _shown(made, secret, is_new=bool(secret))


@router.get("/{webhook_id}", responses=ONE)
async def one_webhook(webhook_id: WebhookId, gateway: Asks) -> Response:
    """One endpoint."""
    return _shown(await gateway.webhook(webhook_id))


@router.put("/{webhook_id}", responses=ONE)
async def change(webhook_id: WebhookId, body: Endpoint, gateway: Asks, if_match: IfMatch = None) -> Response:
    """Change an endpoint, which keeps its secret."""
    version = expected(if_match)
    return _shown(await gateway.change_webhook(webhook_id, body.url, body.events, body.format, version=version))


@router.delete("/{webhook_id}", status_code=204)
async def remove(webhook_id: WebhookId, gateway: Asks, if_match: IfMatch = None) -> Response:
    """Remove an endpoint: what is still to be delivered to it is dropped."""
    await gateway.remove_webhook(webhook_id, expected(if_match))
    return Response(status_code=204)


@router.post("/{webhook_id}/on", responses=ONE)
async def switch_on(webhook_id: WebhookId, gateway: Asks) -> Response:
    """Switch an endpoint on: it gets the events from now on."""
    await gateway.switch_webhook_on(webhook_id)
    return _shown(await gateway.webhook(webhook_id))


@router.post("/{webhook_id}/off", responses=ONE)
async def switch_off(webhook_id: WebhookId, gateway: Asks) -> Response:
    """Switch an endpoint off: it gets no events until it is switched on."""
    await gateway.switch_webhook_off(webhook_id, "by_hand")
    return _shown(await gateway.webhook(webhook_id))


@router.post("/{webhook_id}/rotate_secret", responses={200: {"model": Secret}})
async def rotate_secret(webhook_id: WebhookId, gateway: Asks) -> Response:
    """Give an endpoint a new secret, which the answer has, this once. Those before sign, too, for a day after they were
    replaced, so that asking twice does no harm.
    """
    secret = await gateway.rotate_webhook_secret(webhook_id)
    return json_answer({"webhook_id": webhook_id, "secret": secret})


@router.post("/{webhook_id}/test", responses={200: {"model": Tried}})
async def send_test(webhook_id: WebhookId, gateway: Asks, site: TheSite) -> Response:
    """Send an event `webhook.test` to an endpoint, at once and once, also to one that is off."""
    from fairlead_web.webhooks.sending import send

    found, at_us = await gateway.webhook(webhook_id), time.time_ns() // 1_000
    event = Event(f"{at_us // 1_000}-0", "webhook.test", at_us, {"webhook": webhook_id})
    answer = await asyncio.to_thread(send, found, event, gateway.instance, site.networks)
    return json_answer({"taken": answer.is_taken, "status": answer.status, "error": answer.error or None})


@router.get("/{webhook_id}/deliveries", responses={200: {"model": Deliveries}})
async def deliveries(
    webhook_id: WebhookId, gateway: Asks, limit: Annotated[int, Query(ge=1, le=MOST_DELIVERIES)] = 100
) -> Response:
    """What was sent to an endpoint, the newest first, and what came of it."""
    found = await gateway.deliveries(webhook_id, limit)
    return json_answer({"items": [asdict(one) | {"error": one.error or None} for one in found]})


@router.get("/{webhook_id}/undelivered", responses={200: {"model": UndeliveredList}})
async def undelivered(
    webhook_id: WebhookId,
    gateway: Asks,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    after: Annotated[EventId | None, Query()] = None,
) -> Response:
    """The events that were given up after all attempts, the oldest first."""
    await gateway.webhook(webhook_id)
    found = await gateway.undelivered(webhook_id, limit, after or "-")
    ends = found[-1].undelivered_id if len(found) == limit else None
    return json_answer({"items": [described_undelivered(one) for one in found], "next_after": ends})


@router.post("/{webhook_id}/replay", responses={200: {"model": Replayed}})
async def replay(
    webhook_id: WebhookId, body: ReplayBody, gateway: Asks, site: TheSite, idempotency_key: IdempotencyKey = None
) -> Response:
    """Send once more what was given up, or these of it, or what the stream still has after an event; at most 1,000 at a
    time.

    With an Idempotency-Key nothing is sent twice by a request that is repeated within an hour.
    """
    from fairlead_web.webhooks.delivering import hand_on_all

    if body.undelivered_ids and body.after:
        raise Refusal("invalid-request", "give undelivered_ids or after, not both")
    found = await gateway.to_replay(webhook_id, body.undelivered_ids or (), body.after or "")
    again = f"-{id_of(idempotency_key) if idempotency_key else time.time_ns() // 1_000_000}"
    many = await asyncio.to_thread(partial(hand_on_all, site.deliveries, webhook_id, found.events, again))
    await gateway.forget_undelivered(found.undelivered_ids)
    return json_answer({"handed_on": many, "more": found.more, "next_after": found.next_after or None})
