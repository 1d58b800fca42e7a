"""/v1/tokens: who may ask this server."""

from dataclasses import asdict
from typing import Annotated, Any, TypeAlias

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field, StringConstraints

from fairlead.domain.names import NAME_PATTERN
from fairlead.service.tokens import LONGEST_S, SCOPES, Token
from fairlead_web.api.access import may
from fairlead_web.api.bodies import Name, Strict, json_answer
from fairlead_web.api.site import Asks, TheSite

router = APIRouter(prefix="/v1/tokens", tags=["tokens"], dependencies=[may("admin")])

Scope: TypeAlias = Annotated[str, StringConstraints(pattern=f"^({'|'.join(SCOPES)})$")]


class NewToken(Strict):
    """What a token allows. `agent`: as whom it works, with the scope `work`; `expires_in_s`: null: never; `name`: what
    events call who has it, by default its id.
    """

    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(SCOPES), examples=[["contacts:write"]])]
    agent: Name | None = None
    expires_in_s: Annotated[int, Field(ge=1, le=LONGEST_S)] | None = None
    name: Name | None = None


class TokenView(BaseModel):
    """A token, without its text. `agent`: empty: nobody; `used_us`: when it was used last, to the hour; null: never."""

    token_id: str
    name: str
    scopes: list[str]
    agent: str
    created_us: int
    expires_us: int | None
    used_us: int | None


class MadeToken(TokenView):
    """A token and its text, which is not shown again."""

    token: str


class TokenList(BaseModel):
    """All tokens that have not expired, by name."""

    items: list[TokenView]


def _shown(token: Token) -> dict[str, Any]:
    return {name: value for name, value in asdict(token).items() if name != "digest"}


@router.get("", responses={200: {"model": TokenList}})
async def tokens(gateway: Asks) -> Response:
    """All tokens that have not expired; what they are is known to who has them alone."""
    return json_answer({"items": [_shown(token) for token in await gateway.tokens()]})


@router.post("", status_code=201, responses={201: {"model": MadeToken}})
async def create(body: NewToken, gateway: Asks, site: TheSite) -> Response:
    """Make a token. This answer alone has its text: who has lost it revokes it, and makes another."""
    token, text = await gateway.create_token(
        body.scopes, agent=body.agent or "", expires_in_s=body.expires_in_s, name=body.name or ""
    )
    await site.access.refresh(0)
    return json_answer({**_shown(token), "token": text}, 201)


@router.delete("/{token_id}", status_code=204)
async def revoke(token_id: Annotated[str, Path(pattern=f"^{NAME_PATTERN}$")], gateway: Asks, site: TheSite) -> Response:
    """Take a token back: this process refuses it at once, the others within 5 s."""
    await gateway.revoke_token(token_id)
    await site.access.refresh(0)
    return Response(status_code=204)
