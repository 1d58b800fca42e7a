"""Tokens by which programs and browsers are known to a server for HTTP. Only a token's digest is kept."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import orjson

from fairlead.domain.names import checked_name
from fairlead.errors import InvalidToken, UnknownToken
from fairlead.store import reading
from fairlead.store.procedure import Source, Steps, ask, ask_one, procedure
from fairlead.store.refusals import unknown_agent

SCOPES: Mapping[str, str] = {
    "contacts:read": "look at contacts",
    "contacts:write": "push, change and abandon contacts, and look at them",
    "work": "work as one agent, which --agent names",
    "supervise": "step in: contacts and agents; look at them, at measures and events",
    "configuration:read": "look at the configuration",
    "configuration:write": "change the configuration, and look at it",
    "measures": "look at measures, metrics and agents",
    "events": "follow events",
    "webhooks": "manage the endpoints of webhooks, and replay to them",
    "admin": "everything",
}
"""Scope -> what it allows."""

_FURTHER: Mapping[str, tuple[str, ...]] = {
    "contacts:write": ("contacts:read",),
    "configuration:write": ("configuration:read",),
    "supervise": ("contacts:read", "contacts:write", "configuration:read", "measures", "events"),
    "admin": tuple(SCOPES),
}

_BEGINS = "fl"
LONGEST_S = 10 * 366 * 86_400
"""After how many seconds a token expires at the latest, if it does."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is kept. `agent`: whom it works as; empty: nobody. `expires_us`: None: never. `used_us`: when it
    was used last, to the hour; None: not yet.
    """

    token_id: str
    name: str
    scopes: tuple[str, ...]
    agent: str
    created_us: int
    expires_us: int | None
    digest: str = field(repr=False)
    used_us: int | None = field(default=None, compare=False)

    def allows(self, scope: str) -> bool:
        """Whether its scopes allow what the scope allows."""
        return any(scope == one or scope in _FURTHER.get(one, ()) for one in self.scopes)

    def is_of(self, text: str) -> bool:
        """Whether the text is this token, in the same time whatever the text is."""
        return hmac.compare_digest(self.digest, digest_of(text))


def id_in(text: str) -> str:
    """The id that a token's text names; empty when it is none."""
    begins, _, rest = text.partition("_")
    token_id, _, secret = rest.partition("_")
    return token_id if begins == _BEGINS and secret else ""


def digest_of(text: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


@procedure
def create_token(
    source: Source, scopes: Sequence[str], *, agent: str = "", expires_in_s: int | None = None, name: str = ""
) -> Steps[tuple[Token, str]]:
    """Make a token with these of SCOPES; returns it and its text, which nobody can read again.

    `agent`: whom it works as, for the scope work; `name`: what events call who has it. Raises InvalidToken,
    InvalidName, UnknownAgent.
    """
    _check(scopes, agent, expires_in_s)
    if name:
        checked_name("token", name)
    if agent and not (yield from ask_one("EXISTS", source.keys.agent(checked_name("agent", agent)))):
        raise unknown_agent(agent)
    now_us = yield from reading.now_us().steps(source)
    expires_us = now_us + expires_in_s * 1_000_000 if expires_in_s else None
    while True:
        token_id = secrets.token_hex(4)
        text = f"{_BEGINS}_{token_id}_{secrets.token_urlsafe(32)}"
        chosen = tuple(dict.fromkeys(scopes))
        token = Token(token_id, name or token_id, chosen, agent, now_us, expires_us, digest_of(text))
        kept = orjson.dumps({key: value for key, value in asdict(token).items() if key not in ("token_id", "used_us")})
        if (yield from ask_one("HEXISTS", source.keys.tokens, token_id)):
            continue
        yield from ask_one("HSET", source.keys.tokens, token_id, kept)
        return token, text


def _check(scopes: Sequence[str], agent: str, expires_in_s: int | None) -> None:
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise InvalidToken(f"scope {unknown[0] if unknown else ''!r} does not exist: choose of {', '.join(SCOPES)}")
    if ("work" in scopes) != bool(agent):
        raise InvalidToken("the scope work and an agent go together: the token works as that agent")
    if expires_in_s is not None and not 0 < expires_in_s <= LONGEST_S:
        raise InvalidToken(f"a token expires in 1 s to 10 years, not in {expires_in_s} s")


@procedure
def tokens(source: Source) -> Steps[list[Token]]:
    """All tokens that have not expired, by name."""
    now_us = yield from reading.now_us().steps(source)
    rows, used = yield from ask(("HGETALL", source.keys.tokens), ("HGETALL", source.keys.used))
    found = [_token(token_id.decode(), row, used.get(token_id)) for token_id, row in rows.items()]
    return sorted(
        (one for one in found if one.expires_us is None or one.expires_us > now_us), key=lambda one: one.name
    )


def _token(token_id: str, row: bytes, used_us: bytes | None) -> Token:
    kept = orjson.loads(row)
    used = int(used_us) if used_us else None
    return Token(token_id=token_id, **{**kept, "scopes": tuple(kept["scopes"]), "used_us": used})


@procedure
def note_token_used(source: Source, token_id: str) -> Steps[None]:
    """The token is being used. A server notes that once an hour."""
    yield from ask_one("HSET", source.keys.used, token_id, (yield from reading.now_us().steps(source)))


@procedure
def revoke_token(source: Source, token_id: str) -> Steps[None]:
    """Take a token back: a server knows it within seconds. Raises UnknownToken."""
    is_gone, _ = yield from ask(("HDEL", source.keys.tokens, token_id), ("HDEL", source.keys.used, token_id))
    if not is_gone:
        raise UnknownToken(f"token {token_id[:80]!r} does not exist: see `fairlead tokens list`")
