"""/v1/measures: what there is to measure."""

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel

from fairlead.service.snapshot import AgentMeasures, QueueMeasures
from fairlead_web.api.access import may
from fairlead_web.api.site import TheSite, as_json

router = APIRouter(prefix="/v1/measures", tags=["measures"], dependencies=[may("measures")])


class Current(BaseModel):
    """The instance now: its queues, and the agents who are signed in. Waits in seconds, shares in %."""

    at_us: int
    configuration_version: int
    parked: int
    measures: AgentMeasures
    queues: list[QueueMeasures]
    agents: list[dict[str, Any]]


@router.get("/current", response_class=Response, responses={200: {"model": Current}})
async def current(site: TheSite) -> Response:
    """The instance now, read at most once a second, however many ask; Age says how many seconds ago."""
    look, age_s = await site.look.look()
    headers = {"Cache-Control": "no-store", "Age": str(int(age_s))}
    return Response(look.made(as_json), headers=headers, media_type="application/json")
