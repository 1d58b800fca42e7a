"""/v1/access: who asks; and how a browser gets a cookie for a token, which no script is to read."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from fairlead_web.api.access import COOKIE, Caller, text_of
from fairlead_web.api.bodies import Strict, json_answer
from fairlead_web.api.site import TheSite

router = APIRouter(prefix="/v1/access", tags=["access"])


class Entrance(Strict):
    """A token, to be kept as a cookie."""

    token: str = Field(min_length=1, max_length=200)


class Rights(BaseModel):
    """Who asks. `scopes`: what they may; `agent`: as whom they may work; `name`: what events call them."""

    name: str
    scopes: list[str]
    agent: str


def _answer(caller: Caller) -> Response:
    token = caller.token
    name, scopes, agent = (token.name, list(token.scopes), token.agent) if token else ("http", ["admin"], "")
    return json_answer({"name": name, "scopes": scopes, "agent": agent})


@router.get("", responses={200: {"model": Rights}})
async def look(request: Request, site: TheSite) -> Response:
    """Who asks, and what they may."""
    request.state.caller = await site.access.caller(text_of(request))
    return _answer(request.state.caller)


@router.post("", responses={200: {"model": Rights}})
async def enter(body: Entrance, site: TheSite) -> Response:
    """Let this browser keep the token as a cookie that no script can read."""
    answer = _answer(await site.access.caller(body.token))
    answer.set_cookie(COOKIE, body.token, secure=True, httponly=True, samesite="strict", path="/")
    return answer


@router.delete("", status_code=204)
async def leave() -> Response:
    """Let this browser forget the token."""
    answer = Response(status_code=204)
    answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="strict", path="/")
    return answer
