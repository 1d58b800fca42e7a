"""Who asks, and what they may: tokens, looked up in a list that is read every few seconds."""

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from fairlead.errors import RedisError
from fairlead.service.gateway import AsyncGateway
from fairlead.service.tokens import Token, id_in
from fairlead_web.api.problems import Refusal

T = TypeVar("T")

COOKIE = "__Host-fairlead"
"""The cookie of a browser. Its name makes browsers take it over HTTPS only, for this host and all paths."""

EVERY_S = 5.0
"""How long the list of tokens is believed: so long a revoked one is taken at most."""

AGAIN_S = 1.0
"""A token that is not in the list may be new: then it is read again, but no more often than this."""

RATE = 500.0
"""How many requests a second a token may make of one process, over time; twice as many at once."""

NOTED_EVERY_S = 3_600.0
"""How often it is noted that a token is used."""

_ASKS = {"WWW-Authenticate": 'Bearer realm="fairlead"'}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `token`: None when the server has no tokens: who reaches it may do everything. `limits`: the headers
    that tell how often it may ask.
    """

    token: Token | None
    limits: Mapping[str, str] = field(default_factory=dict)

    @property
    def actor(self) -> str:
        """As events tell it."""
        return f"http:{self.token.name}" if self.token else "http"

    @property
    def is_at_work(self) -> bool:
        """Whether the caller works as an agent, whichever."""
        return self.token is not None and bool(self.token.agent)

    def may(self, scope: str, agent: str) -> bool:
        """Whether the caller may do what a scope allows; as an agent the token's own one alone."""
        if self.token is None:
            return True
        return self.token.allows("admin") or (
            self.token.agent == agent if scope == "work" else self.token.allows(scope)
        )


class Access:
    """Knows callers by their tokens. `is_required`: a token is needed; once there was one, it stays so.

    `rate`: how many requests a second a token may make.
    """

    def __init__(
        self, gateway: AsyncGateway, *, rate: float = RATE, clock: Callable[[], float] = monotonic
    ) -> None:
        self._gateway, self._rate, self._clock = gateway, rate, clock
        self._tokens: Mapping[str, Token] = {}
        self._read_s = -math.inf
        self._buckets: dict[str, tuple[float, float]] = {}
        self._noted_s: dict[str, float] = {}
        self.is_required = False

    async def refresh(self, older_than_s: float = EVERY_S) -> None:
        """Read the list when it is older than that."""
        if self._clock() - self._read_s < older_than_s:
            return
        self._read_s = self._clock()
        self._tokens = {token.token_id: token for token in await self._gateway.tokens()}
        self._buckets, self._noted_s = self._of_tokens(self._buckets), self._of_tokens(self._noted_s)
        self.is_required = self.is_required or bool(self._tokens)

    async def caller(self, text: str) -> Caller:
        """Who has this token. Raises Refusal."""
        await self.refresh()
        if not self.is_required:
            return Caller(None)
        token_id = id_in(text)
        if token_id and token_id not in self._tokens:
            await self.refresh(AGAIN_S)
        token = self._tokens.get(token_id)
        if token is None or not token.is_of(text):
            told = "it is none, has expired or was revoked" if text else "send Authorization: Bearer TOKEN"
            raise Refusal("unauthorized", f"a token is needed: {told}", _ASKS)
        limits = self._spend(token.token_id)
        if self._clock() - self._noted_s.get(token.token_id, -math.inf) >= NOTED_EVERY_S:
            self._noted_s[token.token_id] = self._clock()
            with suppress(RedisError):
                await self._gateway.note_token_used(token.token_id)
        return Caller(token, limits)

    async def knows(self, caller: Caller) -> bool:
        """Whether the caller would still be let in; while Redis cannot tell, who was let in stays."""
        with suppress(RedisError):
            await self.refresh()
        return caller.token.token_id in self._tokens if caller.token else not self.is_required

    def _of_tokens(self, found: dict[str, T]) -> dict[str, T]:
        return {token_id: one for token_id, one in found.items() if token_id in self._tokens}

    def _spend(self, token_id: str) -> Mapping[str, str]:
        """Take a request out of the token's bucket, which fills all the time; returns headers that tell what is left,
        as draft-ietf-httpapi-ratelimit-headers-10 has them. Raises Refusal.
        """
        now_s, most = self._clock(), 2 * self._rate
        left, since_s = self._buckets.get(token_id, (most, now_s))
        left = min(most, left + (now_s - since_s) * self._rate)
        is_refused = left < 1
        left -= not is_refused
        self._buckets[token_id] = (left, now_s)
        limits = {
            "RateLimit-Policy": f'"token";q={math.floor(most)};w={math.ceil(most / self._rate)}',
            "RateLimit": f'"token";r={math.floor(left)};t={math.ceil((most - left) / self._rate)}',
        }
        if is_refused:
            wait_s = math.ceil((1 - left) / self._rate)
            told = f"the token may make {self._rate:g} requests a second"
            raise Refusal("too-many-requests", told, {"Retry-After": str(wait_s), **limits})
        return limits


def text_of(request: Request) -> str:
    """The token that a request brings; empty: none."""
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    return text.strip() if kind.lower() == "bearer" else request.cookies.get(COOKIE, "")


_BEARER = HTTPBearer(auto_error=False, scheme_name="token", description="`fairlead tokens create` makes one")


def may(read: str, write: str | None = None, *, as_agent: bool = False, at_work: bool = False) -> Any:
    """What stands before a resource: who looks needs the scope `read`, who changes `write`.

    `as_agent`: the agent of the path may, too; `at_work`: whoever works as an agent may look, too.
    """

    async def check(request: Request, _: Annotated[Any, Security(_BEARER)]) -> None:
        caller: Caller = await request.app.state.site.access.caller(text_of(request))
        request.state.caller = caller  # also of a refusal: it tells what is left
        is_look = request.method in ("GET", "HEAD")
        scope, agent = read if is_look or not write else write, request.path_params.get("agent", "")
        is_own = as_agent and caller.may("work", agent)
        if not (caller.may(scope, agent) or is_own or (at_work and is_look and caller.is_at_work)):
            raise Refusal("forbidden", f"the token lacks the scope {scope}{_or_own(as_agent)}")

    return Depends(check)


def _or_own(as_agent: bool) -> str:
    return ", and works as another agent, if any" if as_agent else ""
