"""The pages, their files, and what each type of problem means."""

import hashlib
import mimetypes
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from fairlead_web.api.problems import Refusal
from fairlead_web.api.problems import pages as problem_pages

PAGES: Mapping[str, str] = {"/": "board/index.html", "/desk": "desk/index.html"}
"""Path -> its page among the files. In a page, STATIC stands for the folder of the files under their fingerprint."""

STATIC = "{{static}}"
FOR_EVER = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


@cache
def static_files() -> Mapping[str, bytes]:
    """All files of the folder `static`, by their paths in it."""
    return dict(_within(files("fairlead_web") / "static", ""))


def _within(folder: Traversable, path: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for one in folder.iterdir():
        found += _within(one, f"{path}{one.name}/") if one.is_dir() else [(path + one.name, one.read_bytes())]
    return found


@cache
def fingerprint() -> str:
    """One for all files, so that a module finds the modules that it names beside it under the same one."""
    digest = hashlib.sha256()
    for path, content in sorted(static_files().items()):
        digest.update(f"{path} {len(content)} ".encode() + content)
    return digest.hexdigest()[:12]


def _type_of(path: str) -> str:
    kind = "text/javascript" if path.endswith((".js", ".mjs")) else mimetypes.guess_type(path)[0]
    kind = kind or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


@router.get("/static/{version}/{path:path}")
async def static(version: str, path: str) -> Response:
    """A file. Under its fingerprint it is kept for ever; under another one, of a process of another version, not at
    all.
    """
    content = static_files().get(path)
    if content is None:
        raise Refusal("no-such-resource", f"there is no file {path[:200]!r}")
    headers = {"Cache-Control": FOR_EVER if version == fingerprint() else "no-cache"}
    return Response(content, headers=headers, media_type=_type_of(path))


async def page(request: Request) -> Response:
    """A page, which a browser asks for anew each time: it names the files of this version."""
    text = static_files()[PAGES[request.url.path]].decode().replace(STATIC, f"/static/{fingerprint()}")
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'
    headers = {"Cache-Control": "no-cache", "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(text, headers=headers, media_type="text/html")


for _path in PAGES:
    router.add_api_route(_path, page, methods=["GET"])


@router.get("/problems/{slug}")
async def what_a_problem_means(slug: str) -> Response:
    """What a type of problem means."""
    told = problem_pages().get(slug)
    if told is None:
        raise Refusal("no-such-resource", f"there is no problem {slug[:80]!r}")
    return PlainTextResponse(f"{told.title} ({told.status})\n\n{told.means}".strip() + "\n")
