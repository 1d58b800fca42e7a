"""The application: its resources, and what stands around them."""

from collections.abc import AsyncIterator, Collection, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from fairlead import __version__
from fairlead_web.api import (
    agents,
    browser,
    configuration,
    contact_actions,
    contacts,
    events,
    health,
    measures,
    objects,
    pages,
    problems,
    reference,
    session_actions,
    sessions,
    tokens,
    trying,
    webhooks,
)
from fairlead_web.api.guard import Guard
from fairlead_web.api.links import add_links
from fairlead_web.api.operations import name_of
from fairlead_web.api.problems import MEDIA_TYPE, Problem
from fairlead_web.api.site import Site

ROUTERS = (
    health.router, measures.router, events.router, contacts.router, contact_actions.router, contact_actions.customers,
    contact_actions.looks, browser.router,
    agents.router, sessions.router, session_actions.router, configuration.router, *objects.ROUTERS,
    trying.router, webhooks.router, tokens.router,
    pages.router, reference.router,
)  # fmt: skip
SUMMARY = "A contact router on Redis: every contact reaches the right agent, by routing profile, at once."


UNTRACED = ("/healthz", "/readyz", "/metrics", "/events")
"""How the paths end of what machines ask every few seconds, and of streams, which last for hours."""


class _App(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """The document, with links."""
        if not self.openapi_schema:
            add_links(super().openapi())
        assert self.openapi_schema  # noqa: S101  # it was made by then
        return self.openapi_schema


def make_app(site: Site, hosts: Collection[str] | None = None) -> FastAPI:
    """The application that serves a site. `hosts`: the names by which it may be asked; None: any."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with site.working():
            yield

    app = _App(
        title="Fairlead",
        version=__version__,
        summary=SUMMARY,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        responses={"4XX": {"description": "Refused", "content": {MEDIA_TYPE: {"schema": _PROBLEM}}}},
        redirect_slashes=False,
        generate_unique_id_function=name_of,
        telemetry={"operation_spans": False, "logs": False, "exclude": _is_untraced},
    )
    app.state.site = site
    problems.handle(app, ROUTERS)
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(Guard, site=site, hosts=hosts)
    return app


def _is_untraced(scope: MutableMapping[str, Any]) -> bool:
    return str(scope["path"]).endswith(UNTRACED)


_PROBLEM = Problem.model_json_schema()
