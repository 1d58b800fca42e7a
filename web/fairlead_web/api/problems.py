"""What is answered when something is refused: problems as RFC 9457 has them, made of Fairlead's errors by one table.

The type of a problem is a page: /problems/SLUG says what it means.
"""

import logging
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.routing import Match

from fairlead import errors
from fairlead.errors import FairleadError
from fairlead.service.problems import slug_of

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = "1"

BRANCHES: Mapping[type[FairleadError], int] = {
    FairleadError: 500,
    errors.BadInput: 422,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.RedisError: 503,
    errors.UnknownInstance: 503,
    errors.ConfigurationChanged: 412,
    errors.RedisRefused: 500,
    errors.RedisTooOld: 500,
    errors.RedisMoved: 500,
}
"""The status of each branch of the tree of errors; what stands deeper goes before."""

IN_PATH: Mapping[type[FairleadError], str] = {
    errors.UnknownContact: "contact_id",
    errors.UnknownAgent: "agent",
    errors.UnknownQueue: "queue",
    errors.UnknownProfile: "profile",
    errors.UnknownStatus: "status",
    errors.UnknownHours: "hours",
    errors.UnknownIntake: "intake",
    errors.UnknownWebhook: "webhook_id",
    errors.UnknownToken: "token_id",
}
"""What an error does not find is named in the path by this parameter, or else in the body: nobody is to take a typo for
a page that is missing. Its message says the name."""

log = logging.getLogger("fairlead.web")


class Problem(BaseModel):
    """What was refused, and why."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem that is no error of the library's."""

    status: int
    title: str
    means: str = ""


KINDS: Mapping[str, Kind] = {
    "malformed": Kind(400, "The body is no JSON", "The body of the request could not be read as JSON in UTF-8."),
    "invalid-request": Kind(
        422,
        "The request breaks the schema",
        "A member of the body, or a parameter, is missing, unknown or outside its limits; `errors` names each.",
    ),
    "unauthorized": Kind(
        401, "A token is needed", "The server has tokens: send one as `Authorization: Bearer TOKEN`, or enter with one."
    ),
    "forbidden": Kind(403, "The token does not allow this", "The detail names the scope that it lacks."),
    "too-large": Kind(
        413, "The body is too large", "A body has at most 128 KiB, that of a batch or a configuration 8 MiB."
    ),
    "too-many-requests": Kind(
        429, "The token makes too many requests", "Wait as long as Retry-After says, and push many contacts as a batch."
    ),
    "precondition-required": Kind(
        428, "Say what the change was made from", "Send the ETag of what was read as If-Match, or If-None-Match: *."
    ),
    "changed": Kind(412, "It has changed since it was read", "Read it again: its ETag is another one by now."),
    "unsupported-media-type": Kind(415, "The body has another form", "The detail names the forms that it may have."),
    "no-such-resource": Kind(404, "There is no such page", "No resource has this path: /openapi.json lists all."),
    "method-not-allowed": Kind(
        405, "The resource does not allow the method", "The header Allow lists the methods that it allows."
    ),
    "idempotency-key-reused": Kind(
        422, "The Idempotency-Key was used before", "It is that of a contact with other content: give each its own key."
    ),
    "too-busy": Kind(503, "The process is at its limit", "Try again later, or ask another process."),
    "wrong-host": Kind(
        421,
        "The server is not known by that name",
        "A server without tokens answers to its own address and to localhost only, so that no page of another site can "
        "reach it by a name of its own.",
    ),
    "cross-site": Kind(403, "Another site asks", "A browser asked to write for a page of another site."),
    "unexpected": Kind(500, "A bug", "The server failed in a way that nobody has foreseen; its log says how."),
    "refused": Kind(400, "The request was refused", "The detail says why."),
}


def status_of(kind: type[FairleadError]) -> int:
    """The status with which an error is answered."""
    return next(BRANCHES[one] for one in kind.__mro__ if one in BRANCHES)


def title_of(kind: type[FairleadError]) -> str:
    """The first line of what the error says of itself."""
    return " ".join((kind.__doc__ or "").split("\n\n")[0].split()).rstrip(".")


def described(failure: FairleadError, path: Mapping[str, Any]) -> dict[str, Any]:
    """The problem of an error; `path`: the parameters of the request's path."""
    kind = type(failure)
    status = status_of(kind)
    if status == HTTPStatus.NOT_FOUND and repr(path.get(IN_PATH.get(kind, ""))) not in str(failure):
        status = HTTPStatus.UNPROCESSABLE_ENTITY.value
    more: dict[str, Any] = {}
    if isinstance(failure, errors.AgentSignedIn):
        more = {"holder": failure.holder, "epoch": failure.epoch, "lease_left_ms": failure.lease_left_ms}
    return {
        "type": f"/problems/{slug_of(kind)}", "title": title_of(kind), "status": status, "detail": str(failure), **more,
    }  # fmt: skip


def problem(slug: str, detail: str = "", **more: Any) -> dict[str, Any]:
    """A problem that is no error of the library's."""
    kind = KINDS[slug]
    return {"type": f"/problems/{slug}", "title": kind.title, "status": kind.status, "detail": detail, **more}


def answer(told: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """The problem as a response."""
    given = {"Cache-Control": "no-store", **(headers or {})}
    if told["status"] == HTTPStatus.SERVICE_UNAVAILABLE:
        given["Retry-After"] = RETRY_AFTER_S
    return Response(orjson.dumps(told), told["status"], given, MEDIA_TYPE)


class Refusal(Exception):
    """A request is refused with a problem that is no error of the library's."""

    def __init__(self, slug: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.told, self.headers = problem(slug, detail, **more), headers


def pages() -> dict[str, Kind]:
    """Each type of problem by its slug: those of the library's errors, then those of HTTP."""
    return {slug_of(kind): Kind(status_of(kind), title_of(kind)) for kind in _tree(FairleadError)} | dict(KINDS)


def render() -> str:
    """The page of problems, in Markdown."""
    intro = (
        "What `fairlead serve` answers when it refuses a request, as RFC 9457 has it. `type` is `/problems/` and one "
        "of these words, `detail` what is wrong with this request. What is not found is answered with 404 when the "
        "path names it, and with 422 when the body does. Generated by `python -m fairlead_web.api.problems`."
    )
    lines = [f"- **{slug}** ({kind.status}): {kind.title}. {kind.means}".strip() for slug, kind in pages().items()]
    told = [textwrap.fill(line, 120, subsequent_indent="  ", break_on_hyphens=False) for line in lines]
    return "\n".join(["# Problems", "", textwrap.fill(intro, 120), "", *told]) + "\n"


def _tree(kind: type[FairleadError]) -> list[type[FairleadError]]:
    below = [one for child in kind.__subclasses__() for one in _tree(child)]
    return [kind, *below] if kind.__module__ == errors.__name__ else below


def handle(app: FastAPI, routers: Sequence[APIRouter]) -> None:
    """Let the application of these routers answer with problems."""
    app.state.routers = routers
    handlers: dict[type[Exception], Any] = {
        FairleadError: _of_error, Refusal: _of_refusal, RequestValidationError: _of_broken_schema,
        HTTPException: _of_router, Exception: _of_bug,
    }  # fmt: skip
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


async def _of_error(request: Request, failure: FairleadError) -> Response:
    told = described(failure, request.path_params)
    if told["status"] == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("%s %s: %s", request.method, request.url.path, failure)
    return answer(told)


async def _of_refusal(_: Request, refusal: Refusal) -> Response:
    return answer(refusal.told, refusal.headers)


async def _of_broken_schema(_: Request, failure: RequestValidationError) -> Response:
    found = failure.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return answer(problem("malformed", f"the body is no JSON: {found[0]['ctx']['error']}"))
    told = [{"pointer": _pointer(one["loc"]), "detail": one["msg"]} for one in found]
    detail = "; ".join(f"{one['pointer']}: {one['detail']}" for one in told)
    return answer(problem("invalid-request", detail, errors=told))


async def _of_router(request: Request, refusal: HTTPException) -> Response:
    path, status = request.url.path, refusal.status_code
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = ", ".join(sorted(_methods(request)))
        return answer(problem("method-not-allowed", f"{path} allows {allowed}"), {"Allow": allowed})
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return answer(problem("too-large", str(refusal.detail)), {"Connection": "close"})
    if status == HTTPStatus.NOT_FOUND:
        return answer(problem("no-such-resource", f"there is nothing at {path}: see /openapi.json"))
    return answer(problem("refused", str(refusal.detail)) | {"status": status})


async def _of_bug(_: Request, __: Exception) -> Response:
    return answer(problem("unexpected", "the server has a bug: its log says what failed"))


def _pointer(place: tuple[str | int, ...]) -> str:
    """Where in the request: #/criteria/0 of the body, else the parameter."""
    where, *path = place
    return "#" + "".join(f"/{part}" for part in path) if where == "body" else "/".join(map(str, path or place))


def _methods(request: Request) -> set[str]:
    """All methods of the resource: a router of Starlette knows those of one route."""
    routes = [route for router in request.app.state.routers for route in router.routes]
    found = [route for route in routes if route.matches(request.scope)[0] is not Match.NONE]
    return {method for route in found for method in getattr(route, "methods", None) or ()}


if __name__ == "__main__":
    sys.stdout.write(render())
