"""/docs: the server's own document for people, as a page without scripts."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from html import escape
from itertools import groupby
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from fairlead_web.api.pages import fingerprint
from fairlead_web.api.problems import MEDIA_TYPE

router = APIRouter(include_in_schema=False)

Schema = Mapping[str, Any]

_LIMITS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
    "minLength": "{} or more characters",
    "maxLength": "up to {} characters",
    "minItems": "{} or more items",
    "maxItems": "up to {} items",
    "maxProperties": "up to {} members",
    "pattern": "matches {}",
}
_NOTHING_SAID = "Successful Response"
_LARGEST = 2**53 - 1
"""The largest number that JSON's readers agree on: no limit that anybody is to be told of."""


@router.get("/docs")
async def reference(request: Request) -> Response:
    """All operations and what they take and answer, on one page."""
    state = request.app.state
    if not hasattr(state, "reference"):
        state.reference = render(request.app.openapi())
    return Response(state.reference, headers={"Cache-Control": "no-cache"}, media_type="text/html")


def render(document: Schema) -> str:
    """The page of a document."""
    operations = [
        (path, method, one) for path, methods in document["paths"].items() for method, one in methods.items()
    ]
    schemas = document["components"]["schemas"]
    return "".join(_page(document["info"], operations, schemas))


def _page(info: Schema, operations: list[tuple[str, str, Schema]], schemas: Mapping[str, Schema]) -> Iterator[str]:
    static = f"/static/{fingerprint()}"
    yield (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<title>Fairlead over HTTP</title>\n'
        f'<link rel="icon" href="{static}/shared/favicon.svg">\n'
        f'<link rel="stylesheet" href="{static}/shared/site.css">\n'
        f'<link rel="stylesheet" href="{static}/docs/docs.css">\n<body>\n'
        f"<header><h1>Fairlead {escape(info['version'])} over HTTP</h1>\n<p>{escape(info['summary'])}\n"
        '<a href="/openapi.json">openapi.json</a> is the same for programs.</p></header>\n'
    )
    yield '<nav aria-label="Operations">\n'
    groups = [(tag, list(some)) for tag, some in groupby(sorted(operations, key=_tag), key=_tag)]
    for tag, some in groups:
        links = (f'<li><a href="#{_name(one)}">{_name(one)}</a></li>' for _, _, one in some)
        yield f"<h2>{escape(tag)}</h2>\n<ul>{''.join(links)}</ul>\n"
    yield "</nav>\n<main>\n"
    for tag, some in groups:
        yield f"<section>\n<h2>{escape(tag)}</h2>\n"
        for path, method, one in some:
            yield from _operation(path, method, one)
        yield "</section>\n"
    yield "<section>\n<h2>Bodies and answers</h2>\n"
    for name, schema in sorted(schemas.items()):
        yield from _described(name, schema)
    yield "</section>\n</main>\n"


def _tag(operation: tuple[str, str, Schema]) -> str:
    return str(next(iter(operation[2].get("tags", ())), "the server"))


def _name(operation: Schema) -> str:
    return escape(operation["operationId"])


def _operation(path: str, method: str, one: Schema) -> Iterator[str]:
    yield f'<article id="{_name(one)}">\n<h3>{_name(one)}</h3>\n'
    yield f'<p class="path"><span class="method">{method.upper()}</span> <code>{escape(path)}</code></p>\n'
    yield _text(one.get("description", ""))
    if parameters := one.get("parameters"):
        rows = (_row(each["name"], each["schema"], is_required=each.get("required", False), where=each["in"],
                     about=each.get("description", "")) for each in parameters)  # fmt: skip
        yield _table("Parameters", rows)
    if body := one.get("requestBody"):
        kinds = (f"{_kind(what.get('schema', {}))} as {escape(kind)}" for kind, what in body["content"].items())
        yield f"<p><b>Body:</b> {', '.join(kinds)}</p>\n"
    answers = (_answer(status, what) for status, what in sorted(one["responses"].items()))
    yield f"<p><b>Answers:</b></p>\n<ul>{''.join(answers)}</ul>\n</article>\n"


def _answer(status: str, what: Schema) -> str:
    contents = what.get("content", {})
    if MEDIA_TYPE in contents:
        return f"<li><code>{escape(status)}</code> refused, with a problem whose type says why</li>"
    kinds = ", ".join(_kind(one["schema"]) for one in contents.values() if one.get("schema"))
    about = what.get("description", "").removeprefix(_NOTHING_SAID)
    told = ": ".join(filter(None, (kinds, escape(about))))
    return f"<li><code>{escape(status)}</code> {told}</li>"


def _described(name: str, schema: Schema) -> Iterator[str]:
    yield f'<article id="{escape(name)}">\n<h3>{escape(name)}</h3>\n{_text(schema.get("description", ""))}'
    required = schema.get("required", ())
    row = partial(_row, where="")
    rows = [row(member, of, is_required=member in required) for member, of in schema.get("properties", {}).items()]
    yield (_table("Members", rows) if rows else f"<p>{_kind(schema)}</p>\n") + "</article>\n"


def _table(title: str, rows: Any) -> str:
    head = "<tr><th>Name</th><th>What</th></tr>"
    return f"<table><caption>{title}</caption><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>\n"


def _row(name: str, schema: Schema, *, is_required: bool, where: str, about: str = "") -> str:
    more = [_worded(about or schema.get("description", "")), *_limits(schema)]
    if "default" in schema and schema["default"] not in (None, "", [], {}):
        more.append(f"by default <code>{escape(orjson.dumps(schema['default']).decode())}</code>")
    told = "; ".join(filter(None, more))
    must = ' <span class="must">required</span>' if is_required else ""
    place = f" in {where}" if where else ""
    what = f"{_kind(schema)}{place}" + (f": {told}" if told else "")
    return f"<tr><td><code>{escape(name)}</code>{must}</td><td>{what}</td></tr>"


def _limits(schema: Schema) -> Iterator[str]:
    some = [schema, *(one for one in schema.get("anyOf", ()) if one.get("type") != "null")]
    for one in some:
        for limit, text in _LIMITS.items():
            value = one.get(limit)
            if isinstance(value, float):
                value = int(value) if value.is_integer() else value
            if value is not None and not (isinstance(value, int) and abs(value) >= _LARGEST):
                yield text.format(f"<code>{escape(value)}</code>" if isinstance(value, str) else f"{value:,}")


def _kind(schema: Schema) -> str:
    """What kind of value it is; a schema with a name leads to it."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if some := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(dict.fromkeys(_kind(one) for one in some))
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return " or ".join(f"<code>{escape(str(value))}</code>" for value in values)
    kind = schema.get("type")
    if kind == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_kind(schema['additionalProperties'])}"
    return {"string": "text", "integer": "whole number", "boolean": "true or false", None: "any JSON"}.get(
        kind, escape(str(kind))
    )


def _worded(text: str) -> str:
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text))


def _text(text: str) -> str:
    return "".join(f"<p>{_worded(' '.join(part.split()))}</p>\n" for part in text.split("\n\n") if part.strip())
