"""The functions that RQ may store by name; their names are data in Redis, so they are never renamed."""

import json
import urllib.request
from typing import Any

from fairlead.settings import read_settings
from worker.contact import Contact
from worker.handlers import is_async, load_handler

ALLOWED = ("worker.jobs.handle", "worker.jobs.post")
"""The allow-list: a job that names anything else is refused before it is imported."""


def handle(fields: dict[str, Any]) -> None:
    """Run the handler that this worker's own environment names on one contact."""
    settings = read_settings()
    handler = load_handler(settings.handler or "echo")
    contact = Contact(**fields)
    if is_async(handler):
        import asyncio

        asyncio.run(handler(contact))  # type: ignore[arg-type]  # is_async says that it is a coroutine
    else:
        handler(contact)


def post(url: str, body: dict[str, Any]) -> int:
    """A follow-up: POST JSON to `url`; RQ repeats it as its Retry says. Answers the HTTP status."""
    data = json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310  # our own caller's
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        status: int = answer.status
        return status
