"""What bodies of requests and parameters of paths are made of, with the limits of the library."""

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

import orjson
from fastapi import Header, Path, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from fairlead.domain.contact import LONGEST_ATTRIBUTE
from fairlead.domain.names import NAME_PATTERN

Name: TypeAlias = Annotated[str, StringConstraints(pattern=f"^{NAME_PATTERN}$")]
QueueName: TypeAlias = Annotated[
    str, Field(pattern=f"^@?{NAME_PATTERN}$", description="A standard queue, or @agent for an agent's own")
]
Text: TypeAlias = Annotated[str, StringConstraints(max_length=LONGEST_ATTRIBUTE)]
Criteria: TypeAlias = Annotated[
    list[Annotated[str, StringConstraints(max_length=2_000)]],
    Field(max_length=20, description='Routing steps: "Language:French >= 4 for 30s"'),
]
ContactId: TypeAlias = Annotated[str, Path(pattern=f"^{NAME_PATTERN}$")]
AgentName: TypeAlias = Annotated[str, Path(pattern=f"^{NAME_PATTERN}$")]
IdempotencyKey: TypeAlias = Annotated[
    str | None, Header(min_length=1, max_length=255, description="Makes a second request of the same content harmless")
]
Token: TypeAlias = Annotated[int, Field(ge=0, lt=2**53)]


class Strict(BaseModel):
    """A body: a member that is not known is refused, and so is a text where a number belongs."""

    model_config = ConfigDict(extra="forbid", strict=True)


def id_of(key: str) -> str:
    """The id that stands for an Idempotency-Key, given as a text in quotes or without them."""
    plain = key[1:-1] if len(key) > 2 and key[0] == key[-1] == '"' else key
    return "key-" + hashlib.blake2b(plain.encode(), digest_size=16).hexdigest()


def json_answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """The value as JSON, as it is: it was made by the library, and is not to be checked again."""
    return Response(
        orjson.dumps(value), status, {"Cache-Control": "no-store", **(headers or {})}, "application/json; charset=utf-8"
    )
