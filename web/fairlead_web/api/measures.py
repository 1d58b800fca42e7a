"""/v1/measures: what there is to measure."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from fairlead.service.report import AgentRow, QueueRow
from fairlead.service.snapshot import AgentMeasures, QueueNow
from fairlead_web.api.access import may
from fairlead_web.api.bodies import QueueName, json_answer
from fairlead_web.api.site import Asks, TheSite, as_json

router = APIRouter(prefix="/v1/measures", tags=["measures"], dependencies=[may("measures")])

MOST_MIN = 31 * 1_440
"""How far back measures go at most, in minutes."""

DAY_S = 86_400


class Current(BaseModel):
    """The instance now: its queues, and the agents who are signed in. Waits in seconds, shares in %."""

    at_us: int
    configuration_version: int
    parked: int
    measures: AgentMeasures
    queues: list[QueueNow]
    agents: list[dict[str, Any]]


class Intervals(BaseModel):
    """Measures in intervals, the oldest first."""

    items: list[QueueRow] | list[AgentRow]


@router.get("", responses={200: {"model": Intervals}})
async def intervals(
    gateway: Asks,
    by: Literal["queue", "agent"] = "queue",
    interval_min: Annotated[int, Query(ge=1, le=MOST_MIN, description="Minutes of an interval.")] = 15,
    since_min: Annotated[int, Query(ge=1, le=MOST_MIN, description="Minutes to look back.")] = 480,
    queue: QueueName | None = None,
    within_s: Annotated[int, Query(ge=1, le=DAY_S, description="Of queues: threshold of the service level.")]
    | None = None,
) -> Response:
    """Measures in intervals that begin on the round clock, of queues or of agents."""
    rows: Sequence[QueueRow | AgentRow]
    if by == "agent":
        rows = await gateway.agent_report(interval_min, since_min)
    else:
        rows = await gateway.report(interval_min, since_min, queue, within_s)
    return json_answer({"items": [asdict(row) for row in rows]})


@router.get("/current", response_class=Response, responses={200: {"model": Current}})
async def current(site: TheSite) -> Response:
    """The instance now, read at most once a second, however many ask; Age says how many seconds ago."""
    look, age_s = await site.look.look()
    headers = {"Cache-Control": "no-store", "Age": str(int(age_s))}
    return Response(look.made(as_json), headers=headers, media_type="application/json")
