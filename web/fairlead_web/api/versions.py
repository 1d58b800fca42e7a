"""Versions as HTTP has them: an ETag, and the conditions of a change.

A change says what it was made from, so that nobody overwrites what they have not seen.
"""

import re
from typing import Annotated

from fastapi import Header

from fairlead_web.api.problems import Refusal

IfMatch = Annotated[
    str | None, Header(max_length=100, description='The ETag of what was read: "7"; *: whatever it is by now')
]
IfNoneMatch = Annotated[str | None, Header(pattern=r"^\*$", description="*: only when there is none")]

NEW = 0
"""The version of what is not there."""


def tag_of(version: int) -> dict[str, str]:
    """The headers of an answer that has a version."""
    return {"ETag": f'"{version}"'}


def expected(if_match: str | None, if_none_match: str | None = None) -> int | None:
    """The version that a change was made from; NEW for what is to be made, None for whichever there is.

    Raises Refusal when neither is said.
    """
    if if_none_match is not None:
        if if_none_match != "*":
            raise Refusal("invalid-request", "If-None-Match takes * only: there must be none of that name")
        return NEW
    if if_match is None:
        raise Refusal("precondition-required", 'say what the change was made from: If-Match: "7", the ETag of a GET')
    if if_match == "*":
        return None
    found = re.fullmatch(r'"([1-9][0-9]{0,15})"', if_match)
    if not found:
        raise Refusal("changed", f"If-Match {if_match[:40]!r} is no ETag of this resource: read it again")
    return int(found[1])
