"""/v1/queues, /profiles, /agents, /statuses, /hours, /intakes: the configuration, object by object."""

from bisect import bisect_right
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, create_model

from fairlead.configuration.document import DOCUMENTS, SECTIONS, ObjectDocument
from fairlead.configuration.objects import object_values, parse_object
from fairlead.domain.names import NAME_PATTERN
from fairlead.domain.objects import Kind
from fairlead.errors import NotFound
from fairlead_web.api.access import may
from fairlead_web.api.bodies import Name, json_answer
from fairlead_web.api.site import Asks
from fairlead_web.api.versions import NEW, IfMatch, IfNoneMatch, expected, tag_of

AS_AGENTS_NEED: frozenset[Kind] = frozenset({"status", "queue"})
"""Kinds that who works as an agent may look at: what to change to, and where to hand contacts on."""


def router_of(kind: Kind) -> APIRouter:
    """The resources of one kind of objects."""
    document, path = DOCUMENTS[kind], f"/v1/{SECTIONS[kind]}"
    item: type[BaseModel] = create_model(f"Named{document.__name__}", __base__=document, name=(Name, ...))
    listed: Any = list.__class_getitem__(item)
    items: type[BaseModel] = create_model(f"{document.__name__}s", items=(listed, ...), next_after=(str | None, ...))
    check = may(
        "configuration:read", "configuration:write", as_agent=kind == "agent", at_work=kind in AS_AGENTS_NEED
    )
    router = APIRouter(prefix=path, tags=["configuration"], dependencies=[check])
    name_in_path: Any = Path(alias=kind, pattern=f"^{NAME_PATTERN}$")
    one = f"/{{{kind}}}"

    @router.get(
        "", responses={200: {"model": items}}, summary=f"List {SECTIONS[kind]}", operation_id=f"list_{SECTIONS[kind]}"
    )
    async def _(gateway: Asks, after: str = "", limit: Annotated[int, Query(ge=1, le=1_000)] = 500) -> Response:
        found = (await gateway.configuration())[0].of_kind(kind)
        names = sorted(found)
        first = bisect_right(names, after)
        shown = names[first : first + limit]
        more = first + limit < len(names)
        told = [{"name": name, **object_values(found[name])} for name in shown]
        return json_answer({"items": told, "next_after": shown[-1] if more else None})

    @router.get(one, responses={200: {"model": item}}, summary=f"One of {SECTIONS[kind]}", operation_id=f"get_{kind}")
    async def _(gateway: Asks, name: str = name_in_path) -> Response:
        found, version = await gateway.object(kind, name)
        return json_answer({"name": name, **object_values(found)}, headers=tag_of(version))

    async def put(
        gateway: Asks,
        body: ObjectDocument,
        if_match: IfMatch = None,
        if_none_match: IfNoneMatch = None,
        name: str = name_in_path,
    ) -> Response:
        return await _put(gateway, kind, name, body, expected(if_match, if_none_match))

    put.__annotations__["body"] = document
    router.put(
        one, responses={200: {"model": item}, 201: {"model": item}}, summary=f"Make or change one of {SECTIONS[kind]}",
        operation_id=f"put_{kind}",
    )(put)  # fmt: skip

    @router.delete(one, status_code=204, summary=f"Remove one of {SECTIONS[kind]}", operation_id=f"delete_{kind}")
    async def _(gateway: Asks, if_match: IfMatch = None, name: str = name_in_path) -> Response:
        version = expected(if_match)
        found = (await gateway.object(kind, name))[1] if version is None else version
        return Response(status_code=204, headers=tag_of(await gateway.remove(kind, name, found)))

    return router


async def _put(gateway: Asks, kind: Kind, name: str, body: ObjectDocument, version: int | None) -> Response:
    target = parse_object(kind, name, body.model_dump(exclude_unset=True))
    if version is None:
        try:
            version = (await gateway.object(kind, name))[1]
        except NotFound:
            version = NEW
    made = await gateway.put(target, version)
    headers = tag_of(made) | ({"Location": f"/v1/{SECTIONS[kind]}/{name}"} if version == NEW else {})
    return json_answer({"name": name, **object_values(target)}, 201 if version == NEW else 200, headers)


ROUTERS = [router_of(kind) for kind in DOCUMENTS]
