"""What stands before every resource: who may ask from where, and what browsers are told."""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fairlead_web.api.problems import answer, problem
from fairlead_web.api.site import Site

MOST, MOST_OF_MANY = 128 * 1024, 8 * 1024 * 1024
"""The bytes of a body; of a batch, or of a whole configuration."""

MANY = frozenset({"/v1/contacts:batch", "/v1/configuration", "/v1/configuration/what_if"})

LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "media-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """Refuses what comes from a page of another site, and tells browsers what pages of this one may do.

    `hosts`: the names by which the server may be asked as long as it has no tokens; None: any.
    """

    def __init__(self, app: ASGIApp, site: Site, hosts: Collection[str] | None = None) -> None:
        self._app, self._site, self._hosts = app, site, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                caller = scope.get("state", {}).get("caller")
                for name, text in {**HEADERS, **(caller.limits if caller else {})}.items():
                    headers.setdefault(name, text)
            await send(message)

        headers = Headers(scope=scope)
        refusal = self._refusal(scope["method"], headers)
        if refusal:
            await answer(refusal)(scope, receive, send_with_headers)
            return
        most = MOST_OF_MANY if scope["path"] in MANY else MOST
        await self._app(scope, _limited(receive, headers.get("content-length", ""), most), send_with_headers)

    def _refusal(self, method: str, headers: Headers) -> dict[str, object] | None:
        host = headers.get("host", "")
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        if not self._site.access.is_required and self._hosts is not None and name not in self._hosts:
            return problem("wrong-host", f"this server has no tokens, and does not answer to {name[:80]!r}")
        if method not in SAFE and _is_foreign(headers, host):
            return problem("cross-site", "a page of another site asked to write")
        return None


def _is_foreign(headers: Headers, host: str) -> bool:
    """Whether a page of another site asks; a browser says so, and a program is no page."""
    if "sec-fetch-site" in headers:
        return headers["sec-fetch-site"] not in ("same-origin", "none")
    return "origin" in headers and urlsplit(headers["origin"]).netloc != host


def _limited(receive: Receive, length: str, most: int) -> Receive:
    """The same body, refused once it is known to be too large."""
    received = 0

    async def limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most or (length.isdigit() and int(length) > most):
            raise HTTPException(413, f"a body has at most {most:,} bytes here")
        return message

    return limited
