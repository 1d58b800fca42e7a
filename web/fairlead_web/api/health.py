"""Whether the process lives and can serve, and its metrics."""

from typing import Any

from fastapi import APIRouter, Response

from fairlead_web.api.access import may
from fairlead_web.api.site import TheSite, as_metrics
from fairlead_web.metrics import CONTENT_TYPE, age

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> dict[str, bool]:
    """The process lives. Redis is not asked: a process that waits for it is not to be restarted."""
    return {"healthy": True}


@router.get("/readyz", responses={503: {"description": "Redis cannot serve"}})
async def readyz(site: TheSite) -> dict[str, Any]:
    """The process can serve: Redis answers."""
    return {"ready": True, "redis": await site.gateway.version()}


@router.get(
    "/metrics",
    dependencies=[may("measures")],
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}},
)
async def metrics(site: TheSite) -> Response:
    """What there is to measure, for Prometheus; read at most once a second."""
    look, age_s = await site.look.look()
    body = age(age_s).encode() + look.made(as_metrics)
    return Response(body, headers={"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"})
