"""Links of the OpenAPI document: what can be asked of a thing that an answer has made or changed."""

from collections.abc import Iterator, Mapping
from typing import Any

MADE_BY_POST: Mapping[str, str] = {
    "/v1/contacts": "contact_id",
    "/v1/webhooks": "webhook_id",
    "/v1/tokens": "token_id",
}
"""The resources whose POST makes a thing below them -> the member of its answer that names it in the path."""


def add_links(document: dict[str, Any]) -> None:
    """Let each operation that makes or changes a thing name those that take its name in their path."""
    paths: dict[str, Any] = document["paths"]
    for path, of in paths.items():
        name = path.rpartition("/{")[2]
        if "put" in of and name.endswith("}") and path.count("{") == 1:
            _link(of["put"], path, name[:-1], f"$request.path.{name[:-1]}", paths)
        if "post" in of and path in MADE_BY_POST:
            name = MADE_BY_POST[path]
            _link(of["post"], f"{path}/{{{name}}}", name, f"$response.body#/{name}", paths)


def _link(operation: dict[str, Any], below: str, name: str, value: str, paths: Mapping[str, Any]) -> None:
    links = {one: {"operationId": one, "parameters": {name: value}} for one in _operations(below, paths)}
    for status, response in operation["responses"].items():
        if status in ("200", "201"):
            response["links"] = links


def _operations(below: str, paths: Mapping[str, Any]) -> Iterator[str]:
    for path, of in paths.items():
        if path == below or path.startswith(f"{below}/"):
            yield from (one["operationId"] for one in of.values() if "operationId" in one)
