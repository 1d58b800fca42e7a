"""/v1/configuration: the whole of it, as JSON or as the TOML of a file."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel

from fairlead.configuration.converting import document_of
from fairlead.configuration.reading import configuration_in, parse_configuration
from fairlead.configuration.writing import render
from fairlead.domain.configuration import Configuration
from fairlead.errors import ConfigurationChanged
from fairlead_web.api.access import may
from fairlead_web.api.bodies import json_answer
from fairlead_web.api.problems import Refusal
from fairlead_web.api.site import Asks
from fairlead_web.api.versions import IfMatch, expected, tag_of

router = APIRouter(
    prefix="/v1/configuration",
    tags=["configuration"],
    dependencies=[may("configuration:read", "configuration:write")],
)

TOML = "application/toml"

EXAMPLE = {
    "queues": {"Support": {"max_contacts": 50}},
    "profiles": {"Front": {"channels": {"chat": {"slots": 3}}, "entries": [{"queue": "Support", "channel": "chat"}]}},
    "agents": {"ana": {"profile": "Front"}},
}
BODIES: Mapping[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "object"}, "example": EXAMPLE},
            TOML: {"schema": {"type": "string"}, "example": render(configuration_in(EXAMPLE, "", ""))},
        },
    }
}
"""A whole configuration, in either form."""


class Change(BaseModel):
    """One thing that is added, changed or removed."""

    kind: str
    what: str
    name: str
    details: list[str]
    affects: str


class Planned(BaseModel):
    """What changes, what is allowed and hardly meant, and the version that is in force."""

    changes: list[Change]
    warnings: list[str]
    applied: bool
    version: int


@router.get("", responses={200: {"content": {"application/json": {"schema": {"type": "object"}}, TOML: {}}}})
async def read(gateway: Asks, accept: Annotated[str, Header(max_length=500)] = "") -> Response:
    """The configuration in force; with `Accept: application/toml` as `fairlead export` writes it."""
    found, version = await gateway.configuration()
    if TOML in accept:
        headers = {"Cache-Control": "no-store", **tag_of(version)}
        return Response(render(found), headers=headers, media_type=TOML)
    values = document_of(found).model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    return json_answer(values, headers=tag_of(version))


@router.put("", openapi_extra=dict(BODIES), responses={200: {"model": Planned}})
async def apply(
    request: Request,
    gateway: Asks,
    if_match: IfMatch = None,
    dry_run: Annotated[bool, Query(description="Answer the plan, and change nothing")] = False,
) -> Response:
    """Replace the whole configuration; what it does not contain is removed. All of it acts, or nothing."""
    target = await target_of(request)
    version = None if dry_run and if_match is None else expected(if_match)
    planned = await gateway.plan(target)
    if version is not None and version != planned.version:
        raise ConfigurationChanged(f"the configuration is at version {planned.version}, not {version}: read it again")
    if planned.refusal:
        raise planned.refusal
    made = planned.version
    if planned.plan and not dry_run:
        made = await gateway.apply(target, planned.version)
    changes = [asdict(change) for change in planned.plan.changes]
    applied = bool(planned.plan) and not dry_run
    told = {"changes": changes, "warnings": planned.plan.warnings, "applied": applied, "version": made}
    return json_answer(told, headers=tag_of(made))


async def target_of(request: Request) -> Configuration:
    """The configuration that a request brings. Raises Refusal, InvalidConfiguration."""
    body = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == TOML:
        try:
            return parse_configuration(body.decode(), "body")
        except UnicodeDecodeError as failure:
            raise Refusal("malformed", f"the body is no text in UTF-8: {failure.reason}") from failure
    if kind != "application/json":
        raise Refusal("unsupported-media-type", f"send application/json or {TOML}, not {kind[:80]!r}")
    try:
        raw = orjson.loads(body)
    except orjson.JSONDecodeError as failure:
        raise Refusal("malformed", f"the body is no JSON: {failure}") from failure
    if not isinstance(raw, dict):
        raise Refusal("malformed", "a configuration is a JSON object")
    return configuration_in(raw, "", "")

